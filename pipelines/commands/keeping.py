"""`motcua backup`, `restore`, `migrate`, `erase`: keeping what is known, and giving it up."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import console, refuse, tell
from pipelines.settings import now, settings


def migrate() -> None:
    """Bring the warehouse to the layout of this program; a copy of the file is kept."""
    from pipelines.warehouse.lock import WarehouseError, writer_lock
    from pipelines.warehouse.migrate import LAYOUT
    from pipelines.warehouse.tables import migrate_file

    file = _warehouse()
    try:
        with writer_lock(file, "migrating"):
            migrated = migrate_file(file)
    except WarehouseError as error:
        raise refuse(str(error)) from None
    if migrated is None:
        tell(f"the warehouse has layout {LAYOUT}: nothing to do")
        return
    tell(
        f"layout {migrated.before} is now {migrated.after};"
        f" the file as it was is kept as {migrated.copy.name}"
    )


def erase(
    source: Annotated[str, typer.Option(help="The source or system that told of it.")],
    dossier: Annotated[str, typer.Option(help="The code of the dossier; it is not kept.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept for ever.")],
    by: Annotated[
        str, typer.Option("--by", help="Name or role of the person responsible; it is kept.")
    ],
) -> None:
    """Erase a dossier from log and landing; it cannot come in again."""
    from pipelines.intake.erasures import ErasureKeyError
    from pipelines.warehouse.backup import mark_backups
    from pipelines.warehouse.erase import erase as erase_dossier
    from pipelines.warehouse.holders import snapshots_with
    from pipelines.warehouse.lock import WarehouseError
    from pipelines.warehouse.words import WordsError, check_words

    config = settings()
    file = _warehouse()
    try:
        who, why = check_words(by, "the name or role", 80), check_words(reason, "the reason", 300)
        with console.status("Erasing"):
            erased = erase_dossier(
                file, config.landing_dir, config.reference_dir,
                config.sources_file.resolve().parent,
                source=source, code=dossier, by=who, reason=why, at=now(),
            )  # fmt: skip
            holders = snapshots_with(config.serving_dir, dossier)
            shutil.rmtree(config.serving_dir / "as-of", ignore_errors=True)
            marked = mark_backups(config.root)
    except (WarehouseError, ErasureKeyError, WordsError) as error:
        raise refuse(str(error)) from None
    tell(
        f"erased {erased.versions} versions, {erased.steps} steps, {erased.quarantined} quarantined"
        f" and {erased.landed} landed records; now `motcua run`"
    )
    for name in holders:
        tell(f"snapshot {name} still holds it until it is retired")
    for name in marked:
        tell(f"backup {name} still holds it; restoring it erases it again")


def backup(
    out: Annotated[Path, typer.Option(help="A folder, or a file whose name ends in .tar.")],
) -> None:
    """Write all that a home needs to go on into one file, while the pipeline may run."""
    from pipelines import progress
    from pipelines.intake.erasures import key_id
    from pipelines.warehouse.backup import back_up
    from pipelines.warehouse.lock import WarehouseError

    config = settings()
    try:
        with progress.progress_bars(console):
            made = back_up(
                config.root, config.warehouse_file, out, now(),
                lambda done, total: progress.advance("Backing up (bytes)", done, total),
            )  # fmt: skip
    except WarehouseError as error:
        raise refuse(str(error)) from None
    tell(f"{made.file}: {made.files} files, {made.bytes / 1e6:,.1f} MB")
    tell(f"the pseudonym key ({key_id()}) is not in it: keep it elsewhere")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    home: Annotated[Path, typer.Option(help="A folder that is empty or not there yet.")],
) -> None:
    """Restore a backup into an empty home; everything is verified before it is shown."""
    from pipelines import progress
    from pipelines.intake.erasures import ErasureKeyError
    from pipelines.warehouse.lock import WarehouseError
    from pipelines.warehouse.restore import restore as restore_home

    config = settings()
    target = home.expanduser().resolve()
    try:
        with progress.progress_bars(console):
            restored = restore_home(
                file, target, config.reference_dir, config.sources_file.resolve().parent,
                lambda done, total: progress.advance("Restoring (bytes)", done, total),
            )  # fmt: skip
    except (WarehouseError, ErasureKeyError) as error:
        raise refuse(str(error)) from None
    manifest = restored.manifest
    tell(f"{target}: {len(manifest.files)} files as of {manifest.made_at:%Y-%m-%d %H:%M}, verified")
    if restored.erased:
        tell(f"{restored.erased} dossiers erased since were erased again: now `motcua run`")
    if not restored.is_same_key:
        tell(
            f"the pseudonym key in force is not that of the backup ({manifest.key_id}):"
            " give that one back before the next run, or pseudonyms change"
        )


def retention(
    dry_run: Annotated[bool, typer.Option(help="Only say what would be deleted.")] = False,
) -> None:
    """Delete landed parts older than MOTCUA_KEEP_LANDING_DAYS that are in the log."""
    from pipelines.warehouse.lock import WarehouseError
    from pipelines.warehouse.retention import cut_landing

    config = settings()
    days = config.keep_landing_days
    if days is None:
        tell("MOTCUA_KEEP_LANDING_DAYS is not set: everything is kept for ever")
        return
    try:
        cut = cut_landing(_warehouse(), config.landing_dir, days=days, at=now(), is_dry=dry_run)
    except WarehouseError as error:
        raise refuse(str(error)) from None
    done = "would be deleted" if dry_run else "deleted; their records stay in the log"
    tell(
        f"{cut.batches} batches older than {days} days, {cut.records:,} records,"
        f" {cut.bytes / 1e6:,.1f} MB: {done}"
    )
    if cut.waiting:
        tell(f"{cut.waiting} older batches are kept: the log does not know them yet")


def _warehouse() -> Path:
    file = settings().warehouse_file
    if not file.exists():
        raise refuse("there is no warehouse yet: run `motcua demo` or `motcua run`")
    return file
