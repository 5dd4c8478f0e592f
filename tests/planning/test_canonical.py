import hashlib
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Ceilings, Plan
from cloudgauge.model.price import Money, parse_money
from cloudgauge.planning.canonical import (
    plan_from_json,
    plan_hash,
    plan_to_json,
    targets_to_json,
)
from tests.fakes.plans import (
    download_plan,
    object_in,
    plan_of,
    price_of,
    target,
)
from tests.planning.strategies import plans

PLAN = plan_of([target("aws", "one"), target("gcp", "two")])
DOWNLOADS = replace(
    download_plan(
        [object_in("aws", "one")],
        targets=PLAN.targets,
        ceilings=Ceilings(cost=parse_money("2.50 USD")),
    ),
    objectless=("gcp/two",),
    egress_prices=(price_of("aws/one"),),
)


@given(plan=plans())
def test_plan_reads_back_equal(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan), "manifest.json") == plan


def test_spelling_is_ascii_with_sorted_keys_and_no_blanks() -> None:
    region = replace(PLAN.targets[0].region, city="São Paulo")
    text = targets_to_json((replace(PLAN.targets[0], region=region),))

    assert '"city":"S\\u00e3o Paulo"' in text
    assert '"checked":"2026-01-01","confidence":"high"' in text
    assert text == json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )


def test_hash_is_sha256_of_the_canonical_text() -> None:
    text = plan_to_json(PLAN)

    assert plan_hash(PLAN) == hashlib.sha256(text.encode()).hexdigest()


def test_hash_of_a_plan_never_changes() -> None:
    # Result sets name their plan by it: if this fails, old sets lose their plan.
    assert plan_hash(PLAN) == (
        "990b9d2bc7f77503818285953dd43313186ad34007794b6955cfedc4b65727e0"
    )


def test_hash_of_a_plan_that_downloads_never_changes() -> None:
    assert plan_hash(DOWNLOADS) == (
        "2dec95eb84598dcb8d7b499c3770b52018ee2e45d0c916fcfda9b9713272afa4"
    )


def test_plan_that_downloads_reads_back_equal() -> None:
    assert plan_from_json(plan_to_json(DOWNLOADS), "manifest.json") == DOWNLOADS


def test_equal_sums_of_money_have_one_spelling() -> None:
    ceilings = [Ceilings(cost=parse_money(f"{sum_} USD")) for sum_ in ("2.5", "2.500")]
    ten = Ceilings(cost=Money(amount=Decimal("1E+1"), currency="USD"))

    assert len({plan_hash(replace(PLAN, ceilings=one)) for one in ceilings}) == 1
    assert '"amount":"2.5"' in plan_to_json(replace(PLAN, ceilings=ceilings[1]))
    assert '"amount":"10"' in plan_to_json(replace(PLAN, ceilings=ten))


