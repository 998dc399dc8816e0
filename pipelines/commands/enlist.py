"""`motcua sources add`: a new entry of the list of sources, by questions or by options."""

from __future__ import annotations

import re
from typing import Annotated, cast

import typer
import yaml

from pipelines.commands.console import refuse, tell
from pipelines.settings import now, settings

Entry = dict[str, object]

_QUESTIONS = {
    "rest": (
        ("rest.url", "URL of the records", None),
        ("rest.records", "Name of the list of records in an answer", "data"),
        ("rest.updated", "Name of a record's update time", "updated_at"),
        ("rest.since", "Query parameter: updated from", "updated_from"),
        ("rest.until", "Query parameter: updated before", "updated_to"),
        ("rest.page.style", "Pages by cursor, number or link", "cursor"),
        ("rest.page.size", "Records a page", "500"),
        ("rest.auth.kind", "Proof: none, bearer, api_key or oauth2", "bearer"),
    ),
    "files": (
        ("files.path", "Pattern of the files, from the list's folder", None),
        ("files.format", "Form: auto, csv, json, ndjson, parquet or xlsx", "auto"),
        ("files.after", "Once read: archive, delete or keep", "archive"),
    ),
    "database": (
        ("database.url_env", "NAME of the variable that holds the address", None),
        ("database.query", "Query", None),
        ("database.cursor", "Its column with the time of the last update", "updated_at"),
    ),
}
_PROOFS = {
    "none": (),
    "bearer": (("rest.auth.env", "NAME of the variable that holds the token", None),),
    "api_key": (
        ("rest.auth.env", "NAME of the variable that holds the key", None),
        ("rest.auth.header", "Header that carries the key", "X-Api-Key"),
    ),
    "oauth2": (
        ("rest.auth.token_url", "URL at which tokens are given", None),
        ("rest.auth.client_env", "NAME of the variable that holds the client's name", None),
        ("rest.auth.env", "NAME of the variable that holds the client's secret", None),
        ("rest.auth.scope", "Scope (may be empty)", ""),
    ),
}


def add(
    source_id: Annotated[
        str | None, typer.Option("--id", help="Lower-case ASCII and hyphens; without it: ask.")
    ] = None,
    kind: Annotated[str, typer.Option(help="rest, files or database.")] = "rest",
    name: Annotated[str, typer.Option(help="Its name, in Vietnamese.")] = "",
    feed: Annotated[str, typer.Option(help="dossiers or progress.")] = "dossiers",
    dialect: Annotated[str, typer.Option(help="Its words: a dialect.")] = "national",
    units: Annotated[str, typer.Option(help="Codes of its units, by commas.")] = "",
    url: Annotated[str | None, typer.Option(help="rest: where the records are.")] = None,
    auth: Annotated[str | None, typer.Option(help="rest: the kind of proof.")] = None,
    env: Annotated[
        str | None, typer.Option(help="rest: the NAME of the variable with the secret.")
    ] = None,
    path: Annotated[str | None, typer.Option(help="files: the pattern.")] = None,
    url_env: Annotated[
        str | None, typer.Option(help="database: the NAME of the variable with the address.")
    ] = None,
    query: Annotated[str | None, typer.Option(help="database: the query.")] = None,
    cursor: Annotated[str | None, typer.Option(help="database: the update time's column.")] = None,
    more: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any other field: --set rest.page.style=number"),
    ] = None,
    is_tried: Annotated[
        bool | None, typer.Option("--try/--no-try", help="Try it first; add it only if it answers.")
    ] = None,
) -> None:
    """Add a source to the list: ask for what it needs, validate it, try it if wished.

    Secrets are never typed in: an entry names the variable or the file that holds them.
    """
    if source_id is None:
        entry = _ask()
        if is_tried is None:
            is_tried = typer.confirm("Try it now?", default=True)
    else:
        given = {
            "rest.url": url, "rest.auth.kind": auth, "rest.auth.env": env, "files.path": path,
            "database.url_env": url_env, "database.query": query, "database.cursor": cursor,
        }  # fmt: skip
        entry = _head(source_id, kind, name, feed, dialect, units)
        for field, value in given.items():
            if value is not None:
                _put(entry, field, value)
    for setting in more or []:
        field, equals, value = setting.partition("=")
        if not (equals and field):
            raise refuse(f"--set: {field!r} is no FIELD=VALUE", status=2)
        _put(entry, field, cast(object, yaml.safe_load(value)))
    _enlist(entry, is_tried=bool(is_tried))


def _enlist(entry: Entry, *, is_tried: bool) -> None:
    from pipelines.intake.enlist import append_entry, validate_entry
    from pipelines.intake.sources import SourceListError
    from pipelines.intake.trial import Trials

    config = settings()
    file = config.sources or config.root / "sources.yml"
    try:
        source = validate_entry(file, entry)
        trials = Trials(config.reference_dir, file.resolve().parent, now())
        trial = trials.run(source) if is_tried else trials.validate(source)
        if not trial.is_ok:
            raise refuse(f"{source.id}: {trial.message}; it was not added")
        if is_tried:
            tell(f"{source.id}: {trial.message}")
        append_entry(file, entry)
    except SourceListError as error:
        raise refuse(str(error)) from None
    tell(f"{source.id} is in {file.name} now")


def _ask() -> Entry:
    """An entry by questions."""
    kind = _asked("Kind: rest, files or database", "rest")
    if kind not in _QUESTIONS:
        raise refuse(f"kind: {kind!r} is not one of {', '.join(_QUESTIONS)}")
    entry = _head(
        _asked("Id, lower-case ASCII and hyphens"),
        kind,
        _asked("Name in Vietnamese", ""),
        _asked("Feed: dossiers or progress", "dossiers"),
        _asked("Dialect", "national"),
        _asked("Unit codes, by commas", ""),
    )
    for field, question, usual in _QUESTIONS[kind]:
        answer = _asked(question, usual)
        _put(entry, field, int(answer) if field.endswith("size") and answer.isdigit() else answer)
        for proof_field, proof_question, proof_usual in (
            _PROOFS.get(answer, ()) if field == "rest.auth.kind" else ()
        ):
            told = _asked(proof_question, proof_usual)
            if told:
                _put(entry, proof_field, told)
    return entry


def _asked(question: str, usual: str | None = None) -> str:
    return str(cast(object, typer.prompt(question, default=usual, err=True)))


def _head(source_id: str, kind: str, name: str, feed: str, dialect: str, units: str) -> Entry:
    entry: Entry = {"id": source_id, "name_vi": name, "kind": kind, "dialect": dialect}
    entry |= {"feed": feed, "units": [code for code in re.split(r"[,\s]+", units) if code]}
    return {field: value for field, value in entry.items() if value not in ("", [])}


def _put(entry: Entry, field: str, value: object) -> None:
    """Set a field by its dotted name."""
    *sections, last = field.split(".")
    for section in sections:
        entry = cast(Entry, entry.setdefault(section, {}))
    entry[last] = value
