"""What a snapshot says beside its figures: its version, the age of its data, names of fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipelines.serving.metrics.snapshot import SealedSnapshot


@dataclass(frozen=True)
class SnapshotFacts:
    """The version of a snapshot, how far its data speaks, by which rules, and of what kind."""

    version: str
    published_at: datetime
    as_of: date
    rules_hash: str
    is_synthetic: bool


def read_facts(snapshot: SealedSnapshot) -> SnapshotFacts:
    """The facts of a snapshot from its table `meta`."""
    meta = dict(snapshot.run("select key, value from motcua.meta").iter_rows())
    return SnapshotFacts(
        version=meta["version"],
        published_at=datetime.fromisoformat(meta["published_at"]),
        as_of=date.fromisoformat(meta["data_as_of"][:10]),
        rules_hash=meta["rules_hash"],
        is_synthetic=meta.get("is_synthetic") == "true",
    )


def read_field_names(snapshot: SealedSnapshot) -> dict[str, str]:
    """Field code → Vietnamese name; `unknown` stands for dossiers without a field."""
    names = snapshot.run("select field_code, field_name_vi from motcua.dim_field")
    return dict(names.iter_rows()) | {"unknown": "Chưa xác định lĩnh vực"}
