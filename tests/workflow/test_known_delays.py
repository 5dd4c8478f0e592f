"""What the instrument is calibrated against."""

import itertools
from collections import Counter

import pytest

from cloudgauge.model.calibration import LOADS_PER_S
from cloudgauge.model.plan import Ceilings
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.planning.canonical import plan_from_json, plan_hash, plan_to_json
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.known_delays import (
    DEFAULT_SECONDS,
    DELAYS_NS,
    LEAST_SECONDS,
    MOST_SECONDS,
    MOST_TARGETS,
    Stage,
    delay_of,
    scenario,
    stages_of,
    targets_of,
)
from cloudgauge.world.session import WorldSpec

LENGTHS = (LEAST_SECONDS, DEFAULT_SECONDS, MOST_SECONDS)


def load(stage: Stage) -> float:
    return stage.plan.series_count / (stage.plan.pacing.round_ns / NS_PER_S)


def test_the_delays_are_those_that_are_promised() -> None:
    assert [ns / NS_PER_MS for ns in DELAYS_NS] == [0.5, 5, 20, 80, 250]


@pytest.mark.parametrize("seconds", LENGTHS)
def test_every_load_has_every_delay(seconds: int) -> None:
    seen = {
        (stage.targets, delay_of(target.target_id))
        for stage in stages_of(seconds)
        if stage.kernel_stamps
        for target in stage.plan.targets
    }
    assert seen == {(load, ns) for load in (1, 50, 200) for ns in DELAYS_NS}


@pytest.mark.parametrize("count", [50, 200])
def test_each_delay_has_as_many_targets_as_any_other(count: int) -> None:
    targets = targets_of(count)
    assert len({target.endpoint.host for target in targets}) == count
    counts = Counter(delay_of(target.target_id) for target in targets)
    assert counts == dict.fromkeys(DELAYS_NS, count // 5)


@pytest.mark.parametrize("seconds", LENGTHS)
def test_targets_are_visited_as_fast_as_their_load_says(seconds: int) -> None:
    for stage in stages_of(seconds):
        if stage.targets > 1:
            assert load(stage) == pytest.approx(LOADS_PER_S[stage.targets])


def test_the_heaviest_load_is_the_default_ceiling_of_a_run() -> None:
    assert max(LOADS_PER_S.values()) == Ceilings().visits_per_s
    assert max(LOADS_PER_S) == MOST_TARGETS


def test_a_single_target_is_visited_when_its_last_visit_is_over() -> None:
    for stage in stages_of(DEFAULT_SECONDS):
        if stage.targets > 1:
            continue
        # Connect, TLS, cold request, warm ones.
        trips = 3 + stage.plan.probe.warm_requests
        visit_ns = trips * delay_of(stage.plan.targets[0].target_id)
        due_ns = [slot.due_ns for slot in slots(stage.plan)]
        gaps_ns = [later - sooner for sooner, later in itertools.pairwise(due_ns)]
        assert all(gap_ns >= visit_ns + 50 * NS_PER_MS for gap_ns in gaps_ns)


@pytest.mark.parametrize("seconds", LENGTHS)
def test_the_programs_clock_is_calibrated_under_the_heaviest_load(seconds: int) -> None:
    user = [stage for stage in stages_of(seconds) if not stage.kernel_stamps]
    assert 200 in {stage.targets for stage in user}
    for stage in user:
        found = {delay_of(target.target_id) for target in stage.plan.targets}
        assert found == set(DELAYS_NS)


def test_a_minute_holds_the_longest_and_more_time_gives_more() -> None:
    lengths_s = [
        sum(stage.length_ns for stage in stages_of(seconds)) / NS_PER_S
        for seconds in LENGTHS
    ]
    assert lengths_s == sorted(lengths_s)
    assert lengths_s[0] <= LEAST_SECONDS
    # The network, the downloads and the reading of what is left have the rest.
    assert lengths_s[-1] <= MOST_SECONDS - 10


def test_stages_say_what_they_are() -> None:
    names = [stage.name for stage in stages_of(LEAST_SECONDS)]
    assert names[0] == "1 target at 500us, kernel clock"
    assert names[-1] == "200 targets, program's clock"


def test_the_private_network_plays_each_target_at_its_delay() -> None:
    targets = targets_of(MOST_TARGETS)
    sites = WorldSpec(scenario=scenario(), targets=targets).sites()
    by_host = {site.host: site for site in sites}
    for target in targets:
        link = by_host[target.endpoint.host].link
        assert link.rtt_ns == delay_of(target.target_id)
        assert (link.jitter_ns, link.loss, link.spike_share) == (0, 0, 0)
        assert target.endpoint.host.endswith(".test")


@pytest.mark.parametrize("seconds", LENGTHS)
def test_the_plans_can_be_written_down_and_read_again(seconds: int) -> None:
    for stage in stages_of(seconds):
        again = plan_from_json(plan_to_json(stage.plan), "here")
        assert again == stage.plan
        assert plan_hash(again) == plan_hash(stage.plan)
