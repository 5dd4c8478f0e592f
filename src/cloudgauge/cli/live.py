"""How a run goes: a status line on a terminal, one line a round elsewhere.

A status line is one short write a half second, so that the event loop, which is
also the prober's, is held up for less than a tenth of a millisecond.
"""

import sys
import time

from cloudgauge.cli.output import tell
from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.workflow.progress import RoundSummary, Tally

_REFRESH_S = 0.5
_CLEAR_LINE = "\r\x1b[2K"


class SilentWatcher:
    """Says nothing."""

    def visited(self, tally: Tally) -> None:
        """The first exchange of a visit has ended."""

    def round_done(self, summary: RoundSummary) -> None:
        """The first exchange of every visit of a round has ended."""


class LineWatcher:
    """One line a round, for logs and pipes."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds

    def visited(self, tally: Tally) -> None:
        """The first exchange of a visit has ended."""

    def round_done(self, summary: RoundSummary) -> None:
        """The first exchange of every visit of a round has ended."""
        tell(round_line(summary, self._rounds))


class StatusWatcher:
    """A status line on a terminal, above it a line for each round."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds
        self._began_s = time.monotonic()
        self._next_s = 0.0

    def visited(self, tally: Tally) -> None:
        """The first exchange of a visit has ended."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _REFRESH_S
        line = status_line(tally, now_s - self._began_s)
        sys.stderr.write(f"{_CLEAR_LINE}{line}")
        sys.stderr.flush()

    def round_done(self, summary: RoundSummary) -> None:
        """The first exchange of every visit of a round has ended."""
        sys.stderr.write(_CLEAR_LINE)
        tell(round_line(summary, self._rounds))
        self._next_s = 0.0


def watcher_for(
    rounds: int, *, quiet: bool
) -> SilentWatcher | LineWatcher | StatusWatcher:
    """The watcher that suits where stderr goes."""
    if quiet:
        return SilentWatcher()
    return StatusWatcher(rounds) if sys.stderr.isatty() else LineWatcher(rounds)


def round_line(summary: RoundSummary, rounds: int) -> str:
    """A round's figures as one line."""
    connect = (
        "no answer"
        if summary.connect_p50_ms is None
        else f"connect p50 {summary.connect_p50_ms:.1f} ms"
    )
    return (
        f"round {summary.round_index + 1}/{rounds}: {summary.visits} visits, "
        f"{summary.failed} failed, {connect}, "
        f"latest {summary.lateness_worst_ms:.1f} ms after its time"
    )


def status_line(tally: Tally, elapsed_s: float) -> str:
    """Where a run stands, short enough for 80 columns."""
    plan = tally.plan
    left_s = max(0, round(plan.pacing.duration_ns / NS_PER_S - elapsed_s))
    return (
        f"{tally.visits}/{plan.visit_count} visits, {tally.failed} failed, "
        f"{format_duration(left_s * NS_PER_S)} left, Ctrl-C keeps what is measured"
    )
