"""Plain records: the usual ones among many, read as columns at the speed of the engine.

A record is plain if it has exactly the keys of its neighbours, the lists hold objects with
exactly the keys of theirs, and every value is beyond doubt what the allow-list keeps as it is or
knows as absent. Nearly all records of a system are. Whatever is not plain is given back as text
and read by the rules in full (`records`): a check here may refuse what the allow-list would keep,
never keep what it would refuse.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import polars as pl

from pipelines.intake.canonical import Field, ListField, Record
from pipelines.intake.dialects import Dialect
from pipelines.intake.privacy import is_kept_code, kept_texts
from pipelines.intake.readers.batch import engine, quoted

_SAMPLE: Final = 200

# each a part of what the pattern of the kind in `privacy` keeps, and none can hold an identity
# number or a name: too few letters and digits in a row for either
_ENUM = r"^[0-9A-Za-z]{1,6}$"
_NUMBER = r"^(0|[1-9][0-9]{0,7})$"
_TIME = r"^[1-9]([0-9]{13}|[0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2})$"
_SOMETHING = r"^[!-~]"


@dataclass(frozen=True)
class Shape:
    """The keys of the usual record: of itself and of the items of each of its lists."""

    keys: frozenset[str]
    items: dict[str, frozenset[str]]

    def structure(self, kept: frozenset[str], record: Record) -> str:
        """The shape as the engine's structure: what is not kept is looked for, never decoded."""
        fields = {nested.name: {f.name for f in nested.fields} for nested in record.lists}
        whole: dict[str, object] = {}
        for key in sorted(self.keys):
            if key in fields:
                names = sorted(self.items[key])
                whole[key] = [{n: "VARCHAR" if n in fields[key] else "NULL" for n in names}]
            else:
                whole[key] = "VARCHAR" if key in kept else "NULL"
        return json.dumps(whole)


def is_simple(dialect: Dialect) -> bool:
    """Whether a dialect takes the values as they are, each from a key of the record itself."""
    return not (dialect.codes or dialect.vocabulary) and not any("." in s for s in dialect.fields)


def learn_shape(lines: Iterable[str], record: Record) -> Shape | None:
    """The most frequent shape among the first of some records; None where there is none."""
    keys: Counter[frozenset[str]] = Counter()
    items: dict[str, Counter[frozenset[str]]] = {ls.name: Counter() for ls in record.lists}
    for _, line in zip(range(_SAMPLE), lines, strict=False):
        try:
            element: object = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(element, dict):
            continue
        found = cast("dict[str, object]", element)
        keys[frozenset(found)] += 1
        for name, counter in items.items():
            value = found.get(name)
            for item in cast("list[object]", value) if isinstance(value, list) else []:
                if isinstance(item, dict):
                    counter[frozenset(cast("dict[str, object]", item))] += 1
    if not keys:
        return None
    usual = keys.most_common(1)[0][0]
    known = {ls.name: frozenset(f.name for f in ls.fields) for ls in record.lists}
    chosen = {
        name: counter.most_common(1)[0][0] if counter else known[name]
        for name, counter in items.items()
    }
    if not all(_is_clear(names) for names in (usual, *chosen.values())):
        return None
    return Shape(usual, chosen)


