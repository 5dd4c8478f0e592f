import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from cloudgauge.measure.ground import Ground
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.runner import Runner, in_flight_limit
from cloudgauge.measure.throttle import Gate
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, parse_duration_ns
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.planning.schedule import slots
from tests.fakes.clock import FakeClock
from tests.fakes.plans import plan_of, target, targets_of
from tests.fakes.probing import (
    ClockGate,
    FakeProber,
    ListSink,
    OpenGate,
    sample_of,
)

PLAN = plan_of(
    targets_of(aws=4, azure=6, gcp=5),
    controls=("aws/place-1:object-storage",),
    pacing=Pacing(rounds=5, round_ns=20 * NS_PER_S),
)
BUSY = "aws/place-1:object-storage"


@dataclass(slots=True, kw_only=True)
class Bench:
    """A runner among fakes."""

    plan: Plan
    clock: FakeClock
    prober: FakeProber
    sink: ListSink
    runner: Runner

    def run(self, slots_: Iterable[Slot] | None = None) -> RunOutcome:
        return asyncio.run(self.runner.run(slots_ or slots(self.plan)))

    def first_samples(self) -> Counter[FailureKind | None]:
        """How each visit began, or why there was none."""
        return Counter(s.failure for s in self.sink.samples if s.exchange == 0)


def bench(
    plan: Plan = PLAN,
    *,
    prober: FakeProber | None = None,
    clock: FakeClock | None = None,
    sink: ListSink | None = None,
    gate: Gate | None = None,
) -> Bench:
    clock = clock or FakeClock()
    prober = prober or FakeProber(clock)
    sink = sink or ListSink()
    ground = Ground.of(plan, clock, gate or OpenGate())
    runner = Runner(plan, prober=prober, sink=sink, clock=clock, ground=ground)
    return Bench(plan=plan, clock=clock, prober=prober, sink=sink, runner=runner)


def left_ns(sample: Sample) -> int:
    """How long a sample that was held back says that its host stays closed."""
    text = sample.failure_detail
    return parse_duration_ns(text.split(", for ")[1].removesuffix(" more"))


def throttled(slot: Slot, sent_ns: int, retry_after_ns: int | None) -> Visit:
    sample = sample_of(slot, sent_ns, failure=FailureKind.THROTTLED)
    return Visit(samples=(sample,), retry_after_ns=retry_after_ns)


def test_every_slot_is_sent_when_it_is_due_and_every_sample_kept() -> None:
    one = bench()

    outcome = one.run()

    assert outcome.stop_reason is StopReason.FINISHED
    assert outcome.complete
    assert outcome.detail == ""
    assert outcome.ended_wall_ns == one.clock.wall_ns()
    assert one.prober.sent == [(slot.due_ns, slot) for slot in slots(PLAN)]
    assert len(one.sink.samples) == 5 * PLAN.visit_count
    assert {s.lateness_ns for s in one.sink.samples if s.exchange == 0} == {0}


def test_slow_answer_delays_no_later_visit() -> None:
    clock = FakeClock()
    one = bench(clock=clock, prober=FakeProber(clock, lasts_ns=7 * NS_PER_S))

    outcome = one.run()

    assert outcome.complete
    assert one.prober.most_open > 3
    assert all(sent_ns == slot.due_ns for sent_ns, slot in one.prober.sent)


def test_failed_visit_is_a_sample_and_does_not_stop_the_run() -> None:
    clock = FakeClock()

    def refuse(slot: Slot, sent_ns: int) -> Visit | None:
        if slot.target_id != BUSY:
            return None
        sample = sample_of(slot, sent_ns, failure=FailureKind.REFUSED)
        return Visit(samples=(sample,))

    one = bench(clock=clock, prober=FakeProber(clock, script=refuse))

    assert one.run().complete
    assert one.first_samples() == {FailureKind.REFUSED: 10, None: 70}


def test_bug_in_a_prober_leaves_the_run() -> None:
    clock = FakeClock()

    def break_down(slot: Slot, sent_ns: int) -> Visit | None:
        msg = f"a bug at {sent_ns}"
        if slot.seq == 7:
            raise LookupError(msg)
        return None

    one = bench(clock=clock, prober=FakeProber(clock, script=break_down))

    with pytest.raises(ExceptionGroup) as caught:
        one.run()

    assert caught.group_contains(LookupError, match="a bug at")
    assert len(one.prober.sent) < 12


