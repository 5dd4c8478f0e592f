"""How a run goes: one line a round, or on a terminal what `live_watcher` has drawn."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from cloudgauge.cli.output import Output, tell
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import (
    NS_PER_S,
    format_byte_count,
    format_duration,
)
from cloudgauge.model.sample import Sample
from cloudgauge.workflow.ahead import Ahead
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState

# Who waits for less does not wonder.
_WAIT_TOLD_NS = 3 * NS_PER_S


class SilentWatcher:
    """Says nothing."""

    def looking_ahead(self, ahead: Ahead) -> None:
        """So much is left to be done."""

    def begun(self, folder: Path) -> None:
        """Everything is ready."""

    def sampled(self, sample: Sample) -> None:
        """An exchange has ended, whichever way."""

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
        self._is_announced = False
        self._ahead: Ahead | None = None

    def looking_ahead(self, ahead: Ahead) -> None:
        """Keep it; say when it goes on, if that is some while."""
        self._ahead = ahead
        if ahead.starts_wall_ns is not None and ahead.wait_ns >= _WAIT_TOLD_NS:
            begins = datetime.fromtimestamp(ahead.starts_wall_ns // NS_PER_S, UTC)
            wait = format_duration(ahead.wait_ns // NS_PER_S * NS_PER_S)
            self._tell(f"begins at {begins:%Y-%m-%d %H:%M:%S} UTC, in {wait}")

    def begun(self, folder: Path) -> None:
        """Say what is about to be sent, and where it is kept: of parts, of each."""
        is_first, self._is_announced = not self._is_announced, True
        if is_first:
            self._tell(announcement(self._plan, self._ahead))
        self._tell(f"samples go to {folder}")
        if is_first and self._verbose:
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


def watcher_for(plan: Plan, out: Output) -> SilentWatcher:
    """The watcher that suits where stderr goes."""
    if out.quiet:
        return SilentWatcher()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from cloudgauge.cli.live_watcher import LiveWatcher

        return LiveWatcher(plan, verbose=out.verbose)
    return LineWatcher(plan, verbose=out.verbose)


def announcement(plan: Plan, ahead: Ahead | None = None) -> str:
    """One line on what is about to be sent: the whole plan, or what is left of it."""
    visits = plan.series_count * plan.pacing.rounds
    transfers = plan.transfers_per_round * plan.pacing.rounds
    rounds, duration_ns, held = plan.pacing.rounds, plan.duration_ns, ""
    if ahead is not None and ahead.held:
        visits, transfers, rounds = ahead.visits, ahead.transfers, ahead.rounds
        duration_ns = ahead.duration_ns
        held = f"; {ahead.held:,} of {plan.visit_count:,} are there already"
    parts = []
    if visits:
        targets = _count(len(plan.targets), "target")
        parts.append(f"{_count(visits, 'visit')} to {targets}")
    if transfers:
        objects = _count(len(plan.objects), "object")
        parts.append(f"{_count(transfers, 'transfer')} of {objects}")
    return (
        f"{plan.name}: {', '.join(parts)} in {_count(rounds, 'round')}, "
        f"{format_duration(duration_ns // NS_PER_S * NS_PER_S)}{held}"
    )


def failure_line(sample: Sample) -> str:
    """One failed exchange as one line."""
    slot = sample.slot
    return (
        f"round {slot.round_index + 1}, {slot.target_id} ({slot.family}), "
        f"exchange {sample.exchange}: {sample.failure}: {sample.failure_detail}"
    )


def round_line(summary: RoundSummary, rounds: int | None) -> str:
    """A round's figures as one line; without an end *rounds* is None."""
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
    of = "" if rounds is None else f"/{rounds}"
    return f"round {summary.round_index + 1}{of}: {'; '.join(parts)}"


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


def _rate(state: TransferState) -> str:
    return f"{8 * (state.mean_bytes_per_s or 0) / 10**6:.1f} Mbit/s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(plan: Plan) -> str:
    return ", ".join(plan.controls) or "none"