@dataclass(frozen=True)
class PlainReader:
    """Reads the plain ones among records of one shape.

    `sources` maps a canonical scalar to its key, `updated` is the key of the envelope's time.
    """

    shape: Shape
    record: Record
    sources: dict[str, str]
    updated: str
    reference: Path

    @property
    def dropped(self) -> frozenset[str]:
        """The keys of the shape that are not taken."""
        lists = {nested.name for nested in self.record.lists}
        return self.shape.keys - set(self.sources.values()) - lists - {self.updated}

    def read(self, lines: pl.DataFrame, file: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Divide records (`_position`, `line`) into the plain ones, as a de-identified frame
        ready to land, and the others, as they came."""
        raw = self._decoded(lines)
        listed = self._listed(raw)
        checks = raw.select(is_plain=pl.all_horizontal(*self._checks(lines, listed))).to_series()
        checks = checks.fill_null(value=False)
        if not checks.all():
            lines, rest = lines.filter(checks), lines.filter(~checks)
            raw = raw.filter(checks)
        else:
            rest = lines.clear()
        frame = raw.select(
            lines["_position"].cast(pl.Int64),
            pl.lit(file).alias("_file"),
            self._value("_updated_at", "u", is_there=self.updated in self.shape.keys),
            pl.lit(None, dtype=pl.String).alias("_defect"),
            *(
                self._value(f.name, f"s_{f.name}", listed.get(f.name), is_there=self._has(f.name))
                for f in self.record.fields
            ),
            *(self._items(nested) for nested in self.record.lists),
        )
        return frame, rest

    def _has(self, name: str) -> bool:
        return self.sources.get(name) in self.shape.keys

    def _decoded(self, lines: pl.DataFrame) -> pl.DataFrame:
        """The kept keys as columns; a record of another shape is null in all, `is_read` too."""
        kept = frozenset([*self.sources.values(), self.updated])
        structure = quoted(self.shape.structure(kept, self.record))
        with engine().cursor() as connection:
            connection.register("line", lines.select("line"))
            decoded = connection.sql(
                f"select try(from_json_strict(line, {structure})) as r from line"
            ).pl()
        columns = {
            f"s_{f.name}": self.sources[f.name] for f in self.record.fields if self._has(f.name)
        }
        columns |= {f"l_{nested.name}": nested.name for nested in self._lists()}
        if self.updated in self.shape.keys:
            columns["u"] = self.updated
        record = decoded["r"].struct
        return pl.DataFrame(
            [decoded["r"].is_not_null().alias("is_read")]
            + [record.field(key).alias(name) for name, key in columns.items()]
        )

    def _listed(self, raw: pl.DataFrame) -> dict[str, dict[str, str]]:
        """What is kept of the texts of each listed field, as far as they may be kept."""
        return {
            f.name: kept_texts(f.name, raw[f"s_{f.name}"], self.reference)
            for f in self.record.fields
            if f.kind == "listed" and self._has(f.name)
        }

    def _checks(self, lines: pl.DataFrame, listed: dict[str, dict[str, str]]) -> Iterator[pl.Expr]:
        """What must hold of a record to be plain."""
        yield pl.col("is_read")
        # all its keys are there, each once: more than these would be more of this pair of signs
        keys = pl.lit(len(self.shape.keys), dtype=pl.UInt32)
        for nested in self._lists():
            size = pl.col(f"l_{nested.name}").list.len().fill_null(0)
            keys = keys + size * len(self.shape.items[nested.name])
        yield lines["line"].str.count_matches('":', literal=True) == keys
        if self.updated in self.shape.keys:
            yield _is_plain(Field("u", "time"), pl.col("u"))
        for field in self.record.fields:
            if not self._has(field.name):
                continue
            value = pl.col(f"s_{field.name}")
            if field.kind == "listed":
                yield _is_absent(value) | value.is_in(list(listed[field.name]))
            else:
                yield _is_plain(field, value)
        for nested in self._lists():
            each = [
                _is_plain(field, pl.element().struct.field(field.name))
                for field in nested.fields
                if field.name in self.shape.items[nested.name]
            ]
            column = pl.col(f"l_{nested.name}")
            checked = column.list.eval(
                pl.all_horizontal(pl.element().is_not_null(), *each)
            ).list.all()
            yield column.is_null() | checked

    def _lists(self) -> list[ListField]:
        return [nested for nested in self.record.lists if nested.name in self.shape.keys]

    @staticmethod
    def _value(
        name: str, column: str, kept: dict[str, str] | None = None, *, is_there: bool
    ) -> pl.Expr:
        if not is_there:
            return pl.lit(None, dtype=pl.String).alias(name)
        others = {text: told for text, told in (kept or {}).items() if text != told}
        value = pl.col(column).replace(others) if others else pl.col(column)
        return _absent_as_null(value).alias(name)

    def _items(self, nested: ListField) -> pl.Expr:
        """The list with its canonical fields alone, in their order."""
        if nested.name not in self.shape.keys:
            item = pl.Struct({field.name: pl.String for field in nested.fields})
            return pl.lit(None, dtype=pl.List(item)).alias(nested.name)
        there = self.shape.items[nested.name]
        parts: list[pl.Expr] = []
        for field in nested.fields:
            value = pl.element().struct.field(field.name)
            if field.name not in there:
                absent = "0" if field.kind == "present" else None
                kept = pl.lit(absent, dtype=pl.String)
            elif field.kind == "present":
                kept = pl.when(_is_absent(value)).then(pl.lit("0")).otherwise(pl.lit("1"))
            else:
                kept = _absent_as_null(value)
            parts.append(kept.alias(field.name))
        items = pl.col(f"l_{nested.name}").list.eval(pl.struct(*parts))
        return items.alias(nested.name)


def _is_absent(value: pl.Expr) -> pl.Expr:
    return value.is_null() | (value == "")


def _absent_as_null(value: pl.Expr) -> pl.Expr:
    return pl.when(value != "").then(value)


def _is_plain(field: Field, value: pl.Expr) -> pl.Expr:
    """Whether a value is absent, or beyond doubt one that the allow-list keeps as it is."""
    if field.kind == "present":
        good = value.str.contains(_SOMETHING) & (value != "null")
    elif field.kind == "code":
        good = is_kept_code(value)
    elif field.kind == "enum":
        good = value.str.contains(_ENUM) & (value != "null")
    elif field.kind == "number":
        good = value.str.contains(_NUMBER)
    else:
        good = value.str.contains(_TIME)
    return _is_absent(value) | good


def _is_clear(names: frozenset[str]) -> bool:
    """Whether the engine, which knows no case, and the count of keys see these names apart."""
    return (
        len({name.lower() for name in names}) == len(names)
        and "" not in names
        and not any(sign in name for name in names for sign in '"\\')
    )
