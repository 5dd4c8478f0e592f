"""What keeps a monitor's house while another process probes: passes, counts, answers.

It learns of parts by a pipe, and of samples by reading on in their journals, so that
nothing is asked of the process that probes. What seals and folds is a process of its
own each time, whose memory goes with it.
"""

import asyncio
import gzip
import json
import shutil
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.store.journal_tail import JournalTail
from cloudgauge.workflow.monitor_bounds import Kept
from cloudgauge.workflow.monitor_counts import MonitorCounts
from cloudgauge.workflow.monitor_endpoint import HEALTH_TYPE, METRICS_TYPE, Answer
from cloudgauge.workflow.monitor_metrics import (
    MonitorState,
    health_problem,
    metrics_text,
)
from cloudgauge.workflow.monitor_orders import (
    Orders,
    PassReport,
    Word,
    pass_report_from,
    to_line,
)

_PASS = (sys.executable, "-m", "cloudgauge.cli.monitor_pass")
_TICK_S = 5.0
# A pass that failed is tried again after this.
_AGAIN_S = 60.0
# Another pass, of a monitor that was stopped just now, is waited for ten minutes.
_BUSY_AGAIN_S, _BUSY_TRIES = 0.5, 1_200


class Keeper:
    """Keeps a monitor's house.

    Attributes:
        orders: What it is to do.
        state: How it fares.
    """

    def __init__(
        self, orders: Orders, wall_ns: Callable[[], int], told: Callable[[str], None]
    ) -> None:
        self.orders = orders
        self.state = MonitorState(started_wall_ns=wall_ns())
        self._counts = MonitorCounts(orders.facts.vantage)
        self._wall_ns = wall_ns
        self._told = told
        self._already_told: frozenset[str] = frozenset()
        self._tails: dict[str, JournalTail] = {}
        self._wanted = asyncio.Event()
        self._closing = False

    def close(self) -> None:
        """Let `tend_on` end, after the pass that is under way."""
        self._closing = True
        self._wanted.set()

    def hear(self, word: Word) -> None:
        """Take in what the process that probes says."""
        self.state.waiting = word.waiting
        if word.begun:
            self.state.parts += 1
            self._tails[word.begun] = JournalTail(Path(word.begun))
        if word.ended:
            self._read(word.ended)
            self._tails.pop(word.ended, None)
        if word.ended or word.tend:
            self._wanted.set()

    async def read_on(self) -> None:
        """Count what is added to journals, until it is cancelled."""
        while True:
            for folder in list(self._tails):
                self._read(folder)
            self._look_at_disk()
            await asyncio.sleep(_TICK_S)

    async def tend_on(self) -> None:
        """Make passes when they are wanted, until it is closed."""
        while not self._closing:
            try:
                async with asyncio.timeout(_AGAIN_S if self.state.failed else None):
                    await self._wanted.wait()
            except TimeoutError:
                self._wanted.set()
            self._wanted.clear()
            if not self._closing:
                await self.tend()

    async def tend(self) -> PassReport:
        """Make a pass, now; after another one's end where one is at work."""
        report = await self._pass()
        for _ in range(_BUSY_TRIES):
            if not report.is_busy:
                break
            await asyncio.sleep(_BUSY_AGAIN_S)
            report = await self._pass()
        self._take_in(report)
        self._look_at_disk()
        return report

    async def metrics(self, *, packed: bool) -> Answer:
        """The metrics as they stand; *packed* by gzip."""
        for folder in list(self._tails):
            self._read(folder)
        now_ns = self._wall_ns()
        lines = metrics_text(self.orders.facts, self.state, self._counts, now_ns)
        text = "".join(f"{line}\n" for line in lines).encode()
        return Answer(
            status=HTTPStatus.OK,
            content_type=METRICS_TYPE,
            # In a thread: with many targets it takes as long as a few visits.
            body=await asyncio.to_thread(gzip.compress, text, 1) if packed else text,
            packed=packed,
        )

    async def health(self, *, packed: bool) -> Answer:
        """Whether all is well, in a few words."""
        for folder in list(self._tails):
            self._read(folder)
        problem = health_problem(
            self.orders.facts, self.state, self._counts, self._wall_ns()
        )
        said = {"status": "failing" if problem else "ok", "problem": problem}
        text = f"{json.dumps(said)}\n".encode("ascii")
        return Answer(
            status=HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK,
            content_type=HEALTH_TYPE,
            body=gzip.compress(text, 1) if packed else text,
            packed=packed,
        )

    def _read(self, folder: str) -> None:
        tail = self._tails.get(folder)
        if tail is None:
            return
        try:
            while rows := tail.more():
                self._counts.add(rows, tail.started_wall_ns)
        except StoreError as exc:
            self._tell_once(frozenset({str(exc)}))

    def _look_at_disk(self) -> None:
        try:
            self.state.free_bytes = shutil.disk_usage(self.orders.results).free
        except OSError as exc:
            self._tell_once(frozenset({f"{self.orders.results}: {exc.strerror}"}))

    async def _pass(self) -> PassReport:
        process = await asyncio.create_subprocess_exec(
            *_PASS, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate(to_line(self.orders))
        try:
            return pass_report_from(told)
        except ConfigError:
            problem = f"a pass ended with {process.returncode} and said nothing"
            return PassReport(problem=problem, is_machine=True)

    def _take_in(self, report: PassReport) -> None:
        state, kept = self.state, report.kept
        state.passes += 1
        state.failed = kept is None
        state.passes_failed += kept is None
        problems = frozenset(report.kept.problems if report.kept else (report.problem,))
        self._tell_once(problems)
        self._already_told = problems
        if kept is not None:
            self._take_in_kept(kept)

    def _take_in_kept(self, kept: Kept) -> None:
        state = self.state
        state.pruned += kept.pruned
        state.problems = len(kept.problems)
        state.sets, state.sets_bytes = kept.room.sets, kept.room.sets_bytes
        state.journals_bytes = kept.room.journals_bytes
        state.record_bytes = kept.room.record_bytes
        if kept.folded:
            state.sealed_wall_ns = self._wall_ns()

    def _tell_once(self, problems: frozenset[str]) -> None:
        for problem in sorted(problems - self._already_told):
            self._told(problem)
        self._already_told |= problems
