"""Working hours as data: which rows hold on a day, and what a wrong row is told."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from pipelines.worktime.calendar import read_calendar
from pipelines.worktime.hours import read_hours, sessions_of_unit
from pipelines.worktime.reference import OFFICE_HOURS, WorkTime, due_date, working_minutes_between

HEADER = "unit_code,valid_from,valid_to,weekday,opens,closes,source,note\n"
GENERAL = (
    ",,,workday,07:30:00,11:30:00,parameter,Buổi sáng\n"
    ",,,workday,13:00:00,17:00:00,parameter,Buổi chiều\n"
)
CALENDAR = read_calendar()
MORNING = (time(7, 30), time(11, 30))


def write(folder: Path, rows: str) -> Path:
    file = folder / "working_hours.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return file


def work_of(unit: str, file: Path) -> WorkTime:
    days, sessions = sessions_of_unit(unit, read_hours(file), CALENDAR)
    return WorkTime(days, sessions_of=sessions)


def test_the_general_hours_are_those_of_an_office(tmp_path: Path) -> None:
    work = work_of("030", write(tmp_path, GENERAL))
    assert set(work.sessions_of.values()) == {OFFICE_HOURS}
    assert len(work.sessions_of) == CALENDAR.height
    assert work.days == frozenset(CALENDAR.filter(CALENDAR["is_working_day"] == 1)["date"])


def test_a_saturday_morning_is_worked_by_its_shop_alone(tmp_path: Path) -> None:
    file = write(tmp_path, GENERAL + "030,2025-01-01,2025-12-31,6,07:30,11:30,x,\n")
    shop, other = work_of("030", file), work_of("031", file)
    worked = {
        "a Saturday": (date(2025, 3, 15), (MORNING,)),
        "one exchanged for a Friday is a whole day": (date(2025, 4, 26), OFFICE_HOURS),
    }
    for day, sessions in worked.values():
        assert day in shop.days
        assert shop.sessions_of[day] == sessions
    idle = {
        "in Tết": date(2025, 2, 1),
        "the year before": date(2024, 3, 16),
        "a Sunday": date(2025, 3, 16),
    }
    assert not shop.days & set(idle.values())
    assert date(2025, 3, 15) not in other.days
    friday = datetime(2025, 3, 14, 16)
    assert due_date(friday, 1, "working_day", shop) == datetime(2025, 3, 15, 11, 30)
    assert due_date(friday, 1, "working_day", other) == datetime(2025, 3, 17, 17)
    assert working_minutes_between(friday, datetime(2025, 3, 17, 8, 30), shop) == 120 + 240


def test_hours_change_on_a_day(tmp_path: Path) -> None:
    rows = (
        ",,2025-06-30,workday,07:30,11:30,x,\n,,2025-06-30,workday,13:00,17:00,x,\n"
        ",2025-07-01,,workday,08:00,12:00,x,\n,2025-07-01,,workday,13:00,16:30,x,\n"
    )
    work = work_of("030", write(tmp_path, rows))
    assert due_date(datetime(2025, 6, 30, 16, 45), 1, "working_day", work) == datetime(
        2025, 7, 1, 16, 30
    )
    assert due_date(datetime(2025, 7, 1, 16, 45), 0, "working_day", work) == datetime(
        2025, 7, 2, 16, 30
    )


@pytest.mark.parametrize(
    ("own", "day", "sessions"),
    [
        pytest.param("030,,,5,07:30,11:30,x,\n", "2025-03-14", (MORNING,), id="own weekday"),
        pytest.param("030,,,5,07:30,11:30,x,\n", "2025-03-13", OFFICE_HOURS, id="another weekday"),
        pytest.param("030,,,workday,07:30,11:30,x,\n", "2025-03-14", (MORNING,), id="own workday"),
        pytest.param(
            "030,,,workday,07:30,11:30,x,\n,,,5,08:00,12:00,x,\n",
            "2025-03-14",
            (MORNING,),
            id="own workday before general weekday",
        ),
        pytest.param(
            ",,,5,07:30,11:30,x,\n", "2025-03-14", (MORNING,), id="general weekday before workday"
        ),
        pytest.param(
            "030,,,workday,07:30,11:30,x,\n", "2025-03-16", (MORNING,), id="a day off, its own"
        ),
    ],
)
def test_the_nearest_rows_give_the_hours(
    tmp_path: Path, own: str, day: str, sessions: tuple[tuple[time, time], ...]
) -> None:
    work = work_of("030", write(tmp_path, GENERAL + own))
    assert work.sessions_of[date.fromisoformat(day)] == sessions


def test_a_day_without_hours_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, ",2019-01-03,,workday,07:30,11:30,x,\n")
    with pytest.raises(ValueError, match=r"^working_hours.csv: no row gives .* 2019-01-01$"):
        work_of("030", file)


MISTAKES = {
    "weekday: must be workday or 1 to 7, not 8": ",,,8,07:30,11:30,x,\n",
    "weekday: must be workday or 1 to 7, not empty": ",,,,07:30,11:30,x,\n",
    "valid_from: must be a day like 2025-07-01, not 1/7/2025": (",1/7/2025,,6,07:30,11:30,x,\n"),
    "valid_to: lies before valid_from": ",2025-07-01,2025-06-30,6,07:30,11:30,x,\n",
    "opens: must be a time like 07:30, not 7h30": ",,,6,7h30,11:30,x,\n",
    "closes: must be a time like 07:30, not empty": ",,,6,07:30,,x,\n",
    "closes: must be later than opens": ",,,6,11:30,11:30,x,\n",
    "opens: overlaps the session of row 2": ",2025-01-01,,workday,11:00,12:00,x,\n",
    "weekday: a day has at most two sessions": ",,,workday,18:00,19:00,x,\n",
}


@pytest.mark.parametrize(("message", "row"), MISTAKES.items(), ids=MISTAKES.keys())
def test_a_mistake_is_told_by_row_field_and_rule(tmp_path: Path, message: str, row: str) -> None:
    with pytest.raises(ValueError) as told:
        read_hours(write(tmp_path, GENERAL + row))
    assert str(told.value) == f"working_hours.csv: row 4: {message}"


def test_rows_that_never_hold_together_do_not_disturb_each_other(tmp_path: Path) -> None:
    rows = ",,2024-12-31,6,07:30,11:30,x,\n,2025-01-01,,6,08:00,12:00,x,\n030,,,6,07:00,10:00,x,\n"
    assert len(read_hours(write(tmp_path, GENERAL + rows))) == 5