def test_plan_of_the_planner_never_waits_at_its_ceilings() -> None:
    clock = FakeClock()
    plan = plan_of(
        targets_of(aws=34, azure=49, gcp=43, huawei=14),
        controls=("aws/place-3:object-storage", "azure/place-7:object-storage"),
        # The shortest round that check_limits lets pass is 7.2 s.
        pacing=Pacing(rounds=30, round_ns=7_300 * NS_PER_MS),
    )
    gate = ClockGate(plan.ceilings, clock)
    one = bench(plan, clock=clock, gate=gate)

    assert one.run().complete
    assert gate.waits == 0
    assert {s.lateness_ns for s in one.sink.samples if s.exchange == 0} == {0}


def test_ceilings_hold_against_a_schedule_that_ignores_them() -> None:
    clock = FakeClock()
    gate = ClockGate(PLAN.ceilings, clock)
    one = bench(clock=clock, gate=gate)

    at_once = [replace(slot, due_ns=0) for slot in slots(PLAN)]
    outcome = one.run(at_once)

    assert outcome.complete
    assert gate.waits > 50
    hosts: dict[str, list[int]] = {}
    for sent_ns, slot in one.prober.sent:
        hosts.setdefault(slot.target_id, []).append(sent_ns)
    for times in hosts.values():
        gaps = [b - a for a, b in pairwise(times)]
        assert min(gaps) >= NS_PER_S
    # What waited is late, and says so.
    assert max(s.lateness_ns or 0 for s in one.sink.samples) >= 4 * NS_PER_S


def test_host_that_asks_is_left_alone_for_the_time_asked() -> None:
    clock = FakeClock()
    asked_ns = 45 * NS_PER_S

    def ask_once(slot: Slot, sent_ns: int) -> Visit | None:
        is_first = slot.target_id == BUSY and sent_ns < 20 * NS_PER_S
        return throttled(slot, sent_ns, asked_ns) if is_first else None

    one = bench(clock=clock, prober=FakeProber(clock, script=ask_once))

    outcome = one.run()

    assert outcome.complete
    sent = [at_ns for at_ns, slot in one.prober.sent if slot.target_id == BUSY]
    held = [s for s in one.sink.samples if s.failure is FailureKind.HELD_BACK]
    asked_at_ns = sent[0] + 80 * NS_PER_MS
    assert sent[1] > asked_at_ns + asked_ns
    assert all(asked_at_ns <= s.sent_ns < asked_at_ns + asked_ns for s in held)
    assert len(held) + len(sent) == 10
    assert {s.slot.target_id for s in held} == {BUSY}
    assert held[0].exchange == 0
    assert held[0].status is None
    assert held[0].failure_detail.startswith("the host asked to be left alone, for ")


def test_one_throttled_host_does_not_hold_back_another() -> None:
    clock = FakeClock()

    def ask(slot: Slot, sent_ns: int) -> Visit | None:
        return throttled(slot, sent_ns, None) if slot.target_id == BUSY else None

    one = bench(clock=clock, prober=FakeProber(clock, script=ask))
    one.run()

    first = one.first_samples()
    assert first[None] == 70
    assert first[FailureKind.THROTTLED] + first[FailureKind.HELD_BACK] == 10


def test_targets_that_share_a_host_are_held_back_together() -> None:
    plan = plan_of(
        [target("aws", "a", host="h.example"), target("aws", "b", host="h.example")],
        pacing=Pacing(rounds=3, round_ns=10 * NS_PER_S),
    )
    clock = FakeClock()
    prober = FakeProber(
        clock, script=lambda slot, sent_ns: throttled(slot, sent_ns, NS_PER_S * 500)
    )
    one = bench(plan, clock=clock, prober=prober)

    one.run()

    assert one.first_samples() == {
        FailureKind.THROTTLED: 1,
        FailureKind.HELD_BACK: 5,
    }


