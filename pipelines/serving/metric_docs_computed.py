"""The part of `docs/metrics.md` on figures that have a function of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipelines.serving.metrics.computed import ComputedSpec
from pipelines.serving.metrics.registry import Direction


def computed_lines(
    specs: Sequence[ComputedSpec], anchors: Mapping[str, str], directions: Mapping[Direction, str]
) -> Iterator[str]:
    """A section with every computed figure, by name; nothing where there is none."""
    if not specs:
        return
    yield "## Computed by a function"
    yield ""
    yield "Quantiles and scores: no count and no share of two counts. Each names what computes it."
    yield ""
    for spec in sorted(specs, key=lambda spec: spec.name):
        yield f"### `{spec.name}`"
        yield ""
        yield f"**{spec.label_vi}** · {spec.label_en}"
        yield ""
        yield spec.description
        yield ""
        yield f"- Cách tính: {spec.formula_vi}."
        yield f"- In {spec.unit}, computed by `{spec.function}`; {_asked(spec)}."
        yield f"- Legal basis: {spec.legal_basis}."
        yield f"- Counted on {anchors[spec.anchor]}; {directions[spec.direction]}."
        yield ""


def _asked(spec: ComputedSpec) -> str:
    return f"`{spec.command}` answers" if spec.command else "`motcua metrics` answers"
