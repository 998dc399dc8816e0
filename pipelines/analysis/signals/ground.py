"""What the marts say of units, days and targets: read once, before anything is judged."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.analysis.signals.judge import Setting
from pipelines.analysis.signals.panel import Run
from pipelines.analysis.signals.weeks import Weeks

# a unit's past begins with it, or with the last change of its shop: before, it was another one
_UNITS = """
with change as (
    select unit.unit_key, max(changed.effective_on) as changed_on
    from main.dim_unit as unit
    inner join main.stg_reference__unit_changes as changed
        on unit.unit_code in (changed.from_code, changed.to_code)
            and changed.effective_on <= date '{last}'
            and changed.effective_on between coalesce(unit.unit_valid_from, date '0001-01-01')
                and coalesce(unit.unit_valid_to, date '9999-12-31')
    group by unit.unit_key)
select unit.unit_key, unit.level,
    greatest(coalesce(unit.unit_valid_from, date '0001-01-01'),
        coalesce(change.changed_on, date '0001-01-01')) as known_from,
    coalesce(unit.unit_valid_to, date '9999-12-31') >= date '{last}'
        and coalesce(unit.unit_valid_from, date '0001-01-01') <= date '{last}'
        and coalesce(unit.shop_folded_on, date '9999-12-31') > date '{last}' as is_in_force
from main.dim_unit as unit left join change on unit.unit_key = change.unit_key
where unit.level <> 'area'
order by unit.unit_key
"""


def read_setting(run: Run, data_as_of: date, least: int) -> Setting:
    """The full weeks up to a day, the units and the calendar; `least` is `min_denominator`."""
    weeks = Weeks.of(data_as_of)
    return Setting(
        weeks=weeks,
        units=run(_UNITS.format(last=weeks.last_on)),
        calendar=run("select day_on, is_working_day, note from main.dim_calendar order by day_on"),
        least=least,
    )
