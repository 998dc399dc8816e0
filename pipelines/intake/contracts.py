"""The contract of each feed: which records may enter the log, and the rule a bad one broke.

A rule's name is `<rule>__<field>`; the first one broken, in the order written here, names the
quarantine row. Rules and their wording: domain §11, "quarantined".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import dataframely as dy
import polars as pl

from pipelines.intake.canonical import RECORDS, Feed
from pipelines.intake.typed import TIMES, Context, is_masked, type_dossiers, type_progress

STATUS_CODES = tuple(str(code) for code in range(1, 11))
CHANNEL_CODES = ("1", "2", "3")
ACCEPTED_CODES = ("2", "4", "5", "6", "7", "8", "9", "10")
FINISHED_CODES = ("9", "10")
FUTURE = timedelta(days=1)
_CODE_OF_A_SHOP = r"^[0-9A-Z.]+-\d{6}-\d{4,5}$"


def _moment() -> dy.Datetime:
    return dy.Datetime(nullable=True, time_unit="us")


class Typed(dy.Schema):
    """What every typed record has, whatever the feed."""

    row_n = dy.UInt32()
    defect = dy.String(nullable=True)
    updated_text = dy.String(nullable=True)
    source_updated_sent_at = _moment()
    MaHoSo = dy.String(nullable=True)
    dossier_code = dy.String(nullable=True)
    status_code = dy.String(nullable=True)
    fetched_at = _moment()
    is_open_world = dy.Bool()

    @dy.rule()
    def unusable_element(cls) -> pl.Expr:
        """The reader could not take the element as a record."""
        return pl.col("defect").is_null()

    @dy.rule()
    def no_code__MaHoSo(cls) -> pl.Expr:
        """A record without a code, or with one that is no dossier code."""
        well_formed = pl.col("dossier_code").str.contains(_CODE_OF_A_SHOP)
        return (
            pl.col("MaHoSo").is_not_null()
            & ~is_masked("MaHoSo")
            & (well_formed | pl.col("is_open_world"))
        )


class Dossier(Typed):
    """A dossier record as it may enter `log.dossier_version`."""

    channel = dy.String(nullable=True)
    fee_amount = dy.String(nullable=True)
    fee_amount_sent = dy.Int64(nullable=True)
    has_bad_fee = dy.Bool(nullable=True)
    has_bad_supplement = dy.Bool(nullable=True)
    NgayNopHoSo = dy.String(nullable=True)
    NgayTiepNhan = dy.String(nullable=True)
    NgayHenTra = dy.String(nullable=True)
    NgayKetThucXuLy = dy.String(nullable=True)
    NgayTra = dy.String(nullable=True)
    NgayTuChoi = dy.String(nullable=True)
    is_received_at_day = dy.Bool(nullable=True)
    is_finished_at_day = dy.Bool(nullable=True)
    unit_code = dy.String(nullable=True)
    submitted_at = _moment()
    received_at = _moment()
    due_sent_at = _moment()
    due_limit_at = _moment()
    finished_at = _moment()
    returned_at = _moment()
    refused_at = _moment()
    latest_event_at = _moment()

    @dy.rule()
    def unknown_code__TrangThaiHoSo(cls) -> pl.Expr:
        """A status that is on no list is reported, never guessed."""
        return pl.col("status_code").is_in(STATUS_CODES).fill_null(False)

    @dy.rule()
    def unknown_code__KenhThucHien(cls) -> pl.Expr:
        """An empty channel means in person; any other unknown one is reported."""
        return pl.col("channel").is_in(CHANNEL_CODES)

    @dy.rule()
    def impossible_date__NgayNopHoSo(cls) -> pl.Expr:
        """A time that was sent must be a time; so for each of the six."""
        return _readable("submitted_at")

    @dy.rule()
    def impossible_date__NgayTiepNhan(cls) -> pl.Expr:
        """See above."""
        return _readable("received_at")

    @dy.rule()
    def impossible_date__NgayHenTra(cls) -> pl.Expr:
        """See above."""
        return _readable("due_sent_at")

    @dy.rule()
    def impossible_date__NgayKetThucXuLy(cls) -> pl.Expr:
        """See above."""
        return _readable("finished_at")

    @dy.rule()
    def impossible_date__NgayTra(cls) -> pl.Expr:
        """See above."""
        return _readable("returned_at")

    @dy.rule()
    def impossible_date__NgayTuChoi(cls) -> pl.Expr:
        """See above."""
        return _readable("refused_at")

    @dy.rule()
    def impossible_date__DanhSachHoSoBoSung(cls) -> pl.Expr:
        """The times of a supplement too."""
        return ~pl.col("has_bad_supplement").fill_null(False)

    @dy.rule()
    def impossible_date__updated_at(cls) -> pl.Expr:
        """The envelope's time orders the versions: it must be readable where it was sent."""
        return pl.col("updated_text").is_null() | pl.col("source_updated_sent_at").is_not_null()

    @dy.rule()
    def bad_fee__DanhSachLePhi(cls) -> pl.Expr:
        """A fee is a number of đồng, not below zero."""
        flat = pl.col("fee_amount").is_null() | (pl.col("fee_amount_sent") >= 0).fill_null(False)
        return flat & ~pl.col("has_bad_fee").fill_null(False)

    @dy.rule()
    def accepted_without_reception__NgayTiepNhan(cls) -> pl.Expr:
        """An accepted status (2, 4-10) has a time of reception."""
        return ~pl.col("status_code").is_in(ACCEPTED_CODES) | pl.col("received_at").is_not_null()

    @dy.rule()
    def finished_without_time__NgayKetThucXuLy(cls) -> pl.Expr:
        """Status 9 or 10 has a finish or, if not, a return."""
        return ~pl.col("status_code").is_in(FINISHED_CODES) | _finish().is_not_null()

    @dy.rule()
    def finish_before_reception__NgayKetThucXuLy(cls) -> pl.Expr:
        """Compared by date where either has day precision."""
        by_day = pl.col("is_received_at_day") | pl.col("is_finished_at_day")
        earlier = (
            pl.when(by_day)
            .then(_finish().dt.date() < pl.col("received_at").dt.date())
            .otherwise(_finish() < pl.col("received_at"))
        )
        return ~earlier.fill_null(False)

    @dy.rule()
    def event_in_future__latest_event(cls) -> pl.Expr:
        """No event is later than the pull and a day."""
        return (pl.col("latest_event_at") <= pl.col("fetched_at") + FUTURE).fill_null(True)

    @dy.rule()
    def due_too_far__NgayHenTra(cls) -> pl.Expr:
        """A due date farther ahead of the pull than the dialect's limit is no due date."""
        return (pl.col("due_sent_at") <= pl.col("due_limit_at")).fill_null(True)

    @dy.rule()
    def unknown_unit__MaHoSo(cls) -> pl.Expr:
        """Neither the code nor the name says which unit it is."""
        return pl.col("unit_code").is_not_null()


