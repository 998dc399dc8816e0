"""`motcua form …`: official forms as JSON, as a workbook or on the screen."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.commands.as_of import AsOfOption, snapshot_of
from pipelines.commands.boundaries import BoundariesOption, Reading
from pipelines.commands.console import Format, refuse, tell, write_rows

if TYPE_CHECKING:
    from pipelines.serving.forms.ii06a import Form

form_app = typer.Typer(no_args_is_help=True, help="Official forms of a period.")

PeriodOption = Annotated[
    str, typer.Option(help="2025Q1, 2025-03, 2025H1, 2025 or 2025-01-01..2025-03-31.")
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        help="Unit code, CODE@YYYY-MM-DD or CODE@ for one validity. Default: the whole province."
    ),
]


class FormFormat(StrEnum):
    """How a form is written."""

    json = "json"
    xlsx = "xlsx"
    table = "table"


@form_app.callback()
def forms() -> None:
    """Official forms of a period."""


@form_app.command("ii06a")
def ii06a(
    period: PeriodOption,
    unit: UnitOption = None,
    current: Annotated[
        bool, typer.Option("--current", help="Today's figures of a period that is closed.")
    ] = False,
    boundaries: BoundariesOption = Reading.as_was,
    as_of: AsOfOption = None,
    form: Annotated[
        FormFormat, typer.Option("--format", help="How to write it.")
    ] = FormFormat.table,
    out: Annotated[Path | None, typer.Option(help="File to write; default: the screen.")] = None,
) -> None:
    """Form II.06a/VPCP/KSTT: dossiers received, resolved and open, by level and field."""
    from pipelines.serving.forms.answer import lay_out_form
    from pipelines.serving.forms.workbook import write_workbook

    composed = compose(period, unit, current=current, as_of=as_of, boundaries=boundaries)
    if form is FormFormat.xlsx:
        file = out or Path(f"{_name(composed)}.xlsx")
        _check_folder(file)
        write_workbook(composed, file)
        tell(f"{file} written ({composed.state})")
        return
    answer = lay_out_form(composed)
    if form is FormFormat.json:
        text = json.dumps(answer, ensure_ascii=False, default=str)
        _put(text + "\n", out)
        return
    if out is not None:
        raise refuse("a table is written to the screen alone: use --format json or xlsx", 2)
    write_rows(
        [_line(b["level"], row) for b in answer["blocks"] for row in b["rows"]], Format.table
    )
    for note in answer["notes"]:
        tell(note["en"])


def compose(
    period: str,
    unit: str | None,
    *,
    current: bool,
    as_of: datetime | None = None,
    boundaries: Reading = Reading.as_was,
) -> Form:
    """The form asked for from the current snapshot or as of a day, or a one-line refusal."""
    from pipelines.serving.forms.cells import FormError
    from pipelines.serving.forms.ii06a import compose_form, compose_form_today
    from pipelines.serving.forms.periods import PeriodError
    from pipelines.serving.metrics import MetricLayer, MetricQueryError, SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot

    asked = snapshot_of(as_of)
    try:
        with closing(SealedSnapshot(asked.file)) as snapshot:
            layer = MetricLayer(snapshot)
            if boundaries is Reading.today:
                return compose_form_today(snapshot, layer, period=period, unit=unit)
            return compose_form(snapshot, layer, period=period, unit=unit, current=current)
    except (PeriodError, MetricQueryError) as error:
        raise refuse(str(error), 2) from None
    except (FormError, SnapshotError) as error:
        raise refuse(str(error)) from None


def _line(level: str, row: dict[str, Any]) -> dict[str, object]:
    """A row under the column numbers of the form, which leave room for the names."""
    from pipelines.serving.forms.cells import COLUMNS

    name = row["field_name_vi"] or f"total, {level}"
    return {"field": name} | {
        f"({number})": row[column] for number, column in enumerate(COLUMNS, start=3)
    }


def _name(form: Form) -> str:
    unit = "" if form.unit is None else f"-{form.unit.key.rstrip('@')}"
    today = "" if form.today is None else "-today"
    return f"ii06a-{form.period.word}{unit}{today}"


def _check_folder(file: Path) -> None:
    if not file.parent.is_dir():
        raise refuse(f"{file}: there is no such folder")


def _put(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
        return
    _check_folder(out)
    out.write_text(text, encoding="utf-8")
    tell(f"{out} written")
