from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.errors import ConfigError
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.design import make_plan
from cloudgauge.planning.files import PlanSettings
from cloudgauge.planning.limits import check_limits
from tests.fakes.plans import Choice, object_in, price_of, target, targets_of

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


SPEC = DownloadSpec(streams=(1, 8))
DOWNLOAD = replace(SETTINGS, probe=None, download=SPEC)
BOTH = replace(SETTINGS, download=SPEC)
CHOICE = Choice(
    objects=(object_in("gcp", "two"), object_in("aws", "one")),
    objectless=("azure/three",),
)
# Two objects, each over one stream and over eight, in windows of 19 s.
TRANSFERS_NS = 4 * SPEC.window_ns


def test_downloads_alone_make_a_plan_without_targets() -> None:
    plan = make_plan(DOWNLOAD, targets_of(aws=3), objects=CHOICE)

    assert (plan.targets, plan.controls) == ((), ())
    assert [one.target_id for one in plan.objects] == ["aws/one:agent", "gcp/two:agent"]
    assert plan.objectless == ("azure/three",)
    assert plan.download == SPEC
    assert plan.pacing.rounds == 3
    assert plan.duration_ns == 3 * TRANSFERS_NS


def test_latency_and_downloads_make_one_plan() -> None:
    plan = make_plan(BOTH, targets_of(aws=3), objects=CHOICE)

    assert len(plan.targets) == 3
    assert len(plan.objects) == 2
    assert plan.round_span_ns == 18 * NS_PER_S + TRANSFERS_NS


def test_a_plan_of_latency_looks_at_no_objects() -> None:
    prices = (price_of("aws/one"),)
    asked = make_plan(SETTINGS, WORLD, objects=CHOICE, egress_prices=prices)

    assert asked == make_plan(SETTINGS, WORLD)


def test_prices_of_the_objects_regions_are_kept_and_no_others() -> None:
    prices = (
        price_of("gcp/two", "0.12 USD"),
        price_of("aws/one", "0.80 CNY"),
        price_of("aws/one", "0.09 USD"),
        price_of("azure/three"),
    )

    plan = make_plan(DOWNLOAD, (), objects=CHOICE, egress_prices=prices)

    assert plan.egress_prices == (prices[1], prices[2], prices[0])


def test_latency_is_measured_where_nothing_can_be_downloaded() -> None:
    nothing = Choice(objectless=("azure/b", "azure/a"))

    plan = make_plan(BOTH, targets_of(azure=2), objects=nothing)

    assert (plan.objects, plan.download) == ((), None)
    assert plan.objectless == ("azure/a", "azure/b")
    assert plan.pacing.rounds == 10


@pytest.mark.parametrize(
    ("objectless", "message"),
    [
        (
            ("azure/b", "azure/a"),
            "plan a: select: no throughput target: no region chosen has an object: "
            "azure/a, azure/b",
        ),
        (
            (),
            "plan a: select: no throughput target: no region chosen has an object",
        ),
    ],
)
def test_downloads_of_nothing_are_refused(
    objectless: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        make_plan(DOWNLOAD, (), objects=Choice(objectless=objectless))

    assert str(caught.value) == message


def test_downloads_without_a_choice_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"no region chosen has an object$"):
        make_plan(DOWNLOAD, ())


def test_a_control_needs_latency_to_be_compared() -> None:
    settings = replace(DOWNLOAD, controls=("aws/one:agent",))

    with pytest.raises(ConfigError, match='"aws/one:agent" is no target of this plan'):
        make_plan(settings, (), objects=CHOICE)


@pytest.mark.parametrize(
    ("asked", "rounds", "round_s"),
    [
        # Four windows of 19 s are 76 s.
        (replace(DOWNLOAD, duration_ns=200 * NS_PER_S), 2, 18),
        (replace(DOWNLOAD, duration_ns=76 * NS_PER_S), 1, 18),
        (replace(BOTH, duration_ns=200 * NS_PER_S), 2, 24),
        (replace(BOTH, duration_ns=90 * NS_PER_S), 1, 14),
        (replace(BOTH, rounds=2, duration_ns=172 * NS_PER_S), 2, 10),
        (replace(BOTH, round_ns=10 * NS_PER_S, duration_ns=180 * NS_PER_S), 2, 10),
        (replace(BOTH, rounds=2, round_ns=20 * NS_PER_S), 2, 20),
    ],
)
def test_transfers_take_their_time_beside_the_visits(
    asked: PlanSettings, rounds: int, round_s: int
) -> None:
    plan = make_plan(asked, targets_of(aws=1), objects=CHOICE)

    visits_s = plan.pacing.round_ns // NS_PER_S
    assert plan.pacing.rounds == rounds
    assert asked.probe is None or visits_s == round_s
    assert asked.duration_ns is None or plan.duration_ns <= asked.duration_ns


@pytest.mark.parametrize(
    "asked",
    [
        replace(DOWNLOAD, duration_ns=75 * NS_PER_S),
        replace(BOTH, duration_ns=76 * NS_PER_S),
        replace(BOTH, rounds=2, duration_ns=100 * NS_PER_S),
        replace(BOTH, round_ns=10 * NS_PER_S, duration_ns=85 * NS_PER_S),
    ],
)
def test_duration_that_holds_not_one_round_of_transfers_is_refused(
    asked: PlanSettings,
) -> None:
    with pytest.raises(ConfigError) as caught:
        make_plan(asked, targets_of(aws=1), objects=CHOICE, where="a.toml")

    assert str(caught.value) == (
        "a.toml: duration: the 4 transfers of a round take 1m16s, which is too long "
        "for it; take fewer rounds, regions or streams, or a longer duration"
    )
