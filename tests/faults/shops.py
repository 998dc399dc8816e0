"""Shops on paper: their records, their list of sources, and what a run said about them."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

NOW = "2025-03-20T06:00:00"
TOKEN = "token-that-is-right"

# every record carries them; none may come out of the reader
PERSONAL = {
    "ChuHoSo": "Công Dân Tổng Hợp Bí Mật",
    "SoGiayToChuHoSo": "001085012345",
    "SoDienThoai": "0912345678",
    "Email": "bi.mat@thu-nghiem.example",
    "TrichYeuHoSo": "Lời riêng tư không được lưu",
    "NguoiXuLy": "Công Chức Tổng Hợp Kín Tên",
}

Record = dict[str, Any]


def record(number: int, **changed: object) -> Record:
    """A sound national record, finished on time; `changed` fields differ, `...` removes one."""
    whole: Record = {
        "MaHoSo": f"000.00.30.H22-250303-{number:04d}",
        "MaTTHC": "1.001000",
        "MaLinhVuc": "HT",
        "KenhThucHien": "1",
        "LoaiDoiTuong": "1",
        "NgayNopHoSo": "20250303080000",
        "NgayTiepNhan": "20250303080000",
        "NgayHenTra": "20250310170000",
        "NgayKetThucXuLy": "20250307100000",
        "NgayTra": "",
        "TrangThaiHoSo": "9",
        "HinhThuc": "0",
        "DonViXuLy": "Huyện Vị Xuyên",
        "DanhSachLePhi": [{"MaPhiLePhi": "LP01", "HinhThucThu": "1", "Gia": "10000"}],
        "TaiLieuNop": [{"MaThanhPhanHoSo": "TP1", "DuocSoHoa": "1", "TenTepDinhKem": "x.pdf"}],
        "updated_at": "2025-03-08T01:00:00",
        **PERSONAL,
    } | changed
    return {name: value for name, value in whole.items() if value is not ...}


def page(records: list[object], following: str | None = None) -> str:
    """An answer as the national service gives it."""
    return json.dumps({"data": records, "next_cursor": following}, ensure_ascii=False)


@dataclass
class Shops:
    """The list of sources being written, the answers of its REST systems, and its files."""

    home: Path
    port: int
    entries: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    script: dict[str, list[dict[str, object]]] = field(
        default_factory=dict[str, list[dict[str, object]]]
    )

    def rest(self, name: str, *answers: str | dict[str, object], **changed: object) -> None:
        """A REST source with its answers in turn; a text is a body with status 200."""
        self.script[name] = [{"body": a} if isinstance(a, str) else a for a in answers]
        rest: dict[str, object] = {"url": f"http://127.0.0.1:{self.port}/{name}"}
        rest |= changed.pop("rest", {})  # pyright: ignore[reportCallIssue, reportArgumentType]
        self.add(name, **({"kind": "rest", "rest": rest} | changed))

    def files(self, name: str, file: str, content: bytes, **changed: object) -> None:
        """A source of files with one file in its inbox, delivered an hour ago."""
        inbox = self.home / "inbox" / name
        inbox.mkdir(parents=True, exist_ok=True)
        (inbox / file).write_bytes(content)
        os.utime(inbox / file, (time.time() - 3600,) * 2)
        files = {"path": f"inbox/{name}/*", "after": "archive"}
        self.add(name, **({"kind": "files", "files": files} | changed))

    def add(self, name: str, **entry: object) -> None:
        """An entry as it stands in the list, right or wrong."""
        self.entries.append({"id": name, "units": ["030"], **entry})

    def write(self) -> tuple[Path, Path]:
        """Write the list of sources and the script; returns both."""
        sources, script = self.home / "sources.yml", self.home.parent / f"{self.home.name}.json"
        sources.write_text(yaml.safe_dump({"sources": self.entries}, allow_unicode=True))
        script.write_text(json.dumps(self.script))
        return sources, script


@dataclass(frozen=True)
class Told:
    """What a run said and left: exit status, lines for people, outcomes and quarantine."""

    home: Path
    status: int
    stdout: str
    stderr: str
    outcomes: dict[str, dict[str, Any]]
    quarantine: list[dict[str, Any]]

    def lines(self, source: str) -> list[str]:
        """The lines that name a source."""
        return [ln for ln in self.stderr.splitlines() if ln.startswith(f"{source}:")]
