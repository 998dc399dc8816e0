"""Dialects are data: the delivered ones load, a wrong one says file, field and rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.intake.canonical import RECORDS
from pipelines.intake.dialects import DIALECT_DIR, Dialect, DialectError, load_dialect


@pytest.mark.parametrize("name", sorted(path.stem for path in DIALECT_DIR.glob("*.yml")))
def test_a_delivered_dialect_maps_to_fields_of_the_record_alone(name: str) -> None:
    dialect = load_dialect(name)
    canonical = {field.name for record in RECORDS.values() for field in record.fields}
    assert dialect.name == name
    assert set(dialect.fields.values()) <= canonical
    assert set(dialect.codes) <= canonical
    assert set(dialect.vocabulary) <= canonical
    assert len(dialect.version) == 12


def test_codes_are_text_whatever_yaml_takes_them_for(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text("name: own\ncodes: {has_e_result: {Yes: 1, 010: 0, NO: no}}")
    assert load_dialect("own.yml", tmp_path).codes == {
        "has_e_result": {"True": "1", "8": "0", "False": "False"}
    }


def test_a_dialect_of_the_source_is_found_beside_the_list(tmp_path: Path) -> None:
    (tmp_path / "dialects").mkdir()
    (tmp_path / "dialects" / "own.yml").write_text("name: own\ndelimiter: ';'")
    assert load_dialect("own", tmp_path).delimiter == ";"


def test_the_version_changes_with_the_text(tmp_path: Path) -> None:
    versions = set()
    for delimiter in ";|":
        (tmp_path / "own.yml").write_text(f"name: own\ndelimiter: '{delimiter}'")
        versions.add(load_dialect("own.yml", tmp_path).version)
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: own\ncolour: red", "dialect own.yml: colour: Extra inputs are not permitted"),
        ("name: own\nheader_row: first", "dialect own.yml: header_row: "),
        ("name: own\nprecision: hour", "dialect own.yml: precision: "),
        ("delimiter: ';'", "dialect own.yml: name: Field required"),
        ("name: [", "dialect own.yml: not readable as YAML"),
        ("- a list", "dialect own.yml: "),
        ("name: own\ntime_zone: Asia/Nowhere", "dialect own.yml: time_zone: "),
        ("name: own\nencoding: klingon", "dialect own.yml: encoding: "),
    ],
    ids=["unknown field", "no number", "no precision", "no name", "no YAML", "a list",
         "no time zone", "no encoding"],
)  # fmt: skip
def test_a_wrong_dialect_names_file_field_and_rule(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.yml").write_text(text)
    with pytest.raises(DialectError) as caught:
        load_dialect("own.yml", tmp_path)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_an_unknown_dialect_is_told_which_there_are() -> None:
    with pytest.raises(
        DialectError, match="'klingon' is not one of boston311, igate, national, opencps, shop-csv"
    ):
        load_dialect("klingon")


def test_the_national_dialect_uses_the_names_as_they_are() -> None:
    assert load_dialect("national") == Dialect(
        name="national", version=load_dialect("national").version
    )
