"""Downloads as a plan and its slots have them."""

from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Plan, ProbeKind
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.sample import Part
from cloudgauge.model.target import Family
from tests.model.test_plan import PLAN, SLOT, TARGETS
from tests.model.test_sample import COLD

SPEC = DownloadSpec(
    streams=(1, 8),
    transfer_ns=5 * NS_PER_S,
    timeout_ns=2 * NS_PER_S,
    idle_ns=3 * NS_PER_S,
    families=(Family.IPV4, Family.IPV6),
)
BOTH = replace(PLAN, objects=TARGETS[:2], download=SPEC)
TRANSFER = replace(SLOT, kind=ProbeKind.DOWNLOAD, streams=8)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"streams": ()}, "streams must name at least one number, each once"),
        ({"streams": (1, 1)}, "streams must name at least one number, each once"),
        ({"streams": (0,)}, r"streams must be in \[1, 64\], got \[0\]"),
        ({"streams": (1, 65)}, r"streams must be in \[1, 64\], got \[1, 65\]"),
        ({"transfer_ns": 3 * NS_PER_S - 1}, r"transfer must be in \[3s, 10m\], got"),
        (
            {"transfer_ns": 601 * NS_PER_S},
            r"transfer must be in \[3s, 10m\], got 10m1s",
        ),
        ({"transfer_bytes": 999_999}, "transfer_bytes must be at least 1 MB, got"),
        ({"timeout_ns": NS_PER_MS - 1}, r"timeout must be in \[1ms, 2m\], got"),
        ({"timeout_ns": 121 * NS_PER_S}, r"timeout must be in \[1ms, 2m\], got"),
        ({"idle_ns": -1}, r"idle must be in \[0s, 1m\], got -1 ns"),
        ({"idle_ns": 61 * NS_PER_S}, r"idle must be in \[0s, 1m\], got"),
        ({"rtt_interval_ns": 49 * NS_PER_MS}, r"rtt_interval must be in \[50ms, 10s"),
        ({"rtt_interval_ns": 11 * NS_PER_S}, r"rtt_interval must be in \[50ms, 10s\]"),
        ({"families": ()}, "families must name ipv4, ipv6 or both, each once"),
    ],
)
def test_a_download_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(SPEC, **change)


def test_a_transfers_window_holds_all_that_it_waits_for() -> None:
    # 3 s of idle round trips, 5 s of transfer, and 2 s for who makes us wait.
    assert SPEC.window_ns == 10 * NS_PER_S


def test_transfers_follow_the_visits_of_their_round() -> None:
    # Two objects, two families, two numbers of streams.
    assert BOTH.transfers_per_round == 8
    assert BOTH.round_span_ns == (5 + 8 * 10) * NS_PER_S
    assert BOTH.duration_ns == 10 * BOTH.round_span_ns
    # Three targets and a control over two families, and the eight.
    assert BOTH.visit_count == 10 * (8 + 8)


def test_a_plan_of_latency_alone_has_no_transfers() -> None:
    assert PLAN.transfers_per_round == 0
    assert PLAN.duration_ns == PLAN.pacing.duration_ns
    assert PLAN.visit_count == 80


def test_a_plan_of_downloads_alone_has_no_round_of_visits() -> None:
    alone = replace(BOTH, targets=(), controls=())
    assert alone.round_span_ns == 8 * 10 * NS_PER_S
    assert alone.visit_count == 80


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"objects": TARGETS[:2]}, "objects and download go together"),
        ({"download": SPEC}, "objects and download go together"),
        (
            {"objects": TARGETS[1::-1], "download": SPEC},
            "targets must be unique and in the order of their ids",
        ),
        ({"targets": (), "controls": ()}, "a plan needs at least one target"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        replace(PLAN, **change)


def test_a_plan_says_which_regions_have_no_object() -> None:
    plan: Plan = replace(BOTH, objectless=("acme/c-1",))
    assert plan.objectless == ("acme/c-1",)


def test_streams_are_of_downloads_alone() -> None:
    assert TRANSFER.streams == 8
    with pytest.raises(ValueError, match=r"^streams belong to a download, got None"):
        replace(TRANSFER, streams=None)
    with pytest.raises(ValueError, match=r"^streams belong to a download, got 1 of"):
        replace(SLOT, streams=1)


def test_a_sample_of_a_download_says_what_it_is_of() -> None:
    loaded = replace(COLD, slot=TRANSFER, part=Part.LOADED)
    assert loaded.part is Part.LOADED
    with pytest.raises(ValueError, match=r"^part belongs to a download, got None of"):
        replace(COLD, slot=TRANSFER)
    with pytest.raises(ValueError, match=r"^part belongs to a download, got idle of"):
        replace(COLD, part=Part.IDLE)
