"""The foot of a page: how each figure is made, and of which snapshot it is."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboard.i18n import Language
from dashboard.reader import SnapshotReader
from pipelines.serving.parameters import MIN_DENOMINATOR


def page_footer(language: Language, reader: SnapshotReader, metrics: Sequence[str]) -> str:
    """Definitions of the metrics shown, reading notes and the snapshot's marks, as HTML."""
    about = reader.about
    specs = [reader.metrics[name] for name in metrics]
    # formulas and legal bases are Vietnamese legal wording in every language
    terms = "".join(
        f"<dt>{escape(language.label(spec))}</dt>"
        f'<dd lang="vi">{escape(spec.formula_vi)}. <em>{escape(spec.legal_basis)}</em></dd>'
        for spec in specs
    )
    notes = language.say_html(
        "“–” là không có hồ sơ để tính, không phải 0. Tỷ lệ trên mẫu số dưới {least} hồ sơ in mờ."
        " Biểu đồ và đường nhỏ chỉ vẽ các tháng đã trọn.",
        least=MIN_DENOMINATOR,
    )
    return (
        '<footer class="mc-footer">'
        f"<details><summary>{language.say_html('Cách tính từng chỉ tiêu')}</summary>"
        f"<dl>{terms}</dl></details><p>{notes}</p>"
        f"<p>{language.say_html('Bản số liệu')} {escape(about.version)} · "
        f"{language.say_html('mã quy tắc')} {escape(about.rules_hash)} · "
        f"{language.say_html('phiên bản mã nguồn')} {escape(about.code_revision)}</p></footer>"
    )
