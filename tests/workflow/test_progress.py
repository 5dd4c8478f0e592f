from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cloudgauge.measure.prober import Record
from cloudgauge.model.plan import Plan, ProbeKind, Slot
from cloudgauge.model.sample import FailureKind, Part, Sample
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.ahead import Ahead
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState
from tests.fakes.plans import download_plan, object_in, plan_of, targets_of
from tests.fakes.probing import bin_of, sample_of

PLAN = plan_of(targets_of(aws=2, gcp=1))


class ListWatcher:
    def __init__(self) -> None:
        self.visits: list[int] = []
        self.samples: list[Sample] = []
        self.rounds: list[RoundSummary] = []
        self.failures: list[Sample] = []
        self.states: list[TransferState] = []
        self.transfers: list[TransferState] = []

    def looking_ahead(self, ahead: Ahead) -> None:
        """Nothing to do."""

    def begun(self, folder: Path) -> None:
        """Nothing to do."""

    def sampled(self, sample: Sample) -> None:
        self.samples.append(sample)

    def failed(self, sample: Sample) -> None:
        self.failures.append(sample)

    def visited(self, tally: Tally) -> None:
        self.visits.append(tally.visits)

    def transferring(self, tally: Tally, state: TransferState) -> None:
        assert tally.transfers == len(self.transfers)
        self.states.append(state)

    def transferred(self, state: TransferState) -> None:
        self.transfers.append(state)

    def round_done(self, summary: RoundSummary) -> None:
        self.rounds.append(summary)


def told(records: Sequence[Record], plan: Plan = PLAN) -> tuple[Tally, ListWatcher]:
    watcher = ListWatcher()
    tally = Tally(plan, watcher)
    for record in records:
        tally.append(record)
    return tally, watcher


def sample(
    slot: Slot, *, exchange: int = 0, failure: FailureKind | None = None
) -> Sample:
    late_ns = 1_000_000 * (slot.seq + 1)
    return sample_of(slot, slot.due_ns + late_ns, exchange=exchange, failure=failure)


def test_a_round_is_done_when_each_of_its_series_has_been_visited() -> None:
    planned = list(slots(PLAN))
    _, watcher = told([sample(slot) for slot in planned[:-1]])
    assert [one.round_index for one in watcher.rounds] == [0]
    tally, watcher = told([sample(slot) for slot in planned])
    assert [one.round_index for one in watcher.rounds] == [0, 1]
    assert watcher.rounds[0].visits == PLAN.series_count
    assert watcher.rounds[1].lateness_worst_ms == len(planned)
    assert watcher.visits == list(range(1, len(planned) + 1))
    assert tally.silent_targets() == ()


def test_warm_exchanges_are_no_visits_but_their_failures_count() -> None:
    slot = next(slots(PLAN))
    tally, watcher = told(
        [sample(slot), sample(slot, exchange=1, failure=FailureKind.RESET)]
    )
    assert watcher.visits == [1]
    assert (tally.visits, tally.usable, tally.failed) == (1, 1, 1)
    assert tally.failures == {FailureKind.RESET: 1}
    assert [one.exchange for one in watcher.failures] == [1]


def test_a_target_of_which_every_visit_failed_is_silent() -> None:
    lost = PLAN.targets[1].target_id

    def seen(slot: Slot) -> Sample:
        refused = FailureKind.REFUSED if slot.target_id == lost else None
        return sample(slot, failure=refused)

    tally, watcher = told([seen(slot) for slot in slots(PLAN)])
    assert tally.silent_targets() == (lost,)
    assert tally.usable == PLAN.visit_count - 2
    assert watcher.rounds[0].failed == 1


def test_a_round_without_any_answer_has_no_median() -> None:
    failed = [sample(slot, failure=FailureKind.REFUSED) for slot in slots(PLAN)]
    _, watcher = told(failed)
    assert watcher.rounds[0].connect_p50_ms is None
    assert watcher.rounds[0].failed == PLAN.series_count


DOWNLOADS = download_plan([object_in("aws", "one"), object_in("gcp", "two")])
BOTH = download_plan([object_in("aws", "one")], targets=targets_of(aws=2))


def transfer(slot: Slot, *, bins: int = 3) -> list[Record]:
    """A look, some bins of a megabyte, another look, and the whole."""
    return [
        sample_of(slot, 0, exchange=1),
        *(bin_of(slot, index) for index in range(bins)),
        sample_of(slot, 0, exchange=2),
        sample_of(slot, 0, body_bytes=bins * 10**6),
    ]


