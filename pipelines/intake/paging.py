"""From page to page, in each of the styles of a REST source."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from pipelines.intake.answers import Answer, Caller
from pipelines.intake.auth import same_origin
from pipelines.intake.errors import PullError
from pipelines.intake.kinds import Rest
from pipelines.intake.labels import cursor_label

Params = dict[str, str]


def walk(rest: Rest, window: Params, caller: Caller) -> Iterator[Answer]:
    """The pages of a window, whose parameters are given, one after the other.

    Raises what `Caller.ask` raises; `PullError` `unexpected_answer` for a cursor, a link or a
    page that comes again and for fewer records than the answer's own total, `foreign_link` for a
    link to another origin, which is not followed: the token must not travel.
    """
    styles = {"cursor": _by_cursor, "number": _by_number, "link": _by_link}
    sized = {rest.page.size_name: str(rest.page.size)} | window
    return styles[rest.page.style](rest, sized, caller)


def _by_cursor(rest: Rest, window: Params, caller: Caller) -> Iterator[Answer]:
    cursor: str | None = None
    known: set[str] = set()
    while True:
        more = {rest.page.parameter: cursor} if cursor is not None else {}
        answer = caller.ask(rest.url, window | more)
        yield answer
        following = answer.following
        if following is None:
            return
        if following == cursor:
            raise PullError(
                "unexpected_answer", f"rest.next: the cursor stays at {cursor_label(following)}"
            )
        if following in known:
            raise PullError(
                "unexpected_answer", f"rest.next: the cursor {cursor_label(following)} came before"
            )
        known.add(following)
        cursor = following


def _by_number(rest: Rest, window: Params, caller: Caller) -> Iterator[Answer]:
    """Numbers end at the total where there is one, else at an empty page or at one shorter than
    the first: a system may give fewer records a page than it was asked for."""
    number, taken = rest.page.first, 0
    first: Answer | None = None
    before: Answer | None = None
    while True:
        params = window | {rest.page.parameter: str(number)}
        answer = caller.ask(rest.url, params)
        records = answer.times.records
        if _is_same(answer, before):
            answer = caller.ask(rest.url, params)
            if _is_same(answer, before):
                raise PullError(
                    "unexpected_answer",
                    f"rest.page: page {number} is page {number - 1} again; does the system know"
                    f" the parameter {rest.page.parameter!r}, and has it a total?",
                )
            records = answer.times.records
        yield answer
        taken += records
        total = _total(rest, answer)
        if total is not None and taken >= total:
            return
        if records == 0:
            if total is not None:
                raise PullError(
                    "unexpected_answer",
                    f"rest.page.total: {total} records were promised, {taken} came",
                )
            return
        if total is None and first is not None and records < first.times.records:
            return
        first = first or answer
        before = answer
        number += 1


def _is_same(answer: Answer, before: Answer | None) -> bool:
    return before is not None and answer.times.records > 0 and answer.sha256 == before.sha256


def _total(rest: Rest, answer: Answer) -> int | None:
    if rest.page.total is None:
        return None
    said = answer.following or ""
    if not (said.isascii() and said.isdecimal()):
        raise PullError(
            "unexpected_answer", f"rest.page.total: no number under {rest.page.total!r}"
        )
    return int(said)


def _by_link(rest: Rest, window: Params, caller: Caller) -> Iterator[Answer]:
    url, params = rest.url, window
    known: set[str] = set()
    while True:
        answer = caller.ask(url, params)
        yield answer
        if answer.following is None:
            return
        url, params = _link(rest, url, answer.following), {}
        if url in known:
            raise PullError("unexpected_answer", "rest.next: the same link came before")
        known.add(url)


def _link(rest: Rest, here: str, said: str) -> str:
    """The next page's address, of the source's own origin."""
    try:
        link = httpx.URL(here).join(said)
    except (httpx.InvalidURL, ValueError):
        raise PullError("unexpected_answer", "rest.next: the next link is no address") from None
    if not same_origin(link, httpx.URL(rest.url)):
        raise PullError(
            "foreign_link",
            f"rest.next: the next link leads to {link.scheme}://{link.raw_host.decode()},"
            " another origin than rest.url; it was not followed",
        )
    return str(link)
