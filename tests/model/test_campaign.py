from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.model.campaign import Pin
from cloudgauge.model.run import Vantage
from tests.fakes.plans import plan_of, target

PIN = Pin(
    plan=plan_of([target("aws", "one")]),
    plan_hash="a" * 64,
    tool_version="0.1.0",
    catalogue_hash="b" * 64,
    pinned_wall_ns=1,
)


def test_a_pin_is_for_whoever_comes_unless_it_says_otherwise() -> None:
    assert PIN.vantages == ()
    assert PIN.start_wall_ns is None
    assert PIN.part_rounds is None


def test_a_pin_may_say_who_when_and_in_which_parts() -> None:
    who = (Vantage(name="berlin"), Vantage(name="tokyo"))
    pin = replace(PIN, vantages=who, start_wall_ns=2**63 - 1, part_rounds=1)

    assert pin.vantages == who


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"plan_hash": "A" * 64}, "plan_hash must be 64 hexadecimal digits"),
        ({"plan_hash": "a" * 63}, "plan_hash must be 64 hexadecimal digits"),
        ({"catalogue_hash": ""}, "catalogue_hash must be 64 hexadecimal digits"),
        (
            {"vantages": (Vantage(name="b"), Vantage(name="a"))},
            "vantages must have names of their own, in the order of their names",
        ),
        (
            {"vantages": (Vantage(name="a"), Vantage(name="a", city="Ulm"))},
            "vantages must have names of their own, in the order of their names",
        ),
        ({"pinned_wall_ns": -1}, r"pinned_wall_ns must be in \[0, 2\^63\), got -1"),
        ({"start_wall_ns": 2**63}, r"start_wall_ns must be in .*, got 9223372036854"),
        ({"part_rounds": 0}, "part_rounds must be at least 1, got 0"),
    ],
)
def test_a_pin_that_cannot_be_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(PIN, **change)
