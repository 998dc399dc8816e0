"""What the marts say of units, days and targets: read once, before anything is judged."""

from __future__ import annotations

from datetime import date

from pipelines.analysis.signals.judge import Setting
from pipelines.analysis.signals.panel import Run
from pipelines.analysis.signals.weeks import Weeks

# the counters of a shop that was folded into another are counted with it, before as after: the
# same citizens, the same past
_UNITS = """
with folded as (
    select former.unit_key, max(latter.unit_key) as counted_as
    from main.dim_unit as former
    inner join main.stg_reference__unit_changes as changed
        on former.unit_code = changed.from_code and former.shop_folded_on = changed.effective_on
            and changed.kind = 'shop_merger'
    inner join main.dim_unit as latter
        on changed.to_code = latter.unit_code
            and changed.effective_on between coalesce(latter.unit_valid_from, date '0001-01-01')
                and coalesce(latter.unit_valid_to, date '9999-12-31')
    where former.shop_folded_on <= date '{last}'
    group by former.unit_key)
select unit.unit_key, unit.level, coalesce(folded.counted_as, unit.unit_key) as counted_as,
    coalesce(unit.unit_valid_from, date '0001-01-01') as known_from,
    coalesce(unit.unit_valid_to, date '9999-12-31') >= date '{last}'
        and coalesce(unit.unit_valid_from, date '0001-01-01') <= date '{last}'
        and folded.counted_as is null as is_in_force
from main.dim_unit as unit left join folded on unit.unit_key = folded.unit_key
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
