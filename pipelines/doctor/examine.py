"""All checks of the doctor, one after the other; one that cannot be made is a finding itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipelines.doctor.backups import check_backups
from pipelines.doctor.deliveries import check_deliveries
from pipelines.doctor.disk import check_disk
from pipelines.doctor.environment import check_environment
from pipelines.doctor.finding import Finding, broken
from pipelines.doctor.login import check_login
from pipelines.doctor.maps import check_maps
from pipelines.doctor.orchestrator import check_orchestrator
from pipelines.doctor.reference import check_reference
from pipelines.doctor.shops import check_shops
from pipelines.doctor.snapshot import check_snapshot
from pipelines.doctor.sources import check_sources
from pipelines.doctor.warehouse import check_warehouse
from pipelines.logs import describe
from pipelines.settings import Settings, settings

Check = Callable[[Settings], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    check_environment,
    check_disk,
    check_sources,
    check_deliveries,
    check_warehouse,
    check_snapshot,
    check_reference,
    check_shops,
    check_maps,
    check_orchestrator,
    check_login,
    check_backups,
)


def examine(config: Settings | None = None) -> list[Finding]:
    """What is wrong with the home of the settings, the worst first."""
    config = config or settings()
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(config)
        except Exception as error:
            what = f"{check.__name__} could not be made: {describe(error).line}"
            found.append(broken(what, "what it would have seen is not known", "report that line"))
    order = ("broken", "warning", "note")
    return sorted(found, key=lambda finding: order.index(finding.severity))
