"""The switch of a situation: what may be written, what each default is, what is refused."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.simulator.situations import Situation, parse_situation
from pipelines.simulator.situations.apply import PLANTS
from pipelines.simulator.situations.parse import KEYS


@pytest.mark.parametrize("name", KEYS)
def test_a_name_alone_is_a_situation_with_every_default(name: str) -> None:
    situation = parse_situation(name)
    assert dict(situation.parameters) == {key: spec.default for key, spec in KEYS[name].items()}
    assert not situation.is_none
    assert name in PLANTS


def test_what_is_written_takes_the_place_of_the_default() -> None:
    situation = parse_situation("unit_collapse:unit=030,from=2025-01-02,late=0.25")
    assert situation.parameters == (
        ("unit", "030"), ("from", date(2025, 1, 2)), ("to", date(2026, 6, 30)),
        ("late", 0.25), ("hours", 0.0),
    )  # fmt: skip


def test_an_effect_that_is_none_says_so() -> None:
    situation = parse_situation("merger_effect:none")
    assert situation.is_none
    assert [situation.number(key) for key in ("late", "hours", "online")] == [0.0, 0.0, 0.0]


REFUSED = [
    ("flood", "situation 'flood': must be one of merger_effect"),
    ("noise:none", "noise: none: only merger_effect can be none"),
    ("noise:", "noise: after the colon there must be key=value"),
    ("trend:size=2", "trend: size: must be one of from, to, of, late, hours, online"),
    ("trend:late", "trend: late: must be given once, as late=value"),
    ("trend:late=0.1,late=0.2", "trend: late: must be given once"),
    ("trend:late=much", "trend: late: must be a difference of shares from -1 to 1"),
    ("merger_effect:online=2", "merger_effect: online: must be a difference of shares"),
    ("trend:late=nan", "trend: late: must be a difference of shares"),
    ("trend:of=some", "trend: of: must be one of all, treated"),
    ("bunching:share=1.2", "bunching: share: must be a share from 0 to 1"),
    ("bunching:unit=Vị Xuyên", "bunching: unit: must be a unit code of 2 to 5 digits"),
    ("silent_shop:from=2019-01-01", "silent_shop: from: must be a day from 2021-01-01"),
    ("silent_shop:from=20250301", "silent_shop: from: must be a day from 2021-01-01"),
    ("silent_shop:from=2025-04-02,to=2025-04-01", "silent_shop: to: must not lie before from"),
    ("tet_dip:year=2030", "tet_dip: year: must be a whole number from 2021 to 2026"),
    ("slow_acceptance:hours=8", "slow_acceptance: hours: must be working hours from 8.5"),
    ("slow_step:step=dreaming", "slow_step: step: must be one of transferred"),
    ("slow_step:field=đất", "slow_step: field: must be a field code"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_a_wrong_switch_is_refused_in_one_line_with_name_key_and_rule(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")) as caught:
        parse_situation(text)
    assert "\n" not in str(caught.value)


def test_situations_are_values() -> None:
    assert parse_situation("noise") == parse_situation("noise:hours=4")
    assert len({parse_situation("noise"), parse_situation("noise:hours=4")}) == 1
    assert isinstance(parse_situation("noise"), Situation)
