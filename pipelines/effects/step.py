"""The step of a run that estimates what mergers did, after the models and before the snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipelines.disk import naming_full_disk
from pipelines.effects.costs import hash_costs, read_costs
from pipelines.effects.estimate import estimate
from pipelines.effects.given import ask_of, read_given
from pipelines.effects.kept import EstimateRun, keep, name_basis, read_run, why_due
from pipelines.failpoints import reach
from pipelines.serving.publish import network_hash, rules_hash
from pipelines.settings import Settings
from pipelines.warehouse.lock import writer_lock
from pipelines.warehouse.tables import connect_reader, connect_writer


@dataclass(frozen=True)
class Estimated:
    """What the step did: why it estimated anew (None: those kept stand), and how many changes
    and effects are kept."""

    why: str | None
    changes: int = 0
    effects: int = 0


def estimate_if_due(config: Settings, run_id: str, at: datetime) -> Estimated:
    """Estimate what mergers did where that is due (see `why_due`), under the writer's lock.

    Raises `UnitCostError`, `EstimateError` where the step as a whole cannot be done (one outcome
    that fails is told in its row), `WarehouseError` and `DiskFullError`; the estimates kept then
    stay.
    """
    costs = read_costs(config.root, config.reference_dir)
    file = config.warehouse_file
    with (
        writer_lock(file, "estimating what mergers did"),
        naming_full_disk("estimating what mergers did", file.parent),
    ):
        reader = connect_reader(file)
        try:
            as_of, whole_id = name_basis(reader)
            if as_of is None:
                return Estimated(None)
            run = EstimateRun(
                data_as_of_on=as_of,
                estimated_at=at,
                run_id=run_id,
                rules_hash=rules_hash(),
                network_hash=network_hash(),
                costs_hash=hash_costs(config.root),
                whole_id=whole_id,
            )
            why = why_due(read_run(reader), run, config.impact_days)
            if why is None:
                return Estimated(None)
            ask = ask_of(reader)
            impacts = estimate(read_given(ask, costs, as_of), ask)
        finally:
            reader.close()
        reach("impacts_estimated")
        writer = connect_writer(file)
        try:
            keep(writer, impacts, run)
        finally:
            writer.close()
        reach("impacts_kept")
    return Estimated(why, impacts.change.height, impacts.effect.height)
