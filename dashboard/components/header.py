"""The strip on top of every page: what this is, of where, of when, and how far to trust it."""

from __future__ import annotations

from html import escape

from dashboard.about import About
from dashboard.components.marks import mark
from dashboard.components.words import name_definition
from dashboard.i18n import Language
from pipelines.settings import now, settings

CONTENT = "noi-dung"
"""Where the link goes that skips the navigation: the heading of the page."""


def page_header(language: Language, about: About, *, title: str, definition: str) -> str:
    """The header of a page as HTML, with the banner of synthetic data where it is due."""
    numbers = language.numbers
    return (
        f"{_banner(language, about)}{_stale(language, about)}"
        '<header class="mc-header"><div class="mc-title">'
        f'<p class="mc-place">{escape(name_place(language, about))}</p>'
        f'<h1 id="{CONTENT}">{escape(title)}</h1>'
        f'<p class="mc-definition">{language.say_html("Phân loại thời hạn")}: '
        f"<b>{escape(name_definition(language, definition))}</b></p></div>"
        '<div class="mc-asof">'
        f"<p>{language.say_html('Số liệu đến ngày')}</p>"
        f'<p class="mc-day">{numbers.day(about.as_of)}</p>'
        f'<p class="mc-version">{language.say_html("Bản số liệu")} {escape(about.version)}<br>'
        f"{language.say_html('công bố lúc {moment}', moment=numbers.moment(about.published_at))}"
        "</p></div></header>"
        f'<div class="mc-health">{_failed_sources(language, about)}'
        f"{_silent_shops(language, about)}</div>"
    )


def name_place(language: Language, about: About) -> str:
    """Where the figures are of; since 01/07/2025 also which part of the province.

    For a unit leader it is the own units.
    """
    if about.own_vi:
        return " · ".join(about.own_vi)
    if about.province_vi is None:
        return language.say("Nhật ký của nơi khác ({count} đơn vị)", count=about.shops)
    if about.former_vi is None:
        return about.province_vi
    ground = language.say(
        "địa bàn {former} cũ ({count} xã, phường)", former=about.former_vi, count=about.communes
    )
    return f"{about.province_vi} · {ground}"


def _banner(language: Language, about: About) -> str:
    if not about.is_synthetic:
        return ""
    text = language.say_html("DỮ LIỆU TỔNG HỢP (mô phỏng)")
    more = language.say_html("Không phải hồ sơ thật; không dùng để đánh giá đơn vị nào.")
    return f'<div class="mc-banner" role="note"><b>{text}</b><span>{more}</span></div>'


def _stale(language: Language, about: About) -> str:
    """Since when nothing new came, where that is longer ago than it may be.

    A simulated province ends on a day of its own and is not held against today.
    """
    days = (now().date() - about.as_of).days
    if about.is_synthetic or days <= settings().stale_after_days:
        return ""
    text = language.say_html(
        "SỐ LIỆU CŨ: không có gì mới từ {day}", day=language.numbers.day(about.as_of)
    )
    more = language.say_html(
        "{days} ngày; hãy hỏi người vận hành vì sao chưa có bản mới.", days=days
    )
    return f'<div class="mc-banner mc-stale" role="alert"><b>{text}</b><span>{more}</span></div>'


def _silent_shops(language: Language, about: About) -> str:
    count = language.say_html(
        "{silent} / {shops} bộ phận một cửa chưa gửi số liệu mới",
        silent=language.numbers.count(len(about.silent)),
        shops=language.numbers.count(about.shops),
    )
    if not about.silent:
        return f'<p class="mc-fact mc-good">{mark("met")}{count}</p>'
    rows = "".join(
        f"<tr><td>{escape(shop.name_vi)}</td><td>{escape(shop.district_name_vi or '–')}</td>"
        f"<td>{language.numbers.moment(shop.last_heard_at)}</td></tr>"
        for shop in about.silent
    )
    return _expandable(
        count,
        [language.say("Đơn vị"), language.say("Địa bàn"), language.say("Lần gửi cuối")],
        rows,
    )


def _failed_sources(language: Language, about: About) -> str:
    if not about.failed:
        return ""
    states = {
        "failed": language.say("lỗi"),
        "partial": language.say("chưa đủ"),
    }
    count = language.say_html("{count} nguồn kết nối lỗi ở lần lấy cuối", count=len(about.failed))
    rows = "".join(
        f"<tr><td>{escape(source.source)}</td><td>{escape(source.feed)}</td>"
        f"<td>{escape(states.get(source.status, source.status))}</td>"
        f"<td>{language.numbers.moment(source.last_complete_pull_at)}</td></tr>"
        for source in about.failed
    )
    columns = [
        language.say("Nguồn"),
        language.say("Loại số liệu"),
        language.say("Kết quả"),
        language.say("Lần đủ cuối"),
    ]
    return _expandable(count, columns, rows, kind="mc-bad")


def _expandable(summary: str, columns: list[str], rows: str, *, kind: str = "mc-warn") -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return (
        f'<details class="mc-fact {kind}"><summary>{mark("missed")}{summary}</summary>'
        f'<div class="mc-scroll mc-short" tabindex="0"><table class="mc-table mc-plain"><thead>'
        f"<tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )
