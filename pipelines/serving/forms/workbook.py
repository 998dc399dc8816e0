"""Form II.06a as a workbook: the layout of the official form, in Vietnamese, ready to print."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.serving.forms.answer import STATES_VI, write_notes
from pipelines.serving.forms.cells import COLUMNS
from pipelines.serving.forms.ii06a import Form

SHEET = "II.06a"
FONT = "Times New Roman"
LEVELS_VI = {
    "province": "Thủ tục hành chính giải quyết tại cấp tỉnh",
    "district": "Thủ tục hành chính giải quyết tại cấp huyện",
    "commune": "Thủ tục hành chính giải quyết tại cấp xã",
    "open": "Đơn vị theo nhật ký nguồn",
}
BOUNDARIES_VI = {"as_was": "theo từng thời kỳ", "today": "hiện nay"}
ROMAN = ("I", "II", "III", "IV")
GRAND_TOTAL = "TỔNG SỐ"

_WIDTHS = (5.5, 38.0, *(10.5,) * len(COLUMNS))
_LAST = len(_WIDTHS) - 1
_HEAD = 7  # first of the four rows of the table's head, counted from 0
_CHARACTERS_OF_A_LINE = 205  # of the footnotes' font over the whole width
_LINE = 14.0  # points
_LETTERS_OF_A_NAME = {False: 44, True: 41}  # that fit its column, plain and bold
# first and last column, heading of the group, headings below it
_GROUPS = (
    (2, 5, "Số lượng hồ sơ tiếp nhận"),
    (6, 9, "Số lượng hồ sơ đã giải quyết"),
    (10, 12, "Số lượng hồ sơ đang giải quyết"),
)
_SINGLE_HEADS = {
    2: "Tổng số",
    5: "Từ kỳ trước",
    6: "Tổng số",
    7: "Trước hạn",
    8: "Đúng hạn",
    9: "Quá hạn",
    10: "Tổng số",
    11: "Trong hạn",
    12: "Quá hạn",
}
_WITHIN_PERIOD = {3: "Trực tuyến", 4: "Trực tiếp, dịch vụ bưu chính"}
_NUMBERS = {
    0: "(1)",
    1: "(2)",
    2: "(3)=(4)+\n(5)+(6)",
    6: "(7)=(8)+\n(9)+(10)",
    10: "(11)=\n(12)+(13)",
}


class _Styles:
    """The cell formats of the sheet."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        def style(**options: Any) -> Format:
            options = {"font_name": FONT, "font_size": 11, **options}
            return book.add_format(options)  # pyright: ignore[reportUnknownMemberType]

        grid = {"border": 1, "valign": "vcenter"}
        number = {**grid, "num_format": "#,##0", "align": "right", "indent": 1}
        fill = {"bold": True, "bg_color": "#EEF2F5"}
        self.plain = style(valign="top", text_wrap=True)
        self.bold = style(bold=True, valign="top", text_wrap=True)
        self.title = style(bold=True, font_size=14, align="center", valign="vcenter",
                           text_wrap=True)  # fmt: skip
        self.subtitle = style(align="center", valign="vcenter", italic=True)
        self.unit = style(align="right", valign="top", italic=True)
        self.centred_bold = style(align="center", valign="top", bold=True, text_wrap=True)
        self.note = style(font_size=10, valign="top", text_wrap=True)
        self.head = style(**grid, align="center", bold=True, text_wrap=True)
        self.column = style(**grid, align="center", italic=True, font_size=9, text_wrap=True)
        self.place = style(**grid, align="center")
        self.place_total = style(**grid, align="center", **fill)
        self.name = style(**grid, text_wrap=True)
        self.name_total = style(**grid, **fill, text_wrap=True)
        self.number = style(**number)
        self.number_total = style(**number, **fill)


def write_workbook(form: Form, file: Path) -> None:
    """Write the form to an XLSX file: A4, landscape, as wide as a page, its head repeated."""
    with xlsxwriter.Workbook(str(file), {"in_memory": True}) as book:
        properties = {"title": f"II.06a {form.period.word}", "created": form.facts.published_at}
        book.set_properties(properties)  # pyright: ignore[reportUnknownMemberType]
        sheet = book.add_worksheet(SHEET)  # pyright: ignore[reportUnknownMemberType]
        styles = _Styles(book)
        _set_page(sheet, form)
        _write_heading(sheet, styles, form)
        _write_head(sheet, styles)
        last = _write_blocks(sheet, styles, form, _HEAD + 4)
        last = _write_notes(sheet, styles, form, last + 2)
        _write_signature(sheet, styles, form, last + 2)


def _set_page(sheet: Worksheet, form: Form) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.center_horizontally()
    sheet.repeat_rows(_HEAD, _HEAD + 3)
    sheet.freeze_panes(_HEAD + 4, 2)
    sheet.hide_gridlines(2)
    footer = f'&L&"{FONT}"&9{_origin(form)}&R&"{FONT}"&9Trang &P/&N'
    sheet.set_footer(footer)  # pyright: ignore[reportUnknownMemberType]
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)


def _origin(form: Form) -> str:
    snapshot = form.kept_by.snapshot if form.kept_by else form.facts.version
    return f"{STATES_VI[form.state]} · {snapshot} · dữ liệu đến {form.as_of:%d/%m/%Y}"


