"""Readers: bytes of a page or a file as de-identified columns, ready to land.

Here belongs what turns one form of bytes (JSON, Parquet, a delimited text, a sheet, the rows of a
query) into text columns with the canonical names, the lists of sub-records, and beside them
`_position` (from 1), `_file`, `_updated_at` (the envelope's time) and `_defect` (why an element is
no usable record). Here does not belong where the bytes come from (rest, files, database) nor what
they mean (typed, contracts). Everything happens in memory: what is not allowed never reaches the
disk, not even a temporary file.
"""

from pipelines.intake.readers.batch import DAMAGED, TRACE, Batch, Envelope, UnreadableError
from pipelines.intake.readers.paging import PageTimes, inspect_json, page_times
from pipelines.intake.readers.records import read_array, read_json, read_lines, read_parquet
from pipelines.intake.readers.rows import read_rows
from pipelines.intake.readers.spreadsheets import read_workbook
from pipelines.intake.readers.tables import read_table

__all__ = [
    "DAMAGED",
    "TRACE",
    "Batch",
    "Envelope",
    "PageTimes",
    "UnreadableError",
    "inspect_json",
    "page_times",
    "read_array",
    "read_json",
    "read_lines",
    "read_parquet",
    "read_rows",
    "read_table",
    "read_workbook",
]
