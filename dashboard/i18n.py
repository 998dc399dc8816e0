"""Words in the reader's language: Vietnamese is written in the code, others in catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from html import escape
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from dashboard.numbers import Numbers
from pipelines.serving.metrics import MetricSpec

LANGUAGES = ("vi", "en")
LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "motcua"


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

    def label(self, spec: MetricSpec) -> str:
        """The name of a metric."""
        return spec.label_vi if self.code == "vi" else spec.label_en

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
