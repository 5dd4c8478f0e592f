from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import Ceilings, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.design import make_plan
from cloudgauge.planning.files import PlanSettings
from cloudgauge.planning.limits import check_limits
from tests.fakes.plans import target, targets_of

SETTINGS = PlanSettings(name="a")
WORLD = targets_of(alibaba=18, aws=34, azure=49, gcp=43, huawei=14, tencent=14)


def test_default_is_ten_rounds_in_three_minutes_with_a_control_a_provider() -> None:
    plan = make_plan(SETTINGS, WORLD)

    assert plan.pacing.rounds == 10
    assert plan.pacing.duration_ns == 180 * NS_PER_S
    assert [name.split("/")[0] for name in plan.controls] == sorted(
        ["alibaba", "aws", "azure", "gcp", "huawei", "tencent"]
    )
    check_limits(plan)


def test_settings_are_carried_into_the_plan() -> None:
    settings = PlanSettings(
        name="b",
        question="which?",
        seed=5,
        jitter=0.25,
        probe=ProbeSpec(warm_requests=1),
        ceilings=Ceilings(requests=77),
    )

    plan = make_plan(settings, targets_of(aws=2))

    assert (plan.name, plan.question, plan.seed) == ("b", "which?", 5)
    assert plan.pacing.jitter == 0.25
    assert plan.probe == settings.probe
    assert plan.ceilings == settings.ceilings


def test_order_of_targets_does_not_matter() -> None:
    assert make_plan(SETTINGS, WORLD[::-1]) == make_plan(SETTINGS, WORLD)


def test_controls_come_from_the_seed() -> None:
    chosen = {make_plan(replace(SETTINGS, seed=k), WORLD).controls for k in range(20)}

    assert len(chosen) == 20


def test_one_more_target_seldom_moves_a_control() -> None:
    more = (*WORLD, target("gcp", "zz"))
    moved = [
        make_plan(replace(SETTINGS, seed=seed), WORLD).controls
        != make_plan(replace(SETTINGS, seed=seed), more).controls
        for seed in range(50)
    ]

    assert sum(moved) < 6


def test_controls_can_be_named_or_left_out() -> None:
    two = ("gcp/place-1:object-storage", "aws/place-0:object-storage")
    named = make_plan(replace(SETTINGS, controls=(*two, two[0])), WORLD)

    assert named.controls == tuple(sorted(two))
    assert make_plan(replace(SETTINGS, controls=False), WORLD).controls == ()


def test_control_that_is_no_target_is_refused_with_the_nearest() -> None:
    settings = replace(SETTINGS, controls=("aws/place-1:object-storag",))

    with pytest.raises(ConfigError) as caught:
        make_plan(settings, targets_of(aws=2))

    assert str(caught.value) == (
        'plan a: controls: "aws/place-1:object-storag" is no target of this plan; '
        'did you mean "aws/place-1:object-storage"?'
    )
    with pytest.raises(ConfigError, match=r'"x" is no target of this plan$'):
        make_plan(replace(SETTINGS, controls=("x",)), targets_of(aws=2))


def test_plan_without_targets_is_refused() -> None:
    with pytest.raises(ConfigError, match="plan a: select: no target of the catalogue"):
        make_plan(SETTINGS, ())


@pytest.mark.parametrize(
    ("asked", "rounds", "round_s"),
    [
        (SETTINGS, 10, 18),
        (replace(SETTINGS, rounds=4), 4, 18),
        (replace(SETTINGS, round_ns=30 * NS_PER_S), 10, 30),
        (replace(SETTINGS, rounds=4, round_ns=30 * NS_PER_S), 4, 30),
        (replace(SETTINGS, rounds=2, duration_ns=40 * NS_PER_S), 2, 20),
        (replace(SETTINGS, round_ns=30 * NS_PER_S, duration_ns=100 * NS_PER_S), 3, 30),
        (replace(SETTINGS, duration_ns=60 * NS_PER_S), 3, 20),
        (replace(SETTINGS, duration_ns=10 * NS_PER_S), 1, 10),
    ],
)
def test_what_is_given_decides_the_rest(
    asked: PlanSettings, rounds: int, round_s: int
) -> None:
    pacing = make_plan(asked, targets_of(aws=3)).pacing

    assert (pacing.rounds, pacing.round_ns) == (rounds, round_s * NS_PER_S)


def test_duration_shorter_than_its_rounds_still_makes_a_plan() -> None:
    settings = replace(SETTINGS, rounds=9, duration_ns=5)

    assert make_plan(settings, targets_of(aws=1)).pacing.round_ns == 1


def test_default_round_grows_with_what_a_ceiling_needs() -> None:
    settings = replace(SETTINGS, ceilings=Ceilings(visits_per_s=2))

    plan = make_plan(settings, WORLD)

    # 178 visits, each 0.55 s apart with slack, four fifths of the round used.
    assert plan.pacing.round_ns == 123 * NS_PER_S
    check_limits(plan)


def test_default_round_leaves_a_host_time_to_answer_each_visit() -> None:
    settings = replace(SETTINGS, probe=ProbeSpec(warm_requests=100))

    plan = make_plan(settings, targets_of(aws=1))

    # Two visits (one is the control) of 104 long round trips of 300 ms.
    assert plan.pacing.round_ns == 63 * NS_PER_S


@given(
    counts=st.fixed_dictionaries(
        {name: st.integers(0, 60) for name in ("aws", "azure", "gcp")}
    ),
    shared=st.integers(1, 9),
    rate=st.floats(0.1, 50, allow_nan=False),
    both=st.booleans(),
)
def test_a_plan_with_the_default_round_keeps_its_ceilings(
    counts: dict[str, int], shared: int, rate: float, *, both: bool
) -> None:
    targets = (
        *targets_of(**counts),
        *(target("tencent", f"p-{k}", host="one.example") for k in range(shared)),
    )
    families = (Family.IPV4, Family.IPV6) if both else (Family.IPV4,)
    settings = replace(
        SETTINGS,
        probe=ProbeSpec(families=families),
        ceilings=Ceilings(visits_per_s=rate, visits_per_s_provider=rate),
    )

    check_limits(make_plan(settings, targets))
