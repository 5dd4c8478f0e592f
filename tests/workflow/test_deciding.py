import asyncio
import math
import random
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.prober import Visit
from cloudgauge.measure.runner import Runner
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Pacing, Plan, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind, KernelView, Sample, Timings
from cloudgauge.model.target import Family
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.deciding import (
    Decider,
    DecisionRule,
    check_rule,
)
from cloudgauge.workflow.looks import Standing, conclusion, judging, standings_of
from tests.fakes.clock import FakeClock
from tests.fakes.plans import plan_of, target, targets_of
from tests.fakes.probing import FakeProber, ListSink, OpenGate, sample_of

PLAN = plan_of(
    targets_of(aws=3),
    controls=("aws/place-1:object-storage",),
    pacing=Pacing(rounds=40, round_ns=20 * NS_PER_S),
)
FAST, ALIKE, SLOW = (one.target_id for one in PLAN.targets)
SNAPSHOT = DecisionRule(snapshot=True)


class AtOnce(Executor):
    """Does what it is given before it returns."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except ValueError as exc:
            done.set_exception(exc)
        return done


def answering(
    mean_us: dict[str, float], *, fail: FailureKind | None = None
) -> Callable[[Slot, int], Visit]:
    """A script of visits: round trips about these means; SLOW's may fail so."""
    rng = random.Random(1)

    def script(slot: Slot, sent_ns: int) -> Visit:
        failure = fail if slot.target_id == SLOW else None
        sample = sample_of(slot, sent_ns, failure=failure)
        rtt_us = round(mean_us[slot.target_id] + rng.gauss(0, 500))
        kernel = None if failure else view(rtt_us)
        return Visit(samples=(replace(sample, kernel=kernel),))

    return script


def view(rtt_us: int, *, resent: int = 0) -> KernelView:
    return KernelView(
        connect_rtt_us=rtt_us,
        rtt_us=rtt_us,
        rttvar_us=1,
        min_rtt_us=rtt_us,
        syn_retransmits=resent,
        retransmits=0,
    )


@dataclass(slots=True, kw_only=True)
class Run:
    """What became of a run."""

    outcome: RunOutcome
    samples: list[Sample]
    skipped: list[Slot]
    decider: Decider
    told: list[str]

    def visits(self, target_id: str) -> int:
        return sum(
            one.exchange == 0 and one.slot.target_id == target_id
            for one in self.samples
        )


class Both:
    """A sink that gives to two."""

    def __init__(self, *sinks: Any) -> None:
        self._sinks = sinks

    def append(self, record: Any) -> None:
        for sink in self._sinks:
            sink.append(record)


def run(
    script: Callable[[Slot, int], Visit],
    *,
    plan: Plan = PLAN,
    rule: DecisionRule = SNAPSHOT,
) -> Run:
    clock, sink = FakeClock(), ListSink()
    skipped: list[Slot] = []
    told: list[str] = []
    decider = Decider(
        plan, rule, executor=AtOnce(), skipped=skipped.append, told=told.append
    )
    runner = Runner(
        plan,
        prober=FakeProber(clock, script=script),
        sink=Both(sink, decider),
        clock=clock,
        ground=Ground.of(plan, clock, OpenGate()),
    )

    async def to_the_end() -> RunOutcome:
        outcome = await runner.run(slots(plan), roster=decider)
        await decider.conclude()
        return outcome

    return Run(
        outcome=asyncio.run(to_the_end()),
        samples=sink.samples,
        skipped=skipped,
        decider=decider,
        told=told,
    )


def test_a_region_that_is_worse_leaves_and_its_slots_are_skipped_and_counted() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 10_000, SLOW: 90_000}))

    (left,) = done.decider.decision().departures
    assert left.target_id == SLOW
    assert left.family == "ipv4"
    assert left.evidence >= 20
    assert left.rounds < 40
    # Those that were under way when it was decided are kept.
    assert left.rounds <= done.visits(SLOW) <= left.rounds + 1
    assert done.outcome.skipped == 40 - done.visits(SLOW)
    assert [slot.target_id for slot in done.skipped] == [SLOW] * done.outcome.skipped
    # The open loop goes on for the others, to the end.
    assert done.visits(FAST) == 40
    assert done.outcome.stop_reason is StopReason.FINISHED
    assert not done.outcome.complete
    assert done.decider.decision().looks > 5


