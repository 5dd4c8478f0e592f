from dataclasses import replace

from benchmarks.instrument.shaped.buckets import (
    bucket_findings,
    bucket_trials,
    saw_the_end,
)
from benchmarks.instrument.shaped.outcome import Outcome, Told
from benchmarks.instrument.shaped.trial import Trial

TRIALS = bucket_trials(quick=False)


def outcome(trial: Trial, ratio: float | None, peer_ratio: float | None) -> Outcome:
    rate = None if ratio is None else ratio * trial.goodput_bits_per_s
    peers = None if peer_ratio is None else peer_ratio * trial.peer_goodput_bits_per_s
    return Outcome(
        trial=trial,
        streams=trial.streams[0],
        told=Told(bits_per_s=rate, low_bits_per_s=rate, high_bits_per_s=rate),
        peer_bits_per_s=peers,
        line_bits_per_s=trial.bits_per_s,
    )


def test_most_trials_see_the_bucket_run_dry_and_one_does_not() -> None:
    assert [saw_the_end(trial) for trial in TRIALS] == [True, True, True, False]
    assert all(trial.burst_bytes == 300_000_000 for trial in TRIALS)
    assert all(trial.sustained_bits_per_s == trial.bits_per_s // 10 for trial in TRIALS)


def test_the_sustained_rate_and_no_rate_are_no_burst() -> None:
    found = bucket_findings(
        [
            outcome(TRIALS[0], 1.01, 4.0),
            outcome(TRIALS[1], None, 1.2),
            # Nobody can know of a bucket that outlasts the download.
            outcome(TRIALS[3], 10.0, 10.0),
        ],
        has_peer=True,
    )
    (row,) = found.rows
    assert (row.value, row.peer_value) == (0, 1)
    assert row.met is True
    assert row.load.endswith("2 downloads that saw it")
    said = [record["we say"] for record in found.details[0].records()]
    assert said == ["settled", "not settled", "settled"]


def test_a_burst_that_is_called_the_rate_misses_the_goal() -> None:
    (row,) = bucket_findings([outcome(TRIALS[0], 5.0, 1.0)], has_peer=True).rows
    assert row.value == 1
    assert row.met is False


def test_a_download_that_failed_proves_nothing() -> None:
    one = outcome(TRIALS[0], None, None)
    failed = replace(
        one,
        told=Told(
            bits_per_s=None,
            low_bits_per_s=None,
            high_bits_per_s=None,
            failures="stalled",
        ),
    )
    (row,) = bucket_findings([failed], has_peer=True).rows
    assert row.value is None
    assert row.met is False
    assert row.note == "1 download from behind a bucket failed."
    assert failed.verdict == "failed (stalled)"
    (row,) = bucket_findings([one], has_peer=True).rows
    assert row.peer_value is None
    assert "iperf3 gave no answer" in row.note
