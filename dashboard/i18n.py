"""Words in the reader's language: Vietnamese is written in the code, others in catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Protocol

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from dashboard.numbers import Numbers

LANGUAGES = ("vi", "en")
LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "motcua"


class Labelled(Protocol):
    """What bears its names with it: a metric, a definition, an item of a score."""

    @property
    def label_vi(self) -> str:
        """The name in Vietnamese."""
        ...

    @property
    def label_en(self) -> str:
        """The name in English."""
        ...


@dataclass(frozen=True)
class Language:
    """A language of the reader. `say` escapes nothing, `say_html` escapes all."""

    code: str

    def say(self, text: str, **values: object) -> str:
        """The text in this language, with `{name}` replaced by the values."""
        translated = _catalogue(self.code).gettext(text)
        return translated.format(**values) if values else translated

    def say_html(self, text: str, **values: object) -> str:
        """As `say`, with every value escaped for HTML."""
        safe = {name: escape(str(value)) for name, value in values.items()}
        return escape(_catalogue(self.code).gettext(text)).format(**safe)

    def label(self, named: Labelled) -> str:
        """The name that a metric or a definition bears."""
        return named.label_vi if self.code == "vi" else named.label_en

    @property
    def numbers(self) -> Numbers:
        """Number and date formats of this language."""
        return Numbers(self.code)


@cache
def _catalogue(code: str) -> NullTranslations:
    source = LOCALE_DIR / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not source.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with source.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=code, domain=DOMAIN))
    compiled.seek(0)
    return GNUTranslations(compiled)
