"""Words that a person gives and that are kept for ever: a name or role, a reason, a note."""

from __future__ import annotations

import re

# an identity or phone number in any spelling has nine digits or more, a date has eight
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){8,}")
_ADDRESS = re.compile(r"\S@\S")


class WordsError(ValueError):
    """Words that are not kept; the message never repeats them."""


def check_words(text: str, what: str, most: int) -> str:
    """The words as they are kept, at most `most` characters. Raises `WordsError`."""
    words = " ".join(text.split())
    if not words or len(words) > most:
        raise WordsError(f"{what} must have 1 to {most} characters")
    if _LONG_NUMBER.search(words) or _ADDRESS.search(words):
        raise WordsError(
            f"{what} holds a number or address of a person: give a name or role alone,"
            " it is kept for ever"
        )
    return words
