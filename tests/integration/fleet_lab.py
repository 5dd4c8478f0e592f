"""What tests of a fleet have in common: a campaign in a lab, and what came of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.fleet.campaign import Campaign
from benchmarks.fleet.drill import Drill
from benchmarks.fleet.lab import Place, wait_until
from benchmarks.fleet.tally import Tally, merged_in, tally

# Of a campaign of a minute, on a machine that is busy with others.
END_S = 600.0
BEGIN_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A campaign that has ended.

    Attributes:
        code: The scheduler's exit code.
        report: What it left on stdout, as JSON.
        said: All that it wrote.
        workers: What each vantage's workers wrote, all of them.
        worker_codes: Exit codes of each vantage's last worker.
    """

    code: int
    report: dict[str, Any]
    said: str
    workers: dict[str, str]
    worker_codes: dict[str, int]
    campaign: Campaign

    @property
    def merged(self) -> tuple[Path, ...]:
        return merged_in(self.campaign.merged)

    def tallies(self, *paths: Path) -> dict[str, Tally]:
        scene = self.campaign.scene
        counted = tally(paths or self.merged, scene.names, scene.cells)
        return {one.vantage: one for one in counted}

    def row(self, vantage: str) -> dict[str, Any]:
        """What the report says of a vantage."""
        rows = self.report["tables"]["vantages"]
        (row,) = [row for row in rows if row["vantage"] == vantage]
        return dict(row)


def report_in(text: str) -> dict[str, Any]:
    """The JSON document at the end of a log that has messages before it."""
    begin = text.index("\n{") + 1 if not text.startswith("{") else 0
    document: dict[str, Any] = json.loads(text[begin:])
    return document


def wait_for_samples(drill: Drill, campaign: Campaign, *names: str) -> None:
    """Return when each of these vantages measures: it has a journal."""
    for name in names:
        wait_for(
            drill, partial(_has_journal, campaign.results(name)), f"{name}'s start"
        )


def wait_for(drill: Drill, holds: Callable[[], bool], what: str) -> None:
    """Return when something holds; fail at once if a process of a campaign ends."""

    def holds_or_never_will() -> bool:
        return holds() or any(one.code is not None for one in drill.processes)

    wait_until(holds_or_never_will, BEGIN_S, what)
    said = [one.text for one in drill.processes]
    assert holds(), f"{what}: {said}"


def logs_of(place: Place) -> str:
    """All that the processes at a place have written."""
    logs = sorted(place.folder.glob("[0-9]*.log"))
    return "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)


def _has_journal(results: Path) -> bool:
    return any(results.glob("*/journal.sqlite"))