@pytest.mark.parametrize(
    ("asked_ns", "closed_s"),
    [
        (None, 60),  # nothing said
        (10**18, 100),  # for ever: bounded by the run
        (0, 0),
    ],
)
def test_time_asked_is_bounded_and_has_a_default(
    asked_ns: int | None, closed_s: int
) -> None:
    clock = FakeClock()
    asked: list[int] = []

    def ask_once(slot: Slot, sent_ns: int) -> Visit | None:
        if slot.target_id != BUSY or asked:
            return None
        asked.append(clock.now_ns())
        return throttled(slot, sent_ns, asked_ns)

    one = bench(clock=clock, prober=FakeProber(clock, script=ask_once))
    one.run()

    reopened_ns = asked[0] + closed_s * NS_PER_S
    for sample in one.sink.samples:
        if sample.slot.target_id == BUSY and sample.sent_ns >= asked[0]:
            is_held = sample.failure is FailureKind.HELD_BACK
            assert is_held == (sample.sent_ns < reopened_ns)
            assert not is_held or left_ns(sample) <= 100 * NS_PER_S


def test_shorter_wish_does_not_shorten_a_longer_one() -> None:
    plan = plan_of(
        [target("aws", "a", host="h.example"), target("aws", "b", host="h.example")],
        pacing=Pacing(rounds=4, round_ns=10 * NS_PER_S),
    )
    clock = FakeClock()

    def ask(slot: Slot, sent_ns: int) -> Visit:
        return throttled(slot, sent_ns, (NS_PER_S if slot.seq else 35 * NS_PER_S))

    # Both visits of the first round are under way before either is answered.
    prober = FakeProber(clock, lasts_ns=9 * NS_PER_S, script=ask)
    one = bench(plan, clock=clock, prober=prober)
    one.run()

    assert [slot.seq for _, slot in one.prober.sent[:2]] == [0, 1]
    held = [s for s in one.sink.samples if s.failure is FailureKind.HELD_BACK]
    assert len(held) == 6


def test_visit_that_waited_while_its_host_closed_is_held_back() -> None:
    clock = FakeClock()
    plan = plan_of(
        [target("aws", "a", host="h.example"), target("aws", "b", host="h.example")],
        pacing=Pacing(rounds=1, round_ns=10 * NS_PER_S),
    )
    prober = FakeProber(
        clock, script=lambda slot, sent_ns: throttled(slot, sent_ns, 5 * NS_PER_S)
    )
    gate = ClockGate(plan.ceilings, clock)
    one = bench(plan, clock=clock, prober=prober, gate=gate)

    outcome = one.run([replace(slot, due_ns=0) for slot in slots(plan)])

    assert outcome.complete
    assert len(one.prober.sent) == 1
    assert one.first_samples() == {
        FailureKind.THROTTLED: 1,
        FailureKind.HELD_BACK: 1,
    }


@pytest.mark.parametrize(
    ("ceilings", "detail", "visits"),
    [
        (Ceilings(requests=24), "reached the ceiling of 24 requests", 4),
        (Ceilings(requests=25), "reached the ceiling of 25 requests", 5),
        # A visit counts 15,500 bytes while it is under way, and 14,215 when it has
        # read five times 243 bytes: six of these and one of those are 100,790.
        (Ceilings(traffic_bytes=100_789), "reached the ceiling of 101 kB", 6),
        (Ceilings(traffic_bytes=100_790), "reached the ceiling of 101 kB", 7),
        (Ceilings(duration_ns=3 * NS_PER_S), "reached the ceiling of 3s", 3),
    ],
)
def test_reached_ceiling_ends_the_run_and_is_named(
    ceilings: Ceilings, detail: str, visits: int
) -> None:
    one = bench(replace(PLAN, ceilings=ceilings))

    outcome = one.run()

    assert outcome.stop_reason is StopReason.CEILING
    assert outcome.detail == detail
    assert not outcome.complete
    assert len(one.prober.sent) == visits
    assert len(one.sink.samples) == 5 * visits


def test_visits_that_failed_early_leave_requests_for_others() -> None:
    clock = FakeClock()
    prober = FakeProber(clock, exchanges=1)
    plan = replace(PLAN, ceilings=Ceilings(requests=84))

    outcome = bench(plan, clock=clock, prober=prober).run()

    assert outcome.complete


def test_machine_that_slept_through_its_time_stops_by_its_ceiling() -> None:
    plan = replace(PLAN, ceilings=Ceilings(duration_ns=100 * NS_PER_S))
    clock = FakeClock()

    class Sleepy(FakeClock):
        async def sleep_until(self, due_ns: int) -> None:
            await clock.sleep_until(due_ns + (10**13 if due_ns > 10**10 else 0))

        def now_ns(self) -> int:
            return clock.now_ns()

    outcome = bench(plan, clock=Sleepy(), prober=FakeProber(clock)).run()

    assert outcome.stop_reason is StopReason.CEILING
    assert outcome.detail == "reached the ceiling of 1m40s"


