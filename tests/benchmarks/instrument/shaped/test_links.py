from dataclasses import replace

from benchmarks.instrument.shaped.links import link_findings, link_trials
from benchmarks.instrument.shaped.outcome import Outcome, Told
from benchmarks.instrument.shaped.trial import Trial

LINK = Trial(bits_per_s=50_000_000, rtt_ms=20, seconds=5, streams=(1, 8))
WIDE = replace(LINK, bits_per_s=500_000_000)


def told(ratio: float | None, trial: Trial = LINK) -> Told:
    rate = None if ratio is None else ratio * trial.goodput_bits_per_s
    return Told(bits_per_s=rate, low_bits_per_s=rate, high_bits_per_s=rate)


def outcomes(
    *ratios: float | None, trial: Trial = LINK, carried: float = 1.0
) -> list[Outcome]:
    return [
        Outcome(
            trial=trial,
            streams=streams,
            told=told(ratio, trial),
            peer_bits_per_s=0.95 * trial.peer_goodput_bits_per_s,
            line_bits_per_s=carried * trial.bits_per_s,
        )
        for streams, ratio in zip(trial.streams, ratios, strict=True)
    ]


def test_the_download_that_is_further_off_decides() -> None:
    (row,) = link_findings(outcomes(1.01, 0.98), has_peer=True).rows
    assert row.value is not None
    assert round(row.value, 6) == 2.0
    assert row.peer_value is not None
    assert round(row.peer_value, 6) == 5.0
    assert row.met is True
    assert row.load == "50 Mbit/s, 20 ms, 1 and 8 streams"
    assert row.note == ""
    (row,) = link_findings(outcomes(1.04, 0.98), has_peer=True).rows
    assert row.met is False


def test_a_download_that_does_not_settle_misses_the_goal_and_is_named() -> None:
    (row,) = link_findings(outcomes(1.0, None), has_peer=True).rows
    assert row.value is None
    assert row.met is False
    assert row.note == "50 Mbit/s, 20 ms, 8 streams: not settled."


def test_a_peer_that_is_missing_or_silent_is_told() -> None:
    (row,) = link_findings(outcomes(1.0, 1.0), has_peer=False).rows
    assert row.peer == ""
    assert "iperf3 is not installed here" in row.note
    silent = [replace(one, peer_bits_per_s=None) for one in outcomes(1.0, 1.0)]
    (row,) = link_findings(silent, has_peer=True).rows
    assert row.note == "50 Mbit/s, 20 ms: iperf3 gave no answer."


def test_a_wide_link_has_a_goal_only_where_the_line_carries_it() -> None:
    (row,) = link_findings(outcomes(1.0, 1.0, trial=WIDE), has_peer=True).rows
    assert row.met is True
    slow = outcomes(0.5, 0.5, trial=WIDE, carried=0.6)
    (row,) = link_findings(slow, has_peer=True).rows
    assert row.goal is None
    assert "the delay line came to 300 Mbit/s, also with iperf3" in row.note
    # Without the peer nobody knows whose fault it is; and a narrow one keeps its goal.
    alone = [replace(one, peer_bits_per_s=None) for one in slow]
    assert link_findings(alone, has_peer=False).rows[0].met is False
    narrow = outcomes(0.5, 0.5, carried=0.6)
    assert link_findings(narrow, has_peer=True).rows[0].met is False


def test_every_download_is_in_the_detail() -> None:
    (detail,) = link_findings(outcomes(1.01, None), has_peer=True).details
    first, second = detail.records()
    assert (first["streams"], second["streams"]) == (1, 8)
    assert isinstance(first["over goodput"], float)
    assert round(first["over goodput"], 6) == 1.01
    assert second["settled Mbit/s"] is None


def test_narrow_and_wide_links_near_and_far_are_all_there() -> None:
    wanted = {(mbit, rtt) for mbit in (10, 50, 200) for rtt in (20, 150)} | {(500, 20)}
    trials = link_trials(quick=False)
    assert {(one.bits_per_s // 10**6, one.rtt_ms) for one in trials} == wanted
    assert all(one.streams == (1, 8) for one in trials)
