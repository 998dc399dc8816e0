"""The dashboard's login: settings that can be followed, a list that lets somebody in."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.doctor.finding import Finding, broken, warning
from pipelines.serving.access_list import AccessListError, read_access_list
from pipelines.serving.login import LoginError, find_provider
from pipelines.settings import Settings

_LOGIN = "docs/operating.md, Login"
_ACCESS = "docs/runbooks/give-somebody-access.md"


def check_login(config: Settings) -> Iterator[Finding]:
    """What keeps people out of the dashboard; nothing where no provider is named."""
    try:
        provider = find_provider(config)
    except LoginError as error:
        yield broken(str(error), "the dashboard does not start", _LOGIN)
        return
    if provider is None:
        return
    try:
        read_access_list(config.access_file)
    except AccessListError as error:
        yield broken(str(error), "nobody gets into the dashboard", _ACCESS)
        return
    if not config.access_file.is_relative_to(config.root):
        yield warning(
            "the home has no access.yml", "the example's people alone would get in", _ACCESS
        )
