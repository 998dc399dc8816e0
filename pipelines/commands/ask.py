"""`motcua ask`: at most five things that deserve a question this week."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer

from pipelines.commands.console import Format, refuse, tell, write_rows
from pipelines.settings import settings


class Tongue(StrEnum):
    """The language of the sentences in a table."""

    vi = "vi"
    en = "en"


def ask(
    unit: Annotated[
        list[str] | None, typer.Option(help="Unit key or code; repeat for several.")
    ] = None,
    language: Annotated[Tongue, typer.Option(help="Of the sentences in a table.")] = Tongue.vi,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.table,
) -> None:
    """What deserves a question this week: a sentence each, the weightiest first.

    Of all units, or of those named. Fewer than five, or none, is a right answer. The share of false
    questions is held at 5 % over all tests of the week, whoever asks.
    """
    from pipelines.serving.metrics import SnapshotError
    from pipelines.serving.metrics.snapshot import SealedSnapshot
    from pipelines.serving.signals import UnknownUnitError, find_units, read_questions
    from pipelines.serving.snapshot import NoSnapshotError, current_snapshot

    try:
        snapshot = current_snapshot(settings().serving_dir)
        sealed = SealedSnapshot(snapshot.file)
        keys = find_units(sealed, unit) if unit else ()
        questions = read_questions(sealed, keys)
        as_of = sealed.read_meta()["data_as_of"]
    except UnknownUnitError as error:
        raise refuse(str(error), 2) from None
    except (NoSnapshotError, SnapshotError) as error:
        raise refuse(str(error)) from None
    rows: list[dict[str, object]] = [asdict(question) for question in questions]
    if form is Format.json:
        write_rows(rows, form, {"snapshot": snapshot.version, "as_of": as_of})
        return
    if not rows:
        tell("Nothing stands out this week.")
    elif form is Format.table:
        sentence = f"sentence_{language.value}"
        write_rows([{"rank": row["rank"], "question": row[sentence]} for row in rows], form)
    if form is Format.csv:
        write_rows(rows, form)
