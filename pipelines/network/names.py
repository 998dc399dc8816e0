"""How systems write the names of units: seen through, never guessed.

A name is brought to a *form*: lower case, composed and decomposed letters alike, the tone at the
end of its syllable (Hoà is Hòa), blanks for signs, without the office in front (UBND, Bộ phận một
cửa), the kind of unit in full (X., P., TT., H., TP.). A word without diacritics agrees with any
that is so but for them; a word with other diacritics is another word.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from pipelines.network.units import read_units

_OFFICES: Final = (
    "ủy ban nhân dân", "ubnd", "hđnd và ubnd", "hđnd ubnd", "trung tâm phục vụ hành chính công",
    "tt phục vụ hành chính công", "ttpvhcc", "bộ phận một cửa liên thông", "bộ phận một cửa",
    "bộ phận 1 cửa", "bp một cửa", "bpmc", "bộ phận tiếp nhận và trả kết quả",
    "bộ phận tn và tkq", "bộ phận tn tkq", "của", "thuộc",
)  # fmt: skip
_KINDS: Final = {
    "x": "xã", "p": "phường", "tt": "thị trấn", "tp": "thành phố", "h": "huyện"
}  # fmt: skip
_KIND_IN_FRONT: Final = r"^(?:Thành phố|Huyện|Tỉnh) "
_TONE: Final = r"[\x{0300}\x{0301}\x{0303}\x{0309}\x{0323}]"
_UNIT: Final = ("unit_code", "unit_valid_from", "unit_valid_to")


def find_named(texts: pl.Series, reference: Path) -> pl.DataFrame:
    """The units that each text may name on one day or another, a row for each of them.

    Columns text, form, listed_text, unit_code, unit_valid_from, unit_valid_to; `listed_text` is
    the name in the words of the list, with the district and province that the text has. Where
    units bear the very form of a text, those that it fits but for diacritics are left out.
    """
    asked = texts.drop_nulls().unique(maintain_order=True).alias("text").to_frame()
    asked = asked.with_columns(form=_form(pl.col("text"))).with_columns(plain=_plain("form"))
    fits = asked.join(_variants(reference), on="plain", maintain_order="left")
    is_exact = pl.col("form") == pl.col("variant")
    fits = fits.filter(is_exact | ~is_exact.any().over("text"))
    return _agreeing(fits).select("text", "form", "listed_text", *_UNIT)


def listed_names(texts: pl.Series, reference: Path) -> dict[str, str]:
    """What is kept of each text that names a unit: its `listed_text`; the others are absent.

    A text that stands for several names is kept as its form without diacritics: the day of a
    record may tell them apart. Either is made of words of the list alone.
    """
    found = (
        find_named(texts, reference)
        .group_by("text", maintain_order=True)
        .agg(
            pl.when(pl.col("listed_text").n_unique() == 1)
            .then(pl.first("listed_text"))
            .otherwise(_plain("form").first())
        )
    )
    return dict(found.iter_rows())


@cache
def _variants(reference: Path) -> pl.DataFrame:
    """Every form that names a unit: variant, plain, listed_text and the unit with its validity.

    A unit is named alone, with its district, its province or both, these with and without their
    kind of unit. A province is also `tỉnh` alone: there is one on every day.
    """
    units = read_units(reference)
    named = units.select("unit_code", "unit_name_vi", "unit_valid_from", "level", "parent_code")
    on = ["parent_code", "unit_valid_from"]
    above = named.select(
        "unit_valid_from", "level",
        parent_code="unit_code", above="unit_name_vi", above_parent="parent_code",
    )  # fmt: skip
    placed = units.filter(pl.col("level") != "area").join(
        above, on=on, how="left", suffix="_above", nulls_equal=True
    )
    is_district = pl.col("level_above") == "district"
    placed = placed.with_columns(
        district=pl.when(is_district).then("above"),
        parent_code=pl.when(is_district).then("above_parent").otherwise("parent_code"),
    ).join(
        above.filter(level="province").select(*on, province="above"),
        on=on, how="left", nulls_equal=True,
    )  # fmt: skip
    nothing = pl.lit(None, dtype=pl.String)
    name = pl.col("unit_name_vi")
    written = [
        placed.select(
            pl.concat_str(name, place, top, separator=" ", ignore_nulls=True).alias("variant"),
            pl.concat_str(
                name,
                nothing if place is nothing else pl.col("district"),
                nothing if top is nothing else pl.col("province"),
                separator=", ",
                ignore_nulls=True,
            ).alias("listed_text"),
            *_UNIT,
        )
        for place in (nothing, pl.col("district"), _bare("district"))
        for top in (nothing, pl.col("province"), _bare("province"))
    ]
    alone = placed.filter(level="province").select(
        pl.lit("tỉnh").alias("variant"), name.alias("listed_text"), *_UNIT
    )
    return (
        pl.concat([*written, alone])
        .with_columns(variant=_form(pl.col("variant")))
        .with_columns(plain=_plain("variant"))
        .unique(["variant", *_UNIT], keep="first", maintain_order=True)
    )


def _agreeing(fits: pl.DataFrame) -> pl.DataFrame:
    """The rows of which no word of the text has other diacritics than the variant's."""
    words = (
        fits.select(pl.col("form", "variant").str.split(" "))
        .with_row_index("row")
        .explode("form", "variant")
    )
    differs = (pl.col("form") != pl.col("variant")) & (pl.col("form") != _plain("form"))
    other = words.filter(differs)["row"].unique()
    return fits.with_row_index("row").filter(~pl.col("row").is_in(other.implode())).drop("row")


def _form(text: pl.Expr) -> pl.Expr:
    form = _letters(text).str.replace(_in_front(), "")
    for short, whole in _KINDS.items():
        form = form.str.replace_all(f"(^| ){short} ", f"${{1}}{_letters_of(whole)} ")
    return form


def _letters(text: pl.Expr) -> pl.Expr:
    """Lower case, decomposed, single blanks for signs, the tone at the end of its syllable."""
    return (
        text.str.normalize("NFD")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ")
        .str.strip_chars(" ")
        .str.replace_all(rf"({_TONE})([\p{{L}}\x{{0302}}\x{{0306}}\x{{031B}}]+)", "${2}${1}")
    )


def _letters_of(word: str) -> str:
    return str(pl.select(_letters(pl.lit(word))).item())


@cache
def _in_front() -> str:
    """A pattern of the offices in front of a name, with and without their diacritics."""
    offices = pl.DataFrame({"office": [_letters_of(office) for office in _OFFICES]})
    both = {*offices["office"], *offices.select(_plain("office")).to_series()}
    return f"^(?:(?:{'|'.join(sorted(both, key=len, reverse=True))}) )+"


def _plain(form: str) -> pl.Expr:
    """A form without its diacritics."""
    return pl.col(form).str.replace_all(r"\p{M}", "").str.replace_all("đ", "d", literal=True)


def _bare(name: str) -> pl.Expr:
    """Huyện Đồng Văn → Đồng Văn."""
    return pl.col(name).str.replace(_KIND_IN_FRONT, "")
