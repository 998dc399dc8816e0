"""Pseudonyms of dossiers, computed set-wise in SQL: HMAC-SHA-256 with the key outside the store.

HMAC (RFC 2104) is two hashes over the key, padded to a block and combined with two constants, and
the text. The padded blocks travel as variables of the session, never inside a statement, which an
error message could quote.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from pipelines.settings import settings

if TYPE_CHECKING:
    from pipelines.serving.metrics.snapshot import Value

_BLOCK = 64
LENGTH = 24
"""Hexadecimal digits of a dossier's pseudonym: 96 bits, no two dossiers share one."""


def find_key() -> bytes | None:
    """The key where this machine has it: a reader never makes one of its own."""
    config = settings()
    if config.pseudonym_key:
        return config.pseudonym_key.encode()
    try:
        text = config.key_file.expanduser().read_text(encoding="ascii").strip()
    except OSError:
        return None
    return text.encode() or None


def hmac_sql(text: str) -> str:
    """SQL: HMAC-SHA-256 of a text expression as 64 hexadecimal digits; null of null.

    Needs the variables of `key_variables` in the session.
    """
    inner = f"sha256(unhex(getvariable('mc_key_inner')) || encode({text}))"
    return f"sha256(unhex(getvariable('mc_key_outer')) || unhex({inner}))"


def key_variables(key: bytes) -> dict[str, Value]:
    """The two padded blocks of a key, hexadecimal, as variables of a session."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return {
        "mc_key_inner": bytes(byte ^ 0x36 for byte in block).hex(),
        "mc_key_outer": bytes(byte ^ 0x5C for byte in block).hex(),
    }


# the system belongs to the text: two systems may give the same code
DOSSIER_PSEUDONYM = f"left({hmac_sql('concat_ws(chr(31), source, dossier_code)')}, {LENGTH})"
"""SQL: the pseudonym of a row with `source` and `dossier_code`."""


def dossier_pseudonym(source: str, dossier_code: str, key: bytes) -> str:
    """The same for one dossier: what an operator compares an analyst's finding with."""
    text = f"{source}\x1f{dossier_code}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:LENGTH]
