"""Numbers, days and months as a reader of a language writes them; rounded once, here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

NOTHING = "–"
"""What stands where there is no value: never 0, never 100 %."""

_MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Numbers:
    """Formats of one locale (`vi`: 1.234,56 and 91,96 %; `en`: 1,234.56 and 91.96%)."""

    locale: str

    def count(self, value: float | None) -> str:
        """A whole number with group marks."""
        return NOTHING if value is None else self._write(Decimal(round(value)), "#,##0")

    def percent(self, ratio: float | None, places: int = 2) -> str:
        """A fraction 0-1 as a percentage of so many decimals, halves up."""
        if ratio is None:
            return NOTHING
        pattern = "#,##0." + "0" * places if places else "#,##0"
        return self._write(_hundredfold(ratio, places), pattern) + self.percent_sign

    def score(self, points: Decimal | None) -> str:
        """Points of a score with two decimals, as they were rounded."""
        return NOTHING if points is None else self._write(points)

    def whole_score(self, points: Decimal) -> str:
        """Points a score can reach, with decimals only where there are any."""
        return self._write(points, "#,##0.##")

    def difference(self, value: float) -> str:
        """A difference of two counts, signed."""
        whole = Decimal(round(value))
        return self._sign(whole, "#,##0")

    def change(self, ratio: float) -> str:
        """A relative change as a signed percentage of two decimals."""
        return self._sign(_hundredfold(ratio)) + self.percent_sign

    def points(self, difference: float) -> str:
        """A difference of two fractions in percentage points, signed, without the unit."""
        return self._sign(_hundredfold(difference))

    def quantity(self, value: float | None) -> str:
        """A quantity with two decimals, halves up: days, dossiers a day."""
        return NOTHING if value is None else self._write(_rounded(value))

    def quantity_change(self, value: float) -> str:
        """A difference of two quantities, signed."""
        return self._sign(_rounded(value))

    def probability(self, value: float | None) -> str:
        """A p-value with three decimals; a smaller one is `< 0,001`."""
        if value is None:
            return NOTHING
        if value < 0.001:
            return f"< {self._write(Decimal('0.001'), '0.000')}"
        return self._write(_rounded(value, 3), "0.000")

    def day(self, value: date | None) -> str:
        """14/06/2025."""
        pattern = "dd/MM/yyyy" if self.locale == "vi" else "d MMM yyyy"
        return NOTHING if value is None else format_date(value, pattern, locale=self.locale)

    def month(self, first: date) -> str:
        """Tháng 6/2025, June 2025."""
        pattern = "'Tháng' M/yyyy" if self.locale == "vi" else "MMMM yyyy"
        return format_date(first, pattern, locale=self.locale)

    def moment(self, value: datetime | None) -> str:
        """08:05 14/06/2025."""
        return NOTHING if value is None else f"{value:%H:%M} {self.day(value.date())}"

    @property
    def percent_sign(self) -> str:
        """The per-cent sign with the blank that the language puts before it."""
        return f"{_NO_BREAK}%" if self.locale == "vi" else "%"

    @property
    def separators(self) -> str:
        """Decimal and thousands mark, in the order Plotly wants them."""
        return get_decimal_symbol(self.locale) + get_group_symbol(self.locale)

    def _sign(self, value: Decimal, pattern: str = "#,##0.00") -> str:
        sign = "" if value == 0 else "+" if value > 0 else _MINUS
        return sign + self._write(abs(value), pattern)

    def _write(self, value: Decimal, pattern: str = "#,##0.00") -> str:
        return format_decimal(value, pattern, locale=self.locale)


def _rounded(value: float, places: int = 2) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _hundredfold(ratio: float, places: int = 2) -> Decimal:
    return (Decimal(repr(ratio)) * 100).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
