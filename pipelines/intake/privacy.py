"""The allow-list by field and value (Law 91/2025/QH15, Decree 356/2025; domain §9).

Every expression here is SQL text for DuckDB, so that a page is de-identified as columns before
anything of it is written. What fails its kind becomes `masked` or, for a listed text,
`unlisted:` and a short HMAC: the same text stays recognisable, its content does not.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.canonical import Field, Kind, ListField
from pipelines.intake.dialects import Dialect
from pipelines.network.names import listed_names
from pipelines.settings import settings

MASKED = "masked"
UNIT_NAME = "DonViXuLy"
VOCABULARY_LIMIT = 500

# people write their numbers with and without separators
_S = r"[ ._/()\-]{0,2}"
_CITIZEN_ID = f"0{_S}(0{_S}[1-9]|[1-8]{_S}[0-9]|9{_S}[0-6])({_S}[0-9]){{9}}"
_PHONE = f"((0|\\+?84)[0-9]{{9,10}}|(0|\\+?84){_S}[2-9]({_S}[0-9]){{8,9}})"
_OLD_ID = r"(^|[^0-9.])[0-9]{9}([^0-9.]|$)|^[0-9]{3}[ ._/\-][0-9]{3}[ ._/\-][0-9]{3}$"
_IDENTITY = f"(^|[^0-9])({_CITIZEN_ID}|{_PHONE})([^0-9]|$)|{_OLD_ID}"
# A time has date signs where a phone has its own: only a bare row of digits may be either.
_BARE_IDENTITY = r"(^|[^0-9])0([0-9]{9,11})([^0-9]|$)"
# What letters alone may be a person's name: a long word, three words, two capitalised ones.
_E = r"[._/\-]"
_NAME = (
    f"[A-Za-z]{{7}}|(^|{_E})[A-Za-z]{{2,}}{_E}+[A-Za-z]{{2,}}{_E}+[A-Za-z]+({_E}|$)"
    f"|(^|{_E})[A-Z][a-z]+{_E}+[A-Z][a-z]+({_E}|$)"
)
_HEXADECIMAL = r"[0-9a-f\-]+"
# the code of a dossier, unit or procedure by the national rule is no identity, whatever its digits
NATIONAL_CODE = (
    r"[0-9]{3}\.[0-9]{2,3}\.[0-9]{2,3}\.H[0-9]{2}(-[0-9]{6}-[0-9]{4,5})?"
    r"|[0-9]\.[0-9]{6}(\.000\.00\.00\.H[0-9]{2})?"
)
# nine digits and more are an amount only in whole thousands
_LONG_NUMBER = r"([0-9][.,]?){9}"
_THOUSANDS = r"-?[0-9.,]*[0-9][.,]?000"
_SHORTEST_IDENTITY = 7

_DATE = r"([0-9]{4}[\-/.][0-9]{1,2}[\-/.][0-9]{1,2}|[0-9]{1,2}[\-/.][0-9]{1,2}[\-/.][0-9]{2,4})"
_HOUR = r"[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.,][0-9]{1,9})?)?"
_ZONE = r" ?(Z|[+\-][0-9]{2}(:?[0-9]{2})?)"

_PATTERNS = {
    "code": r"[0-9A-Za-z][0-9A-Za-z._/\-]{0,39}",
    "enum": r"[0-9A-Za-z_\-]{1,20}",
    # a date with or without an hour, the hour first, digits alone (yyyyMMdd…, seconds or
    # milliseconds of an epoch), a day number of a spreadsheet, zeros
    "time": f"{_DATE}([T ]+{_HOUR}({_ZONE})?)?|{_HOUR} +{_DATE}"
    r"|[0-9]{8}|[0-9]{12}|[0-9]{14}|[0-9]{17}|[12][0-9]{7}[T ][0-9]{4,6}(\.[0-9]{1,9})?Z?"
    r"|1[0-9]{9}|1[0-9]{12}|[1-5][0-9]{4}(\.[0-9]{1,12})?|0[0:T\- ]{3,39}",
    # ten digits and more with a zero in front are no amount and no count
    "number": r"-?([1-9][0-9.,]{0,15}|0{1,8}([.,][0-9]{1,6})?|0{1,2}[1-9][0-9.,]{0,6})",
}


def pseudonym_key() -> bytes:
    """The HMAC key, kept outside the store: `MOTCUA_PSEUDONYM_KEY`, else a file of mode 0600."""
    config = settings()
    if config.pseudonym_key:
        return config.pseudonym_key.encode()
    path = config.key_file.expanduser()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return path.read_text(encoding="ascii").strip().encode()


def pseudonym(text: str, key: bytes, length: int = 12) -> str:
    """HMAC-SHA-256 of a text, shortened to `length` hexadecimal digits."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:length]


@cache
def listed_texts(reference: Path) -> dict[str, frozenset[str]]:
    """The texts that may be kept, per field, from the reference lists."""
    units = pl.read_csv(reference / "units.csv", infer_schema=False)["name_vi"]
    departments = pl.read_csv(reference / "departments.csv", infer_schema=False)["name_vi"]
    others = pl.read_csv(reference / "listed_texts.csv", infer_schema=False)
    lists = {UNIT_NAME: frozenset(units), "PhongBanXuLy": frozenset(departments)}
    for (name,), group in others.group_by("field"):
        lists[str(name)] = lists.get(str(name), frozenset()) | frozenset(group["text_vi"])
    return lists


