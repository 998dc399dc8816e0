"""Listed texts in the encodings from before Unicode, as old spreadsheets still hold them.

TCVN3 (ABC) has one character a letter, in the places of TCVN 5712:1993; VNI-Windows writes a
letter and then its marks. Both look like Western text ("UBND x· §ång V¨n"). A text is repaired
only where it is, letter by letter, a listed text in one of the two: nothing is guessed.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from pipelines.intake.privacy import listed_texts

_LETTERS: Final = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵĂÂÊÔƠƯĐ"
_TCVN3: Final = dict(
    zip(
        _LETTERS,
        "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ¡¢£¤¥¦§",
        strict=True,
    )
)
_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"
_BREVE, _CIRCUMFLEX = "\u0306", "\u0302"
_VNI_MARKS: Final = {
    "": {_ACUTE: "ù", _GRAVE: "ø", _HOOK: "û", _TILDE: "õ", _DOT: "ï"},
    _BREVE: {"": "ê", _ACUTE: "é", _GRAVE: "è", _HOOK: "ú", _TILDE: "ü", _DOT: "ë"},
    _CIRCUMFLEX: {"": "â", _ACUTE: "á", _GRAVE: "à", _HOOK: "å", _TILDE: "ã", _DOT: "ä"},
}
_VNI_LETTERS: Final = {
    "đ": "ñ", "ơ": "ô", "ư": "ö", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"
}  # fmt: skip


def in_tcvn3(text: str) -> str:
    """A text as TCVN3 shows it; a toned capital has no place of its own there."""
    return "".join(_TCVN3.get(c) or _TCVN3.get(c.lower(), c) for c in text)


def in_vni(text: str) -> str:
    """A text as VNI-Windows shows it."""
    return "".join(_vni(letter) for letter in text)


def _vni(letter: str) -> str:
    if letter.lower() in _VNI_LETTERS:
        mark = _VNI_LETTERS[letter.lower()]
        return mark.upper() if letter.isupper() else mark
    base, *marks = unicodedata.normalize("NFD", letter)
    if not marks:
        return letter
    shape = next((m for m in marks if m in (_BREVE, _CIRCUMFLEX)), "")
    if "\u031b" in marks:  # ơ and ư with a tone: their own letter, then the tone
        base, shape = _vni(unicodedata.normalize("NFC", base + "\u031b")), ""
    tone = next((m for m in marks if m in (_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT)), "")
    mark = _VNI_MARKS[shape].get(tone)
    if mark is None:
        return letter
    return base + (mark.upper() if letter.isupper() else mark)


@cache
def _repairs(reference: Path, field: str) -> dict[str, str]:
    """Old forms of the listed texts of a field; one that stands for two texts is left out."""
    texts = listed_texts(reference).get(field, frozenset())
    found: dict[str, set[str]] = {}
    for text in texts:
        for old in (in_tcvn3(text), in_vni(text)):
            old = unicodedata.normalize("NFC", old).strip()
            if old != text and old not in texts:
                found.setdefault(old, set()).add(text)
    return {old: meant.pop() for old, meant in found.items() if len(meant) == 1}


def repair_listed(
    connection: duckdb.DuckDBPyConnection, table: str, field: str, reference: Path
) -> None:
    """Replace, in `table`, each text of `field` that is a listed text in TCVN3 or VNI."""
    rows = connection.sql(f"select distinct {field} from {table} where {field} is not null")
    known = _repairs(reference, field)
    repaired = {str(row[0]): known[str(row[0])] for row in rows.fetchall() if row[0] in known}
    if not repaired:
        return
    connection.register(
        "repair", pl.DataFrame({"old": list(repaired), "meant": list(repaired.values())})
    )
    connection.execute(
        f"update {table} set {field} = repair.meant from repair where {table}.{field} = repair.old"
    )
    connection.unregister("repair")
