"""`docs/metrics.md`, written from the definitions that compute the figures.

Run `python -m pipelines.defs.manifest`, then `python -m pipelines.serving.metric_docs`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from pipelines.serving.metric_docs_computed import computed_lines
from pipelines.serving.metrics.computed import NONE, read_computed, write_computed
from pipelines.serving.metrics.registry import Direction, MetricSpec, Registry, read_registry
from pipelines.settings import PROJECT_ROOT, settings

DOCUMENT = PROJECT_ROOT / "docs" / "metrics.md"
COMMAND = "python -m pipelines.serving.metric_docs"

# the anchors in the order of a dossier's life
_ANCHORS = {
    "submitted_on": "the day of submission",
    "received_on": "the day of reception",
    "finished_on": "the day of finish",
    "counted_on": "the day of closing; by periods, in every period the dossier touches",
    "returned_on": "the day of return",
    "closed_on": "the day of closing",
    "day_on": "the day of the change",
    "period_end_on": "the last day of the period",
}
_DIRECTIONS: dict[Direction, str] = {
    "up": "more is better",
    "down": "less is better",
    "none": "neither way is better",
}
_HEAD = f"""# Metrics

Written by `{COMMAND}` from `models/metrics/*.yml` and `data/reference/targets.csv`;
change those, not this page. The same definitions compute every figure that is shown, so this page
says what is computed. Every answer carries numerator, denominator and value; a share over nothing
is empty, never 0 or 100 %. Shares are fractions from 0 to 1.

Every series has two readings (`--boundaries`): `as_was`, by the unit that received a dossier, and
`today`, by the unit to which it would belong on today's boundaries, those after the last change
that the reference lists hold. Dossiers of a former district or province stand under its area, those
of a unit that was split go whole to one successor. A dossier's level is that of the shop that
received it, so totals of all units and of every level are the same. Under `today` a unit has
figures from the beginning of the data; what no dossier fell to is 0, and no unit has ended.
"""


class _Model(BaseModel):
    name: str
    description: str


class _Models(BaseModel):
    semantic_models: list[_Model]


class _Target(BaseModel):
    metric: str
    target: float
    valid_from: str
    valid_to: str
    source: str


def write_document(
    manifest: Path, targets: Path, document: Path, computed_json: str = NONE
) -> None:
    """Write the page from a `semantic_manifest.json`, the targets and the computed figures.

    Raises `FileNotFoundError` where one is absent and `KeyError` for an anchor that has no
    words here.
    """
    text = render_document(
        manifest.read_text(encoding="utf-8"), targets.read_text(encoding="utf-8"), computed_json
    )
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(text, encoding="utf-8")


def render_document(manifest_json: str, targets_csv: str, computed_json: str = NONE) -> str:
    """The page as Markdown, independent of the order of the manifest."""
    registry = read_registry(manifest_json)
    models = {m.name: m for m in _Models.model_validate_json(manifest_json).semantic_models}
    targets = [_Target.model_validate(row) for row in csv.DictReader(targets_csv.splitlines())]
    lines = [_HEAD, *_definition_lines(registry), *_overview_lines(registry)]
    for source in _sources(registry):
        lines += [f"## {models[source].description.removesuffix('.')}", ""]
        for spec in _of_source(registry, source):
            lines += _metric_lines(spec, registry, [t for t in targets if t.metric == spec.name])
    lines += computed_lines(read_computed(computed_json), _ANCHORS, _DIRECTIONS)
    return "\n".join(lines).rstrip() + "\n"


def _sources(registry: Registry) -> list[str]:
    anchors = list(_ANCHORS)
    first = {spec.source: anchors.index(spec.anchor) for spec in registry.specs.values()}
    return sorted(first, key=lambda source: (first[source], source))


def _of_source(registry: Registry, source: str) -> list[MetricSpec]:
    """Counts before shares, and what is no answer of its own last."""
    own = (spec for spec in registry.specs.values() if spec.source == source)
    return sorted(own, key=lambda spec: (spec.is_component, spec.unit, spec.name))


def _definition_lines(registry: Registry) -> Iterator[str]:
    yield "## Definitions of early, on time and late"
    yield ""
    yield "| id | Vietnamese | English | rule | counts | legal basis |"
    yield "|---|---|---|---|---|---|"
    for known in registry.definitions.values():
        words = (known.label_vi, known.label_en, known.rule_en, known.population_en)
        yield f"| `{known.id}` | {' | '.join(words)} | {known.legal_basis} |"
    yield ""
    for known in registry.definitions.values():
        if known.periods:
            yield (
                f"`{known.id}` is a property of a dossier and a period: {', '.join(known.periods)} "
                "are series of their own, and a quarter is not the sum of its months."
            )
            yield ""


def _overview_lines(registry: Registry) -> Iterator[str]:
    yield "## All metrics"
    yield ""
    yield "| metric | Vietnamese | English | unit | counted on |"
    yield "|---|---|---|---|---|"
    for source in _sources(registry):
        for spec in _of_source(registry, source):
            if not spec.is_component:
                facts = (spec.label_vi, spec.label_en, spec.unit, _ANCHORS[spec.anchor])
                yield f"| [`{spec.name}`](#{spec.name}) | {' | '.join(facts)} |"
    yield ""


def _metric_lines(spec: MetricSpec, registry: Registry, targets: list[_Target]) -> Iterator[str]:
    yield f"### `{spec.name}`"
    yield ""
    yield f"**{spec.label_vi}** · {spec.label_en}"
    yield ""
    yield spec.description
    yield ""
    yield f"- Cách tính: {spec.formula_vi}."
    if spec.denominator is not None:
        yield f"- Numerator {_link(spec.numerator)}, denominator {_link(spec.denominator)}."
    yield f"- Legal basis: {spec.legal_basis}."
    yield f"- Counted on {_ANCHORS[spec.anchor]}; {_DIRECTIONS[spec.direction]}."
    if spec.is_balance:
        yield "- A balance: of several periods the last one stands, they are never added up."
    if spec.has_definition:
        known = ", ".join(f"`{definition}`" for definition in registry.definitions)
        yield f"- Depends on the definition asked for: {known}."
    if spec.not_in:
        lacking = ", ".join(f"`{definition}`" for definition in spec.not_in)
        yield f"- No class of {lacking}: empty there."
    if spec.groups:
        yield f"- May be asked by {', '.join(f'`{group}`' for group in spec.groups)}."
    for target in targets:
        until = f" to {target.valid_to}" if target.valid_to else ""
        yield f"- Target {target.target:g} from {target.valid_from}{until} ({target.source})."
    if spec.is_component:
        yield "- A part of shares; not asked for by name."
    yield ""


def _link(name: str) -> str:
    return f"[`{name}`](#{name})"


def main() -> int:
    """Write `docs/metrics.md`; 1 with a sentence where the manifest is absent or old."""
    models = settings().models_dir
    manifest = models / "target" / "semantic_manifest.json"
    newest = max(path.stat().st_mtime for path in (models / "metrics").glob("*.yml"))
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        print(
            "the semantic manifest is absent or older than models/metrics: "
            "run python -m pipelines.defs.manifest first",
            file=sys.stderr,
        )
        return 1
    targets = settings().reference_dir / "targets.csv"
    write_document(manifest, targets, DOCUMENT, write_computed(models / "metrics"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
