"""``run --forever``: a monitor, until somebody stops it.

This process probes and nothing else; what seals, folds, lets old sets go and answers
for the metrics is another (`cli.monitor_process`), told by a pipe.
"""

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cloudgauge.cli.carrying_out import (
    Asked,
    check_options,
    enter_world,
    ignore_interrupts,
    is_inside,
    plan_asked_for,
    request_for,
)
from cloudgauge.cli.live import LineWatcher, round_line
from cloudgauge.cli.means import Means
from cloudgauge.cli.monitor_options import Monitoring
from cloudgauge.cli.output import Output
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.run import StopReason

if TYPE_CHECKING:
    from cloudgauge.cli.monitor_link import KeeperLink
    from cloudgauge.model.plan import Plan
    from cloudgauge.model.sample import Sample
    from cloudgauge.store.long_term_layout import FoldedRun
    from cloudgauge.workflow.gauging import RunReport, RunRequest
    from cloudgauge.workflow.monitor_orders import Orders, Ready
    from cloudgauge.workflow.progress import RoundSummary, TransferState
    from cloudgauge.workflow.rolling import Rolling, RollingReport

_EXIT_MACHINE = 74
# With less room than this a disk is full; with more, measuring goes on.
_ROOM_BYTES = 64 * 1024 * 1024
_LOOK_AGAIN_S = 5.0
_STALE_ROUNDS, _STALE_LEAST_NS = 3, 60 * 10**9


class MonitorWatcher(LineWatcher):
    """A line a part, with *verbose* one a round and a failure; tells the keeper."""

    def __init__(self, plan: "Plan", link: "KeeperLink", out: Output) -> None:
        super().__init__(plan, verbose=out.verbose)
        self._link = link
        self._out = out

    def begun(self, folder: Path) -> None:
        """Have the keeper read on in the part's journal."""
        self._link.begun(folder)
        self._out.say(f"samples go to {folder}")

    def failed(self, sample: "Sample") -> None:
        """Say which exchange failed, and why, with *verbose*."""
        if not self._out.quiet:
            super().failed(sample)

    def transferred(self, state: "TransferState") -> None:
        """With *verbose*, give the transfer's figures."""
        if self._verbose and not self._out.quiet:
            super().transferred(state)

    def round_done(self, summary: "RoundSummary") -> None:
        """See that the keeper lives."""
        self._link.look()
        if self._verbose and not self._out.quiet:
            self._tell(round_line(summary, None))

    def ended_part(self, report: "RunReport") -> None:
        """Have the keeper seal and fold a part."""
        self._link.ended(report.folder)


def monitor_asked(
    asked: Asked, means: Means, monitoring: Monitoring, out: Output
) -> None:
    """Measure until stopped.

    Raises:
        ConfigError: An option is wrong, or another monitor has the folder.
        LimitExceeded: A part would pass a ceiling.
        StoreError: What lies in the folder does not fit.
        MachineError: The machine failed us.
        typer.Exit: With the exit code, unless it is 0.
    """
    _check(asked, means, out)
    plan = plan_asked_for(asked, means)
    # Before anything is made.
    for read in (monitoring.bounds, monitoring.address):
        read()
    _check_part(plan, monitoring.part_rounds(plan))
    if means.world and not is_inside():
        enter_world(means, out)
    from cloudgauge.cli.monitor_link import KeeperLink

    request = request_for(plan, means, out)
    with _alone_in(means.results):
        link = KeeperLink(_orders(request, monitoring))
        try:
            ready = link.ready()
            _tell_metrics(ready, out)
            rolling = _rolling(request, monitoring, ready.newest)
            out.say(_announcement(plan, rolling))
            ignore_interrupts()
            report = _measure_on(request, rolling, link, out)
        finally:
            # Until it has sealed and folded the last part.
            code = link.close()
    _tell_end(report, means, out)
    machine_failed = report is None or report.stop_reason is StopReason.MACHINE
    if code or machine_failed:
        raise typer.Exit(code or _EXIT_MACHINE)


def _check_part(plan: "Plan", part_rounds: int) -> None:
    """Hold a part against the ceilings, which are those of a run."""
    from cloudgauge.planning.limits import check_limits

    check_limits(replace(plan, pacing=replace(plan.pacing, rounds=part_rounds)))


def _announcement(plan: "Plan", rolling: "Rolling") -> str:
    """One line on what is about to be sent."""
    span_ns = plan.round_span_ns
    slots = f"{plan.slots_per_round:,} visits and transfers a round"
    part_ns = rolling.part_rounds * span_ns
    return (
        f"{plan.name}: {slots} of {format_duration(span_ns)}, until it is stopped; "
        f"a part is {rolling.part_rounds:,} rounds, {format_duration(part_ns)}"
    )