def kept_texts(field: str, texts: pl.Series, reference: Path) -> dict[str, str]:
    """What is kept of each text of a listed field that may be kept; the others are absent.

    An entry of the lists is kept as it is, another way to write the name of a unit as the name
    of the list (`pipelines.network.names`): nothing passes that is not made of the lists.
    """
    listed = listed_texts(reference).get(field, frozenset())
    kept = {text: text for text in texts.drop_nulls().unique() if text in listed}
    if field != UNIT_NAME:
        return kept
    others = texts.filter(~texts.is_in(list(kept)))
    return kept | listed_names(others, reference)


def clean(value: str) -> str:
    """SQL: NFC, trimmed; an empty string and the word null are absent."""
    trimmed = f"nullif(trim(nfc_normalize({value})), '')"
    return f"nullif({trimmed}, 'null')"


def allow(field: Field, value: str) -> str:
    """SQL: the value of a field as far as its kind allows it (`listed` fields see below).

    The branches go from the usual to the rare, since a row leaves a `case` at its first match:
    absent, then clean as it came, then what has to be cleaned first.
    """
    if field.kind == "present":
        return f"case when {clean(value)} is null then '0' else '1' end"
    if field.kind == "listed":
        return f"case when {value} = '' then null else {clean(value)} end"
    pattern = _PATTERNS[field.kind]
    cleaned = clean(value)
    usual = f"when {value} in ('0', '1', '2', '3') then {value} " if field.kind == "enum" else ""
    return (
        f"case when {value} is null or {value} = '' then null {usual}"
        f"when regexp_full_match({value}, '{pattern}') then {_unless_forbidden(field, value)} "
        f"when {cleaned} is null then null "
        f"when regexp_full_match({cleaned}, '{pattern}') then {_unless_forbidden(field, cleaned)} "
        f"else '{MASKED}' end"
    )


def _unless_forbidden(field: Field, text: str) -> str:
    """SQL: a text of the right form, unless it says nothing or looks like an identity."""
    absent = f"{text} = 'null'"
    if field.kind == "time":
        absent = f"starts_with({text}, '0') and regexp_full_match({text}, '[0:T\\- ]+')"
        personal = f"regexp_matches({text}, '{_BARE_IDENTITY}')"
    elif field.kind == "number":
        personal = (
            f"regexp_matches({text}, '{_LONG_NUMBER}') and (starts_with({text}, '84') "
            f"or not regexp_full_match({text}, '{_THOUSANDS}'))"
        )
    else:
        personal = (
            f"not regexp_full_match({text}, '{NATIONAL_CODE}') and "
            f"(regexp_matches({text}, '{_IDENTITY}') or (regexp_matches({text}, '{_NAME}') "
            f"and not regexp_full_match({text}, '{_HEXADECIMAL}')))"
        )
    return (
        f"case when {absent} then null "
        f"when length({text}) >= {_SHORTEST_IDENTITY} "
        f"and ({personal}) then '{MASKED}' else {text} end"
    )


def is_kept_code(value: pl.Expr) -> pl.Expr:
    """Whether `allow` keeps a code as it is, as an expression on columns.

    It may refuse what `allow` keeps (hexadecimal numbers), never the other way round.
    """
    is_personal = value.str.contains(f"(?:{_IDENTITY})|(?:{_NAME})")
    return (
        value.str.contains(f"^(?:{_PATTERNS['code']})$")
        & (value != "null")
        & (
            ~is_personal
            | (value.str.len_bytes() < _SHORTEST_IDENTITY)
            | value.str.contains(f"^(?:{NATIONAL_CODE})$")
        )
    )


def allow_each(kind: Kind, values: Sequence[str]) -> str:
    """SQL: the list of values of one kind, each as far as its kind allows it.

    One expression for all of them, since the engine compiles the patterns of every expression
    anew for each page: value by value that takes longer than to read a page of a few hundred.
    """
    return f"list_transform([{', '.join(values)}], lambda x: {allow(Field('x', kind), 'x')})"


def allow_list(field: ListField, value: str) -> str:
    """SQL: a list of sub-records with every value passed through `allow`."""
    names: dict[Kind, list[str]] = {}
    for f in field.fields:
        names.setdefault(f.kind, []).append(f.name)
    each = ", ".join(
        f"of_{kind} := {allow_each(kind, [f'item.{name}' for name in mine])}"
        for kind, mine in names.items()
    )
    parts = ", ".join(
        f"{f.name} := x.of_{f.kind}[{names[f.kind].index(f.name) + 1}]" for f in field.fields
    )
    allowed = f"list_transform({value}, lambda item: struct_pack({each}))"
    return f"list_transform({allowed}, lambda x: struct_pack({parts}))"


def mask_listed(
    connection: duckdb.DuckDBPyConnection, table: str, field: str, dialect: Dialect, reference: Path
) -> None:
    """Replace, in `table`, every text of `field` that is on no list, and what stands for a name.

    A word of the dialect's own `vocabulary` is kept if it is short and holds no identity number
    or address, and if the source uses few of them: else it was free text after all.
    """
    rows = connection.sql(f"select distinct {field} from {table} where {field} is not null")
    texts = pl.Series("text", [str(row[0]) for row in rows.fetchall()], dtype=pl.String)
    own = field in dialect.vocabulary
    if own and len(texts) <= VOCABULARY_LIMIT:
        is_bad = texts.str.contains(f"[0-9]{{9,}}|@|{_IDENTITY}") | (texts.str.len_chars() > 80)
        kept = {text: text for text in texts.filter(~is_bad)}
    else:
        kept = kept_texts(field, texts, reference)
    if all(kept.get(text) == text for text in texts):
        return
    key = pseudonym_key()
    told = [kept.get(text) or f"unlisted:{pseudonym(text, key)}" for text in texts]
    connection.register("told", pl.DataFrame({"text": texts, "told": told}))
    connection.execute(
        f"update {table} set {field} = told.told from told where {table}.{field} = told.text"
    )
    connection.unregister("told")
