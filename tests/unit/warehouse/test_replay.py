"""A replay builds the log anew and carries over what was said and signed: it never landed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.settings import settings
from pipelines.warehouse.replay import replay
from pipelines.warehouse.tables import connect_reader, connect_writer

SAID = """
insert into log.published_figure by name
select timestamp '2026-07-01 08:00' as published_at, 'a' as snapshot, 'received' as metric,
    '2025-03' as period, 7 as numerator, 'r' as rules_hash;
"""
SIGNED = """
insert into log.period_state by name
select 'ii06a' as form, '2025Q1' as period, date '2025-01-01' as first_on,
    date '2025-03-31' as last_on, 1 as state_n, 'signed' as state, 'Văn phòng' as stated_by,
    timestamp '2026-07-01 08:30' as stated_at, 'a' as snapshot,
    date '2026-06-30' as data_as_of_on, 'r' as rules_hash;
"""
EFFECT = """
insert into log.published_effect by name
select timestamp '2026-07-01 08:00' as published_at, 'a' as snapshot, 'shop-00691' as impact_id,
    'shop_merger' as kind, date '2024-07-01' as effective_on, 'online_rate' as outcome,
    'placebo' as estimator, true as is_headline, 0.03 as estimate,
    date '2026-06-30' as data_as_of_on, 'r' as rules_hash, 'n' as network_hash;
"""
# a home made before periods were closed
OLDER = """
drop table log.schema_version; drop table log.period_state;
alter table log.published_figure drop column form;
"""


@pytest.mark.parametrize(("change", "states"), [(SIGNED, 1), (OLDER, 0)])
def test_a_replay_keeps_what_was_said_and_signed(tmp_path: Path, change: str, states: int) -> None:
    file = tmp_path / "warehouse" / "motcua.duckdb"
    connection = connect_writer(file)
    connection.execute(SAID + EFFECT + change)
    connection.close()
    replay(file, tmp_path / "landing", settings().reference_dir, None, lambda *_: None)
    connection = connect_reader(file)
    try:
        figures = connection.sql("select metric, numerator, form from log.published_figure")
        effects = connection.sql("select impact_id, estimate, rules_hash from log.published_effect")
        acts = connection.sql("select period, state, stated_by from log.period_state")
        assert figures.fetchall() == [("received", 7, None)]
        assert effects.fetchall() == [("shop-00691", 0.03, "r")]
        assert acts.fetchall() == [("2025Q1", "signed", "Văn phòng")] * states
    finally:
        connection.close()
