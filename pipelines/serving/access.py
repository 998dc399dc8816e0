"""Who may see which rows and columns of dossiers (domain §9): the one place that says it.

A leader sees aggregates alone; a unit leader the own units' open and overdue dossiers with their
codes; an operator every code; an analyst every dossier under a pseudonym, days instead of
moments. What a role may not see is not filtered out of an answer: it is not in the statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from pipelines.serving.metrics.snapshot import SealedSnapshot, Value
from pipelines.serving.pseudonyms import DOSSIER_PSEUDONYM, key_variables
from pipelines.serving.roles import Role, State


class AccessError(PermissionError):
    """A question that the role does not permit; one line that says why and what to do."""


@dataclass(frozen=True)
class Reader:
    """A role and, for a unit leader, the own units as keys `CODE@VALID_FROM` (`024@`).

    For others `units` narrows the answer; empty means all. Codes are used again after mergers,
    so a code alone is no key: `resolve_units` makes keys of codes.
    """

    role: Role
    units: frozenset[str] = field(default_factory=frozenset[str])

    @property
    def sees_codes(self) -> bool:
        """Whether the rows of this reader bear dossier codes."""
        return self.role in (Role.unit_leader, Role.operator)


_SHARED = (
    "source", "unit_key", "unit_code", "level", "field_code", "procedure_code", "channel",
    "state", "is_overdue", "class_ii06a", "working_minutes",
)  # fmt: skip
_MOMENTS = ("submitted", "received", "due", "finished", "returned", "closed")
_STILL_OPEN = "state in ('open', 'waiting')"
_WANTED = {
    State.all: "true",
    State.open: _STILL_OPEN,
    State.waiting: "state = 'waiting'",
    State.overdue: "is_overdue",
    State.resolved: "state = 'resolved'",
}
# an open dossier that does not wait is overdue the day after its due date, as in the ledger
_RELATION = """(select *, coalesce(
        is_accepted and state = 'open'
        and due_at::date < (select value::date from motcua.meta where key = 'data_as_of'), false)
        as is_overdue
    from motcua.fct_dossier)"""


def columns_of(role: Role) -> dict[str, str]:
    """Name and SQL expression of every column that a role may see; none for a leader."""
    shared = {name: name for name in _SHARED}
    if role is Role.leader:
        return {}
    if role is Role.analyst:
        days = {f"{name}_on": f"{name}_at::date" for name in _MOMENTS}
        return {"dossier_pseudonym": DOSSIER_PSEUDONYM} | shared | days
    moments = {f"{name}_at": f"{name}_at" for name in _MOMENTS}
    return {"dossier_code": "dossier_code"} | shared | moments


def resolve_units(snapshot: SealedSnapshot, asked: Sequence[str]) -> frozenset[str]:
    """Unit keys of what was asked for: a key, or a code that only one unit ever bore.

    Raises `AccessError` for a unit nobody knows and for a code that two units bore.
    """
    known = snapshot.run("select unit_key, unit_code from motcua.dim_unit")
    keys: set[str] = set()
    for word in asked:
        found = known.filter((pl.col("unit_key") == word) | (pl.col("unit_code") == word))
        bearers = sorted(found["unit_key"].to_list())
        if not bearers:
            raise AccessError(f"unit: {word} is no unit of this snapshot")
        if len(bearers) > 1:
            raise AccessError(f"unit: {word} is the code of {' and '.join(bearers)}: name one")
        keys.add(bearers[0])
    return frozenset(keys)


def read_dossiers(
    snapshot: SealedSnapshot,
    reader: Reader,
    state: State,
    *,
    key: bytes | None = None,
    most: int | None = None,
) -> pl.DataFrame:
    """The dossiers a reader may see, in the columns of the role, ordered by unit and reception.

    `key` is the pseudonym key, which an analyst's answer needs; `most` cuts the list off. Raises
    `AccessError` for a leader, for a unit leader without a unit, and for dossiers a unit leader
    may not see.
    """
    chosen = columns_of(reader.role)
    if not chosen:
        raise AccessError("a leader sees aggregates, no dossiers: use `motcua metrics` or a form")
    if reader.role is Role.unit_leader:
        if not reader.units:
            raise AccessError("a unit leader sees the own units' dossiers: name them with --unit")
        if state in (State.all, State.resolved):
            raise AccessError("a unit leader sees open and overdue dossiers: --state open|overdue")
    where = [_WANTED[state]]
    variables: dict[str, Value] = {}
    if reader.units:
        where.append("list_contains(getvariable('mc_units'), unit_key)")
        variables["mc_units"] = sorted(reader.units)
    if reader.role is Role.analyst:
        if key is None:
            raise AccessError("an analyst's dossiers need the pseudonym key")
        variables |= key_variables(key)
    # an order by the first column would be one by code: pseudonyms must not follow it
    select = ", ".join(f"{expression} as {name}" for name, expression in chosen.items())
    order = "1, 2" if reader.role is Role.analyst else "unit_key, received_at, dossier_code"
    cut = "" if most is None else f" limit {most:d}"
    return snapshot.run(
        f"select {select} from {_RELATION} where {' and '.join(where)} order by {order}{cut}",
        variables,
    )
