"""A long history for a bench: a simulated province, loaded, and told again week by week earlier.

What is multiplied is the log, since that is what lies behind a day; the day itself comes in
through the landing zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import yaml

from pipelines.intake.pull import Pull, Window, pull_all
from pipelines.intake.sources import load_sources
from pipelines.settings import settings
from pipelines.simulator.province import write_province
from pipelines.warehouse.load import load_landing
from pipelines.warehouse.tables import connect_writer

MOST_COPIES = 20
LEAST_TEMPLATE = 20_000
_SHIFT_DAYS = 7
# numbers from here on are those of copies: no simulated shop takes so many dossiers a day
_FIRST_NUMBER = 50_000
_TABLES = ("dossier_version", "progress")
_SUPPLEMENT_TIMES = ("requested_at", "answered_at", "due_before_at", "due_new_at")
_CODES = f"""
create temp table code as
select
    source,
    dossier_code,
    copy_n,
    prefix || printf('-%05d', {_FIRST_NUMBER} + row_number() over (partition by source, prefix))
        as new_code
from (
    select
        source,
        dossier_code,
        copy_n,
        regexp_extract(dossier_code, '^(.*)-[0-9]{{6}}-', 1) || '-' || strftime(
            strptime(regexp_extract(dossier_code, '-([0-9]{{6}})-', 1), '%y%m%d')
            - to_days(cast(copy_n * {_SHIFT_DAYS} as integer)), '%y%m%d'
        ) as prefix
    from (select distinct source, dossier_code from log.dossier_version)
    cross join range(1, ?) as copy(copy_n)
)
"""

Tell = Callable[[str], None]


def make_history(home: Path, dossiers: int, seed: int, tell: Tell) -> datetime:
    """Fill the log of an empty home with so many dossiers; the moment up to which it speaks.

    `settings().home` must be `home`. A twentieth is simulated, pulled from files and loaded; the
    others are the same dossiers, every copy a week earlier than the one before.
    """
    template = min(dossiers, max(LEAST_TEMPLATE, dossiers // MOST_COPIES))
    copies = max(1, round(dossiers / template))
    tell(f"simulating {template:,} dossiers")
    province = home / "province"
    write_province(province, dossiers=template, seed=seed)
    listed = load_sources(_list_as_files(province))
    config = settings()
    until = datetime(2026, 7, 1, 6)
    tell("loading them")
    pull = Pull(
        landing=config.landing_dir,
        reference=config.reference_dir,
        folder=listed.folder,
        window=Window(None, until),
        fetched_at=until,
        run_id="history",
        report=lambda _source, _records: None,
    )
    pull_all(listed, pull, ("dossiers", "progress"))
    load_landing(
        config.warehouse_file,
        config.landing_dir,
        config.reference_dir,
        listed.folder,
        lambda _source, _done, _all: None,
    )
    if copies > 1:
        tell(f"telling them {copies} times")
        _multiply(config.warehouse_file, copies)
    return until


def _list_as_files(province: Path) -> Path:
    """A list of sources that reads the systems of a province from files, not from a server."""
    document = yaml.safe_load((province / "sources.yml").read_text(encoding="utf-8"))
    for entry in document["sources"]:
        if entry["kind"] == "rest":
            del entry["rest"]
            path = f"systems/{entry['system']}/{entry['feed']}.parquet"
            entry |= {"kind": "files", "files": {"path": path}}
    file = province / "sources-as-files.yml"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return file


def _multiply(warehouse_file: Path, copies: int) -> None:
    connection = connect_writer(warehouse_file)
    try:
        connection.execute(_CODES, [copies])
        for table in _TABLES:
            connection.execute(f"create temp table told as from log.{table}")
            connection.execute(f"delete from log.{table}")
            columns = connection.execute("describe told").fetchall()
            values = ", ".join(_shifted(str(name), str(kind)) for name, kind, *_ in columns)
            when = "source_updated_at" if table == "dossier_version" else "step_at"
            # in the order of arrival, as a log grows; year by year, for memory
            years = connection.execute(
                f"""select distinct unnest([year({when} - to_days({_SHIFT_DAYS} * n::integer))
                    for n in range({copies})]) as arrived from told order by arrived"""
            ).fetchall()
            for (year,) in years:
                connection.execute(
                    f"""insert into log.{table} by name
                    select * from (
                        select * from told
                        union all by name
                        select {values} from told inner join code using (source, dossier_code))
                    where year({when}) is not distinct from {"null" if year is None else year}
                    order by cast({when} as date)"""
                )
            connection.execute("drop table told")
        connection.execute("checkpoint motcua")
    finally:
        connection.close()


def _shifted(name: str, kind: str) -> str:
    """A column of a copy: its moments lie so many weeks earlier, its code is one of its own."""
    earlier = f"- to_days(cast(copy_n * {_SHIFT_DAYS} as integer))"
    if name == "dossier_code":
        return "new_code as dossier_code"
    if name == "supplements":
        times = ", ".join(f"{time} := s.{time} {earlier}" for time in _SUPPLEMENT_TIMES)
        return f"list_transform(supplements, lambda s: struct_update(s, {times})) as supplements"
    if kind == "TIMESTAMP" and name != "known_at":
        return f"{name} {earlier} as {name}"
    return name
