"""Small decisions on the way to an answer: how long to wait, which token, which letters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from pipelines.intake.answers import _as_utf8  # pyright: ignore[reportPrivateUsage]
from pipelines.intake.auth import Auth
from pipelines.intake.kinds import Rest
from pipelines.intake.readers import Envelope, UnreadableError, page_times
from pipelines.intake.wire import _retry_after  # pyright: ignore[reportPrivateUsage]

DATE = "Mon, 10 Mar 2025 08:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Mon, 10 Mar 2025 08:00:30 GMT", "date": DATE}, 30.0),
        ({"retry-after": "Mon, 10 Mar 2025 07:00:00 GMT", "date": DATE}, 0.0),
        ({"retry-after": "Mon, 10 Mar 2025 08:00:30 GMT"}, 0.0),
        ({"retry-after": "soon", "date": DATE}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_wait_asked_for_is_understood_in_both_forms(
    headers: dict[str, str], seconds: float
) -> None:
    assert _retry_after(httpx.Headers(headers)) == seconds


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("Đồng Văn".encode(), "utf-8"),
        (b"\xef\xbb\xbf[]", "UTF8"),
        ("Đồng Văn".encode("utf-16"), "utf-16"),
    ],
)
def test_letters_come_out_in_utf_8(body: bytes, encoding: str) -> None:
    assert _as_utf8(body, encoding).decode("utf-8-sig") == body.decode(encoding).lstrip("\ufeff")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("Đồng Văn".encode("utf-16"), "utf-8"),
        ("[]".encode("utf-16-le"), "utf-8"),
        ("Đồng".encode("utf-16"), "ascii"),
        (b"[]", "no-such-letters"),
    ],
)
def test_letters_of_another_encoding_are_named_and_not_guessed(body: bytes, encoding: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        _as_utf8(body, encoding)
    assert caught.value.error_class == "wrong_encoding"


def test_the_times_of_a_page_are_read_in_every_form_of_the_field() -> None:
    envelope = Envelope("data.rows", "meta.at")
    body = (
        b'{"data": {"rows": [{"meta": {"at": "2025-03-02T00:00:00"}}, {"meta": {"at": ""}},'
        b' {"meta": {"at": "20250301080000"}}, 7, {"meta": {"at": "2025-03-03T00:00:00.5"}}]}}'
    )
    times = page_times(body, envelope)
    found = (times.first, times.middle, times.last)
    assert times.records == 5
    assert [str(time) for time in found] == [
        "2025-03-01 08:00:00", "2025-03-02 00:00:00", "2025-03-03 00:00:00.500000",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b'{"data": []}', b'{"data": [{"a": 1}, null]}'])
def test_a_page_without_times_has_none(body: bytes) -> None:
    times = page_times(body, Envelope("data", "updated_at"))
    assert (times.first, times.middle, times.last) == (None, None, None)


def test_a_token_in_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    auth = Auth(kind="bearer", file="token")
    (tmp_path / "token").write_text("one\n")
    assert auth.proof(tmp_path).headers == {"Authorization": "Bearer one"}
    (tmp_path / "token").write_text("two\n")
    assert auth.proof(tmp_path).headers == {"Authorization": "Bearer two"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "rest.auth.file: token is not there, not readable or empty"),
        (b"\n", "rest.auth.file: token is not there, not readable or empty"),
        (b"\xff\xfe", "rest.auth.file: token is not there, not readable or empty"),
        ("mật khẩu".encode(), "rest.auth: what is in token is no token"),
    ],
)
def test_a_file_without_a_token_is_one_line(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(LookupError) as caught:
        Auth(kind="bearer", file="token").proof(tmp_path)
    assert caught.value.args == (message,)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"overlap": "often"}, "is not a number with s, m, h or d"),
        ({"overlap": 3}, "is not a number with s, m, h or d"),
        ({"deadline": "0s"}, "is not above zero"),
        ({"look_back": {"every": "0d"}}, "is not above zero"),
        ({"look_back": {"days": 0}}, "greater than or equal to 1"),
        ({"auth": {"kind": "bearer", "env": "A", "file": "b"}}, "env and file exclude each other"),
    ],
)
def test_a_limit_that_is_none_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Rest.model_validate({"url": "http://shop.example", **changed})


def test_limits_are_durations() -> None:
    rest = Rest.model_validate({"url": "http://shop.example", "overlap": "0s", "timeout": "2h"})
    assert (rest.overlap, rest.timeout) == (timedelta(0), timedelta(hours=2))
