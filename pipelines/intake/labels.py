"""Labels: how a name that somebody else chose (a file's, a cursor's) is shown and kept.

A shop may name its file after a citizen. A name stays as it is where nothing in it can be a
person or an identity: the usual words, digits and separators. Else it is `file:` and a short
HMAC, the same for the same name, with the ending that tells the form; `motcua privacy label`
says which file that is. A letter stands before the HMAC: by chance it may be digits alone.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

import polars as pl

from pipelines.intake.privacy import is_kept_code, pseudonym, pseudonym_key

_USUAL: Final = re.compile(
    r"(dossiers?|progress|steps?|records?|export|report|data|month|day|week|part|page|sheet"
    r"|hoso|tiendo|baocao|motcua|tthc|final|copy|boston|services?)"
)
# usual too, but a person may be called so (Thang, Nam, Phuong): usual only among usual words
_SYLLABLE: Final = re.compile(
    r"(ho|so|tien|do|bao|cao|danh|sach|thang|ngay|tuan|quy|nam|ky|xa|phuong|huyen|tinh|mot|cua"
    r"|ban|cuoi|moi)"
)
_WORD: Final = re.compile(r"[A-Za-z]+")
_FORMS: Final = re.compile(
    r"(\.(csv|txt|tsv|json|ndjson|jsonl|parquet|xlsx|xlsm|xls|gz|zip))+$", re.I
)
_PLAIN_CURSOR: Final = re.compile(r"[0-9A-Za-z]{1,8}")


def file_label(name: str) -> str:
    """The name of a file as messages, outcomes and the log show it."""
    ending = _FORMS.search(name)
    stem = name[: ending.start()] if ending else name
    rest = _leave_out(_USUAL, stem)
    unusual = _leave_out(_SYLLABLE, rest)
    if _is_code(stem, rest if _WORD.search(unusual) else unusual):
        return name
    tail = ending[0].lower() if ending else ""
    return f"file:f{pseudonym(PurePath(name).name, pseudonym_key())}{tail}"


def cursor_label(cursor: str) -> str:
    """A cursor as messages show it: a short plain one as it is."""
    if _PLAIN_CURSOR.fullmatch(cursor):
        return repr(cursor)
    return f"cursor:c{pseudonym(cursor, pseudonym_key())}"


def _leave_out(words: re.Pattern[str], text: str) -> str:
    return _WORD.sub(lambda word: "" if words.fullmatch(word[0].lower()) else word[0], text)


def _is_code(stem: str, rest: str) -> bool:
    """Whether a stem is a code, and what is left without the usual words holds no name."""
    words = pl.Series([re.sub(r"[A-Za-z]+", "x", stem), f"0.{rest}"])
    return bool(words.to_frame("word").select(is_kept_code(pl.col("word")).all()).item())
