"""`motcua impact`: what mergers did, what would come out for another day, what was said before."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Format, console, refuse, tell, write_rows
from pipelines.settings import settings

if TYPE_CHECKING:
    import polars as pl

    from pipelines.serving.impact import ImpactTables
    from pipelines.serving.metrics.snapshot import SealedSnapshot

_DEFINED = dict.fromkeys(("early_rate", "on_time_rate", "late_rate"), "ii06a")
_SHOWN = ("impact_id", "outcome", "before", "after", "effect", "interval", "estimator", "verdict")
_SHOWN_BEFORE = ("published_at", "snapshot", "impact_id", "effective_on", *_SHOWN[1:6], "stands")


@dataclass(frozen=True)
class _Wanted:
    """Which effects are asked for."""

    change: str | None
    outcomes: tuple[str, ...]
    every: bool

    def choose(self, effects: pl.DataFrame, changes: list[str]) -> pl.DataFrame:
        """The rows asked for. Refuses a change or an outcome that is not there."""
        import polars as pl

        if self.change is not None and self.change not in changes:
            raise refuse(f"change {self.change}: is none of {', '.join(changes)}", 2)
        known = effects["outcome"].unique().sort().to_list()
        foreign = [each for each in self.outcomes if each not in known]
        if foreign:
            raise refuse(f"outcome {foreign[0]}: is none of {', '.join(known)}", 2)
        conditions = [pl.col("is_headline")] if not self.every else []
        if self.change is not None:
            conditions.append(pl.col("impact_id") == self.change)
        if self.outcomes:
            conditions.append(pl.col("outcome").is_in(self.outcomes))
        return effects.filter(conditions)


def impact(
    change: Annotated[
        str | None,
        typer.Option(help="Id of a shop merger, `shop-mergers`, or `network-` and a day."),
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Metric id; repeat for several. Default: all.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The change on another day; not published."),
    ] = None,
    history: Annotated[
        bool, typer.Option("--history", help="What was published before, and what stands.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Every estimator, not the one shown first alone.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """The effects of mergers with window, interval and what can be claimed."""
    from pipelines.serving.impact import read_impact_tables
    from pipelines.serving.metrics import SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    if on is not None and (change is None or history):
        raise refuse("--on: needs --change, and goes without --history", 2)
    wanted = _Wanted(change, tuple(outcome or ()), every)
    try:
        current = current_snapshot(settings().serving_dir)
        with closing(SealedSnapshot(current.file)) as snapshot:
            head: dict[str, object] = {
                "snapshot": current.version,
                "as_of": snapshot.read_meta()["data_as_of"],
            }
            tables = read_impact_tables(snapshot)
            if history:
                _write_history(snapshot, wanted, head, form)
            elif tables.run is None:
                raise refuse(f"{current.version} says nothing of mergers: run `motcua run --whole`")
            elif on is not None:
                _write_what_if(snapshot, tables, wanted, on.date(), head, form)
            else:
                head |= {
                    "estimated_for": tables.run.data_as_of_on.isoformat(),
                    "rules_hash": tables.run.rules_hash,
                    "network_hash": tables.run.network_hash,
                }
                _write_effects(tables.change, tables.effect, wanted, head, form)
    except (NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None


def _write_effects(
    changes: pl.DataFrame,
    effects: pl.DataFrame,
    wanted: _Wanted,
    head: dict[str, object],
    form: Format,
) -> None:
    import polars as pl

    chosen = wanted.choose(effects, changes["impact_id"].to_list())
    if wanted.change is not None:
        changes = changes.filter(pl.col("impact_id") == wanted.change)
    windows = changes.select(
        "impact_id", "kind", "name_vi", "name_en", "effective_on", "date_is_assumed",
        "before_from", "before_to", "after_from", "after_to",
    )  # fmt: skip
    rows = windows.join(chosen, on="impact_id", maintain_order="left_right").with_columns(
        definition=pl.col("outcome").replace_strict(_DEFINED, default=None)
    )
    if form is not Format.table:
        write_rows(rows.to_dicts(), form, head | {"changes": changes.to_dicts()})
        return
    write_rows([{k: row[k] for k in _SHOWN} for row in map(_worded, rows.to_dicts())], form)
    for row in changes.filter(pl.col("status") != "ok").iter_rows(named=True):
        tell(f"{row['impact_id']}: {row['status']}: {row['reason_en']}")
    for row in rows.iter_rows(named=True) if wanted.change else ():
        tell(row["sentence_en"] or "")


def _write_what_if(
    snapshot: SealedSnapshot,
    published: ImpactTables,
    wanted: _Wanted,
    on: date,
    head: dict[str, object],
    form: Format,
) -> None:
    """The effect of one change on another day, beside the published estimate."""
    from pipelines.effects.costs import UnitCostError, read_costs
    from pipelines.effects.estimate import EstimateError, estimate
    from pipelines.effects.given import read_given
    from pipelines.effects.what_if import ChangeError, move_change

    assert wanted.change is not None
    config = settings()
    as_of = date.fromisoformat(str(head["as_of"])[:10])
    try:
        costs = read_costs(config.root, config.reference_dir)
        given, name = move_change(read_given(snapshot.run, costs, as_of), wanted.change, on)
        with console.status("Estimating"):
            found = estimate(given, snapshot.run, only=name)
    except ChangeError as error:
        raise refuse(str(error), 2) from None
    except (UnitCostError, EstimateError) as error:
        raise refuse(str(error)) from None
    keys = ["outcome", "estimator"]
    said = published.effect.filter(impact_id=wanted.change).select(
        *keys,
        published_estimate="estimate",
        published_low="low",
        published_high="high",
    )
    effects = found.effect.join(said, on=keys, how="left", maintain_order="left")
    head |= {"is_published": False, "on": on.isoformat()}
    moved = _Wanted(name, wanted.outcomes, wanted.every)
    _write_effects(found.change, effects, moved, head, form)
    tell(f"{wanted.change} on {on}: estimated from {head['snapshot']}, not published")


def _write_history(
    snapshot: SealedSnapshot, wanted: _Wanted, head: dict[str, object], form: Format
) -> None:
    from pipelines.serving.impact import read_effect_history

    said = read_effect_history(snapshot)
    rows = wanted.choose(said, said["impact_id"].unique().sort().to_list()).to_dicts()
    if form is Format.table:
        rows = [{name: row[name] for name in _SHOWN_BEFORE} for row in map(_worded, rows)]
    write_rows(rows, form, head)


def _worded(row: dict[str, object]) -> dict[str, object]:
    """A row of the table for people: shares in percent, effects in points."""
    low, high = (_word(row[name], row["unit"], is_effect=True) for name in ("low", "high"))
    return row | {
        "before": _word(row["before_value"], row["unit"]),
        "after": _word(row["after_value"], row["unit"]),
        "effect": _word(row["estimate"], row["unit"], is_effect=True),
        "interval": f"{low} … {high}" if low and high else None,
        "verdict": row["status"] or row["verdict"],
    }


def _word(value: object, unit: object, *, is_effect: bool = False) -> str | None:
    if not isinstance(value, (int, float)):
        return None
    is_share = unit == "share"
    number = value * 100 if is_share else value
    text = f"{number:+,.2f}" if is_effect else f"{number:,.2f}"
    return text + ((" points" if is_effect else " %") if is_share else "")
