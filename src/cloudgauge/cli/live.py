"""How a run goes: a status line on a terminal, one line a round elsewhere.

A status line is one short write a half second, so that the event loop, which is
also the prober's, is held up for less than a tenth of a millisecond.
"""

import sys
import time
from pathlib import Path

from cloudgauge.cli.output import Output, tell
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.model.sample import Sample
from cloudgauge.workflow.progress import RoundSummary, Tally, Watcher

_REFRESH_S = 0.5
_CLEAR_LINE = "\r\x1b[2K"


class SilentWatcher:
    """Says nothing."""

    def begun(self, folder: Path) -> None:
        """Everything is ready."""

    def failed(self, sample: Sample) -> None:
        """An exchange has failed."""

    def visited(self, tally: Tally) -> None:
        """The first exchange of a visit has ended."""

    def round_done(self, summary: RoundSummary) -> None:
        """The first exchange of every visit of a round has ended."""


class LineWatcher(SilentWatcher):
    """One line a round, for logs and pipes; with *verbose* one a failure as well."""

    def __init__(self, plan: Plan, *, verbose: bool = False) -> None:
        self._plan = plan
        self._verbose = verbose

    def begun(self, folder: Path) -> None:
        """Say what is about to be sent, and where it is kept."""
        self._tell(announcement(self._plan))
        self._tell(f"samples go to {folder}")
        if self._verbose:
            self._tell(f"seed {self._plan.seed}, controls {_listed(self._plan)}")

    def failed(self, sample: Sample) -> None:
        """Say which exchange failed, and why."""
        if self._verbose:
            self._tell(failure_line(sample))

    def round_done(self, summary: RoundSummary) -> None:
        """Give the round's figures."""
        self._tell(round_line(summary, self._plan.pacing.rounds))

    def _tell(self, line: str) -> None:
        tell(line)


class StatusWatcher(LineWatcher):
    """A status line on a terminal, and above it what a `LineWatcher` says."""

    def __init__(self, plan: Plan, *, verbose: bool = False) -> None:
        super().__init__(plan, verbose=verbose)
        self._began_s = time.monotonic()
        self._next_s = 0.0

    def visited(self, tally: Tally) -> None:
        """Renew the status line, twice a second at most."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _REFRESH_S
        line = status_line(tally, now_s - self._began_s)
        sys.stderr.write(f"{_CLEAR_LINE}{line}")
        sys.stderr.flush()

    def _tell(self, line: str) -> None:
        sys.stderr.write(_CLEAR_LINE)
        tell(line)
        self._next_s = 0.0


def watcher_for(plan: Plan, out: Output) -> Watcher:
    """The watcher that suits where stderr goes."""
    if out.quiet:
        return SilentWatcher()
    kind = StatusWatcher if sys.stderr.isatty() else LineWatcher
    return kind(plan, verbose=out.verbose)


def announcement(plan: Plan) -> str:
    """One line on what is about to be sent."""
    return (
        f"{plan.name}: {_count(plan.visit_count, 'visit')} to "
        f"{_count(len(plan.targets), 'target')} in "
        f"{_count(plan.pacing.rounds, 'round')}, "
        f"{format_duration(plan.duration_ns // NS_PER_S * NS_PER_S)}"
    )


def failure_line(sample: Sample) -> str:
    """One failed exchange as one line."""
    slot = sample.slot
    return (
        f"round {slot.round_index + 1}, {slot.target_id} ({slot.family}), "
        f"exchange {sample.exchange}: {sample.failure}: {sample.failure_detail}"
    )


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
    left_s = max(0, round(plan.duration_ns / NS_PER_S - elapsed_s))
    return (
        f"{tally.visits}/{plan.visit_count} visits, {tally.failed} failed, "
        f"{format_duration(left_s * NS_PER_S)} left, Ctrl-C keeps what is measured"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(plan: Plan) -> str:
    return ", ".join(plan.controls) or "none"
