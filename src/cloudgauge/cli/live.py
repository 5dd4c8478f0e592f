"""How a run goes: a status line on a terminal, one line a round elsewhere.

A status line is one short write a half second, so that the event loop, which is
also the prober's, is held up for less than a tenth of a millisecond.
"""

import shutil
import sys
import time
from pathlib import Path

from cloudgauge.cli.output import Output, tell
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S, format_byte_count, format_duration
from cloudgauge.model.sample import Sample
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState

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

    def transferring(self, tally: Tally, state: TransferState) -> None:
        """A transfer has come a little further."""

    def transferred(self, state: TransferState) -> None:
        """A transfer has ended."""

    def round_done(self, summary: RoundSummary) -> None:
        """Every transfer, and every visit's first exchange, of a round has ended."""

    def looked(self, line: str) -> None:
        """A look of ``--until-decided`` was taken."""

    def ended(self) -> None:
        """The run is over; what comes next is not ours."""


class LineWatcher(SilentWatcher):
    """One line a round and a transfer, for logs; with *verbose* one a failure too."""

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

    def transferred(self, state: TransferState) -> None:
        """Give the transfer's figures."""
        self._tell(transfer_line(state))

    def round_done(self, summary: RoundSummary) -> None:
        """Give the round's figures."""
        self._tell(round_line(summary, self._plan.pacing.rounds))

    def looked(self, line: str) -> None:
        """Say what the look says."""
        self._tell(line)

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
        self._renew(tally, None)

    def transferring(self, tally: Tally, state: TransferState) -> None:
        """Renew it, and say how the transfer goes."""
        self._renew(tally, state)

    def ended(self) -> None:
        """Wipe the status line: an interrupted run leaves one."""
        sys.stderr.write(_CLEAR_LINE)
        sys.stderr.flush()

    def _renew(self, tally: Tally, state: TransferState | None) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + _REFRESH_S
        line = status_line(tally, now_s - self._began_s, state)
        # A line that is broken in two could not be wiped.
        room = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"{_CLEAR_LINE}{line[:room]}")
        sys.stderr.flush()

    def _tell(self, line: str) -> None:
        sys.stderr.write(_CLEAR_LINE)
        tell(line)
        self._next_s = 0.0


def watcher_for(plan: Plan, out: Output) -> SilentWatcher:
    """The watcher that suits where stderr goes."""
    if out.quiet:
        return SilentWatcher()
    kind = StatusWatcher if sys.stderr.isatty() else LineWatcher
    return kind(plan, verbose=out.verbose)


def announcement(plan: Plan) -> str:
    """One line on what is about to be sent."""
    visits = plan.series_count * plan.pacing.rounds
    transfers = plan.transfers_per_round * plan.pacing.rounds
    parts = []
    if visits:
        targets = _count(len(plan.targets), "target")
        parts.append(f"{_count(visits, 'visit')} to {targets}")
    if transfers:
        objects = _count(len(plan.objects), "object")
        parts.append(f"{_count(transfers, 'transfer')} of {objects}")
    return (
        f"{plan.name}: {', '.join(parts)} in {_count(plan.pacing.rounds, 'round')}, "
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
    parts = []
    if summary.lateness_worst_ms is not None:
        connect = (
            "no answer"
            if summary.connect_p50_ms is None
            else f"connect p50 {summary.connect_p50_ms:.1f} ms"
        )
        parts.append(
            f"{summary.visits} visits, {summary.failed} failed, {connect}, "
            f"latest {summary.lateness_worst_ms:.1f} ms after its time"
        )
    if summary.transfers:
        parts.append(
            f"{_count(summary.transfers, 'transfer')}, "
            f"{summary.transfers_failed} failed, "
            f"{format_byte_count(summary.received_bytes)} received"
        )
    return f"round {summary.round_index + 1}/{rounds}: {'; '.join(parts)}"


def transfer_line(state: TransferState) -> str:
    """A transfer that has ended, as one line."""
    slot = state.slot
    name = (
        f"round {slot.round_index + 1}, {slot.target_id} ({slot.family}), "
        f"{_count(slot.streams or 1, 'stream')}"
    )
    received = (
        "nothing received"
        if state.mean_bytes_per_s is None
        else f"{format_byte_count(state.body_bytes)} in "
        f"{state.poured_ns / NS_PER_S:.1f} s, on average {_rate(state)}"
    )
    return f"{name}: {received}{f'; {state.failure}' if state.failure else ''}"


def status_line(
    tally: Tally, elapsed_s: float, state: TransferState | None = None
) -> str:
    """Where a run stands, what matters most first: a narrow terminal cuts it."""
    plan = tally.plan
    left_s = max(0, round(plan.duration_ns / NS_PER_S - elapsed_s))
    visits = plan.series_count * plan.pacing.rounds
    transfers = plan.transfers_per_round * plan.pacing.rounds
    failed, left = (
        f"{tally.failed} failed",
        f"{format_duration(left_s * NS_PER_S)} left",
    )
    done = f"{tally.transfers}/{transfers}"
    if state is not None:
        return f"{_under_way(state, plan)}, {done} done, {left}, {failed}"
    parts = [f"{tally.visits}/{visits} visits"] if visits else []
    parts += [f"{done} transfers"] if transfers else []
    return ", ".join((*parts, failed, left, "Ctrl-C keeps what is measured"))


def _under_way(state: TransferState, plan: Plan) -> str:
    region, _, _ = state.slot.target_id.partition(":")
    name = f"{region} x{state.slot.streams}"
    if state.mean_bytes_per_s is None or plan.download is None:
        return f"{name} idle round trips"
    most_s = plan.download.transfer_ns / NS_PER_S
    return f"{name} {_rate(state)} {state.poured_ns / NS_PER_S:.0f}/{most_s:.0f} s"


def _rate(state: TransferState) -> str:
    return f"{8 * (state.mean_bytes_per_s or 0) / 10**6:.1f} Mbit/s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(plan: Plan) -> str:
    return ", ".join(plan.controls) or "none"
