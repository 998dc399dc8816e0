"""Rows of the log, for the commands that show them."""

from __future__ import annotations

from pipelines.commands.console import refuse
from pipelines.settings import settings


def read_log(sql: str) -> list[dict[str, object]]:
    """The rows of a query on the warehouse. Exits with 1 and one line where there is none."""
    from pipelines.warehouse.migrate import LayoutError
    from pipelines.warehouse.tables import connect_reader

    file = settings().warehouse_file
    if not file.exists():
        raise refuse("there is no warehouse yet: run `motcua demo` or `motcua run`")
    try:
        connection = connect_reader(file)
    except LayoutError as error:
        raise refuse(str(error)) from None
    try:
        return connection.sql(sql).pl().to_dicts()
    finally:
        connection.close()
