"""The structured identities a file of ours must not hold, and where a match means nothing.

Every expression is of the common subset of RE2 (DuckDB), Rust (Polars), PostgreSQL and Python:
no look-around, so that a token's borders are part of the match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# A token ends where no digit, no hexadecimal word and no dotted or hyphened code goes on.
# `unlisted:` stands before a fingerprint, which may by chance be digits alone.
_COLON = "(^|[^d]|[^e]d|^d):"
_BEFORE = f"(^|[^0-9A-Za-z.:-]|{_COLON}|[A-Zg-z][.-]?)"
_AFTER = "($|[^0-9A-Za-z.-]|[.-]($|[^0-9])|[A-Zg-z])"
_S = "[ .-]"

_PROVINCE = "0(0[1-9]|[1-8][0-9]|9[0-6])"
_MOBILE = "[235789]"

PATTERNS = {
    "citizen_id": f"{_BEFORE}{_PROVINCE}([0-9]{{9}}|{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}?[0-9]{{3}})"
    f"{_AFTER}",
    "old_id": "(^|[^0-9A-Za-z._/-])[0-9]{9}($|[^0-9A-Za-z._/:-]|[.]($|[^0-9A-Za-z]))",
    "phone": f"{_BEFORE}[(]?(0|[+]?84{_S}?)({_MOBILE}[0-9]{{8}}|2[0-9]{{9}}"
    f"|{_MOBILE}[0-9]{{2}}[)]?{_S}{{1,2}}[0-9]{{3}}{_S}?[0-9]{{3}}"
    f"|{_MOBILE}[0-9][)]?{_S}{{1,2}}[0-9]{{3,4}}{_S}?[0-9]{{4}}"
    f"|{_MOBILE}{_S}[0-9]{{4}}{_S}[0-9]{{4}}"
    f"|2[0-9]{{2}}[)]?{_S}{{1,2}}[0-9]{{3,4}}{_S}?[0-9]{{3,4}}){_AFTER}",
    "email": "[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+([.][0-9A-Za-z-]+)*[.][A-Za-z]{2,}",
}


@dataclass(frozen=True)
class Exemption:
    """A column in which matches of some kinds are no personal values, with the reason.

    `table` and `column` are regular expressions for the whole name.
    """

    table: str
    column: str
    kinds: tuple[str, ...]
    reason: str

    def covers(self, table: str, column: str, kind: str) -> bool:
        """Whether a match of this kind in that column is exempt."""
        return (
            kind in self.kinds
            and re.fullmatch(self.table, table) is not None
            and re.fullmatch(self.column, column) is not None
        )


_ANY = ".*"
_NUMBER = ("old_id",)

EXEMPT = (
    Exemption(_ANY, "content_hash", _NUMBER, "a hash as a number"),
    Exemption(_ANY, "bytes|.*_bytes", _NUMBER, "a size of 100 MB and more has nine digits"),
    Exemption(_ANY, "fee_amount|fees|amount|DanhSachLePhi", _NUMBER, "an amount in đồng"),
    Exemption(_ANY, ".*_(seconds|minutes)(_sum)?|numerator|denominator", _NUMBER, "a sum"),
)
