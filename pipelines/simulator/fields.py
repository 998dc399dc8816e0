"""The fields of the synthetic catalogue and what their procedures are about.

Field names follow the usual division of administrative procedures; which procedures exist in
a field is invented.
"""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = {"P": "province", "D": "district", "C": "commune"}


@dataclass(frozen=True)
class FieldWords:
    """A field: code, name, levels that handle it, its demand, what its procedures are about.

    `demand` is the relative number of dossiers per procedure of the field.
    """

    code: str
    name_vi: str
    levels: tuple[str, ...]
    demand: float
    subjects: tuple[str, ...]


def _field(code: str, name_vi: str, levels: str, demand: float, subjects: str) -> FieldWords:
    at = tuple(LEVELS[letter] for letter in levels)
    return FieldWords(code, name_vi, at, demand, tuple(subjects.split("; ")))


# fmt: off
FIELDS: tuple[FieldWords, ...] = (
    _field("DD", "Đất đai", "PDC", 6.0,
           "quyền sử dụng đất; chuyển mục đích sử dụng đất; quyền sở hữu nhà ở gắn liền với "
           "đất; giao đất, cho thuê đất; biến động đất đai"),
    _field("HT", "Hộ tịch", "PDC", 9.0,
           "khai sinh; kết hôn; khai tử; nhận cha, mẹ, con; tình trạng hôn nhân; giám hộ; thay"
           " đổi, cải chính hộ tịch"),
    _field("CT", "Chứng thực", "DC", 9.0,
           "bản sao từ bản chính; chữ ký; hợp đồng, giao dịch; di chúc; văn bản phân chia di "
           "sản"),
    _field("TP", "Lý lịch tư pháp", "P", 6.0,
           "phiếu lý lịch tư pháp số 1; phiếu lý lịch tư pháp số 2"),
    _field("BTXH", "Bảo trợ xã hội", "PDC", 4.0,
           "trợ cấp xã hội hằng tháng; hỗ trợ chi phí mai táng; mức độ khuyết tật; cơ sở trợ "
           "giúp xã hội"),
    _field("NCC", "Người có công", "PDC", 2.0,
           "trợ cấp người có công; chế độ đối với thân nhân liệt sĩ; thẻ bảo hiểm y tế người "
           "có công; hài cốt liệt sĩ"),
    _field("DKKD", "Thành lập và hoạt động của hộ kinh doanh", "D", 3.0,
           "hộ kinh doanh; thay đổi nội dung hộ kinh doanh; tạm ngừng hộ kinh doanh"),
    _field("DN", "Thành lập và hoạt động của doanh nghiệp", "P", 3.0,
           "doanh nghiệp tư nhân; công ty trách nhiệm hữu hạn; công ty cổ phần; chi nhánh, văn"
           " phòng đại diện"),
    _field("HTX", "Hợp tác xã", "PD", 0.6,
           "hợp tác xã; liên hiệp hợp tác xã; tổ hợp tác"),
    _field("XD", "Hoạt động xây dựng", "PD", 2.0,
           "giấy phép xây dựng công trình; chứng chỉ hành nghề xây dựng; nhà ở riêng lẻ; thiết"
           " kế xây dựng"),
    _field("QH", "Quy hoạch xây dựng, kiến trúc", "PD", 0.6,
           "thông tin quy hoạch; nhiệm vụ quy hoạch chi tiết; giấy phép quy hoạch"),
    _field("HTKT", "Hạ tầng kỹ thuật", "PD", 0.4,
           "cấp phép chặt hạ cây xanh; thoát nước đô thị"),
    _field("DB", "Đường bộ", "PD", 5.0,
           "giấy phép lái xe; phù hiệu xe ô tô; giấy phép kinh doanh vận tải; thi công trên "
           "đường bộ đang khai thác"),
    _field("DK", "Đăng kiểm", "P", 0.8,
           "thẩm định thiết kế phương tiện; phương tiện thủy nội địa"),
    _field("MT", "Môi trường", "PD", 0.8,
           "giấy phép môi trường; báo cáo đánh giá tác động môi trường; đăng ký môi trường"),
    _field("TNN", "Tài nguyên nước", "PD", 0.4,
           "giấy phép khai thác nước mặt; giấy phép thăm dò nước dưới đất; xả nước thải"),
    _field("KS", "Địa chất và khoáng sản", "P", 0.4,
           "giấy phép thăm dò khoáng sản; giấy phép khai thác khoáng sản; đóng cửa mỏ"),
    _field("LN", "Lâm nghiệp", "PD", 1.0,
           "khai thác lâm sản; giống cây trồng lâm nghiệp; chuyển mục đích sử dụng rừng"),
    _field("TY", "Thú y", "PD", 0.8,
           "chứng chỉ hành nghề thú y; kiểm dịch động vật; cơ sở an toàn dịch bệnh"),
    _field("TT", "Trồng trọt và bảo vệ thực vật", "PC", 0.8,
           "buôn bán phân bón; buôn bán thuốc bảo vệ thực vật; chuyển đổi cơ cấu cây trồng"),
    _field("TL", "Thủy lợi", "PDC", 0.5,
           "hoạt động trong phạm vi bảo vệ công trình thủy lợi; phương án ứng phó thiên tai"),
    _field("NTM", "Nông thôn mới", "DC", 0.4,
           "hỗ trợ dự án liên kết; tiếp cận vốn tổ hợp tác"),
    _field("GD", "Giáo dục và đào tạo", "PDC", 1.5,
           "trường mầm non; trường tiểu học; trường trung học; chuyển trường của học sinh; "
           "nhóm trẻ độc lập"),
    _field("VB", "Văn bằng, chứng chỉ", "PD", 1.5,
           "bản sao văn bằng từ sổ gốc; chỉnh sửa nội dung văn bằng"),
    _field("YT", "Khám bệnh, chữa bệnh", "P", 1.5,
           "chứng chỉ hành nghề khám bệnh; giấy phép hoạt động phòng khám"),
    _field("DP", "Dược phẩm", "P", 1.2,
           "chứng chỉ hành nghề dược; đủ điều kiện kinh doanh dược"),
    _field("ATTP", "An toàn thực phẩm", "PD", 1.5,
           "đủ điều kiện an toàn thực phẩm; bản công bố sản phẩm"),
    _field("VL", "Việc làm", "P", 3.0,
           "trợ cấp thất nghiệp; giấy phép lao động người nước ngoài; hoạt động dịch vụ việc "
           "làm"),
    _field("LD", "Lao động, tiền lương", "PD", 0.6,
           "nội quy lao động; thỏa ước lao động tập thể; hòa giải viên lao động"),
    _field("VH", "Văn hóa", "PDC", 0.8,
           "lễ hội; danh hiệu gia đình văn hóa; kinh doanh dịch vụ karaoke; biểu diễn nghệ "
           "thuật"),
    _field("DL", "Du lịch", "P", 1.0,
           "thẻ hướng dẫn viên du lịch; giấy phép kinh doanh lữ hành; cơ sở lưu trú du lịch"),
    _field("TDTT", "Thể dục, thể thao", "PC", 0.5,
           "đủ điều kiện kinh doanh hoạt động thể thao; câu lạc bộ thể thao cơ sở"),
    _field("TTTT", "Báo chí, xuất bản", "PD", 0.6,
           "giấy phép xuất bản tài liệu không kinh doanh; hoạt động cơ sở in; bản tin"),
    _field("CTN", "Công thương địa phương", "PD", 1.0,
           "bán lẻ rượu; kinh doanh khí; bán lẻ xăng dầu; cụm công nghiệp"),
    _field("XTTM", "Xúc tiến thương mại", "P", 2.0,
           "chương trình khuyến mại; hội chợ, triển lãm thương mại"),
    _field("DT", "Đầu tư tại Việt Nam", "P", 0.6,
           "chủ trương đầu tư; giấy chứng nhận đăng ký đầu tư; điều chỉnh dự án đầu tư"),
    _field("TC", "Quản lý giá và công sản", "PD", 0.8,
           "hiệp thương giá; thanh lý tài sản công; mã số đơn vị có quan hệ ngân sách"),
    _field("TGCP", "Tôn giáo", "PDC", 0.6,
           "sinh hoạt tôn giáo tập trung; hoạt động tín ngưỡng; người chuyên hoạt động tôn "
           "giáo"),
    _field("TDKT", "Thi đua, khen thưởng", "PDC", 0.6,
           "danh hiệu lao động tiên tiến; giấy khen; bằng khen"),
    _field("KHCN", "Khoa học và công nghệ", "P", 0.4,
           "giấy chứng nhận doanh nghiệp khoa học; an toàn bức xạ; kết quả nhiệm vụ khoa học"),
    _field("HC", "Hội, quỹ và tổ chức", "PD", 0.4,
           "thành lập hội; điều lệ hội; quỹ xã hội, quỹ từ thiện"),
)
# fmt: on
