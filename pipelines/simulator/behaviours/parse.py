"""The text of `--behaviour`: `SYSTEM=NAME[:key=value…]`, where SYSTEM may be `all`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from pipelines.simulator.behaviours.base import Behaviour
from pipelines.simulator.behaviours.bodies import Cut, Dripping, Slow, WrongEncoding
from pipelines.simulator.behaviours.refusals import Down, ErrorBurst, RateLimited, TokenExpires
from pipelines.simulator.behaviours.rows import ClockSkew, LateUpdates, PageOrder, PageTwice

BEHAVIOURS: dict[str, type[Behaviour]] = {
    "rate_limited": RateLimited,
    "error_burst": ErrorBurst,
    "slow": Slow,
    "dripping": Dripping,
    "cut": Cut,
    "page_twice": PageTwice,
    "page_order": PageOrder,
    "clock_skew": ClockSkew,
    "late_updates": LateUpdates,
    "down": Down,
    "token_expires": TokenExpires,
    "wrong_encoding": WrongEncoding,
}
ALL = "all"


def read_behaviours(
    texts: Sequence[str], systems: Iterable[str], *, has_clock: bool
) -> dict[str, list[Behaviour]]:
    """The behaviours of every system, in the order of the texts.

    Raises `ValueError` with one line for an unknown system, behaviour or option, and for one
    that happens at a time where the server has no clock.
    """
    found: dict[str, list[Behaviour]] = {system: [] for system in systems}
    for text in texts:
        system, _, rule = text.partition("=")
        if system != ALL and system not in found:
            raise ValueError(f"behaviour {text!r}: no system {system!r}, see systems/ or `all`")
        for one in found if system == ALL else (system,):
            found[one].append(_behaviour(rule, text, has_clock=has_clock))
    return found


def _behaviour(rule: str, text: str, *, has_clock: bool) -> Behaviour:
    name, *options = rule.split(":")
    kind = BEHAVIOURS.get(name)
    if kind is None:
        raise ValueError(f"behaviour {text!r}: {name!r} is not one of {', '.join(BEHAVIOURS)}")
    if kind.needs_clock and not has_clock:
        raise ValueError(f"behaviour {text!r}: it happens in time, so --now is needed")
    try:
        return kind.model_validate(dict(_option(option, text) for option in options))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"behaviour {text!r}: {field}: {first['msg']}") from None


def _option(option: str, text: str) -> tuple[str, str]:
    key, sign, value = option.partition("=")
    if not sign:
        raise ValueError(f"behaviour {text!r}: {option!r} is not key=value")
    return key, value
