"""Effects of mergers as they are said: what a new snapshot says anew goes into it and the log.

An effect that was said and still is so is not said again: it stands until it changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import duckdb

SAID: Final = "srv_published_effect"

# figures that differ by rounding alone are the same
_FIGURES: Final = ("before_value", "after_value", "estimate", "low", "high")
_FACTS: Final = (
    "effective_on", "date_is_assumed", "before_from", "before_to", "after_from", "after_to",
    "is_headline", "verdict", "status",
)  # fmt: skip
_NEWS: Final = """
create or replace temp table effect_news as
with said as (
    select * from motcua.log.published_effect
    qualify row_number() over (
        partition by impact_id, outcome, estimator order by published_at desc, snapshot desc) = 1),
now as (
    select ?::timestamp as published_at, ? as snapshot, change.impact_id, change.kind,
        change.name_vi, change.name_en, change.effective_on, change.date_is_assumed,
        change.before_from, change.before_to, change.after_from, change.after_to,
        effect.outcome, effect.estimator, effect.is_headline, effect.unit,
        effect.before_value, effect.after_value, effect.estimate, effect.low, effect.high,
        effect.p_value, effect.level, effect.verdict, effect.status,
        effect.sentence_vi, effect.sentence_en,
        run.data_as_of_on, run.rules_hash, run.network_hash
    from motcua.main.imp_effect as effect
    inner join motcua.main.imp_change as change on effect.impact_id = change.impact_id
    cross join motcua.main.imp_run as run)
select now.*
from now left join said on now.impact_id = said.impact_id
    and now.outcome = said.outcome and now.estimator = said.estimator
where said.snapshot is null or {different}
"""
_HAS: Final = """
select count(*) from duckdb_tables() where database_name = 'motcua' and schema_name = 'main'
    and table_name in ('imp_effect', 'imp_change', 'imp_run')
"""


def find_news(connection: duckdb.DuckDBPyConnection, version: str, published_at: datetime) -> None:
    """Find the effects that are new or changed, and write them into the new `snapshot`.

    They wait for `say_news` in a table of this connection.
    """
    if connection.execute(_HAS).fetchall() != [(3,)]:
        connection.execute(
            "create or replace temp table effect_news as from motcua.log.published_effect limit 0"
        )
        return
    facts = [f"now.{name} is distinct from said.{name}" for name in _FACTS]
    figures = [f"round(now.{n}, 9) is distinct from round(said.{n}, 9)" for n in _FIGURES]
    different = " or ".join([*facts, *figures])
    connection.execute(_NEWS.format(different=different), [published_at, version])
    connection.execute(f"insert into snapshot.main.{SAID} by name from effect_news")


def say_news(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep in the log what `find_news` found."""
    connection.execute("insert into motcua.log.published_effect by name from effect_news")
