"""Transfers in a run: alone on the line, bounded, and kept as far as they came."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from cloudgauge.measure.by_kind import ProberByKind
from cloudgauge.measure.ground import Ground
from cloudgauge.measure.prober import Visit
from cloudgauge.measure.runner import Runner
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeKind, Slot
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind, Part
from cloudgauge.planning.schedule import slots
from tests.fakes.clock import FakeClock
from tests.fakes.plans import download_plan, object_in, price_of, targets_of
from tests.fakes.probing import (
    FakeDownloader,
    FakeProber,
    ListSink,
    OpenGate,
    sample_of,
)

# Windows of 14 s; each round 10 s of visits and four transfers.
SPEC = DownloadSpec(
    transfer_ns=8 * NS_PER_S,
    transfer_bytes=10 * 10**6,
    timeout_ns=2 * NS_PER_S,
    idle_ns=4 * NS_PER_S,
)
OBJECTS = [object_in("aws", "one"), object_in("gcp", "two")]
PACING = Pacing(rounds=2, round_ns=10 * NS_PER_S)
PLAN = download_plan(
    OBJECTS, targets=targets_of(aws=3, gcp=2), download=SPEC, pacing=PACING
)
ALONE = download_plan(OBJECTS, download=SPEC, pacing=PACING)


@dataclass(slots=True, kw_only=True)
class Bench:
    """A runner of visits and transfers among fakes."""

    plan: Plan
    clock: FakeClock
    latency: FakeProber
    download: FakeDownloader
    sink: ListSink
    runner: Runner

    def run(self, slots_: Iterable[Slot] | None = None) -> RunOutcome:
        return asyncio.run(self.runner.run(slots_ or slots(self.plan)))

    def transfers(self) -> Counter[FailureKind | None]:
        """How each transfer ended."""
        whole = [s for s in self.sink.samples if s.part is Part.TRANSFER]
        return Counter(sample.failure for sample in whole)


def bench(
    plan: Plan = PLAN,
    *,
    clock: FakeClock | None = None,
    latency: FakeProber | None = None,
    download: FakeDownloader | None = None,
    sink: ListSink | None = None,
) -> Bench:
    clock = clock or FakeClock()
    latency = latency or FakeProber(clock)
    download = download or FakeDownloader(clock)
    sink = sink or ListSink()
    prober = ProberByKind({ProbeKind.LATENCY: latency, ProbeKind.DOWNLOAD: download})
    ground = Ground.of(plan, clock, OpenGate())
    runner = Runner(plan, prober=prober, sink=sink, clock=clock, ground=ground)
    return Bench(
        plan=plan,
        clock=clock,
        latency=latency,
        download=download,
        sink=sink,
        runner=runner,
    )


def test_every_transfer_is_made_when_it_is_due_and_all_it_gives_is_kept() -> None:
    one = bench()

    outcome = one.run()

    assert outcome.complete
    due = [slot.due_ns for slot in slots(PLAN) if slot.kind is ProbeKind.DOWNLOAD]
    assert [sent_ns for sent_ns, _ in one.download.sent] == due
    assert one.transfers() == {None: 8}
    assert len(one.sink.bins) == 8 * 4
    assert len([s for s in one.sink.samples if s.part is Part.IDLE]) == 8 * 2
    assert len([s for s in one.sink.samples if s.part is None]) == 5 * 10


def test_one_transfer_at_a_time_and_nothing_beside_it() -> None:
    clock = FakeClock()
    lasting = FakeDownloader(clock, lasts_ns=8 * NS_PER_S)
    slow = FakeProber(clock, lasts_ns=5 * NS_PER_S)
    one = bench(clock=clock, latency=slow, download=lasting)

    # All due at once: who leaves when is the runner's doing alone.
    outcome = one.run([replace(slot, due_ns=0) for slot in slots(PLAN)])

    assert outcome.complete
    assert lasting.most_open == 1
    assert slow.most_open == 5
    busy = [(at_ns, at_ns + 8 * NS_PER_S) for at_ns, _ in lasting.sent]
    visits = [(at_ns, at_ns + 5 * NS_PER_S) for at_ns, _ in slow.sent]
    for began_ns, ended_ns in busy:
        assert all(end <= began_ns or ended_ns <= begin for begin, end in visits)


def test_a_transfer_waits_for_the_visits_before_it_and_says_how_late_it_is() -> None:
    clock = FakeClock()
    one = bench(clock=clock, latency=FakeProber(clock, lasts_ns=7 * NS_PER_S))

    assert one.run().complete
    first = next(s for s in one.sink.samples if s.part is Part.TRANSFER)
    last_visit_ns = [at for at, slot in one.latency.sent if not slot.round_index][-1]
    assert first.sent_ns == last_visit_ns + 7 * NS_PER_S
    assert first.lateness_ns == first.sent_ns - 10 * NS_PER_S
    assert first.lateness_ns > 0


def test_a_transfer_that_overruns_its_window_delays_the_next_and_overlaps_none() -> (
    None
):
    clock = FakeClock()
    endless = FakeDownloader(clock, lasts_ns=20 * NS_PER_S)
    one = bench(ALONE, clock=clock, download=endless)

    assert one.run().complete
    assert endless.most_open == 1
    assert [at_ns for at_ns, _ in endless.sent] == [20 * k * NS_PER_S for k in range(8)]


def test_a_failed_transfer_is_a_sample_and_does_not_stop_the_run() -> None:
    clock = FakeClock()

    def gone(slot: Slot, sent_ns: int) -> Visit | None:
        if slot.target_id != OBJECTS[0].target_id:
            return None
        failed = sample_of(slot, sent_ns, failure=FailureKind.UNEXPECTED_STATUS)
        return Visit(samples=(failed,))

    one = bench(clock=clock, download=FakeDownloader(clock, script=gone))

    assert one.run().complete
    assert one.transfers() == {None: 4, FailureKind.UNEXPECTED_STATUS: 4}


def test_a_host_that_throttles_a_download_is_left_alone_for_the_time_asked() -> None:
    clock = FakeClock()
    host_of_both = [object_in("aws", code, host="one.example") for code in ("a", "b")]
    plan = download_plan(host_of_both, download=SPEC, pacing=PACING)

    def ask_once(slot: Slot, sent_ns: int) -> Visit | None:
        if sent_ns:
            return None
        throttled = sample_of(slot, sent_ns, failure=FailureKind.THROTTLED)
        return Visit(samples=(throttled,), retry_after_ns=30 * NS_PER_S)

    one = bench(plan, clock=clock, download=FakeDownloader(clock, script=ask_once))

    assert one.run().complete
    # Due after 14 s and 28 s: held back; after 42 s the host is open again.
    assert one.transfers() == {
        FailureKind.THROTTLED: 1,
        FailureKind.HELD_BACK: 2,
        None: 5,
    }
    held = [s for s in one.sink.samples if s.failure is FailureKind.HELD_BACK]
    assert {sample.part for sample in held} == {Part.TRANSFER}
    assert held[0].failure_detail == "the host asked to be left alone, for 16s more"


def test_an_object_and_an_endpoint_of_one_name_are_two_hosts() -> None:
    clock = FakeClock()
    (place,) = targets_of(aws=1)
    url = "https://files.example/agent.bin"
    twin = replace(place, endpoint=replace(place.endpoint, url=url))
    plan = download_plan([twin], targets=[place], download=SPEC, pacing=PACING)

    def ask(slot: Slot, sent_ns: int) -> Visit | None:
        throttled = sample_of(slot, sent_ns, failure=FailureKind.THROTTLED)
        return Visit(samples=(throttled,), retry_after_ns=10**15)

    one = bench(plan, clock=clock, download=FakeDownloader(clock, script=ask))

    assert one.run().complete
    assert one.transfers() == {FailureKind.THROTTLED: 1, FailureKind.HELD_BACK: 3}
    assert len(one.latency.sent) == 2


@pytest.mark.parametrize(
    ("ceilings", "detail"),
    [
        # A transfer may make 38 requests and move 10.98 MB, 10.65 of them to us; each
        # of these made 9 and moved 4.40 MB, 4.28 of them to us: the third's may not
        # be left.
        (Ceilings(requests=50), "reached the ceiling of 50 requests"),
        (Ceilings(traffic_bytes=19 * 10**6), "reached the ceiling of 19 MB"),
        (Ceilings(duration_ns=20 * NS_PER_S), "reached the ceiling of 20s"),
        (Ceilings(cost=parse_money("0.0016 USD")), "reached the ceiling of 0.0016 USD"),
    ],
)
def test_a_reached_ceiling_ends_the_run_before_a_transfer_that_may_pass_it(
    ceilings: Ceilings, detail: str
) -> None:
    prices = (price_of("aws/one"), price_of("gcp/two"))
    plan = replace(ALONE, download=replace(SPEC, streams=(1,)))
    one = bench(replace(plan, ceilings=ceilings, egress_prices=prices))

    outcome = one.run()

    assert outcome.stop_reason is StopReason.CEILING
    assert outcome.detail == detail
    assert len(one.download.sent) == 2
    assert len(one.sink.bins) == 2 * 4


def stopped(at_ns: int, *, grace_ns: int) -> tuple[Bench, RunOutcome]:
    """A run of transfers of 8 s that is stopped under way."""

    async def stop_under_way() -> tuple[Bench, RunOutcome]:
        one = bench(ALONE)
        running = asyncio.create_task(one.runner.run(slots(ALONE)))
        await one.clock.sleep_until(at_ns)
        one.runner.stop(grace_ns=grace_ns)
        # Holds the clock still until the grace is over, where it is nought.
        await asyncio.sleep(0)
        return one, await running

    return asyncio.run(stop_under_way())


def test_stop_lets_the_transfer_end_within_its_grace_and_begins_no_other() -> None:
    one, outcome = stopped(5 * NS_PER_S, grace_ns=10**12)

    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert one.transfers() == {None: 1}
    assert len(one.sink.bins) == 4


def test_what_a_transfer_gave_before_it_was_cancelled_stays() -> None:
    # Looks after 1, 2, 3 and 4 s, bins after 5, 6, 7 and 8 s.
    one, outcome = stopped(6 * NS_PER_S + NS_PER_S // 2, grace_ns=0)

    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert one.transfers() == {}
    assert [each.index for each in one.sink.bins] == [0, 1]
    assert len(one.sink.samples) == 4


@pytest.mark.parametrize(
    ("grace_ns", "reason"),
    [(0, StopReason.INTERRUPTED), (10**12, StopReason.FINISHED)],
)
def test_stop_in_the_last_transfer_finishes_the_run_if_it_may_end(
    grace_ns: int, reason: StopReason
) -> None:
    last_ns = 7 * SPEC.window_ns

    one, outcome = stopped(last_ns + 5 * NS_PER_S, grace_ns=grace_ns)

    assert outcome.stop_reason is reason
    assert one.transfers() == {None: 7 + (reason is StopReason.FINISHED)}


def test_stop_while_a_transfer_waits_for_visits_sends_it_no_more() -> None:
    async def stop_waiting() -> tuple[Bench, RunOutcome]:
        clock = FakeClock()
        one = bench(clock=clock, latency=FakeProber(clock, lasts_ns=9 * NS_PER_S))
        running = asyncio.create_task(one.runner.run(slots(PLAN)))
        await clock.sleep_until(11 * NS_PER_S)
        one.runner.stop(grace_ns=10**12)
        return one, await running

    one, outcome = asyncio.run(stop_waiting())

    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert one.download.sent == []
    assert len(one.sink.samples) == 5 * 5


def test_full_disk_in_a_transfer_ends_the_run_as_the_machines_failure() -> None:
    one = bench(ALONE, sink=ListSink(room=6))

    outcome = one.run()

    assert outcome.stop_reason is StopReason.MACHINE
    assert len(one.sink.bins) == 2
    assert len(one.download.sent) == 1
