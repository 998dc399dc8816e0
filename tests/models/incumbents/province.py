"""A dozen dossiers, each of which an incumbent gets wrong, and the reference they need."""

from __future__ import annotations

from datetime import datetime

from tests.models.compiled import KNOWN_AT, Record

PROCEDURE = "9.000001"
# a term of one working day, and a district's shop that opens on Saturday mornings
REFERENCE = (
    f"""insert into main.procedures by name select '{PROCEDURE}' as procedure_code, 'A' as name_vi,
    'HT' as field_code, 'Hộ tịch' as field_name_vi, 'district' as level, '1' as term_value,
    'working_day' as term_unit, '1' as yields_result""",
    """insert into main.working_hours by name select '027' as unit_code, '6' as weekday,
    '07:30:00' as opens, '11:30:00' as closes""",
)


def dossier(code: str, received: str, **told: object) -> Record:
    """A dossier, finished unless told otherwise; its times as ISO text."""
    times = {name: value for name, value in told.items() if name.endswith("_at")}
    moments = {name: datetime.fromisoformat(str(value)) for name, value in times.items()}
    record: Record = {
        "source": "shop", "dossier_code": code, "status_code": "9", "is_closed": True,
        "procedure_code": PROCEDURE, "field_code": "HT", "channel": "1",
        "is_channel_assumed": False, "unit_code": "026", "calendar": "vn",
        "is_received_at_day": False, "is_due_sent_at_day": False, "is_finished_at_day": False,
        "source_updated_at": KNOWN_AT, "received_at": datetime.fromisoformat(received),
    }  # fmt: skip
    return record | told | moments


DUE = "2025-03-17T17:00"
DOSSIERS = (
    dossier("early", "2025-03-10T08:00", due_sent_at=DUE, finished_at="2025-03-14T10:00"),
    dossier("due at nine", "2025-03-10T08:00", due_sent_at="2025-03-17T09:00",
            finished_at="2025-03-17T15:00", channel="2"),
    dossier("late", "2025-03-10T08:00", due_sent_at=DUE, finished_at="2025-03-18T10:00"),
    dossier("no due date", "2025-03-10T08:00", finished_at="2025-03-14T10:00"),
    dossier("withdrawn", "2025-03-10T08:00", due_sent_at=DUE, status_code="7",
            finished_at="2025-03-20T10:00"),
    dossier("refused", "2025-03-10T08:00", due_sent_at=DUE, status_code="3",
            refused_at="2025-03-12T10:00", finished_at="2025-03-12T10:00"),
    dossier("no field", "2025-03-10T08:00", due_sent_at=DUE, finished_at="2025-03-14T10:00",
            field_code=None, procedure_code=None),
    dossier("over a swapped Saturday", "2025-04-25T16:00", finished_at="2025-04-28T08:30"),
    dossier("due on a shop's Saturday", "2025-03-14T09:00", due_sent_at="2025-03-15T00:00",
            is_due_sent_at_day=True, finished_at="2025-03-15T11:45", unit_code="027"),
    dossier("returned next month", "2025-03-24T08:00", due_sent_at="2025-03-31T17:00",
            finished_at="2025-03-28T10:00", returned_at="2025-04-10T08:00", status_code="10"),
    dossier("through December", "2024-11-20T08:00", due_sent_at="2024-12-20T17:00",
            finished_at="2025-01-15T10:00"),
    dossier("in December", "2024-12-02T08:00", due_sent_at="2024-12-31T17:00",
            finished_at="2024-12-31T16:00"),
)  # fmt: skip
