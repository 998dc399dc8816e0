"""What a page is to the router and to the navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from pipelines.serving.roles import Role

EVERYBODY = frozenset(Role)
WHOLE_PROVINCE = EVERYBODY - {Role.unit_leader}
"""Who may see what cannot be narrowed to some units."""


@dataclass(frozen=True)
class PageEntry:
    """A page: its address, its title and its group in Vietnamese (translated when shown).

    `show` draws it. `roles` see it. A page that says nothing is not shown to unit leaders: it is
    opened to them once every figure on it is asked of the reader, which is narrowed to the own
    units. A page `is_on_wall` where it speaks without being touched.
    """

    path: str
    title: str
    group: str
    show: Callable[[SnapshotReader, Language], None]
    roles: frozenset[Role] = WHOLE_PROVINCE
    is_on_wall: bool = False
