"""The list of sources that pulls a simulated province (`data/sources.yml`)."""

from __future__ import annotations

from typing import Final

import yaml

from pipelines.simulator.shops import Network, System
from pipelines.simulator.writing import SUFFIXES, Form

DEFAULT_PORT: Final = 8765
TOKEN_ENV: Final = "MOTCUA_SIM_TOKEN"
PAGE_SIZE: Final = 2000
_HEADER = (
    "# The sources of the simulated province (synthetic data), as `motcua simulate` writes them:\n"
    "# twelve systems over HTTP and two shops that deliver CSV files every month.\n"
)
_FEED_NAMES = {"dossiers": "hồ sơ", "progress": "tiến độ"}
Entry = dict[str, object]


class _Code(str):
    """A code made of digits: quoted, or another reader of YAML takes 08 for a number."""


class _Codes(tuple[_Code, ...]):
    """Codes on one line."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """The safe dumper, knowing codes."""


def _quote(_dumper: yaml.SafeDumper, code: _Code) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", str(code), style='"')


def _in_line(dumper: yaml.SafeDumper, codes: _Codes) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", codes, flow_style=True)


_Dumper.add_representer(_Code, _quote)
_Dumper.add_representer(_Codes, _in_line)


def sources_yaml(
    network: Network,
    port: int = DEFAULT_PORT,
    folder: str = "",
    form: Form = Form.parquet,
) -> str:
    """The text of `sources.yml`; file paths start with `folder` (ends in `/`, or empty).

    Systems written as JSON or CSV have no server: they are sources of files.
    """
    entries: list[Entry] = []
    for system in network.systems:
        for feed in _FEED_NAMES:
            path = f"{folder}systems/{system.system_id}/{feed}-*.{SUFFIXES.get(form)}"
            entries.append(
                _rest(system, feed, port)
                if form is Form.parquet
                else _common(system, feed, "files", "national") | _delivered(path)
            )
    for shop in network.file_shops:
        entries += [_files(shop, feed, folder) for feed in _FEED_NAMES]
    text = yaml.dump(
        {"sources": entries},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=100,
        default_flow_style=None,
    )
    return _HEADER + text


def _common(system: System, feed: str, kind: str, dialect: str) -> Entry:
    return {
        "id": f"{system.system_id}-{feed}",
        "name_vi": f"{system.name_vi}: {_FEED_NAMES[feed]}",
        "kind": kind,
        "dialect": dialect,
        "feed": feed,
        "system": system.system_id,
        "units": _Codes(_Code(code) for code in system.unit_codes),
        "synthetic": True,
    }


def _rest(system: System, feed: str, port: int) -> Entry:
    return _common(system, feed, "rest", "national") | {
        "rest": {
            "url": f"http://127.0.0.1:{port}/{system.system_id}/{feed}",
            "auth": {"kind": "bearer", "env": TOKEN_ENV},
            "page": {"style": "cursor", "size": PAGE_SIZE},
            "records": "data",
            "next": "next_cursor",
            "updated": "updated_at",
            "since": "updated_from",
            "until": "updated_to",
        },
        "initial": {"known_at": "source"},
        "expect": {"every": "1d"},
    }


def _files(shop: System, feed: str, folder: str) -> Entry:
    path = f"{folder}inbox/{shop.system_id}/{feed}-*"
    return _common(shop, feed, "files", "shop-csv") | _delivered(path)


def _delivered(path: str) -> Entry:
    return {
        "files": {"path": path, "format": "auto", "after": "keep"},
        "initial": {"known_at": "source"},
        "expect": {"every": "31d"},
    }