def test_visits_beyond_the_bound_are_failures_of_our_own_machine() -> None:
    clock = FakeClock()
    plan = replace(
        PLAN,
        probe=ProbeSpec(warm_requests=0, timeout_ns=100 * NS_PER_MS),
        ceilings=Ceilings(visits_per_s=5),
    )
    # A prober that breaks its promise to end by its timeouts.
    prober = FakeProber(clock, lasts_ns=10**12)
    one = bench(plan, clock=clock, prober=prober)

    outcome = one.run()

    assert outcome.complete
    assert in_flight_limit(plan) == 4
    assert one.prober.most_open == 4
    assert one.first_samples() == {None: 4, FailureKind.OWN_MACHINE: 76}
    own = next(s for s in one.sink.samples if s.failure is not None)
    assert own.failure_detail == "4 visits were still open, the most allowed"


def test_bound_on_open_visits_is_rate_times_timeout_and_never_above_512() -> None:
    slow = replace(PLAN, probe=ProbeSpec(warm_requests=100, timeout_ns=120 * NS_PER_S))

    assert in_flight_limit(slow) == 512
    # 50 a second, waiting 3 + 2 times at most 100 ms each.
    quick = ProbeSpec(warm_requests=0, timeout_ns=100 * NS_PER_MS)
    assert in_flight_limit(replace(PLAN, probe=quick)) == 26


def test_stop_sends_nothing_more_and_lets_visits_end() -> None:
    async def stop_under_way() -> tuple[Bench, RunOutcome]:
        clock = FakeClock()
        one = bench(clock=clock, prober=FakeProber(clock, lasts_ns=3 * NS_PER_S))
        running = asyncio.create_task(one.runner.run(slots(PLAN)))
        await clock.sleep_until(30 * NS_PER_S)
        one.runner.stop()
        return one, await running

    one, outcome = asyncio.run(stop_under_way())

    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert outcome.detail == "stopped before the end of its plan"
    assert not outcome.complete
    assert 20 < len(one.prober.sent) < 30
    assert len(one.sink.samples) == 5 * len(one.prober.sent)


def test_stop_cancels_what_outlasts_its_grace() -> None:
    async def stop_under_way() -> tuple[Bench, RunOutcome]:
        clock = FakeClock()
        one = bench(clock=clock, prober=Stuck())
        running = asyncio.create_task(one.runner.run(slots(PLAN)))
        await clock.sleep_until(30 * NS_PER_S)
        one.runner.stop(grace_ns=0)
        return one, await running

    one, outcome = asyncio.run(stop_under_way())

    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert one.sink.samples == []


@pytest.mark.parametrize(
    ("grace_ns", "reason"),
    [(0, StopReason.INTERRUPTED), (10**12, StopReason.FINISHED)],
)
def test_stop_after_the_last_slot_was_sent_waits_for_its_visits(
    grace_ns: int, reason: StopReason
) -> None:
    async def stop_in_the_tail() -> RunOutcome:
        clock = FakeClock()
        prober = FakeProber(clock, lasts_ns=50 * NS_PER_S)
        one = bench(clock=clock, prober=prober)
        running = asyncio.create_task(one.runner.run(slots(PLAN)))
        await clock.sleep_until(101 * NS_PER_S)
        one.runner.stop(grace_ns=grace_ns)
        # Holds the clock still until the grace is over, where it is nought.
        await asyncio.sleep(0)
        return await running

    outcome = asyncio.run(stop_in_the_tail())

    assert outcome.stop_reason is reason
    assert outcome.complete == (reason is StopReason.FINISHED)


def test_stop_before_the_start_sends_nothing() -> None:
    async def stop_first() -> tuple[Bench, RunOutcome]:
        one = bench()
        one.runner.stop()
        return one, await one.runner.run(slots(PLAN))

    one, outcome = asyncio.run(stop_first())

    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert one.prober.sent == []


