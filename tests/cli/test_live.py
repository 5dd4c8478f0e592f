import re
from pathlib import Path

import pytest

from cloudgauge.cli.live import (
    LineWatcher,
    SilentWatcher,
    StatusWatcher,
    announcement,
    watcher_for,
)
from cloudgauge.cli.output import Output
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.progress import RoundSummary, Tally
from tests.fakes.plans import plan_of, targets_of
from tests.fakes.probing import sample_of

PLAN = plan_of(targets_of(aws=2, gcp=1))
SUMMARY = RoundSummary(
    round_index=1, visits=230, failed=3, connect_p50_ms=84.123, lateness_worst_ms=1.26
)
CLEAR = "\r\x1b[2K"


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


def test_a_status_line_is_wiped_before_other_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watcher = StatusWatcher(PLAN)
    tally = Tally(PLAN, watcher)
    tally.append(sample_of(next(slots(PLAN)), 0))
    watcher.round_done(SUMMARY)
    told = capsys.readouterr().err
    status, _, rest = told.removeprefix(CLEAR).partition(CLEAR)
    assert re.fullmatch(r"1/6 visits, 0 failed, \d+s left, Ctrl-C keeps .*", status)
    assert rest.startswith("round 2/2")


def test_away_from_a_terminal_there_are_lines_and_with_quiet_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert type(watcher_for(PLAN, Output())) is LineWatcher
    quiet = watcher_for(PLAN, Output(quiet=True))
    assert type(quiet) is SilentWatcher
    quiet.round_done(SUMMARY)
    quiet.begun(Path("x"))
    assert capsys.readouterr().err == ""
