"""`motcua`: one program for people and for cron (design §5).

Exit status: 0 the job is done; 3 done and published, but a source failed or a check warned;
1 not done, with a one-line reason; 2 wrong usage.
"""

from __future__ import annotations

import typer

from pipelines.commands.access import access_app
from pipelines.commands.bench import bench_app
from pipelines.commands.changes import changes_app
from pipelines.commands.doctor import doctor
from pipelines.commands.dossiers import dossiers
from pipelines.commands.figures import metrics
from pipelines.commands.form import form_app
from pipelines.commands.impact import impact
from pipelines.commands.inspect import quarantine_app
from pipelines.commands.keeping import backup, erase, migrate, restore, retention
from pipelines.commands.period import period_app
from pipelines.commands.pipeline import replay, run
from pipelines.commands.privacy import privacy_app
from pipelines.commands.province import demo, simulate
from pipelines.commands.reconcile import reconcile
from pipelines.commands.recorded import RecordedGroup
from pipelines.commands.restatement import restatement
from pipelines.commands.score import score766
from pipelines.commands.screens import dagster, dashboard
from pipelines.commands.snapshots import snapshots_app
from pipelines.commands.sources import sources_app

app = typer.Typer(
    cls=RecordedGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Sees whether the administrative reform of a province works.",
)
for command in (
    demo, simulate, run, metrics, impact, score766, reconcile, restatement, dashboard, dagster,
    replay, backup, restore, migrate, erase, retention, dossiers, doctor,
):  # fmt: skip
    app.command()(command)
app.add_typer(access_app, name="access")
app.add_typer(sources_app, name="sources")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(changes_app, name="changes")
app.add_typer(bench_app, name="bench")
app.add_typer(form_app, name="form")
app.add_typer(period_app, name="period")
app.add_typer(privacy_app, name="privacy")
app.add_typer(snapshots_app, name="snapshots")


if __name__ == "__main__":
    app()
