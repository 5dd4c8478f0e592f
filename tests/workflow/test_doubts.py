from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cloudgauge.model.run import Decision, Departure, RunOutcome, StopReason
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.report.document import Cell, Document
from cloudgauge.workflow.doubts import ending_doubts
from cloudgauge.workflow.keeping import show_sets
from tests.store.synthetic import keep_set, make_plan, make_samples

PLAN = make_plan(targets=6, rounds=4)


def shown(parent: Path, change: Callable[[Sample], Sample]) -> Document:
    samples = [change(sample) for sample in make_samples(PLAN, failing=0)]
    return show_sets([keep_set(parent, PLAN, samples)])


def last(document: Document, name: str) -> Cell:
    series = document.tables[0]
    names = [column.name for column in series.columns]
    return series.rows[-1][names.index(name)]


def test_a_series_whose_every_syn_was_sent_again_answered_all_the_same(
    tmp_path: Path,
) -> None:
    far = PLAN.targets[2].target_id

    def resend(sample: Sample) -> Sample:
        if sample.slot.target_id != far or sample.kernel is None:
            return sample
        return replace(sample, kernel=replace(sample.kernel, syn_retransmits=1))

    document = shown(tmp_path, resend)
    assert document.notes[0] == (
        "4 of 28 visits (14 %) had to send their SYN again: they are not in the "
        "connect figures"
    )
    assert not any("never answered" in note for note in document.notes)
    # Without a connect figure it has no place in the order but the last.
    assert last(document, "target") == far
    assert last(document, "failures") is None
    assert last(document, "first_byte_p50_ms") is not None


def test_a_series_with_one_good_exchange_is_not_called_silent(tmp_path: Path) -> None:
    def fail(sample: Sample) -> Sample:
        if sample.slot.round_index == 0 and sample.exchange == 1:
            return sample
        return replace(sample, failure=FailureKind.RESPONSE_TIMEOUT)

    document = shown(tmp_path, fail)
    assert not any("never answered" in note for note in document.notes)


def test_a_series_whose_every_exchange_failed_never_answered(tmp_path: Path) -> None:
    silent = PLAN.targets[2].target_id

    def fail(sample: Sample) -> Sample:
        if sample.slot.target_id != silent:
            return sample
        return replace(sample, failure=FailureKind.CONNECT_TIMEOUT)

    document = shown(tmp_path, fail)
    assert document.notes[0] == f"1 of 7 series never answered: {silent}"


def test_a_run_that_was_decided_says_who_left_and_not_that_it_is_incomplete() -> None:
    left = Departure(target_id="aws/a:x", family="ipv4", rounds=30, evidence=99.0)
    decided = RunOutcome(
        ended_wall_ns=1,
        complete=False,
        stop_reason=StopReason.DECIDED,
        skipped=1_200,
        decision=Decision(snapshot=True, looks=29, departures=(left,)),
    )
    told, beware = ending_doubts(decided)
    assert told == (
        "measured until decided, a snapshot: 1 series were shown to be worse than the "
        "best and left, 1,200 slots were skipped, at 29 looks: aws/a:x"
    )
    assert "by how much is less so than its interval says" in beware
    stopped = replace(decided, stop_reason=StopReason.INTERRUPTED, detail="by hand")
    assert list(ending_doubts(stopped)) == ["incomplete: interrupted (by hand)"]
    nobody = replace(decided, decision=Decision(snapshot=False, looks=3, departures=()))
    assert len(list(ending_doubts(nobody))) == 1