def test_stop_after_the_end_changes_nothing() -> None:
    async def stop_last() -> RunOutcome:
        one = bench()
        await one.runner.run(slots(PLAN))
        one.runner.stop()
        return one.runner.outcome()

    assert asyncio.run(stop_last()).complete


def test_cancelled_run_keeps_what_was_measured_and_leaves_no_task() -> None:
    async def cancel_under_way() -> Bench:
        clock = FakeClock()
        one = bench(clock=clock)
        running = asyncio.create_task(one.runner.run(slots(PLAN)))
        await clock.sleep_until(30 * NS_PER_S)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return one

    one = asyncio.run(cancel_under_way())

    outcome = one.runner.outcome()
    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert not outcome.complete
    assert 90 < len(one.sink.samples) < 150


def test_full_disk_ends_the_run_as_the_machines_failure() -> None:
    one = bench(sink=ListSink(room=7))

    outcome = one.run()

    assert outcome.stop_reason is StopReason.MACHINE
    assert outcome.detail == "results/x: no space left on device"
    assert not outcome.complete
    assert len(one.sink.samples) == 7
    assert len(one.prober.sent) <= 3


def test_slots_are_taken_one_at_a_time() -> None:
    taken: list[int] = []
    one = bench()

    def watched() -> Iterator[Slot]:
        for slot in slots(PLAN):
            taken.append(one.clock.now_ns())
            yield slot

    one.run(watched())

    # A schedule of a month is never in memory: each slot is asked for only when the
    # one before it has been sent.
    due = [slot.due_ns for slot in slots(PLAN)]
    assert taken == [0, *due[:-1]]


class Stuck(FakeProber):
    """A prober whose visits never end, but for a cancellation."""

    def __init__(self) -> None:
        super().__init__(FakeClock())

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
        await asyncio.get_running_loop().create_future()
        return await super().visit(slot, keep)


@pytest.mark.parametrize(
    ("samples", "retry_after_ns", "message"),
    [
        (0, None, "a visit has at least one sample"),
        (1, -1, "retry_after_ns must be >= 0, got -1"),
    ],
)
def test_visit_that_makes_no_sense_cannot_be_made(
    samples: int, retry_after_ns: int | None, message: str
) -> None:
    slot = next(slots(PLAN))

    with pytest.raises(ValueError, match=message):
        Visit(
            samples=tuple(sample_of(slot, 0) for _ in range(samples)),
            retry_after_ns=retry_after_ns,
        )


class Leaving:
    """A roster that a target leaves, and that may be decided, at some time."""

    def __init__(
        self, clock: FakeClock, *, at_ns: int, decided_at_ns: int | None = None
    ) -> None:
        self._clock = clock
        self._at_ns = at_ns
        self._decided_at_ns = decided_at_ns

    @property
    def is_decided(self) -> bool:
        at_ns = self._decided_at_ns
        return at_ns is not None and self._clock.now_ns() >= at_ns

    def has(self, slot: Slot) -> bool:
        return slot.target_id != BUSY or self._clock.now_ns() < self._at_ns


def test_slots_of_who_left_are_skipped_and_counted_and_no_other_moves() -> None:
    one = bench()
    half_ns = PLAN.duration_ns // 2

    outcome = asyncio.run(
        one.runner.run(slots(PLAN), roster=Leaving(one.clock, at_ns=half_ns))
    )

    wanted = [
        slot for slot in slots(PLAN) if slot.target_id != BUSY or slot.due_ns < half_ns
    ]
    assert one.prober.sent == [(slot.due_ns, slot) for slot in wanted]
    assert outcome.skipped == PLAN.visit_count - len(wanted) > 0
    assert outcome.stop_reason is StopReason.FINISHED
    assert not outcome.complete


def test_a_run_that_is_decided_ends_and_keeps_what_is_under_way() -> None:
    one = bench()
    half_ns = PLAN.duration_ns // 2
    roster = Leaving(one.clock, at_ns=half_ns, decided_at_ns=half_ns)

    outcome = asyncio.run(one.runner.run(slots(PLAN), roster=roster))

    before = [slot for slot in slots(PLAN) if slot.due_ns < half_ns]
    assert [slot for _, slot in one.prober.sent] == before
    assert len(one.sink.samples) == 5 * len(before)
    assert outcome.stop_reason is StopReason.DECIDED
    assert outcome.detail == "what was asked is decided"
    assert not outcome.complete