class Step(Typed):
    """A progress record as it may enter `log.progress`."""

    step_at = _moment()

    @dy.rule()
    def unknown_code__TrangThai(cls) -> pl.Expr:
        """A status that is on no list is reported, never guessed."""
        return pl.col("status_code").is_in(STATUS_CODES).fill_null(False)

    @dy.rule()
    def impossible_date__ThoiDiemXuLy(cls) -> pl.Expr:
        """A step happened at a time."""
        return pl.col("step_at").is_not_null()

    @dy.rule()
    def event_in_future__ThoiDiemXuLy(cls) -> pl.Expr:
        """No event is later than the pull and a day."""
        return (pl.col("step_at") <= pl.col("fetched_at") + FUTURE).fill_null(True)


def _readable(name: str) -> pl.Expr:
    return pl.col(TIMES[name]).is_null() | pl.col(name).is_not_null()


def _finish() -> pl.Expr:
    return pl.coalesce("finished_at", "returned_at")


CONTRACTS: dict[Feed, type[Typed]] = {"dossiers": Dossier, "progress": Step}
_TYPERS = {"dossiers": type_dossiers, "progress": type_progress}


@dataclass(frozen=True)
class Checked:
    """A part, divided: typed records, and bad ones as position, file, rule, field, record.

    `record` is the de-identified record as JSON text, so that it can be mended and replayed.
    """

    good: pl.DataFrame
    bad: pl.DataFrame


def check(part: pl.DataFrame, feed: Feed, context: Context) -> Checked:
    """Apply the feed's contract to a landed part. Every record is in one of the two frames."""
    contract = CONTRACTS[feed]
    typed = _TYPERS[feed](part, context).with_row_index("row_n")
    typed = typed.with_columns(
        defect=pl.col("_defect"),
        updated_text=pl.col("_updated_at"),
        fetched_at=pl.lit(context.fetched_at, dtype=pl.Datetime("us")),
        due_limit_at=_due_limit(context),
        is_open_world=pl.lit(context.dialect.units == "open"),
    )
    _, failure = contract.filter(typed.select(contract.column_names()))
    if not len(failure):
        return Checked(typed, _no_bad())
    details = failure.details()
    rules = [name for name in details.columns if name not in contract.column_names()]
    ordered = [name for name in _written_order(contract) if name in rules]
    first = pl.coalesce(
        *(pl.when(pl.col(name) == "invalid").then(pl.lit(name)) for name in ordered)
    )
    broken = details.select("row_n", broken=first).with_columns(pl.col("broken"))
    good = typed.join(broken, on="row_n", how="anti", maintain_order="left")
    named = pl.when(pl.col("defect").is_not_null()).then("defect").otherwise("broken")
    parts = named.str.split_exact("__", 1).struct
    fields = RECORDS[feed]
    content = [f.name for f in fields.fields] + [ls.name for ls in fields.lists]
    bad = typed.join(broken, on="row_n", maintain_order="left").select(
        position="_position",
        file="_file",
        rule=parts.field("field_0"),
        field=parts.field("field_1").fill_null(""),
        record=pl.struct("_updated_at", *content).struct.json_encode(),
    )
    return Checked(good, bad)


def _no_bad() -> pl.DataFrame:
    texts = dict.fromkeys(("file", "rule", "field", "record"), pl.String)
    return pl.DataFrame(schema={"position": pl.Int64, **texts})


def _due_limit(context: Context) -> pl.Expr:
    years = context.dialect.due_limit_years
    if years is None:
        return pl.lit(None, dtype=pl.Datetime("us"))
    return pl.lit(context.fetched_at, dtype=pl.Datetime("us")).dt.offset_by(f"{years}y")


def _written_order(contract: type[Typed]) -> list[str]:
    """The rules from the most general class down, in the order in which they are written."""
    classes = [cls for cls in reversed(contract.__mro__) if issubclass(cls, dy.Schema)]
    return [name for cls in classes for name in vars(cls) if not name.startswith("_abc")]
