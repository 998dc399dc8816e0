"""The province's own maps: whether the page of mergers can draw them."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.doctor.finding import Finding, warning
from pipelines.network.geojson import GeoJsonError, list_maps, read_maps
from pipelines.network.units import read_units, unit_key
from pipelines.settings import Settings, now


def check_maps(config: Settings) -> Iterator[Finding]:
    """Every file can be read, and its codes are those of communes on its day."""
    units = read_units(config.reference_dir).with_columns(unit_key=unit_key())
    try:
        read_maps(list_maps(config.geojson, config.root), units, now().date())
    except GeoJsonError as error:
        yield warning(
            str(error),
            "the page of mergers draws its schematic tiles instead",
            "mend the file as docs/mergers.md says, or take it away",
        )