def test_hash_tells_plans_apart_by_any_field() -> None:
    url = PLAN.targets[1].endpoint.url + "?probe"
    endpoint = replace(PLAN.targets[1].endpoint, url=url)
    others = [
        replace(PLAN, seed=2),
        replace(PLAN, question=""),
        replace(PLAN, controls=("aws/one:object-storage",)),
        replace(PLAN, probe=replace(PLAN.probe, warm_requests=3)),
        replace(
            PLAN,
            targets=(PLAN.targets[0], replace(PLAN.targets[1], endpoint=endpoint)),
        ),
    ]

    assert len({plan_hash(plan) for plan in [PLAN, *others]}) == 6


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"schema":1', '"schema":2', "x.json: schema: want 1, the one this version"),
        (
            '{"plan"',
            '{"plans"',
            "x.json: plans: unknown key; want one of plan, schema; did you mean "
            '"plan"?',
        ),
        ('"seed":1', '"seed":-1', "x.json: plan: seed must be >= 0, got -1"),
        ('"seed":1', '"seed":true', "x.json: plan.seed: want a whole number, got true"),
        ('"seed":1', '"seed":NaN', "x.json: is not JSON: NaN is not a number"),
        ('"seed":1,', "", "x.json: plan.seed: is missing"),
        ('"seed":1', '"seed":1,"zzz":1', "x.json: plan.zzz: unknown key; want one of"),
        (
            '"jitter":0.5',
            '"jitter":"0.5"',
            'plan.pacing.jitter: want a number, got "0.5"',
        ),
        (
            '"jitter":0.5',
            '"jitter":1' + "0" * 400,
            "want a number that a float can hold",
        ),
        (
            '"reach":"in-region"',
            '"reach":"at home"',
            'plan.targets[0].endpoint.reach: want "in-region" or "edge" or "unknown", '
            'got "at home"',
        ),
        ('"reach":"in-region"', '"reach":7', "endpoint.reach: want text, got 7"),
        (
            '"checked":"2026-01-01"',
            '"checked":"soon"',
            'provenance.checked: want a date, got "soon"',
        ),
        (
            '"checked":"2026-01-01"',
            '"checked":0',
            "provenance.checked: want text, got 0",
        ),
        ('"expect":[200,403]', '"expect":200', "endpoint.expect: want a list, got 200"),
        (
            '"expect":[200,403]',
            '"expect":[200,null]',
            "endpoint.expect[1]: want a whole number, got null",
        ),
        (
            '"families":["ipv4"]',
            '"families":[]',
            "x.json: plan.probe: families must name",
        ),
        (
            '"primary":true',
            '"primary":1',
            "endpoint.primary: want true or false, got 1",
        ),
        ('"https://', '"http://', "plan.targets[0].endpoint: url must be https"),
        ('"zones":null', '"zones":[]', "region.zones: want a whole number, got []"),
    ],
)
def test_what_a_stranger_changed_is_refused_with_its_place(
    before: str, after: str, message: str
) -> None:
    text = plan_to_json(PLAN)
    assert before in text

    with pytest.raises(ConfigError) as caught:
        plan_from_json(text.replace(before, after, 1), "x.json")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x.json: is not JSON: Expecting value"),
        ("[]", "x.json: want a JSON object"),
        ("[" * 100_000, "x.json: is not JSON: maximum recursion depth"),
        ('{"schema":1,"plan":7}', "x.json: plan: want an object, got 7"),
    ],
)
def test_what_is_no_plan_at_all_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        plan_from_json(text, "x.json")

    assert message in str(caught.value)


def test_a_field_with_a_default_may_be_absent() -> None:
    text = plan_to_json(PLAN).replace('"jitter":0.5,', "")

    assert plan_from_json(text, "old.json") == PLAN


def test_long_values_are_cut_in_messages() -> None:
    text = plan_to_json(PLAN).replace('"seed":1', f'"seed":"{"9" * 500}"')

    with pytest.raises(ConfigError) as caught:
        plan_from_json(text, "x.json")

    assert len(caught.value.problem) < 120


def test_whole_number_where_a_float_is_wanted_is_that_float() -> None:
    text = plan_to_json(PLAN).replace('"latitude_deg":40.0', '"latitude_deg":40')

    assert plan_to_json(plan_from_json(text, "x.json")) == plan_to_json(PLAN)


@pytest.mark.parametrize(
    ("was", "key"), [('"round_ns":', "pacing.round_ns"), ('"seed":', "seed")]
)
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400])
def test_a_whole_number_that_no_column_holds_is_refused_by_its_key(
    was: str, key: str, number: int
) -> None:
    text = re.sub(rf"{was}\d+", f"{was}{number}", plan_to_json(PLAN), count=1)

    with pytest.raises(ConfigError) as caught:
        plan_from_json(text, "x.json")

    assert str(caught.value) == (
        f"x.json: plan.{key}: want a whole number in [-2^63, 2^63)"
    )


def test_the_largest_whole_number_is_read() -> None:
    plan = replace(PLAN, seed=2**63 - 1)

    assert plan_from_json(plan_to_json(plan), "x.json") == plan
