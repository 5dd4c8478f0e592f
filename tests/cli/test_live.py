from pathlib import Path

import pytest

from cloudgauge.cli.live import LineWatcher, SilentWatcher, StatusWatcher, watcher_for
from cloudgauge.workflow.progress import RoundSummary

SUMMARY = RoundSummary(
    round_index=2, visits=230, failed=3, connect_p50_ms=84.123, lateness_worst_ms=1.26
)


def test_a_round_is_one_line_with_its_failures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    LineWatcher(10).round_done(SUMMARY)
    assert capsys.readouterr().err == (
        "round 3/10: 230 visits, 3 failed, connect p50 84.1 ms, "
        "latest 1.3 ms after its time\n"
    )


def test_a_round_without_an_answer_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    silent = RoundSummary(
        round_index=0, visits=5, failed=5, connect_p50_ms=None, lateness_worst_ms=0.0
    )
    LineWatcher(1).round_done(silent)
    assert "5 failed, no answer, latest" in capsys.readouterr().err


def test_a_status_line_is_wiped_before_the_line_of_a_round(
    capsys: pytest.CaptureFixture[str],
) -> None:
    StatusWatcher(10).round_done(SUMMARY)
    assert capsys.readouterr().err.startswith("\r\x1b[2Kround 3/10")


def test_away_from_a_terminal_there_are_lines_and_with_quiet_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert isinstance(watcher_for(10, quiet=False), LineWatcher)
    quiet = watcher_for(10, quiet=True)
    assert isinstance(quiet, SilentWatcher)
    quiet.round_done(SUMMARY)
    assert capsys.readouterr().err == ""


def test_nothing_is_written_beside_standard_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    LineWatcher(10).round_done(SUMMARY)
    assert list(tmp_path.iterdir()) == []