def test_the_run_ends_when_one_region_is_left() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 50_000, SLOW: 90_000}))

    assert done.decider.is_decided
    assert done.outcome.stop_reason is StopReason.DECIDED
    assert done.outcome.detail == "what was asked is decided"
    assert done.visits(FAST) < 40
    decision = done.decider.decision()
    assert {one.target_id for one in decision.departures} == {ALIKE, SLOW}
    assert decision.snapshot


def test_equal_regions_all_stay_to_the_end() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 10_000, SLOW: 10_000}))
    assert done.outcome.complete
    assert done.decider.decision().departures == ()
    assert not done.skipped


def test_each_look_says_who_may_be_best_and_who_leaves() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 10_000, SLOW: 90_000}))
    first, *_ = done.told
    assert first == (
        "look 1, ipv4, 1 round: 3 of 3 may be best; nobody leaves before 30 rounds"
    )
    (leaving,) = [line for line in done.told if "left now" in line]
    assert f"2 of 3 may be best; {SLOW} left now; next to leave is " in leaving
    # Of three, one of which has left: 3 / (2 x 5 %).
    assert leaving.endswith(" of 30")
    assert len(done.told) == done.decider.decision().looks


def test_the_last_look_says_who_it_is() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 50_000, SLOW: 90_000}))
    assert f": decided: {FAST}; " in done.told[-1]
    (sentence,) = conclusion(done.decider.decision())
    assert sentence.startswith("ipv4: decided after ")
    assert sentence.endswith(f" looks: {FAST} is the best")


def test_what_is_undecided_at_the_end_says_by_how_much_at_any_time() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 10_100, SLOW: 90_000}))
    decision = done.decider.decision()
    assert [one.target_id for one in decision.remaining] == sorted((FAST, ALIKE))
    told, why = conclusion(decision)
    names = ", ".join(sorted((FAST, ALIKE)))
    assert told == (
        f"ipv4: undecided after 40 rounds and {decision.looks} looks: {names} may each "
        "be the best"
    )
    assert " is behind the fastest by " in why
    assert " ms, at any time within -" in why
    ends = [
        (one.behind_low_ms, one.behind_ms, one.behind_high_ms)
        for one in decision.remaining
        if one.behind_ms is not None
    ]
    (behind,) = ends
    low, point, high = (end or math.nan for end in behind)
    assert low < point < high


def test_hours_that_are_not_covered_yet_are_told_once_each() -> None:
    means = {FAST: 10_000.0, ALIKE: 10_000.0, SLOW: 90_000.0}
    day = replace(PLAN, pacing=Pacing(rounds=40, round_ns=1800 * NS_PER_S))
    done = run(answering(means), plan=day, rule=DecisionRule())
    waiting = [line for line in done.told if line.startswith("no look yet: ")]
    assert [line.split()[3] for line in waiting] == ["0", "1", "2"]
    burst = run(answering(means), rule=DecisionRule())
    _, why = conclusion(burst.decider.decision())
    assert why == (
        "ipv4: no look was taken: too few rounds or hours of the day were covered"
    )


def test_a_control_leaves_with_its_target() -> None:
    done = run(answering({FAST: 10_000, ALIKE: 90_000, SLOW: 10_000}))
    assert {slot.target_id for slot in done.skipped} == {ALIKE}
    assert {slot.replica for slot in done.skipped} == {0, 1}


@pytest.mark.parametrize(
    ("failure", "leaves"),
    [
        # As long as it was waited for, and so longer than all others.
        (FailureKind.CONNECT_TIMEOUT, True),
        # No slow answer: it says nothing of its time.
        (FailureKind.REFUSED, False),
    ],
)
def test_a_timeout_is_slower_than_all_and_other_failures_are_no_round(
    failure: FailureKind, *, leaves: bool
) -> None:
    means = {FAST: 10_000.0, ALIKE: 10_000.0, SLOW: 10_000.0}
    done = run(answering(means, fail=failure))
    left = [one.target_id for one in done.decider.decision().departures]
    assert left == ([SLOW] if leaves else [])


