"""Jobs in this process: what `motcua run`, `changes move` and the demo execute, without the UI."""

import io
import logging
import os
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date

import dagster as dg

from pipelines.definitions import build_definitions
from pipelines.defs.alerts import note_run_failed
from pipelines.settings import settings

_OWN_CLASS = re.compile(r"^pipelines(\.\w+)+: ")


@dataclass(frozen=True)
class RunResult:
    """Whether the job is done, what it published, and which checks warned or failed."""

    success: bool
    version: str | None
    findings: tuple[str, ...]
    warned: bool
    error: str | None


def run_daily(
    first: date | None = None, last: date | None = None, *, is_whole: bool = False
) -> RunResult:
    """Pull the days asked for (default: everything new), load, compute and publish.

    `is_whole` computes all of the log anew. The days travel as configuration, not as
    partitions: a first load spans thousands of them.
    """
    landing = {"first": _text(first), "last": _text(last)}
    return _run_job("daily", landing={"config": landing}, models=_of_kind(is_whole=is_whole))


def run_whole() -> RunResult:
    """Compute all of the log anew and publish, without a pull."""
    return _run_job("whole", models=_of_kind(is_whole=True))


def _of_kind(*, is_whole: bool) -> dict[str, object]:
    return {"config": {"is_whole": is_whole}}


def _run_job(name: str, **ops: dict[str, object]) -> RunResult:
    """Run a job to its end, on the instance of `DAGSTER_HOME` where that is set, else on one
    that leaves no trace."""
    logging.getLogger("dagster").setLevel(logging.ERROR)
    job = build_definitions().resolve_job_def(name)
    instance = (
        dg.DagsterInstance.get()
        if os.environ.get("DAGSTER_HOME")
        else dg.DagsterInstance.ephemeral()  # pyright: ignore[reportUnknownMemberType]
    )
    # dbt's own lines stay out of an answer that a machine may read; progress tells people
    with instance, redirect_stdout(io.StringIO()):
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                "ops": ops,
            },
        )
        checks = result.get_asset_check_evaluations()
        bad = [check for check in checks if not check.passed]
        version = _metadata(result, "version")
        if not result.success:
            note_run_failed(settings(), result.run_id)
        return RunResult(
            success=result.success and version is not None,
            version=version,
            findings=tuple((_metadata(result, "findings") or "").splitlines()),
            warned=bool(bad),
            error=None if result.success and version else _error(result, bad),
        )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _metadata(result: dg.ExecuteInProcessResult, name: str) -> str | None:
    for event in result.get_asset_materialization_events():
        value = event.materialization.metadata.get(name)
        if value is not None:
            return str(value.value)
    return None


def _error(result: dg.ExecuteInProcessResult, bad: list[dg.AssetCheckEvaluation]) -> str:
    """The first cause in one line: a failed check, else the exception behind the step."""
    failed = [c for c in bad if c.severity == dg.AssetCheckSeverity.ERROR]
    if failed:
        return f"check {failed[0].asset_key.to_user_string()}: {failed[0].check_name} failed"
    for event in result.all_events:
        if event.is_step_failure and event.step_failure_data.error is not None:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            # our own errors are written for people, who need no name of a class
            return _OWN_CLASS.sub("", error.message.strip().splitlines()[0])
    return "the job failed; its log says why"