def _write_heading(sheet: Worksheet, styles: _Styles, form: Form) -> None:
    where = form.unit.name_vi if form.unit else (form.place.province_vi or "CÁC ĐƠN VỊ CỦA NHẬT KÝ")
    ground = f", {form.place.ground_vi}" if form.place.ground_vi and not form.unit else ""
    sheet.merge_range(0, 0, 0, 3, "Biểu số II.06a/VPCP/KSTT", styles.bold)
    sheet.merge_range(0, 8, 0, _LAST, f"Đơn vị báo cáo: {where}", styles.plain)
    sheet.merge_range(1, 8, 1, _LAST, f"Trạng thái: {STATES_VI[form.state]}", styles.plain)
    sheet.merge_range(2, 8, 2, _LAST, f"Dữ liệu đến hết ngày {form.as_of:%d/%m/%Y}", styles.plain)
    title = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH TẠI"
    sheet.merge_range(3, 0, 3, _LAST, f"{title} {where.upper()}{ground}", styles.title)
    sheet.merge_range(4, 0, 4, _LAST, f"Kỳ báo cáo: {form.period.title_vi}", styles.subtitle)
    reading = f"Địa giới: {BOUNDARIES_VI[form.boundaries]}"
    sheet.merge_range(5, 0, 5, _LAST, reading, styles.subtitle)
    sheet.merge_range(6, 8, 6, _LAST, "Đơn vị tính: hồ sơ", styles.unit)
    sheet.set_row(3, 22.0 if len(where + ground) < 60 else 40.0)


def _write_head(sheet: Worksheet, styles: _Styles) -> None:
    top = _HEAD
    sheet.merge_range(top, 0, top + 2, 0, "STT", styles.head)
    sheet.merge_range(top, 1, top + 2, 1, "Lĩnh vực giải quyết", styles.head)
    for first, last, text in _GROUPS:
        sheet.merge_range(top, first, top, last, text, styles.head)
    sheet.merge_range(top + 1, 3, top + 1, 4, "Trong kỳ", styles.head)
    for column, text in _SINGLE_HEADS.items():
        sheet.merge_range(top + 1, column, top + 2, column, text, styles.head)
    for column, text in _WITHIN_PERIOD.items():
        sheet.write_string(top + 2, column, text, styles.head)
    for column in range(_LAST + 1):
        text = _NUMBERS.get(column, f"({column + 1})")
        sheet.write_string(top + 3, column, text, styles.column)
    for row, lines in ((top, 1.4), (top + 1, 1.4), (top + 2, 3.2), (top + 3, 2.0)):
        sheet.set_row(row, lines * _LINE)


def _write_blocks(sheet: Worksheet, styles: _Styles, form: Form, row: int) -> int:
    """The blocks, each with its total first, and the total of all; returns the last row."""
    totals: list[dict[str, Any]] = []
    for block, numeral in zip(form.blocks(), ROMAN, strict=False):
        total, *fields = block["rows"]
        totals.append(total)
        _write_counts(sheet, styles, row, numeral, LEVELS_VI[block["level"]], total, bold=True)
        for place, counts in enumerate(fields, start=1):
            _write_counts(sheet, styles, row + place, place, counts["field_name_vi"], counts)
        row += 1 + len(fields)
    whole = {column: sum(total[column] for total in totals) for column in COLUMNS}
    _write_counts(sheet, styles, row, "", GRAND_TOTAL, whole, bold=True)
    return row


def _write_counts(
    sheet: Worksheet,
    styles: _Styles,
    row: int,
    place: int | str,
    name: str,
    counts: dict[str, Any],
    *,
    bold: bool = False,
) -> None:
    place_style = styles.place_total if bold else styles.place
    if isinstance(place, int):
        sheet.write_number(row, 0, place, place_style)
    else:
        sheet.write_string(row, 0, place, place_style)
    sheet.write_string(row, 1, name, styles.name_total if bold else styles.name)
    for column, key in enumerate(COLUMNS, start=2):
        style = styles.number_total if bold else styles.number
        sheet.write_number(row, column, counts[key], style)
    lines = ceil(len(name) / _LETTERS_OF_A_NAME[bold])
    sheet.set_row(row, lines * _LINE + 3)


def _write_notes(sheet: Worksheet, styles: _Styles, form: Form, row: int) -> int:
    sheet.merge_range(row, 0, row, _LAST, "Ghi chú:", styles.bold)
    for number, (text, _) in enumerate(write_notes(form), start=1):
        row += 1
        sheet.merge_range(row, 0, row, _LAST, f"{number}. {text}", styles.note)
        sheet.set_row(row, ceil((len(text) + 3) / _CHARACTERS_OF_A_LINE) * _LINE)
    return row


def _write_signature(sheet: Worksheet, styles: _Styles, form: Form, row: int) -> None:
    sheet.merge_range(row, 1, row, 3, "NGƯỜI LẬP BIỂU", styles.centred_bold)
    sheet.merge_range(row, 8, row, _LAST, "THỦ TRƯỞNG ĐƠN VỊ", styles.centred_bold)
    sheet.merge_range(row + 1, 1, row + 1, 3, "(Ký, ghi rõ họ tên)", styles.subtitle)
    act = form.kept_by
    if act is None:
        sheet.merge_range(row + 1, 8, row + 1, _LAST, "(Ký, đóng dấu)", styles.subtitle)
        return
    said = f"{STATES_VI[act.state]}: {act.stated_by}, {act.stated_at:%H:%M ngày %d/%m/%Y}"
    sheet.merge_range(row + 1, 8, row + 1, _LAST, said, styles.subtitle)
