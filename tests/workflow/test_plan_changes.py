"""What options say over a plan, as plans show it."""

from math import inf, nan

import pytest

from cloudgauge.errors import ConfigError, LimitExceeded
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import ProbeKind, ProbeSpec
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family, Selection
from cloudgauge.planning.settings import PlanSettings
from cloudgauge.workflow.plan_changes import PlanChanges, changed
from cloudgauge.workflow.planning import PlanRequest, plan_for_run

LATENCY = PlanSettings(name="a")
DOWNLOAD = PlanSettings(name="a", probe=None, download=DownloadSpec(streams=(4,)))
BOTH = PlanSettings(name="a", download=DownloadSpec())


def test_options_change_what_they_name_and_nothing_else() -> None:
    changes = PlanChanges(
        seed=0,
        warm_requests=0,
        timeout_ns=3 * NS_PER_S,
        families=(Family.IPV6,),
        visits_per_s=20,
    )

    before = plan_for_run(PlanRequest(plan="gulf"))
    after = plan_for_run(PlanRequest(plan="gulf", changes=changes))

    assert after.seed == 0
    assert after.probe.warm_requests == 0
    assert after.probe.timeout_ns == 3 * NS_PER_S
    assert after.probe.families == (Family.IPV6,)
    assert after.ceilings.visits_per_s == 20
    assert after.ceilings.visits_per_s_host == before.ceilings.visits_per_s_host
    assert (after.targets, after.pacing) == (before.targets, before.pacing)


