from pathlib import Path

from cloudgauge.model.plan import Slot
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.progress import RoundSummary, Tally
from tests.fakes.plans import plan_of, targets_of
from tests.fakes.probing import sample_of

PLAN = plan_of(targets_of(aws=2, gcp=1))


class ListWatcher:
    def __init__(self) -> None:
        self.visits: list[int] = []
        self.rounds: list[RoundSummary] = []
        self.failures: list[Sample] = []

    def begun(self, folder: Path) -> None:
        """Nothing to do."""

    def failed(self, sample: Sample) -> None:
        self.failures.append(sample)

    def visited(self, tally: Tally) -> None:
        self.visits.append(tally.visits)

    def round_done(self, summary: RoundSummary) -> None:
        self.rounds.append(summary)


def told(samples: list[Sample]) -> tuple[Tally, ListWatcher]:
    watcher = ListWatcher()
    tally = Tally(PLAN, watcher)
    for sample in samples:
        tally.append(sample)
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
