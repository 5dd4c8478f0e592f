"""A live check for who types: carried out, watched, shown, judged."""

import os
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cloudgauge.cli.carrying_out import (
    check_options,
    enter_world,
    is_inside,
    vantage_and_access,
)
from cloudgauge.cli.means import FailOn, Means
from cloudgauge.cli.output import Output, tell
from cloudgauge.cli.pacing import Pacing
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.model.target import Family, Selection

if TYPE_CHECKING:
    from cloudgauge.model.plan import Plan
    from cloudgauge.model.sample import Sample
    from cloudgauge.workflow.checking import LiveCheck
    from cloudgauge.workflow.choosing import EvidenceShelf

_EXIT_PARTIAL = 3
_EXIT_NOTHING = 4
_EXIT_INTERRUPTED = 130
# Fields of `Means` that are options of a live check alone.
_MEANS = (
    *("vantage", "hosts", "ca_file", "allow_private", "contact", "world"),
    *("scenario", "vantage_at", "fail_on"),
)
_REFRESH_S = 0.5
_CLEAR_LINE = "\r\x1b[2K"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveChoice:
    """What the options said of a check.

    Attributes:
        evidence: Folder for the evidence; None for the user's own.
    """

    selection: Selection
    pacing: Pacing
    evidence: Path | None


def refuse_live_options(choice: LiveChoice, means: Means) -> None:
    """Refuse what only a live check can mean, where none was asked for.

    Raises:
        ConfigError: Names the option.
    """
    given: dict[str, object] = {
        "a selection": choice.selection != Selection(),
        "--timeout": choice.pacing.timeout,
        "--ipv6": choice.pacing.ipv6,
        "--evidence": choice.evidence,
    }
    given |= {f"--{key.replace('_', '-')}": getattr(means, key) for key in _MEANS}
    for option, value in given.items():
        if value:
            raise ConfigError(option, "is of a live check; say --live as well")


def evidence_shelf() -> "EvidenceShelf | None":
    """Where earlier live checks are kept; None if the user has no place for data."""
    from cloudgauge.workflow.choosing import EvidenceShelf

    try:
        folder = _evidence_folder(None)
    except MachineError:
        return None
    today = datetime.now(tz=UTC).date()
    return EvidenceShelf(folder=folder, inside_world=is_inside(), today=today)


def _evidence_folder(asked: Path | None) -> Path:
    from cloudgauge.catalog.evidence_files import FOLDER_NAME
    from cloudgauge.settings.user_data import user_data_folder

    return asked or user_data_folder(os.environ) / FOLDER_NAME


def carry_out_check(choice: LiveChoice, means: Means, out: Output) -> None:
    """Ask what was chosen, and show it; in the private network if that is asked for.

    Raises:
        ConfigError: An option is wrong; nothing was sent.
        LimitExceeded: More was chosen than may be asked; nothing was sent.
        MachineError: The machine failed us.
        typer.Exit: With the exit code that says how it went, unless it is 0.
    """
    check_options(means, out)
    if means.world and not is_inside():
        enter_world(means, out)
    from cloudgauge.catalog.loader import load_catalog
    from cloudgauge.model.plan import ProbeSpec
    from cloudgauge.workflow.candidates import candidates_of
    from cloudgauge.workflow.checking import CheckRequest, check_live

    catalog = load_catalog(means.target_files)
    folder = _evidence_folder(choice.evidence)
    candidates = candidates_of(catalog, choice.selection)
    vantage, access = vantage_and_access(means, out)
    request = CheckRequest(
        candidates=candidates,
        vantage=vantage,
        access=access,
        folder=folder,
        family=Family.IPV6 if choice.pacing.ipv6 else Family.IPV4,
        timeout_ns=choice.pacing.changes().timeout_ns or ProbeSpec().timeout_ns,
    )
    live = check_live(request, _Watcher(out))
    out.show(live.document)
    _judge(live, means, out)


def _judge(live: "LiveCheck", means: Means, out: Output) -> None:
    if live.evidence_file is not None:
        out.say(f"evidence: {live.evidence_file}")
    if live.interrupted:
        out.say("interrupted; what was found is kept")
        raise typer.Exit(_EXIT_INTERRUPTED)
    if not live.answered:
        out.say("nothing answered")
        raise typer.Exit(_EXIT_NOTHING)
    if means.fail_on is FailOn.PARTIAL and live.disappointing:
        out.say(f"not as their rows say: {', '.join(live.disappointing)}")
        raise typer.Exit(_EXIT_PARTIAL)


class _Watcher:
    """Tells on stderr how a check goes: on a terminal in one line that is renewed."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._renews = sys.stderr.isatty() and not out.quiet
        self._count = 0
        self._next_s = 0.0

    def planned(self, plan: "Plan") -> None:
        """Say what is about to be sent."""
        self._count = len(plan.targets)
        takes = format_duration(plan.pacing.duration_ns // NS_PER_S * NS_PER_S)
        self._out.say(f"asking {self._count} targets, once each: about {takes}")

    def looked(self, sample: "Sample", *, done: int) -> None:
        """Renew the line, twice a second at most; with -v tell each failure."""
        if self._out.verbose and sample.failure is not None:
            self._clear()
            tell(f"{sample.slot.target_id}: {sample.failure}: {sample.failure_detail}")
        if not self._renews:
            return
        now_s = time.monotonic()
        if done == self._count:
            self._clear()
        elif now_s >= self._next_s:
            self._next_s = now_s + _REFRESH_S
            sys.stderr.write(f"{_CLEAR_LINE}{done}/{self._count} targets asked")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._renews:
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()
