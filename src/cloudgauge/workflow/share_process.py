"""``python -m cloudgauge.workflow.share_process``: one vantage's share of a campaign.

One request as JSON on stdin (`share.share_to_json`, a line); events on stdout, each a
line of JSON, in ``event`` what it is:

* ``begun``: ``folder`` of a part whose journal is open
* ``round``: ``round`` from 0, ``visits``, ``failed``, ``connect_p50_ms``,
  ``lateness_worst_ms``, ``transfers``, ``transfers_failed``
* ``part``: ``folder`` of a part that has ended, to be sealed by who listens;
  ``number``, ``first_round``, ``rounds``, ``slots``, ``is_rest``, ``complete``,
  ``stop_reason``, ``detail``, ``usable_visits``
* ``ended``: ``complete`` (every slot of the plan has its sample), ``held``,
  ``planned``, ``parts``, ``stop_reason``, ``detail``, ``interrupted``
* ``failed``: ``message``, and as ``kind`` the name of the error

The last one is ``ended`` or ``failed``. An interrupt (SIGINT, SIGTERM) ends it softly,
a second one at once; so does the end of whoever started it, who would not hear what
comes of it. Who listens slowly is not waited for: events are kept until they are
written.
"""

import json
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from cloudgauge.errors import CloudgaugeError
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.measure.vantage import machine_key
from cloudgauge.model.sample import Sample
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.settings.user_data import user_data_folder
from cloudgauge.store.calibrations import find_calibration
from cloudgauge.workflow.ahead import Ahead
from cloudgauge.workflow.gauging import RunReport, RunRequest
from cloudgauge.workflow.progress import RoundSummary, Tally, TransferState
from cloudgauge.workflow.reaching import DEFAULT_CONTACT
from cloudgauge.workflow.rolling import RollingReport, measure_rolling, rolling_of
from cloudgauge.workflow.share import ShareRequest, check_vantage, share_from_json
from cloudgauge.world.description import WORLD_VARIABLE, read_world

_LOOK_AGAIN_S = 1.0
_PATIENCE_S = 10.0
_FAILED = 1
Word = str | int | float | bool | None


class Voice:
    """Says events on stdout, by a thread of its own since a pipe may be full.

    Is the `Watcher` of its run.
    """

    def __init__(self) -> None:
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="voice", daemon=True)
        self._thread.start()

    def say(self, event: str, **words: Word) -> None:
        """Say an event."""
        line = json.dumps({"event": event, **words}, allow_nan=False)
        self._lines.put(f"{line}\n".encode())

    def close(self) -> None:
        """Wait a while until all is written."""
        self._lines.put(None)
        self._thread.join(_PATIENCE_S)

    def looking_ahead(self, ahead: Ahead) -> None:
        """Say nothing: who asked knows what it lacks."""

    def begun(self, folder: Path) -> None:
        """Say where a part's samples go."""
        self.say("begun", folder=str(folder))

    def sampled(self, sample: Sample) -> None:
        """Say nothing: a round is told as a whole."""

    def failed(self, sample: Sample) -> None:
        """Say nothing."""

    def visited(self, tally: Tally) -> None:
        """Say nothing."""

    def transferring(self, tally: Tally, state: TransferState) -> None:
        """Say nothing."""

    def transferred(self, state: TransferState) -> None:
        """Say nothing."""

    def round_done(self, summary: RoundSummary) -> None:
        """Say the round's figures."""
        self.say(
            "round",
            round=summary.round_index,
            visits=summary.visits,
            failed=summary.failed,
            connect_p50_ms=summary.connect_p50_ms,
            lateness_worst_ms=summary.lateness_worst_ms,
            transfers=summary.transfers,
            transfers_failed=summary.transfers_failed,
        )

    def part_done(self, report: RunReport) -> None:
        """Say what came of a part."""
        part, outcome = report.part, report.outcome
        if part is None:
            msg = "a share is made of parts"
            raise ValueError(msg)
        self.say(
            "part",
            folder=str(report.folder),
            number=part.number,
            first_round=part.first_round,
            rounds=part.rounds,
            slots=part.slots,
            is_rest=part.is_rest,
            complete=outcome.complete,
            stop_reason=outcome.stop_reason.value,
            detail=outcome.detail,
            usable_visits=report.usable_visits,
        )

    def ended(self, report: RollingReport) -> None:
        """Say what came of it all."""
        self.say(
            "ended",
            complete=report.complete,
            held=report.held,
            planned=report.planned,
            parts=report.parts,
            stop_reason=report.stop_reason.value,
            detail=report.detail,
            interrupted=report.interrupted,
        )

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            except BrokenPipeError:
                _end_softly()
                return


def measure_share(request: ShareRequest, voice: Voice) -> RollingReport:
    """Measure a vantage's share, or what is left of it.

    Raises:
        ConfigError: As `measure_rolling`, or the pin does not name the vantage.
        LimitExceeded: As `measure_rolling`.
        StoreError: As `measure_rolling`.
        MachineError: As `measure_rolling`.
    """
    pin = request.pin
    vantage = check_vantage(pin, request.vantage)
    inside = os.environ.get(WORLD_VARIABLE)
    world = read_world(Path(inside)) if inside else None
    ca_file = request.ca_file or (world.ca_file if world else None)
    found = find_calibration(user_data_folder(os.environ), machine_key())
    asked = RunRequest(
        plan=pin.plan,
        vantage=vantage,
        results=request.results,
        trust=TrustSettings(
            ca_file=ca_file,
            env_file=os.environ.get("SSL_CERT_FILE"),
            env_dir=os.environ.get("SSL_CERT_DIR"),
        ),
        hosts_file=request.hosts_file,
        private_allowed=request.private_allowed,
        world=world,
        contact=request.contact or DEFAULT_CONTACT,
        calibration=found.calibration,
    )
    rolling = replace(
        rolling_of(pin),
        sharers=request.sharers,
        already=SeqSpans.joining(request.already),
        patience_s=request.patience_s,
    )
    if request.start_wall_ns is not None:
        rolling = replace(rolling, start_wall_ns=request.start_wall_ns)
    return measure_rolling(asked, rolling, voice, voice.part_done)


def _end_softly() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _watch(parent: int, gone: threading.Event) -> None:
    """End this process softly when whoever started it has ended."""
    while not gone.wait(_LOOK_AGAIN_S):
        if os.getppid() != parent:
            _end_softly()
            return


def main() -> int:
    """Do what the request on stdin says."""
    parent, over = os.getppid(), threading.Event()
    threading.Thread(target=_watch, args=(parent, over), daemon=True).start()
    voice = Voice()
    try:
        request = share_from_json(sys.stdin.readline(), "the request on stdin")
        voice.ended(measure_share(request, voice))
    except CloudgaugeError as exc:
        voice.say("failed", message=str(exc), kind=type(exc).__name__)
        return _FAILED
    finally:
        over.set()
        voice.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
