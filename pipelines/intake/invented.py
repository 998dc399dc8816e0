"""Invented records of the national shape, for the bench of the intake: of about 1.25 kB each.

They are complete and sound: the shop's code is valid on the day of reception, the times follow
each other, every list of sub-records occurs, and the personal fields stand in them as a real
system sends them, so that the reader has to drop them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import duckdb

Shape = Literal["ndjson", "json"]
SHAPES: tuple[Shape, ...] = ("ndjson", "json")

RECORDS_PER_FILE = 80_000
"""About 100 MB a file."""

# identity and phone numbers of zeros are nobody's (see pipelines/simulator/records.py)
_RECORDS = """
with shop as (
    select row_number() over (order by edoc_code) - 1 as shop_n, edoc_code, name_vi,
        count(*) over () as shops
    from read_csv('{units}', all_varchar = true) as unit
    join read_csv('{codes}', all_varchar = true) as code using (unit_code)
    where code.valid_to = '2025-06-30' and unit.valid_to = '2025-06-30'
), procedure as (
    select row_number() over (order by procedure_code) - 1 as procedure_n, procedure_code,
        name_vi as procedure_vi, field_code, field_name_vi, count(*) over () as procedures
    from read_csv('{procedures}', all_varchar = true)
), plan as (
    select range as n, hash(range) as h,
        timestamp '2024-01-02 07:30:00' + to_days((range * 7919 % 500)::integer)
            + to_seconds((hash(range, 1) % 30000)::bigint) as received_at,
        (range * 31) % (select any_value(shops) from shop) as shop_n,
        (range * 17) % (select any_value(procedures) from procedure) as procedure_n
    from range({first}, {last})
)
select strftime(received_at + to_hours((h % 200)::bigint), '%Y-%m-%dT%H:%M:%S') as updated_at,
    printf('%s-%s-%05d', edoc_code, strftime(received_at, '%y%m%d'), n // 500 % 100000) as MaHoSo,
    procedure_code as MaTTHC, procedure_vi as TenTTHC, field_code as MaLinhVuc,
    field_name_vi as TenLinhVuc,
    (1 + h % 3)::varchar as KenhThucHien, 'Công dân tổng hợp ' || n as ChuHoSo,
    printf('002900%06d', n % 1000000) as SoGiayToChuHoSo,
    (1 + h % 2)::varchar as LoaiDoiTuong, '' as ThongTinTra,
    'cong-dan-' || n || '@example.com' as Email,
    printf('0000%06d', n % 1000000) as SoDienThoai,
    'Hồ sơ mô phỏng ' || n as TrichYeuHoSo,
    strftime(received_at - to_minutes((h % 90)::bigint), '%Y%m%d%H%M%S') as NgayNopHoSo,
    strftime(received_at, '%Y%m%d%H%M%S') as NgayTiepNhan,
    strftime(received_at + to_days(10), '%Y%m%d170000') as NgayHenTra,
    if(h % 5 = 0, '4', '9') as TrangThaiHoSo,
    if(h % 5 = 0, '', strftime(received_at + to_minutes((h % 12000)::bigint), '%Y%m%d%H%M%S'))
        as NgayKetThucXuLy,
    if(h % 5 < 2, '', strftime(received_at + to_minutes((12000 + h % 3000)::bigint),
        '%Y%m%d%H%M%S')) as NgayTra,
    '' as NgayTuChoi, (h % 2)::varchar as HinhThuc, name_vi as DonViXuLy,
    edoc_code as NoiNopHoSo, (h % 2)::varchar as HoSoCoThanhPhanSoHoa,
    (h % 3 % 2)::varchar as TaiKhoanDuocXacThucVoiVNeID, (h % 4)::varchar as DuocThanhToanTrucTuyen,
    list_transform(range((h % 2)::bigint), lambda i: {{'MaCSDL': 'CSDLQG-DC'}}) as DSKetNoiCSDL,
    list_transform(range(1, 2 + (h % 2)::bigint), lambda i: {{
        'MaThanhPhanHoSo': printf('%s-TP%02d', procedure_code, i),
        'DuocSoHoa': (i % 2)::varchar, 'DuocTaiSuDung': (i % 3)::varchar,
        'DuocLayTuKhoDMQG': '0', 'IsDeleted': '0',
        'TenTepDinhKem': printf('tong-hop-%d.pdf', i)}}) as TaiLieuNop,
    list_transform(range((h % 2)::bigint), lambda i: {{'MaPhiLePhi': 'LP-' || procedure_code,
        'HinhThucThu': '1', 'Gia': ((h % 20) * 10000)::varchar, 'LoaiPhiLePhi': '1'}})
        as DanhSachLePhi,
    list_transform(range((h % 10 // 9)::bigint), lambda i: {{
        'HoSoBoSungId': printf('BS-%d-%d', n, i), 'NguoiYeuCauBoSung': 'Cán bộ tổng hợp',
        'NoiDungBoSung': 'Nội dung mô phỏng',
        'NgayBoSung': strftime(received_at + to_hours(3), '%Y%m%d%H%M%S'),
        'NgayTiepNhanBoSung': strftime(received_at + to_hours(30), '%Y%m%d%H%M%S'),
        'TrangThaiBoSung': '1',
        'NgayHenTraTruoc': strftime(received_at + to_days(10), '%Y%m%d170000'),
        'NgayHenTraMoi': strftime(received_at + to_days(11), '%Y%m%d170000')}})
        as DanhSachHoSoBoSung,
    list_transform(range((h % 5 > 1)::bigint), lambda i: {{
        'MaGiayToKetQua': 'KQ-' || procedure_code, 'GiayToId': 'GT-' || n,
        'MaThanhPhanHoSo': '', 'DuongDanTepTinKetQua': if(h % 2 = 0,
            'https://example.com/ket-qua/' || n || '.pdf', '')}}) as DanhSachGiayToKetQua
from plan join shop using (shop_n) join procedure using (procedure_n)
"""


def write_records(
    folder: Path,
    reference: Path,
    *,
    first: int,
    last: int,
    shape: Shape,
    per_file: int = RECORDS_PER_FILE,
) -> list[Path]:
    """Write the records from number `first` to before `last` as files of one shape: lines, or
    an array a file."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with duckdb.connect() as connection:
        for number in range(first, last, per_file):
            path = folder / f"records-{number:09d}.{shape}"
            rows = _RECORDS.format(
                units=reference / "units.csv",
                codes=reference / "unit_codes.csv",
                procedures=reference / "procedures.csv",
                first=number,
                last=min(number + per_file, last),
            )
            is_array = str(shape == "json").lower()
            connection.execute(f"copy ({rows}) to '{path}' (format json, array {is_array})")
            written.append(path)
    return written