def test_nothing_is_decided_before_three_quarters_of_a_day_are_covered() -> None:
    means = {FAST: 10_000.0, ALIKE: 10_000.0, SLOW: 90_000.0}
    burst = run(answering(means), rule=DecisionRule())
    assert burst.decider.decision().looks == 0
    assert burst.outcome.complete

    # Forty rounds, one in half an hour: twenty hours.
    day = replace(PLAN, pacing=Pacing(rounds=40, round_ns=1800 * NS_PER_S))
    spread = run(answering(means), plan=day, rule=DecisionRule())
    (left,) = spread.decider.decision().departures
    assert left.target_id == SLOW
    assert left.rounds > 24


def test_each_ip_version_is_decided_for_itself() -> None:
    both = replace(
        PLAN, controls=(), probe=ProbeSpec(families=(Family.IPV4, Family.IPV6))
    )
    rng = random.Random(2)

    def script(slot: Slot, sent_ns: int) -> Visit:
        slow = slot.target_id == SLOW and slot.family is Family.IPV6
        rtt_us = round((90_000 if slow else 10_000) + rng.gauss(0, 500))
        sample = replace(sample_of(slot, sent_ns), kernel=view(rtt_us))
        return Visit(samples=(sample,))

    done = run(script, plan=both)
    (left,) = done.decider.decision().departures
    assert (left.target_id, left.family) == (SLOW, "ipv6")
    assert done.visits(SLOW) < done.visits(FAST) == 80


def one(slot: Slot, **changes: Any) -> Sample:
    return replace(sample_of(slot, slot.due_ns), **changes)


def test_without_the_kernel_the_programs_time_counts_and_a_resent_syn_does_not() -> (
    None
):
    made: list[list[list[tuple[float, ...]]]] = []

    class Watching(AtOnce):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            made.append(args[0])
            return super().submit(fn, *args, **kwargs)

    (first, second, third) = sorted(
        (slot for slot in slots(PLAN) if not slot.round_index and not slot.replica),
        key=lambda slot: slot.target_id,
    )

    async def take(samples: Iterable[Sample]) -> None:
        decider = Decider(PLAN, SNAPSHOT, executor=Watching(), skipped=lambda _: None)
        for sample in samples:
            decider.append(sample)
        await asyncio.sleep(0)

    timings = Timings(connect_ns=7_000_000)
    samples = [
        one(first, kernel=None, timings=timings),
        one(second, kernel=view(1_000, resent=1)),
        one(third, kernel=None, timings=Timings()),
    ]
    asyncio.run(take(samples))
    (((row,),),) = made
    assert row[0] == 7.0
    assert all(math.isnan(value) for value in row[1:])


def test_a_process_of_its_own_judges() -> None:
    rng = random.Random(3)
    matrix = [(rng.gauss(10, 1), rng.gauss(10, 1), rng.gauss(90, 1)) for _ in range(60)]
    with judging() as executor:
        ((first, second, third),) = executor.submit(
            standings_of, [matrix], [0]
        ).result()
    assert not first.leaves
    assert not second.leaves
    assert third.leaves
    assert third.evidence >= 20
    assert first.behind is None
    assert third.behind is not None
    point, low, high = third.behind
    assert low < 80 < high
    assert point == pytest.approx(80, abs=1)


def test_a_judge_that_fails_is_a_bug_and_is_not_hidden() -> None:
    async def ask() -> None:
        told: list[BaseException] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        done: asyncio.Future[list[list[Standing]]] = loop.create_future()
        decider = Decider(PLAN, SNAPSHOT, executor=AtOnce(), skipped=lambda _: None)
        done.add_done_callback(decider._judge)
        done.set_exception(ValueError("no such thing"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert [str(one) for one in told] == ["no such thing"]

    asyncio.run(ask())


def test_what_cannot_be_decided_is_refused_beforehand() -> None:
    check_rule(PLAN, SNAPSHOT)
    with pytest.raises(ConfigError, match="the run is too short to cover three"):
        check_rule(PLAN, DecisionRule())
    alone = plan_of([target("aws", "place-1")])
    with pytest.raises(ConfigError, match="wants at least two targets"):
        check_rule(alone, SNAPSHOT)
    few = replace(PLAN, pacing=Pacing(rounds=29, round_ns=20 * NS_PER_S))
    told = "nobody leaves before 30 rounds, and the plan has 29; take more, such as"
    with pytest.raises(ConfigError, match=told):
        check_rule(few, SNAPSHOT)
    downloads = replace(PLAN, objects=PLAN.targets, download=DownloadSpec())
    with pytest.raises(ConfigError, match="is of latency, and the plan downloads"):
        check_rule(downloads, SNAPSHOT)
