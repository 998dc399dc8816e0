"""The product's own log: `logs/motcua.ndjson` in the home, one JSON line per event.

A line holds the fields of `FIELDS` and nothing else, each only if it is of its kind: what a
library, a source or a mistake adds is left out, so no value of anybody's data can get in. A new
file begins with the month or at `ROTATE_BYTES`; the last `KEEP_FILES` are kept. Where the log
cannot be written the work goes on: it is no part of the result.
"""

from __future__ import annotations

import logging
import re
import sys
import time
import traceback
from collections.abc import Callable, Generator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import orjson
import structlog
from filelock import FileLock

from pipelines.settings import settings

FILE: Final = "motcua.ndjson"
ROTATE_BYTES: Final = 16 * 2**20
KEEP_FILES: Final = 24

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:+/ -]{0,99}|[0-9a-f-]{36}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
_PERSONAL = re.compile(
    r"(?<![0-9])(?:\+?84|0)(?:[ .-]?[0-9]){8,11}(?![0-9])|(?<![0-9])[0-9]{9,}|[^\s@]+@[^\s@]+"
)


def _name(value: object) -> object:
    """An identifier of ours: a source, a status, a class, a version, a command."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _moment(value: object) -> object:
    return value if isinstance(value, str) and _MOMENT.fullmatch(value) else None


def _number(value: object) -> object:
    return value if isinstance(value, (bool, int, float)) else None


def _words(value: object) -> object:
    """A sentence of ours; whatever looks like an identity is struck out of it."""
    return _PERSONAL.sub("…", value)[:500] if isinstance(value, str) else None


def _places(value: object) -> object:
    """Where an exception came through: `file.py:12 function`, never a value."""
    return cast("list[object]", value) if isinstance(value, list) else None


Kind = Callable[[object], object]
FIELDS: Final[dict[str, Kind]] = {
    "at": _moment,
    **dict.fromkeys(
        ("level", "event", "run_id", "source", "feed", "kind", "status", "error_class",
         "command", "version"), _name,
    ),
    **dict.fromkeys(
        ("exit_status", "seconds", "records_in", "accepted", "unchanged", "quarantined",
         "dropped_fields", "bytes", "parts", "models", "batches"),
        _number,
    ),
    **dict.fromkeys(("message", "holder"), _words),
    "traceback": _places,
}  # fmt: skip
"""Every field that may stand in the log, and the kind of its values."""

# what a person in front of the terminal must know, since nothing moves meanwhile
_SPOKEN: Final = {"waiting for the warehouse": "waiting for the warehouse: held by {holder}"}


def configure_logs() -> None:
    """Send every event of this process to the log of the home; may be called again."""
    level = logging.getLevelNamesMapping()[settings().log_level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _stamp,
            _speak,
            keep_known_fields,
            structlog.processors.JSONRenderer(serializer=_write_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_HomeLog,
        cache_logger_on_first_use=False,
    )


def record(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write one event with the fields of `FIELDS`."""
    _record(event, level, fields)


def _record(event: str, level: int, fields: dict[str, object]) -> None:
    configure_logs()
    structlog.get_logger().log(level, event, **fields)


@contextmanager
def recorded(event: str, **fields: object) -> Generator[dict[str, object]]:
    """Record a step when it is over: seconds, status, and what the block adds to the fields.

    `run_id`, where given, stands in every event within. A failure is recorded and goes on.
    """
    begun = time.monotonic()
    configure_logs()
    outer = structlog.contextvars.get_contextvars().get("run_id")
    run_id = fields.get("run_id", outer)
    structlog.contextvars.bind_contextvars(run_id=run_id)
    try:
        yield fields
    except BaseException as error:
        fields |= {"status": "failed", **describe(error).fields()}
        _record(event, logging.ERROR, fields | {"seconds": round(time.monotonic() - begun, 3)})
        raise
    else:
        seconds = round(time.monotonic() - begun, 3)
        _record(event, logging.INFO, {"status": "ok", **fields, "seconds": seconds})
    finally:
        # not by a token: a generator may end in another context than it began in
        structlog.contextvars.bind_contextvars(run_id=outer)


@dataclass(frozen=True)
class Failure:
    """What may be told of an exception: its class, its places, and the message of our own ones."""

    error_class: str
    message: str | None
    places: tuple[str, ...]

    @property
    def line(self) -> str:
        """What happened where, in one line."""
        where = self.places[-1] if self.places else "an unknown place"
        return f"{self.message or self.error_class} (at {where})"

    def fields(self) -> dict[str, object]:
        """As fields of an event."""
        return {
            "error_class": self.error_class,
            "message": self.message,
            "traceback": list(self.places),
        }


def describe(error: BaseException) -> Failure:
    """What may be told of an exception; a foreign message may hold a value of somebody's data."""
    frames = traceback.extract_tb(error.__traceback__)
    is_ours = type(error).__module__.partition(".")[0] in ("pipelines", "dashboard")
    return Failure(
        type(error).__name__,
        str(error) if is_ours else None,
        tuple(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames),
    )


def keep_known_fields(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """The processor that makes the log safe: unknown fields and values of no kind are left out."""
    kept: dict[str, object] = {}
    for name, kind in FIELDS.items():
        if event.get(name) is not None:
            value = kind(event[name])
            kept[name] = "masked" if value is None else value
    return kept


def _stamp(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    """The machine's own time: a log says when something happened, whatever the product's clock."""
    event["at"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return event


def _speak(
    _logger: object, _method: str, event: MutableMapping[str, object]
) -> MutableMapping[str, object]:
    line = _SPOKEN.get(str(event.get("event")))
    if line is not None:
        sys.stderr.write(line.format_map({"holder": "someone", **event}) + "\n")
    return event


def _write_json(event: dict[str, object], **_: object) -> str:
    return orjson.dumps(event).decode()


class _HomeLog:
    """Appends lines to the log of the home that the environment names at this moment."""

    def __init__(self, *_: object) -> None:
        pass

    def msg(self, line: str) -> None:
        """Append one line; a home that holds nothing yet stays empty (a restore wants it so)."""
        with suppress(OSError):
            root = settings().root
            if root.is_dir() and any(root.iterdir()):
                append_line(root / "logs" / FILE, line)

    log = debug = info = warning = warn = error = critical = exception = msg


def append_line(file: Path, line: str) -> None:
    """Append a line in one write, after turning the file over where that is due."""
    file.parent.mkdir(exist_ok=True)
    if _is_due(file):
        with FileLock(file.with_name(f".{file.name}.lock")):
            if _is_due(file):
                file.rename(file.with_name(f"{file.stem}-{time.time_ns()}{file.suffix}"))
                for old in sorted(file.parent.glob(f"{file.stem}-*{file.suffix}"))[:-KEEP_FILES]:
                    old.unlink(missing_ok=True)
    with file.open("ab", buffering=0) as stream:
        stream.write(line.encode() + b"\n")


def _is_due(file: Path) -> bool:
    try:
        found = file.stat()
    except OSError:
        return False
    month = datetime.fromtimestamp(found.st_mtime, UTC).strftime("%Y-%m")
    return found.st_size >= ROTATE_BYTES or month != datetime.now(UTC).strftime("%Y-%m")
