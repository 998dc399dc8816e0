"""Text as the TCVN3 (ABC) fonts of the nineties hold it, from TCVN 5712:1993."""

from __future__ import annotations

from typing import Final

# the letters in the order of their places; the simulator keeps a table of its own
_PLACES: Final = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_LETTERS: Final = {
    letter: chr(start + n) for start, run in _PLACES.items() for n, letter in enumerate(run)
}


def in_tcvn3(text: str) -> str:
    """A text in TCVN3; toned capitals are the small letters in a font of capitals."""
    return "".join(_LETTERS.get(c) or _LETTERS.get(c.lower(), c) for c in text)