def test_a_transfer_is_followed_from_its_first_look_to_its_end() -> None:
    first = next(slots(DOWNLOADS))
    tally, watcher = told(transfer(first), DOWNLOADS)

    assert [state.body_bytes for state in watcher.states] == [
        0,
        10**6,
        2 * 10**6,
        3 * 10**6,
        3 * 10**6,
    ]
    assert {state.slot for state in watcher.states} == {first}
    assert watcher.states[0].mean_bytes_per_s is None
    (end,) = watcher.transfers
    assert (end.body_bytes, end.poured_ns, end.failure) == (3 * 10**6, 3 * 10**8, None)
    assert end.mean_bytes_per_s == 10**7
    assert (tally.visits, tally.transfers, tally.usable) == (0, 1, 1)


def test_each_transfer_begins_anew() -> None:
    records = [one for slot in slots(DOWNLOADS) for one in transfer(slot)]
    _, watcher = told(records, DOWNLOADS)

    assert len(watcher.transfers) == DOWNLOADS.visit_count
    assert {state.body_bytes for state in watcher.transfers} == {3 * 10**6}
    assert len({state.slot for state in watcher.transfers}) == DOWNLOADS.visit_count


def test_a_round_is_done_when_its_transfers_are_too() -> None:
    planned = list(slots(BOTH))
    records = [
        record
        for slot in planned
        for record in (
            transfer(slot) if slot.kind is ProbeKind.DOWNLOAD else [sample(slot)]
        )
    ]
    # Two visits and two transfers a round: the last of the first one is missing.
    last_of_first = sum(slot.round_index == 0 for slot in planned[:-1])
    assert last_of_first == 4
    _, watcher = told(records[: 2 + 2 * 6 - 1], BOTH)
    assert watcher.rounds == []

    _, watcher = told(records, BOTH)

    assert [one.round_index for one in watcher.rounds] == [0, 1]
    first = watcher.rounds[0]
    assert (first.visits, first.failed) == (2, 0)
    assert (first.transfers, first.transfers_failed) == (2, 0)
    assert first.received_bytes == 6 * 10**6
    assert first.lateness_worst_ms == 2.0


def test_a_round_of_downloads_alone_has_no_lateness_of_visits() -> None:
    records = [one for slot in slots(DOWNLOADS) for one in transfer(slot)]
    _, watcher = told(records, DOWNLOADS)

    assert watcher.rounds[0].lateness_worst_ms is None
    assert watcher.rounds[0].connect_p50_ms is None
    assert watcher.rounds[0].visits == 0


def test_failed_transfers_are_counted_and_their_objects_are_silent() -> None:
    lost = DOWNLOADS.objects[1].target_id

    def seen(slot: Slot) -> list[Record]:
        if slot.target_id != lost:
            return transfer(slot)
        gone = FailureKind.OBJECT_TOO_SMALL
        return [sample_of(slot, 0, failure=gone, body_bytes=None)]

    records = [one for slot in slots(DOWNLOADS) for one in seen(slot)]
    tally, watcher = told(records, DOWNLOADS)

    assert tally.silent_targets() == (lost,)
    assert (tally.transfers, tally.usable, tally.failed) == (8, 4, 4)
    assert watcher.rounds[0].transfers_failed == 2
    failed = [state for state in watcher.transfers if state.failure]
    assert {state.mean_bytes_per_s for state in failed} == {None}
    assert tally.failures == {FailureKind.OBJECT_TOO_SMALL: 4}


def test_small_requests_that_failed_do_not_make_a_transfer_one_that_failed() -> None:
    slot = next(slots(DOWNLOADS))
    lost = [
        sample_of(slot, 0, exchange=place, failure=FailureKind.RESET)
        for place in (1, 2)
    ]
    records = [replace(one, part=Part.LOADED) for one in lost]
    tally, watcher = told([*records, *transfer(slot)[-1:]], DOWNLOADS)

    assert (tally.transfers, tally.usable, tally.failed) == (1, 1, 0)
    assert tally.failures == {FailureKind.RESET: 2}
    assert len(watcher.failures) == 2


def test_a_round_is_done_though_some_of_its_slots_were_skipped() -> None:
    first, second, third = (slot for slot in slots(PLAN) if slot.round_index == 0)
    watcher = ListWatcher()
    tally = Tally(PLAN, watcher)
    tally.append(sample(first))
    tally.skip(second)
    assert not watcher.rounds
    tally.append(sample(third))
    assert [summary.visits for summary in watcher.rounds] == [2]


def test_of_a_round_that_was_skipped_whole_nothing_is_told() -> None:
    watcher = ListWatcher()
    tally = Tally(PLAN, watcher)
    for slot in slots(PLAN):
        tally.skip(slot)
    assert not watcher.rounds
