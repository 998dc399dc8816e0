"""Random dossiers on which the clock is most easily wrong, and how the tables hold them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import polars as pl

from pipelines.worktime.hours import SessionRow, sessions_of_unit
from pipelines.worktime.reference import (
    DueTime,
    TermUnit,
    Wait,
    WaitRule,
    WorkTime,
    due_date,
    working_time_between,
)

SCHEDULES = ("province", "030", "031")
UNITS: tuple[TermUnit, ...] = ("hour", "working_day", "calendar_day", "month")
WORKING_HOURS = """\
unit_code,valid_from,valid_to,weekday,opens,closes,source,note
,,2025-06-30,workday,07:30:00,11:30:00,test,
,,2025-06-30,workday,13:00:00,17:00:00,test,
,2025-07-01,,workday,07:00:00,11:30:00,test,
,2025-07-01,,workday,13:30:00,17:00:00,test,
,2026-01-01,,5,07:30:00,11:30:00,test,a Friday without afternoon
030,,,6,07:30:00,11:30:00,test,a Saturday morning
031,2025-03-01,,workday,08:00:00,16:00:30,test,no break
031,2025-03-01,2025-12-31,7,09:00:00,10:00:00,test,a Sunday
031,2025-03-01,2025-12-31,7,10:00:00,12:00:00,test,without a gap
"""
_FIRST = date(2024, 1, 2)
_DAYS = 900
_NEAR_DAYS_OFF = tuple(
    date.fromisoformat(day)
    for day in (
        "2024-02-07", "2024-02-14", "2024-04-29", "2024-05-03", "2024-05-11", "2025-01-24",
        "2025-02-02", "2025-04-25", "2025-04-29", "2025-05-04", "2025-06-30", "2025-07-01",
        "2025-12-31", "2026-01-08", "2026-01-09", "2026-02-13", "2026-08-21",
    )
)  # fmt: skip
_EDGES = (0, 25_200, 27_000, 28_800, 41_400, 46_800, 48_600, 54_000, 57_630, 61_200, 86_399)


@dataclass(frozen=True)
class Rules:
    """The parameters of the clock that a run of cases has in force."""

    wait_rule: WaitRule = "pause"
    due_time: DueTime = "close"
    moves_to_working_day: bool = True
    same_day_until: time = time(15, 0)

    def as_seed(self) -> dict[str, str]:
        """The rules as `rules.csv` has them."""
        return {
            "wait_rule": self.wait_rule,
            "due_time": self.due_time,
            "calendar_term_moves_to_working_day": str(self.moves_to_working_day).lower(),
            "same_day_until": self.same_day_until.isoformat(),
        }

    def work_of(self, schedule: str, hours: list[SessionRow], calendar: pl.DataFrame) -> WorkTime:
        """The working time of a schedule under these rules."""
        unit = "" if schedule == "province" else schedule
        days, sessions = sessions_of_unit(unit, hours, calendar)
        return WorkTime(
            days,
            same_day_until=self.same_day_until,
            moves_to_working_day=self.moves_to_working_day,
            due_time=self.due_time,
            sessions_of=sessions,
        )


@dataclass(frozen=True)
class Case:
    """A dossier, its waits in the order in which they are told, and its finish."""

    code: str
    schedule: str
    accepted: datetime
    term: int
    unit: TermUnit
    waits: list[Wait] = field(default_factory=list[Wait])
    finished: datetime | None = None

    def due(self, work: WorkTime, rule: WaitRule) -> tuple[datetime | None, datetime | None]:
        """Due without and with the waits by the reference; None past the calendar's end."""
        return (
            _due_or_none(self, work, [], rule),
            _due_or_none(self, work, self.waits, rule),
        )

    def worked_seconds(self, work: WorkTime) -> int | None:
        """Working seconds to the finish; one of day precision counts to the close."""
        if self.finished is None:
            return None
        end = self.finished
        if end.time() == time(0):
            end = datetime.combine(end.date(), time.max)
        return round(working_time_between(self.accepted, end, work).total_seconds())


