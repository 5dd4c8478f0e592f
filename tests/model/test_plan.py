import re
from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest

from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeKind, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.target import Family, Target
from tests.model.test_target import ENDPOINT, REGION

TARGETS = tuple(
    Target(region=replace(REGION, code=code), endpoint=ENDPOINT)
    for code in ("a-1", "b-1", "c-1")
)
PLAN = Plan(
    name="three",
    question="",
    seed=7,
    targets=TARGETS,
    controls=("acme/b-1:object-storage",),
    probe=ProbeSpec(families=(Family.IPV4, Family.IPV6)),
    pacing=Pacing(rounds=10, round_ns=5 * NS_PER_S),
    ceilings=Ceilings(),
)
SLOT = Slot(
    seq=0,
    round_index=0,
    target_id="acme/a-1:object-storage",
    replica=0,
    family=Family.IPV4,
    kind=ProbeKind.LATENCY,
    due_ns=0,
)


def test_a_visit_is_one_cold_request_and_its_warm_ones() -> None:
    assert ProbeSpec(warm_requests=0).requests_per_visit == 1
    assert ProbeSpec(warm_requests=4).requests_per_visit == 5


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"warm_requests": -1}, r"warm_requests must be in \[0, 100\], got -1"),
        ({"warm_requests": 101}, r"warm_requests must be in \[0, 100\], got 101"),
        ({"timeout_ns": NS_PER_MS - 1}, r"timeout must be in \[1ms, 2m\], got 999999"),
        ({"timeout_ns": 121 * NS_PER_S}, r"timeout must be in \[1ms, 2m\], got"),
        ({"families": ()}, "families must name ipv4, ipv6 or both, each once"),
        (
            {"families": (Family.IPV4, Family.IPV4)},
            "families must name ipv4, ipv6 or both, each once",
        ),
        ({"body_limit_bytes": 0}, "body_limit must be at least 1 B, got 0"),
    ],
)
def test_a_probe_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(ProbeSpec(), **change)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rounds": 0}, "rounds and round must be >= 1, got 0, 5000000000"),
        ({"round_ns": 0}, "rounds and round must be >= 1, got 10, 0"),
        ({"jitter": -0.1}, r"jitter must be in \[0, 0.8\], got -0.1"),
        ({"jitter": 0.9}, r"jitter must be in \[0, 0.8\], got 0.9"),
    ],
)
def test_a_pacing_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(PLAN.pacing, **change)


def test_rounds_follow_one_another_without_a_gap() -> None:
    assert PLAN.pacing.duration_ns == 50 * NS_PER_S


@pytest.mark.parametrize("name", ["requests", "traffic_bytes", "duration_ns"])
@pytest.mark.parametrize("value", [0, -1])
def test_a_ceiling_of_nothing_is_refused(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be above 0, got {value}$"):
        replace(Ceilings(), **dict[str, Any]({name: value}))


@pytest.mark.parametrize(
    "name", ["visits_per_s", "visits_per_s_provider", "visits_per_s_host"]
)
@pytest.mark.parametrize("rate", [nan, inf, -inf, -1, 0, 1e-300, 0.9e-6, 1.1e6, 1e308])
def test_a_rate_that_no_clock_could_keep_is_refused(name: str, rate: float) -> None:
    change: dict[str, Any] = {name: rate}
    problem = rf"^{name} must be in \[1e-06, 1e\+06\], got {re.escape(str(rate))}$"
    with pytest.raises(ValueError, match=problem):
        replace(Ceilings(), **change)


def test_a_plan_counts_series_over_targets_controls_and_families() -> None:
    assert PLAN.series_count == 8
    assert PLAN.visit_count == 80


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"targets": (), "controls": ()}, "a plan needs at least one target"),
        (
            {"targets": TARGETS[::-1]},
            "targets must be unique and in the order of their ids",
        ),
        (
            {"targets": (TARGETS[0], *TARGETS)},
            "targets must be unique and in the order of their ids",
        ),
        ({"controls": ("acme/z-1:x",)}, r"controls must be targets, got \['acme/z-1"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(PLAN, **change)


@pytest.mark.parametrize("name", ["seq", "round_index", "due_ns"])
def test_a_slot_before_the_start_is_refused(name: str) -> None:
    change: dict[str, Any] = {name: -1}
    with pytest.raises(ValueError, match=r"^seq, round_index and due_ns must be >= 0"):
        replace(SLOT, **change)


@pytest.mark.parametrize("replica", [-1, 2])
def test_a_control_has_two_series_and_no_more(replica: int) -> None:
    with pytest.raises(ValueError, match=f"^replica must be 0 or 1, got {replica}$"):
        replace(SLOT, replica=replica)
