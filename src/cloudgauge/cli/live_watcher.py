"""What a run sends to the process that draws how it goes.

The event loop is the prober's, so nothing is counted or drawn here: each visit is a few
bytes into a pipe, and a process of its own draws (`live_process`). A pipe that is full,
since somebody has stopped the terminal, holds nothing up.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from cloudgauge.cli.live import LineWatcher
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S, NS_PER_US
from cloudgauge.model.sample import Part, Sample
from cloudgauge.planning.bill import price_for
from cloudgauge.workflow.ahead import Ahead
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState

_GB = 10**9
_PATIENCE_S = 10
# An hour of fifty visits a second.
_MOST_UNSENT_BYTES = 4 * 1024 * 1024


class LiveWatcher(LineWatcher):
    """Hands what happens to a process that draws it; waits for nobody.

    With *verbose* each failure is a line above the figures.
    """

    def __init__(self, plan: Plan, *, verbose: bool = False) -> None:
        super().__init__(plan, verbose=verbose)
        asked = (*plan.targets, *plan.objects)
        self._places = {one.target_id: at for at, one in enumerate(asked)}
        self._skipped = 0
        self._state: TransferState | None = None
        self._unsent = bytearray()
        self._drawing: subprocess.Popen[bytes] | None = None

    def begun(self, folder: Path) -> None:
        """Start the process that draws, and say what is about to be sent."""
        if self._drawing is None:
            self._drawing = _drawing_process()
            self._send(json.dumps(live_plan(self._plan, self._ahead)))
        super().begun(folder)

    def sampled(self, sample: Sample) -> None:
        """Hand on what is counted: a first exchange, or bytes."""
        failure, body_bytes = sample.failure or "", sample.body_bytes or 0
        if sample.part is Part.TRANSFER:
            return
        if sample.part is None and sample.exchange == 0:
            kernel, connect_ns = sample.kernel, sample.timings.connect_ns
            rtt_us = kernel.connect_rtt_us if kernel else None
            if rtt_us is None and not (kernel and kernel.syn_retransmits):
                rtt_us = None if connect_ns is None else connect_ns // NS_PER_US
            timed = "" if rtt_us is None else rtt_us
            place = self._places[sample.slot.target_id]
            self._send(f"v {place} {timed} {body_bytes} {failure}".rstrip())
        elif body_bytes:
            self._send(f"b {body_bytes}")

    def visited(self, tally: Tally) -> None:
        """Hand on how many visits will not be made."""
        if tally.skipped != self._skipped:
            self._skipped = tally.skipped
            self._send(f"s {tally.skipped}")

    def transferring(self, tally: Tally, state: TransferState) -> None:  # noqa: ARG002  as its base
        """Hand on how far it is."""
        slot, place = state.slot, self._places[state.slot.target_id]
        how_far = f"{state.body_bytes} {state.poured_ns}"
        self._send(f"p {place} {slot.streams or 1} {how_far}")

    def transferred(self, state: TransferState) -> None:
        """Hand on what came of it."""
        place, failure = self._places[state.slot.target_id], state.failure or ""
        self._send(f"t {place} {state.body_bytes} {failure}".rstrip())
        if self._verbose:
            super().transferred(state)

    def round_done(self, summary: RoundSummary) -> None:
        """Hand it on; with *verbose* its line too."""
        self._send("r")
        if self._verbose:
            super().round_done(summary)

    def ended(self) -> None:
        """Have the figures wiped before anybody else writes on the terminal."""
        drawing, self._drawing = self._drawing, None
        if drawing is None or drawing.stdin is None:
            return
        drawing.stdin.close()
        try:
            drawing.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            # The terminal is held (Ctrl-S): what it shows is its user's wish.
            drawing.kill()
            drawing.wait()

    def _tell(self, line: str) -> None:
        if self._drawing is None:
            super()._tell(line)
        else:
            self._send(f"l {json.dumps(line)}")

    def _send(self, message: str) -> None:
        drawing = self._drawing
        if drawing is None or drawing.stdin is None:
            return
        self._unsent += f"{message}\n".encode()
        try:
            sent = os.write(drawing.stdin.fileno(), self._unsent)
        except BlockingIOError:
            sent = 0
        except BrokenPipeError:
            sent = len(self._unsent)
        del self._unsent[:sent]
        if len(self._unsent) > _MOST_UNSENT_BYTES:
            # Who looks on after an hour gets wrong counts: better to show none.
            self._unsent.clear()
            drawing.kill()


def _drawing_process() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "cloudgauge.cli.live_process"]
    drawing = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    if drawing.stdin is not None:
        os.set_blocking(drawing.stdin.fileno(), False)
    return drawing


def live_plan(plan: Plan, ahead: Ahead | None = None) -> dict[str, object]:
    """What the process that draws must know, as JSON can hold it.

    Args:
        plan: Whose names and prices it needs.
        ahead: What is left of the plan; None for all of it.
    """
    if ahead is None:
        ahead = Ahead(
            held=0,
            visits=plan.series_count * plan.pacing.rounds,
            transfers=plan.transfers_per_round * plan.pacing.rounds,
            rounds=plan.pacing.rounds,
            duration_ns=plan.duration_ns,
        )
    first = len(plan.targets)
    prices = {
        first + at: price
        for at, one in enumerate(plan.objects)
        if (price := price_for(plan, one.region.region_id)) is not None
    }
    download = plan.download
    return {
        "name": plan.name,
        "rounds": ahead.rounds,
        "visits": ahead.visits,
        "transfers": ahead.transfers,
        "held": ahead.held,
        "duration_s": ahead.duration_ns / NS_PER_S,
        "transfer_s": 0 if download is None else download.transfer_ns / NS_PER_S,
        "target_ids": [one.target_id for one in (*plan.targets, *plan.objects)],
        "prices": {
            at: (str(price.of(_GB).amount / _GB), price.price.currency)
            for at, price in prices.items()
        },
    }
