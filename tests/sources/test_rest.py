"""Every style of paging with every proof: the same records, or one line that says why not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.intake.landing import Outcome
from pipelines.intake.sources import Source
from tests.integration.shop_tables import load, pull, state
from tests.sources.conftest import PROOFS, STYLES, N, Service, pull_at
from tests.sources.server import SECRET, USES


@pytest.fixture(scope="module")
def from_file(
    tmp_path_factory: pytest.TempPathFactory, as_file: Callable[[Path], Source]
) -> pl.DataFrame:
    """The dossiers as the log has them from a file."""
    home = tmp_path_factory.mktemp("from-file")
    load(home, [pull(home, as_file(home))])
    return state(home)[0]


def codes(home: Path, outcome: Outcome) -> set[str]:
    batch = home / "landing" / outcome.feed / outcome.source / outcome.pull_id
    return set(pl.read_parquet(batch / "*.parquet")["MaHoSo"])


def test_the_file_gives_every_dossier(from_file: pl.DataFrame) -> None:
    assert from_file.height == from_file["content_hash"].n_unique() == N


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_paging_gives_the_log_of_the_file(
    style: str, service: Service, from_file: pl.DataFrame, tmp_path: Path
) -> None:
    outcome = pull(tmp_path, service.source("bearer", style))
    assert (outcome.status, outcome.error, outcome.records_in) == ("ok", None, N)
    load(tmp_path, [outcome])
    dossiers = state(tmp_path)[0]
    assert dossiers["content_hash"].to_list() == from_file["content_hash"].to_list()
    assert_frame_equal(dossiers, from_file)


@pytest.mark.parametrize(
    ("proof", "style"),
    [*((proof, "number") for proof in PROOFS), ("query", "link-body"), ("oauth2", "link-header")],
)
def test_every_proof_opens_every_page(
    proof: str, style: str, service: Service, tmp_path: Path
) -> None:
    outcome = pull(tmp_path, service.source(proof, style))
    assert (outcome.status, outcome.error, outcome.records_in) == ("ok", None, N)


@pytest.mark.parametrize("style", STYLES)
def test_an_order_that_changes_between_pages_loses_nothing_in_any_style(
    style: str, service: Service, tmp_path: Path
) -> None:
    outcome = pull(tmp_path, service.source("none", f"shuffled-{style}"))
    assert (outcome.status, outcome.error) == ("ok", None)
    assert len(codes(tmp_path, outcome)) == N


def test_a_token_is_kept_until_it_is_refused_and_then_asked_for_anew(
    service: Service, tmp_path: Path
) -> None:
    before = service.asked().get("token", 0)
    outcome = pull(tmp_path, service.source("oauth2", "cursor"))
    pages = -(-N // 10)
    assert (outcome.status, outcome.records_in) == ("ok", N)
    assert service.asked()["token"] - before == -(-pages // USES)


@pytest.mark.parametrize(
    ("style", "error_class", "line"),
    [
        ("link-away", "foreign_link", "rest.next: the next link leads to http://localhost,"),
        ("link-round", "unexpected_answer", "rest.next: the same link came before"),
        ("number-deaf", "unexpected_answer", "rest.page: page 2 is page 1 again"),
        (
            "number-short",
            "unexpected_answer",
            f"rest.page.total: {N + 1} records were promised, {N} came",
        ),
    ],
)
def test_pages_that_do_not_end_well_are_a_named_fault_and_the_window_stays_open(
    style: str, error_class: str, line: str, service: Service, tmp_path: Path
) -> None:
    like = {"link-away": "link-body", "link-round": "link-body", "number-deaf": "number-bare"}
    outcome = pull(tmp_path, service.source("none", style, **STYLES[like.get(style, "number")]))
    assert (outcome.status, outcome.error_class) == ("partial", error_class)
    assert (outcome.error or "").startswith(line)
    assert outcome.records_in > 0


def test_a_token_does_not_travel_to_another_origin(service: Service, tmp_path: Path) -> None:
    # localhost is the same machine: had the link been followed, the service would have seen it
    source = service.source("bearer", "link-away", **STYLES["link-body"])
    before = service.asked().get("bearer/link-away", 0)
    assert pull(tmp_path, source).error_class == "foreign_link"
    assert service.asked()["bearer/link-away"] == before + 1


@pytest.mark.parametrize("proof", ["bearer", "header", "query", "oauth2"])
@pytest.mark.parametrize("secret", [None, "wrong-secret"])
def test_a_refused_proof_is_one_line_without_the_secret(
    proof: str,
    secret: str | None,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "pipelines")
    if secret is None:
        monkeypatch.delenv("SHOP_SECRET")
        (tmp_path / "secret").unlink()
    else:
        monkeypatch.setenv("SHOP_SECRET", secret)
        (tmp_path / "secret").write_text(secret)
    outcome = pull(tmp_path, service.source(proof, "cursor"))
    assert outcome.status == "failed"
    assert outcome.error_class == ("unauthorized" if secret else "no_token")
    said = f"{outcome.error} {caplog.text}"
    assert "\n" not in (outcome.error or "")
    assert (outcome.error or "").startswith("rest.auth")
    assert SECRET not in said and "wrong-secret" not in said


def test_addresses_are_not_logged_since_a_key_may_be_part_of_one(
    service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert pull(tmp_path, service.source("query", "cursor")).status == "ok"
    assert "/query/cursor" not in caplog.text


def test_the_second_pull_asks_since_the_watermark_less_the_overlap_in_every_style(
    service: Service, tmp_path: Path
) -> None:
    middle = datetime(2025, 3, 8, 1, 31)

    for style in ("cursor", "number-bare", "link-body"):
        source = service.source("none", style, overlap="5m")
        source = source.model_copy(update={"id": f"shop-{style}"})
        first, second = (
            pull_at(tmp_path, source, middle),
            pull_at(tmp_path, source, middle + timedelta(days=1)),
        )
        assert first.records_in == 30
        assert second.window_from == middle - timedelta(minutes=5)
        assert second.records_in == N - 30 + 5