@pytest.mark.parametrize(
    ("plan", "rounds", "duration_s", "wanted_rounds", "wanted_round_s"),
    [
        ("gulf", 4, None, 4, 15),  # 20 rounds in 5 minutes: as long as they were
        ("gulf", None, 60, 4, 15),
        ("gulf", None, 10, 1, 10),  # not even one of them would fit
        ("gulf", 6, 60, 6, 10),
        ("world", 3, None, 3, 18),
        ("world", None, 40, 2, 20),
        ("world", 2, 40, 2, 20),
    ],
)
def test_rounds_and_duration_over_a_plan(
    plan: str,
    rounds: int | None,
    duration_s: int | None,
    wanted_rounds: int,
    wanted_round_s: int,
) -> None:
    duration_ns = None if duration_s is None else duration_s * NS_PER_S
    changes = PlanChanges(rounds=rounds, duration_ns=duration_ns)

    pacing = plan_for_run(PlanRequest(plan=plan, changes=changes)).pacing

    assert (pacing.rounds, pacing.round_ns) == (
        wanted_rounds,
        wanted_round_s * NS_PER_S,
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (PlanChanges(rounds=0), "--rounds: rounds, round and duration must be above 0"),
        (PlanChanges(duration_ns=0), "--duration: rounds, round and duration must be"),
        (PlanChanges(rounds=0, duration_ns=1), "--rounds, --duration: rounds, round"),
        (PlanChanges(seed=-1), "--seed: seed must be in [0, 2^63), got -1"),
        (PlanChanges(warm_requests=101), "--warm: warm_requests must be in [0, 100]"),
        (PlanChanges(timeout_ns=0), "--timeout: timeout must be in [1ms, 2m], got 0"),
        (PlanChanges(families=()), "--ipv4, --ipv6: families must name ipv4, ipv6"),
        *(
            (
                PlanChanges(visits_per_s=rate),
                f"--rate: visits_per_s must be in [1e-06, 1e+06], got {rate}",
            )
            for rate in (0, nan, inf, -1, 1e-300)
        ),
    ],
)
def test_option_that_makes_no_sense_is_refused(
    changes: PlanChanges, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        plan_for_run(PlanRequest(changes=changes))

    assert str(caught.value).startswith(message)


def test_the_greatest_rate_is_planned_and_the_least_needs_more_time_than_there_is() -> (
    None
):
    most = PlanRequest(plan="gulf", changes=PlanChanges(visits_per_s=1e6))
    least = PlanRequest(plan="gulf", changes=PlanChanges(visits_per_s=1e-6))

    assert plan_for_run(most).ceilings.visits_per_s == 1e6
    with pytest.raises(LimitExceeded, match="clear of 1e-06 a second"):
        plan_for_run(least)


@pytest.mark.parametrize(
    ("settings", "kinds", "wanted"),
    [
        (LATENCY, None, (ProbeSpec(), None)),
        (LATENCY, ("download",), (None, DownloadSpec())),
        (LATENCY, ("latency", "download"), (ProbeSpec(), DownloadSpec())),
        (DOWNLOAD, None, (None, DownloadSpec(streams=(4,)))),
        (DOWNLOAD, ("latency",), (ProbeSpec(), None)),
        (DOWNLOAD, ("download", "download"), (None, DownloadSpec(streams=(4,)))),
        (BOTH, ("latency",), (ProbeSpec(), None)),
    ],
)
def test_kinds_that_are_asked_for_are_measured_and_no_others(
    settings: PlanSettings,
    kinds: tuple[str, ...] | None,
    wanted: tuple[ProbeSpec | None, DownloadSpec | None],
) -> None:
    asked = None if kinds is None else tuple(ProbeKind(kind) for kind in kinds)

    after = changed(settings, PlanChanges(kinds=asked))

    assert (after.probe, after.download) == wanted


def test_controls_by_name_go_with_the_latency_they_are_of() -> None:
    named = PlanSettings(name="a", controls=("aws/x:y",))

    both = changed(named, PlanChanges(kinds=tuple(ProbeKind)))
    alone = changed(named, PlanChanges(kinds=(ProbeKind.DOWNLOAD,)))

    assert both.controls == ("aws/x:y",)
    assert alone.controls is True


def test_options_of_downloads_change_what_they_name() -> None:
    changes = PlanChanges(
        streams=(2, 3),
        transfer_ns=5 * NS_PER_S,
        transfer_bytes=10**7,
        timeout_ns=3 * NS_PER_S,
        families=(Family.IPV6,),
        traffic_bytes=10**9,
        cost=parse_money("1 USD"),
    )

    after = changed(BOTH, changes)

    assert after.download == DownloadSpec(
        streams=(2, 3),
        transfer_ns=5 * NS_PER_S,
        transfer_bytes=10**7,
        timeout_ns=3 * NS_PER_S,
        families=(Family.IPV6,),
    )
    assert after.probe == ProbeSpec(timeout_ns=3 * NS_PER_S, families=(Family.IPV6,))
    assert after.ceilings.traffic_bytes == 10**9
    assert after.ceilings.cost == parse_money("1 USD")


@pytest.mark.parametrize(
    ("settings", "changes", "message"),
    [
        (
            LATENCY,
            PlanChanges(streams=(1,)),
            "--streams: is of another kind of probe; say --kind download as well",
        ),
        (
            LATENCY,
            PlanChanges(transfer_ns=1),
            "--transfer: is of another kind of probe; say --kind download as well",
        ),
        (
            LATENCY,
            PlanChanges(transfer_bytes=1),
            "--transfer-bytes: is of another kind of probe; say --kind download as "
            "well",
        ),
        (
            LATENCY,
            PlanChanges(cost=parse_money("1 USD")),
            "--max-cost: is of another kind of probe; say --kind download as well",
        ),
        (
            DOWNLOAD,
            PlanChanges(warm_requests=1),
            "--warm: is of another kind of probe; say --kind latency as well",
        ),
        (
            BOTH,
            PlanChanges(streams=(0,)),
            "--streams: streams must be in [1, 64], got [0]",
        ),
        (
            DOWNLOAD,
            PlanChanges(transfer_ns=NS_PER_S),
            "--transfer: transfer must be in [3s, 10m], got 1s",
        ),
        (
            DOWNLOAD,
            PlanChanges(transfer_bytes=10),
            "--transfer-bytes: transfer_bytes must be at least 1 MB, got 10",
        ),
        (
            DOWNLOAD,
            PlanChanges(traffic_bytes=0),
            "--traffic: traffic_bytes must be above 0, got 0",
        ),
    ],
)
def test_option_of_a_download_that_makes_no_sense_is_refused(
    settings: PlanSettings, changes: PlanChanges, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        changed(settings, changes)

    assert str(caught.value) == message


def test_fewer_rounds_of_both_kinds_leave_the_length_of_a_round_to_the_planner() -> (
    None
):
    timed = PlanSettings(
        name="a", download=DownloadSpec(), rounds=4, duration_ns=400 * NS_PER_S
    )

    after = changed(timed, PlanChanges(rounds=2))

    assert (after.rounds, after.round_ns, after.duration_ns) == (2, None, None)


def test_a_selection_can_be_downloaded_from() -> None:
    selection = Selection(regions=("aws/ap-southeast-1", "azure/southeastasia"))
    changes = PlanChanges(kinds=(ProbeKind.DOWNLOAD,), rounds=1)

    plan = plan_for_run(PlanRequest(selection=selection, changes=changes))

    assert plan.targets == ()
    assert [one.region.region_id for one in plan.objects] == ["aws/ap-southeast-1"]
    assert plan.objectless == ("azure/southeastasia",)
    assert {price.region_id for price in plan.egress_prices} == {"aws/ap-southeast-1"}
