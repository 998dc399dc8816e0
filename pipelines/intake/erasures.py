"""Erased dossiers: what of them may still come in, and how they are known without their code.

The register `landing/erasures.ndjson` holds one tombstone a line: an HMAC of system and code, by
whom, why, when; never the code. Whatever lands or is read again from landing passes
`blank_erased`: a record of an erased dossier stays as a record, without any of its values.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from pydantic import BaseModel

from pipelines.intake.privacy import pseudonym_key

REGISTER: Final = "erasures.ndjson"
RULE: Final = "erased"
_PLACE = ("_file", "_position")
_BLOCK = 64
# as `intake/typed.py` makes the code of a dossier from what was sent
_CODE = pl.col("MaHoSo").str.normalize("NFC").str.to_uppercase()


class ErasureKeyError(ValueError):
    """Erasures cannot be honoured: the key they were made with is not the one in force."""


class Tombstone(BaseModel):
    """An erased dossier: `source` is the system, `key_id` says which key made the HMAC."""

    source: str
    code_hmac: str
    key_id: str
    erased_at: datetime
    erased_by: str
    reason: str


def key_id(key: bytes | None = None) -> str:
    """A fingerprint of the pseudonym key (16 hexadecimal digits); it does not give it away."""
    used = pseudonym_key() if key is None else key
    return hmac.new(used, b"motcua: which key", hashlib.sha256).hexdigest()[:16]


def normal_code(code: str) -> str:
    """A dossier code as the log holds it."""
    return str(pl.DataFrame({"MaHoSo": [code.strip()]}).select(_CODE).item())


def hmac_codes(codes: pl.Series, source: str) -> pl.Series:
    """The HMAC-SHA-256 of each code within a system, as the tombstones hold it."""
    key = pseudonym_key()
    key = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
    padded = key.ljust(_BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in padded) + f"erasure|{source}|".encode()
    outer = bytes(byte ^ 0x5C for byte in padded)
    with duckdb.connect() as connection:
        connection.register("codes", pl.DataFrame({"n": range(codes.len()), "code": codes}))
        answer = connection.sql(
            "select sha256(?::blob || unhex(sha256(?::blob || encode(code)))) as mark"
            " from codes order by n",
            params=[outer, inner],
        )
        return pl.DataFrame(answer.to_arrow_table())["mark"]


def read_register(folder: Path) -> list[Tombstone]:
    """The tombstones of a folder; none where there is no register."""
    register = folder / REGISTER
    if not register.is_file():
        return []
    lines = register.read_text(encoding="utf-8").splitlines()
    return [Tombstone.model_validate_json(line) for line in lines if line.strip()]


def enter(folder: Path, tombstones: Iterable[Tombstone]) -> None:
    """Add tombstones to the register of a folder, durably; those it has are left out."""
    kept = {(t.source, t.code_hmac): t for t in (*tombstones, *read_register(folder))}
    if not kept:
        return
    ordered = sorted(kept.values(), key=lambda t: (t.erased_at, t.source, t.code_hmac))
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{REGISTER}.{os.getpid()}"
    with partial.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{t.model_dump_json()}\n" for t in ordered)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(folder / REGISTER)


def check_key(tombstones: Sequence[Tombstone]) -> None:
    """Refuse to go on where a tombstone would not be recognised. Raises `ErasureKeyError`."""
    foreign = sorted({t.key_id for t in tombstones} - {key_id()}) if tombstones else []
    if foreign:
        raise ErasureKeyError(
            f"erased dossiers are known by the pseudonym key {foreign[0]}, the key in force is"
            f" {key_id()}: give the other one back (MOTCUA_PSEUDONYM_KEY or its file)"
        )


def is_erased(frame: pl.DataFrame, source: str, tombstones: Sequence[Tombstone]) -> pl.Series:
    """Which records of a landed part belong to a dossier of the system that was erased."""
    mine = [t for t in tombstones if t.source == source]
    check_key(mine)
    if not mine or "MaHoSo" not in frame.columns:
        return pl.repeat(False, frame.height, eager=True)
    codes = frame.select(code=_CODE)["code"]
    known = codes.drop_nulls().unique()
    marks = hmac_codes(known, source)
    erased = known.filter(marks.is_in([t.code_hmac for t in mine]))
    return codes.is_in(erased.to_list()).fill_null(False)


def blank_erased(frame: pl.DataFrame, source: str, tombstones: Sequence[Tombstone]) -> pl.DataFrame:
    """The records of a part, those of erased dossiers without their values.

    They keep their place and are defective by the rule `erased`, so that each is still counted.
    Raises `ErasureKeyError`.
    """
    erased = is_erased(frame, source, tombstones)
    if not erased.any():
        return frame
    values = [name for name in frame.columns if name not in (*_PLACE, "_defect")]
    return frame.with_columns(
        *(pl.when(~erased).then(pl.col(name)).alias(name) for name in values),
        pl.when(erased).then(pl.lit(RULE)).otherwise(pl.col("_defect")).alias("_defect"),
    )


def read_part(path: Path, source: str, tombstones: Sequence[Tombstone]) -> pl.DataFrame:
    """A landed part; one that still holds an erased dossier is written anew without it."""
    part = pl.read_parquet(path)
    blanked = blank_erased(part, source, tombstones)
    if blanked is not part:
        partial = path.with_name(f".{path.name}.part")
        blanked.write_parquet(partial, compression="zstd")
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.replace(path)
    return blanked
