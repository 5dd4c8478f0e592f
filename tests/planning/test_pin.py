import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import Vantage
from cloudgauge.planning.canonical import plan_hash, targets_to_json
from cloudgauge.planning.pin import (
    campaign_of,
    catalogue_hash,
    new_pin,
    pin_from_json,
    pin_to_json,
)
from tests.fakes.plans import plan_of, target
from tests.planning.strategies import plans

PLAN = plan_of([target("aws", "one"), target("gcp", "two")])
PIN = replace(
    new_pin(PLAN, tool_version="0.1.0", pinned_wall_ns=5),
    vantages=(Vantage(name="tokyo", latitude_deg=35.68, longitude_deg=139.77),),
    start_wall_ns=7,
    part_rounds=2,
)


@given(plan=plans())
def test_a_pin_reads_back_equal(plan: Plan) -> None:
    pin = new_pin(plan, tool_version="0.1.0", pinned_wall_ns=5)

    assert pin_from_json(pin_to_json(pin), "asia.json") == pin


def test_what_a_pin_says_of_a_campaign_reads_back_equal() -> None:
    assert pin_from_json(pin_to_json(PIN), "asia.json") == PIN


def test_a_pin_names_its_plan_and_the_rows_it_was_made_of() -> None:
    rows = targets_to_json(PLAN.targets, PLAN.objects, PLAN.egress_prices)

    assert PIN.plan_hash == plan_hash(PLAN)
    assert PIN.catalogue_hash == hashlib.sha256(rows.encode()).hexdigest()
    assert PIN.catalogue_hash == catalogue_hash(PLAN)


def test_other_rows_have_another_hash_and_another_pace_has_not() -> None:
    faster = replace(PLAN, pacing=replace(PLAN.pacing, rounds=9))
    fewer = replace(PLAN, targets=PLAN.targets[:1])

    assert catalogue_hash(faster) == catalogue_hash(PLAN)
    assert catalogue_hash(fewer) != catalogue_hash(PLAN)


def test_a_campaign_has_one_name_at_every_vantage_and_another_for_any_change() -> None:
    name = campaign_of(PIN)

    assert len(name) == 32
    assert campaign_of(pin_from_json(pin_to_json(PIN), "copied.json")) == name
    assert campaign_of(replace(PIN, start_wall_ns=8)) != name
    assert campaign_of(replace(PIN, vantages=())) != name


def test_spelling_is_one_line_of_ascii_with_sorted_keys() -> None:
    pin = replace(PIN, vantages=(Vantage(name="sp", city="São Paulo"),))
    text = pin_to_json(pin)

    assert text.isascii()
    assert "\n" not in text
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def changed(**keys: object) -> str:
    table = json.loads(pin_to_json(PIN))
    table["pin"].update(keys)
    return json.dumps(table)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "asia.json: want a JSON object"),
        ("{}", "asia.json: schema: want 1, the one this version reads"),
        ('{"schema": 2}', "asia.json: schema: want 1, the one this version reads"),
        ('{"schema": 1}', "asia.json: pin: is missing"),
        ("name = 1", "asia.json: is not JSON: "),
        (changed(starts=1), "asia.json: pin.starts: unknown key; want one of "),
        (changed(part_rounds=0), "asia.json: pin: part_rounds must be at least 1"),
        (
            changed(part_rounds="2"),
            'asia.json: pin.part_rounds: want a whole number, got "2"',
        ),
        (
            changed(plan_hash="a" * 64),
            "asia.json: does not fit its hashes: it was changed after it was pinned",
        ),
        (changed(catalogue_hash="a" * 64), "asia.json: does not fit its hashes"),
        (
            changed(plan=json.loads(pin_to_json(PIN))["pin"]["plan"] | {"seed": 2}),
            "asia.json: does not fit its hashes",
        ),
    ],
)
def test_what_is_no_pin_is_refused_with_its_key(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        pin_from_json(text, "asia.json")
    assert str(caught.value).startswith(told)