def _tell_metrics(ready: "Ready", out: Output) -> None:
    if ready.address is None:
        return
    out.say(f"metrics: http://{ready.address}/metrics, and /health")
    if not ready.address.is_loopback:
        out.say(
            "warning: whoever reaches that address reads what is measured and from "
            "where; there is no password"
        )


def _check(asked: Asked, means: Means, out: Output) -> None:
    check_options(means, out)
    for option, given in (
        ("--until-decided", means.leaving.until_decided),
        ("--fail-on", means.fail_on is not None),
        ("--output", out.path is not None),
    ):
        if given:
            raise ConfigError(option, "has no meaning for a run that has no end")
    from cloudgauge.workflow.pinning import is_pin

    if is_pin(asked.plan):
        where = str(asked.plan)
        raise ConfigError(where, "is pinned and has an end: leave out --forever")


@contextmanager
def _alone_in(results: Path) -> Iterator[None]:
    """Keep other monitors out of the folder."""
    from cloudgauge.store.folder import machine_errors
    from cloudgauge.store.lock import FolderBusy
    from cloudgauge.store.turn import turn_in

    with machine_errors(results):
        results.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(turn_in(results))
        except FolderBusy as exc:
            problem = "another monitor has it; give this one a --results of its own"
            raise ConfigError(str(results), problem) from exc
        yield


def _orders(request: "RunRequest", monitoring: Monitoring) -> "Orders":
    from cloudgauge.planning.canonical import plan_hash
    from cloudgauge.workflow.monitor_metrics import MonitorFacts
    from cloudgauge.workflow.monitor_orders import Orders

    plan = request.plan
    return Orders(
        results=str(request.results),
        facts=MonitorFacts(
            vantage=request.vantage.name,
            plan_hash=plan_hash(plan),
            simulated=request.world is not None,
            stale_ns=max(_STALE_ROUNDS * plan.round_span_ns, _STALE_LEAST_NS),
        ),
        bounds=monitoring.bounds(),
        metrics=monitoring.address(),
    )


def _rolling(
    request: "RunRequest", monitoring: Monitoring, newest: "FoldedRun | None"
) -> "Rolling":
    """Rounds go on where the newest run in the record has them."""
    from cloudgauge.planning.canonical import plan_hash
    from cloudgauge.workflow.monitor_bounds import monitor_campaign
    from cloudgauge.workflow.rolling import Rolling

    plan, start_ns = request.plan, None
    digest = plan_hash(plan)
    if newest is not None and newest.plan_hash == digest:
        passed_ns = newest.first_round * plan.round_span_ns
        start_ns = newest.started_wall_ns - passed_ns
    return Rolling(
        campaign=monitor_campaign(digest),
        part_rounds=monitoring.part_rounds(plan),
        start_wall_ns=start_ns,
        forever=True,
    )


def _measure_on(
    request: "RunRequest", rolling: "Rolling", link: "KeeperLink", out: Output
) -> "RollingReport | None":
    """Measure until stopped; where the disk is full, wait for room and go on.

    Returns:
        None if it was stopped while it waited before anything could be measured.
    """
    from cloudgauge.workflow.rolling import measure_rolling

    watcher, report = MonitorWatcher(request.plan, link, out), None
    while True:
        try:
            report = measure_rolling(request, rolling, watcher, watcher.ended_part)
        except MachineError as exc:
            if _has_room(request.results):
                raise
            out.say(f"{exc}")
        else:
            if report.stop_reason is not StopReason.MACHINE:
                return report
            if _has_room(request.results):
                return report
            out.say(report.detail)
        out.say(
            f"nothing is measured until {request.results} has "
            f"{_ROOM_BYTES // 1024**2} MiB of room again"
        )
        if not _room_came(request.results, link):
            return report
        out.say("there is room again: measuring goes on")


def _room_came(results: Path, link: "KeeperLink") -> bool:
    """Wait for room; False if we are stopped first."""
    stopped = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stopped.set()) for number in numbers]
    try:
        while not _has_room(results):
            link.waiting()
            if stopped.wait(_LOOK_AGAIN_S):
                return False
        return True
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _has_room(results: Path) -> bool:
    try:
        return shutil.disk_usage(results).free >= _ROOM_BYTES
    except OSError:
        # It is gone: no room that could be waited for.
        return True


def _tell_end(report: "RollingReport | None", means: Means, out: Output) -> None:
    if report is None:
        return
    if report.stop_reason is StopReason.MACHINE:
        out.say(report.detail)
    visits = f"{report.held:,} visits" if report.held else "no visit"
    parts = f"{report.parts} part{'' if report.parts == 1 else 's'}"
    out.say(f"stopped after {visits} in {parts}; result sets are in {means.results}")
    out.say(f"the long-term record: cloudgauge show {means.results} --long-term all")
