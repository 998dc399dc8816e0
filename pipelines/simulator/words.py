"""Vietnamese words of synthetic procedures and the names of offices that handle dossiers."""

from __future__ import annotations

ACTIONS: tuple[str, ...] = (
    "Cấp giấy chứng nhận", "Cấp lại giấy chứng nhận", "Cấp đổi giấy tờ", "Đăng ký", "Đăng ký lại",
    "Gia hạn", "Điều chỉnh", "Thẩm định", "Phê duyệt", "Xác nhận", "Công nhận", "Thu hồi",
    "Chấm dứt", "Thông báo", "Chấp thuận", "Đính chính", "Xóa đăng ký", "Bổ sung hồ sơ",
)  # fmt: skip

CIRCUMSTANCES: tuple[str, ...] = (
    "", "lần đầu", "đối với cá nhân", "đối với hộ gia đình", "đối với tổ chức",
    "có yếu tố nước ngoài", "trường hợp bị mất, hư hỏng", "trường hợp thay đổi thông tin",
    "theo yêu cầu", "tại khu vực biên giới", "đối với đồng bào dân tộc thiểu số",
    "thuộc thẩm quyền được ủy quyền", "lưu động",
)  # fmt: skip

LEVEL_WORDS: dict[str, str] = {"province": "cấp tỉnh", "district": "cấp huyện", "commune": "cấp xã"}

OFFICES: dict[str, tuple[str, ...]] = {
    "district": ("Phòng Tài nguyên và Môi trường", "Phòng Tư pháp", "Phòng Tài chính - Kế hoạch",
        "Phòng Kinh tế và Hạ tầng", "Phòng Lao động - Thương binh và Xã hội",
        "Phòng Giáo dục và Đào tạo", "Phòng Văn hóa và Thông tin", "Phòng Nội vụ", "Phòng Y tế"),
    "commune": ("Bộ phận Tư pháp - Hộ tịch", "Bộ phận Địa chính - Xây dựng",
        "Bộ phận Văn hóa - Xã hội", "Bộ phận Tài chính - Kế toán", "Văn phòng - Thống kê"),
}  # fmt: skip

COUNTERS: dict[str, str] = {
    "province": "Trung tâm phục vụ hành chính công",
    "district": "Bộ phận một cửa cấp huyện",
    "commune": "Bộ phận một cửa cấp xã",
}

LEADERS: dict[str, str] = {
    "province": "Lãnh đạo sở",
    "district": "Lãnh đạo UBND huyện",
    "commune": "Lãnh đạo UBND xã",
}

TITLES: tuple[str, str, str] = ("Công chức một cửa", "Chuyên viên", "Lãnh đạo")

# department_code of reference/departments.csv that handles a field at province level
DEPARTMENT_OF_FIELD: dict[str, str] = {
    "DD": "D08", "HT": "D15", "CT": "D15", "TP": "D15", "BTXH": "D10", "NCC": "D10",
    "DKKD": "D03", "DN": "D03", "HTX": "D03", "XD": "D07", "QH": "D07", "HTKT": "D07",
    "DB": "D06", "DK": "D06", "MT": "D08", "TNN": "D08", "KS": "D08", "LN": "D05", "TY": "D05",
    "TT": "D05", "TL": "D05", "NTM": "D05", "GD": "D13", "VB": "D13", "YT": "D14", "DP": "D14",
    "ATTP": "D14", "VL": "D10", "LD": "D10", "VH": "D11", "DL": "D11", "TDTT": "D11",
    "TTTT": "D09", "CTN": "D04", "XTTM": "D04", "DT": "D03", "TC": "D02", "TGCP": "D01",
    "TDKT": "D01", "KHCN": "D12", "HC": "D01",
}  # fmt: skip
