import asyncio
from collections.abc import Callable
from dataclasses import replace

from cloudgauge.measure.ground import Ground, HoldBacks, Line
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.runner import Runner
from cloudgauge.model.plan import Pacing, Slot
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.parts import Cutting
from cloudgauge.planning.schedule import slots
from tests.fakes.clock import FakeClock
from tests.fakes.plans import download_plan, object_in, plan_of, targets_of
from tests.fakes.probing import (
    FakeDownloader,
    FakeProber,
    ListSink,
    OpenGate,
    sample_of,
)


def test_a_host_is_left_alone_for_the_longest_that_it_asked() -> None:
    clock = FakeClock()
    holds = HoldBacks(clock, most_ns=100 * NS_PER_S)

    holds.close("a.example", 30 * NS_PER_S)
    holds.close("a.example", 10 * NS_PER_S)
    holds.close("b.example", None)
    holds.close("c.example", 10**18)

    assert holds.left_ns("a.example") == 30 * NS_PER_S
    assert holds.left_ns("b.example") == 60 * NS_PER_S
    assert holds.left_ns("c.example") == 100 * NS_PER_S
    assert holds.left_ns("d.example") == 0


def test_who_was_held_back_before_the_clock_began_is_free_when_it_said() -> None:
    class Early(FakeClock):
        def now_ns(self) -> int:
            return super().now_ns() - 50 * NS_PER_S

    holds = HoldBacks(Early(), most_ns=100 * NS_PER_S)
    holds.close("a.example", 10 * NS_PER_S)

    assert holds.left_ns("a.example") == 10 * NS_PER_S


def test_whoever_wants_the_line_alone_waits_and_is_waited_for_in_turn() -> None:
    told: list[str] = []

    async def use(line: Line, name: str, clock: FakeClock, *, alone: bool) -> None:
        async with line.turn(alone=alone):
            told.append(f"{name} begins")

            async def stay() -> None:
                await clock.sleep_until(clock.now_ns() + 10 * NS_PER_MS)
                told.append(f"{name} ends")

            line.add(asyncio.create_task(stay()))

    async def all_of_them() -> None:
        clock, line = FakeClock(), Line()
        async with asyncio.TaskGroup() as group:
            for name in ("one", "two", "ALONE", "three", "four"):
                alone = name == "ALONE"
                group.create_task(use(line, name, clock, alone=alone))
        async with line.turn(alone=True):
            told.append("all over")

    asyncio.run(all_of_them())

    assert told[:2] == ["one begins", "two begins"]
    assert sorted(told[2:4]) == ["one ends", "two ends"]
    assert told[4:8] == ["ALONE begins", "ALONE ends", "three begins", "four begins"]
    assert told[-1] == "all over"


def test_a_host_that_asked_the_last_part_is_left_alone_by_the_next() -> None:
    clock = FakeClock()
    plan = plan_of(targets_of(aws=2), pacing=Pacing(rounds=4, round_ns=20 * NS_PER_S))
    shy = plan.targets[0].target_id

    def ask_at_the_end(slot: Slot, sent_ns: int) -> Visit | None:
        if slot.target_id != shy or slot.round_index != 1:
            return None
        sample = sample_of(slot, sent_ns, failure=FailureKind.THROTTLED)
        return Visit(samples=(sample,), retry_after_ns=25 * NS_PER_S)

    prober = FakeProber(clock, script=ask_at_the_end)
    ground = Ground.of(plan, clock, OpenGate())
    first, second = ListSink(), ListSink()
    cutting = Cutting(plan=plan, part_rounds=2, end_round=4)

    async def both() -> list[RunOutcome]:
        outcomes = []
        for part, sink in zip(cutting.on_schedule(0), (first, second), strict=True):
            runner = Runner(plan, prober=prober, sink=sink, clock=clock, ground=ground)
            outcomes.append(await runner.run(cutting.slots_of(part)))
        return outcomes

    assert all(outcome.complete for outcome in asyncio.run(both()))
    held = [s for s in second.samples if s.failure is FailureKind.HELD_BACK]
    assert {s.slot.target_id for s in held} == {shy}
    assert not [s for s in first.samples if s.failure is FailureKind.HELD_BACK]


def test_the_ceilings_of_a_run_hold_over_all_of_its_parts() -> None:
    clock = FakeClock()
    plan = plan_of(targets_of(aws=3), pacing=Pacing(rounds=4, round_ns=20 * NS_PER_S))
    requests = plan.probe.requests_per_visit * plan.visit_count
    less = replace(plan.ceilings, requests=requests - 1)
    plan = replace(plan, ceilings=less)
    ground = Ground.of(plan, clock, OpenGate())
    cutting = Cutting(plan=plan, part_rounds=2, end_round=4)

    async def both() -> list[RunOutcome]:
        outcomes = []
        for part in cutting.on_schedule(0):
            runner = Runner(
                plan,
                prober=FakeProber(clock),
                sink=ListSink(),
                clock=clock,
                ground=ground,
            )
            outcomes.append(await runner.run(cutting.slots_of(part)))
        return outcomes

    first, second = asyncio.run(both())

    assert first.complete
    assert second.stop_reason is StopReason.CEILING


def test_a_transfer_of_the_next_part_waits_for_the_last_visit_of_this_one() -> None:
    clock = FakeClock()
    plan = download_plan([object_in("aws", "place-1")], targets=targets_of(aws=1))
    ground = Ground.of(plan, clock, OpenGate())
    visits = FakeProber(clock, lasts_ns=300 * NS_PER_S)
    downloads = FakeDownloader(clock)
    (visit, *_), transfer = slots(plan), next(s for s in slots(plan) if s.streams)
    began: list[tuple[str, int]] = []

    class Both:
        async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
            began.append(("transfer" if slot.streams else "visit", clock.now_ns()))
            prober = downloads if slot.streams else visits
            return await prober.visit(slot, keep)

    async def at_once() -> None:
        async with asyncio.TaskGroup() as group:
            for slot in (visit, transfer):
                runner = Runner(
                    plan, prober=Both(), sink=ListSink(), clock=clock, ground=ground
                )
                group.create_task(runner.run([slot]))

    asyncio.run(at_once())

    (_, visit_ns), (kind, transfer_ns) = began
    assert kind == "transfer"
    assert transfer_ns >= visit_ns + 300 * NS_PER_S
