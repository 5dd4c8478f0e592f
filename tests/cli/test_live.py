from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.cli.live import (
    LineWatcher,
    SilentWatcher,
    announcement,
    round_line,
    watcher_for,
)
from cloudgauge.cli.output import Output
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.ahead import Ahead
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState
from tests.fakes.plans import download_plan, object_in, plan_of, targets_of
from tests.fakes.probing import bin_of, sample_of

PLAN = plan_of(targets_of(aws=2, gcp=1))
SUMMARY = RoundSummary(
    round_index=1, visits=230, failed=3, connect_p50_ms=84.123, lateness_worst_ms=1.26
)
LEFT = Ahead(held=4, visits=2, transfers=0, rounds=1, duration_ns=18 * 10**9)


def test_a_round_is_one_line_with_its_failures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    LineWatcher(PLAN).round_done(SUMMARY)
    assert capsys.readouterr().err == (
        "round 2/2: 230 visits, 3 failed, connect p50 84.1 ms, "
        "latest 1.3 ms after its time\n"
    )


def test_a_round_without_an_answer_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    silent = RoundSummary(
        round_index=0, visits=5, failed=5, connect_p50_ms=None, lateness_worst_ms=0.0
    )
    LineWatcher(PLAN).round_done(silent)
    assert "5 failed, no answer, latest" in capsys.readouterr().err


def test_before_a_packet_leaves_it_is_said_what_is_sent_and_where_it_is_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    LineWatcher(PLAN, verbose=True).begun(Path("results/x"))
    assert capsys.readouterr().err == (
        "made-up: 6 visits to 3 targets in 2 rounds, 36s\n"
        "samples go to results/x\n"
        "seed 1, controls none\n"
    )


def test_who_goes_on_is_told_what_is_left_and_what_is_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watcher = LineWatcher(PLAN)
    watcher.looking_ahead(LEFT)
    watcher.begun(Path("results/x"))
    watcher.begun(Path("results/y"))
    assert capsys.readouterr().err == (
        "made-up: 2 visits to 3 targets in 1 round, 18s; 4 of 6 are there already\n"
        "samples go to results/x\n"
        "samples go to results/y\n"
    )


def test_who_waits_for_a_start_is_told_when_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watcher = LineWatcher(PLAN)
    watcher.looking_ahead(
        replace(LEFT, starts_wall_ns=1_800_000_000 * 10**9, wait_ns=1_799_900_000_000)
    )
    assert capsys.readouterr().err == "begins at 2027-01-15 08:00:00 UTC, in 29m59s\n"

    watcher.looking_ahead(replace(LEFT, starts_wall_ns=1, wait_ns=10**9))
    assert capsys.readouterr().err == ""


def test_one_of_a_thing_is_no_plural() -> None:
    one = plan_of(targets_of(aws=1))
    assert "to 1 target in" in announcement(one)


def test_a_failure_is_told_only_to_who_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slot = next(slots(PLAN))
    sample = sample_of(slot, 0, failure=FailureKind.REFUSED)
    LineWatcher(PLAN).failed(sample)
    assert capsys.readouterr().err == ""
    LineWatcher(PLAN, verbose=True).failed(sample)
    told = capsys.readouterr().err
    assert told.startswith(f"round 1, {slot.target_id} (ipv4), exchange 0: refused: ")


def test_away_from_a_terminal_there_are_lines_and_with_quiet_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert type(watcher_for(PLAN, Output())) is LineWatcher
    quiet = watcher_for(PLAN, Output(quiet=True))
    assert type(quiet) is SilentWatcher
    quiet.round_done(SUMMARY)
    quiet.begun(Path("x"))
    assert capsys.readouterr().err == ""


DOWNLOADS = download_plan([object_in("tencent", "ap-guangzhou-open")])
BOTH = download_plan(DOWNLOADS.objects, targets=targets_of(aws=2, gcp=1))
SLOT = next(slots(DOWNLOADS))
POURED = TransferState(slot=SLOT, body_bytes=123_400_000, poured_ns=3_200_000_000)


def test_transfers_are_announced_beside_visits() -> None:
    assert announcement(DOWNLOADS) == (
        "made-up: 4 transfers of 1 object in 2 rounds, 1m16s"
    )
    assert announcement(BOTH) == (
        "made-up: 6 visits to 3 targets, 4 transfers of 1 object in 2 rounds, 1m52s"
    )


def test_a_transfer_that_ended_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    watcher = LineWatcher(DOWNLOADS)
    watcher.transferred(POURED)
    failed = TransferState(
        slot=SLOT, body_bytes=0, poured_ns=0, failure=FailureKind.NO_LENGTH
    )
    watcher.transferred(failed)
    streams = f"{SLOT.streams} stream{'' if SLOT.streams == 1 else 's'}"
    name = f"round 1, tencent/ap-guangzhou-open:agent (ipv4), {streams}: "
    assert capsys.readouterr().err == (
        f"{name}123 MB in 3.2 s, on average 308.5 Mbit/s\n"
        f"{name}nothing received; no-length\n"
    )


def test_a_round_of_transfers_is_one_line() -> None:
    alone = RoundSummary(
        round_index=0,
        visits=0,
        failed=0,
        connect_p50_ms=None,
        lateness_worst_ms=None,
        transfers=4,
        transfers_failed=1,
        received_bytes=750_000_000,
    )
    assert round_line(alone, 2) == ("round 1/2: 4 transfers, 1 failed, 750 MB received")
    both = replace(SUMMARY, transfers=1, received_bytes=10**6)
    assert round_line(both, 2) == (
        "round 2/2: 230 visits, 3 failed, connect p50 84.1 ms, latest 1.3 ms after "
        "its time; 1 transfer, 0 failed, 1 MB received"
    )


def test_who_asked_for_silence_is_not_told_of_transfers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tally = Tally(DOWNLOADS, watcher_for(DOWNLOADS, Output(quiet=True)))
    tally.append(bin_of(SLOT, 0))
    tally.append(sample_of(SLOT, 0))
    assert capsys.readouterr().err == ""