def random_cases(n: int, seed: int, rules: Rules, works: dict[str, WorkTime]) -> list[Case]:
    """So many dossiers at odd hours, near days off and on the edges of sessions."""
    draw = random.Random(seed)
    cases: list[Case] = []
    for number in range(n):
        schedule = draw.choice(SCHEDULES)
        unit = draw.choice(UNITS)
        term = (
            draw.randint(0, 6) if unit == "month" else draw.choice([0, 0, 1, draw.randint(0, 60)])
        )
        accepted = _moment(draw, _day(draw))
        if unit == "working_day" and term == 0:
            edge = datetime.combine(accepted.date(), rules.same_day_until)
            accepted = draw.choice([accepted, edge, edge + timedelta(seconds=1)])
        finished = _moment(draw, accepted.date() + timedelta(days=draw.randint(1, 90)))
        case = Case(f"dossier-{number}", schedule, accepted, term, unit, finished=finished)
        for _ in range(draw.choice([0, 1, 1, 2, 3, 4])):
            case.waits.append(_wait(draw, case, works[schedule], rules.wait_rule))
        draw.shuffle(case.waits)
        cases.append(case)
    return cases


def as_frames(cases: list[Case]) -> dict[str, pl.DataFrame]:
    """The tables that the models of the clock read."""
    moment = pl.Datetime("us")
    dossiers = pl.DataFrame(
        {
            "source": ["test"] * len(cases),
            "dossier_code": [case.code for case in cases],
            "schedule_code": [case.schedule for case in cases],
            "received_at": [case.accepted for case in cases],
            "term_value": [case.term for case in cases],
            "term_unit": [case.unit for case in cases],
            "finished_at": [case.finished for case in cases],
        },
        schema_overrides={
            "received_at": moment,
            "finished_at": moment,
            "term_value": pl.Int32,
        },
    )
    waits = [(case.code, *wait) for case in cases for wait in case.waits]
    return {
        "int_dossier_term": dossiers.drop("finished_at"),
        "int_dossier_stated": dossiers.select(
            "source",
            "dossier_code",
            "schedule_code",
            "received_at",
            "finished_at",
            is_finished_at_day=pl.col("finished_at").dt.time() == time(0),
        ),
        "int_wait_found": pl.DataFrame(
            {
                "source": ["test"] * len(waits),
                "dossier_code": [code for code, _, _ in waits],
                "from_at": [begin for _, begin, _ in waits],
                "until_at": [end for _, _, end in waits],
                "is_supplement": [True] * len(waits),
            },
            schema_overrides={"from_at": moment, "until_at": moment},
        ),
    }


def _wait(draw: random.Random, case: Case, work: WorkTime, rule: WaitRule) -> Wait:
    second = timedelta(seconds=1)
    due = _due_or_none(case, work, case.waits, rule) or case.accepted
    last = case.waits[-1] if case.waits else (case.accepted, case.accepted)
    begin = draw.choice(
        [
            _moment(draw, case.accepted.date() + timedelta(days=draw.randint(-5, 60))),
            due,
            due + second,
            due - second,
            _moment(draw, due.date() + timedelta(days=draw.randint(-2, 2))),
            last[1] or last[0],
            (last[1] or last[0]) + second,
            case.accepted,
        ]
    )
    end = draw.choice(
        [
            begin,
            begin - timedelta(hours=1),
            begin + second,
            begin + timedelta(seconds=draw.randint(1, 86_400)),
            _moment(draw, begin.date() + timedelta(days=draw.randint(1, 25))),
            _moment(draw, begin.date() + timedelta(days=draw.randint(1, 25))),
            _moment(draw, begin.date() + timedelta(days=draw.randint(1, 25))),
            None if draw.random() < 0.4 else begin + timedelta(days=3),
        ]
    )
    return begin, end


def _due_or_none(case: Case, work: WorkTime, waits: list[Wait], rule: WaitRule) -> datetime | None:
    try:
        return due_date(case.accepted, case.term, case.unit, work, waits=waits, rule=rule)
    except ValueError:
        return None


def _day(draw: random.Random) -> date:
    if draw.random() < 0.4:
        return draw.choice(_NEAR_DAYS_OFF) + timedelta(days=draw.randint(-1, 1))
    return _FIRST + timedelta(days=draw.randint(0, _DAYS))


def _moment(draw: random.Random, day: date) -> datetime:
    second = draw.choice(
        [
            draw.randint(0, 86_399),
            draw.randint(27_000, 61_200),
            min(max(draw.choice(_EDGES) + draw.choice((-1, 0, 1)), 0), 86_399),
        ]
    )
    return datetime.combine(day, time(0)) + timedelta(seconds=second)
