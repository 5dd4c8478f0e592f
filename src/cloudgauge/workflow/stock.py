"""What lies in a results folder of a campaign and a vantage, told to who goes on.

Reading sets loads Arrow, which a prober has no use for: a process of its own looks
(``python -m cloudgauge.workflow.stock``), seals what a dead part left, and says on
stdout, as JSON, which slots are there. The prober asks it before the first packet.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudgauge.errors import CloudgaugeError, MachineError, StoreError
from cloudgauge.model.run import Part, RunInfo
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.store.folder import JOURNAL, MANIFEST, machine_errors

# Whoever seals a set of this campaign is done by then, or something is wrong.
_PATIENCE_S = 60.0
_LOOK_AGAIN_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPart:
    """A part that was found.

    Attributes:
        folder: Its set, sealed.
        number: As the set says.
        first_round: Likewise.
        is_rest: Likewise.
        started_wall_ns: UTC, when its first round began by the clock of its start.
        seqs: Slots of which it has the first exchange, or the whole transfer.
    """

    folder: str
    number: int
    first_round: int
    is_rest: bool
    started_wall_ns: int
    seqs: SeqSpans


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """All parts of a campaign from one vantage, in the order of their numbers."""

    parts: tuple[FoundPart, ...] = ()

    @property
    def held(self) -> SeqSpans:
        """Slots that any of them has."""
        spans = (span for part in self.parts for span in part.seqs.spans)
        return SeqSpans.joining(spans)

    @property
    def next_number(self) -> int:
        """The number of the part that is begun next."""
        return max((part.number for part in self.parts), default=-1) + 1


def take_stock(results: Path, campaign: str, vantage: str) -> Stock:
    """Find the parts of a campaign, by a process of its own if there may be any.

    Raises:
        StoreError: A set of the campaign is corrupt, or is still being written.
        MachineError: The folder cannot be read, or a dead part cannot be sealed.
    """
    if not any(_may_be_sets(results)):
        return Stock()
    asked = [sys.executable, "-m", "cloudgauge.workflow.stock"]
    ended = subprocess.run(
        [*asked, str(results), campaign, vantage],
        check=False,
        capture_output=True,
        text=True,
        # Before a run a terminal's Ctrl-C is for the one that asks.
        stdin=subprocess.DEVNULL,
    )
    try:
        table = json.loads(ended.stdout)
    except ValueError as exc:
        told = ended.stderr.strip().splitlines()[-1:] or [f"code {ended.returncode}"]
        msg = f"{results}: what lies there could not be read: {told[0]}"
        raise MachineError(msg) from exc
    return _stock_of(table)


def _stock_of(table: dict[str, Any]) -> Stock:
    if "path" in table:
        raise StoreError(table["path"], table["problem"])
    if "machine" in table:
        raise MachineError(table["machine"])
    return Stock(
        parts=tuple(
            FoundPart(
                **{**row, "seqs": SeqSpans.joining(map(tuple, row["seqs"]))},
            )
            for row in table["parts"]
        )
    )


def _may_be_sets(results: Path) -> Iterator[Path]:
    with machine_errors(results):
        for folder in sorted(results.iterdir()) if results.is_dir() else ():
            if any((folder / name).is_file() for name in (MANIFEST, JOURNAL)):
                yield folder


def _part_in(folder: Path, campaign: str, vantage: str) -> Part | None:
    """The part in *folder*, if it is one of this campaign from this vantage."""
    from cloudgauge.store.resultset import read_manifest  # noqa: PLC0415  loads Arrow

    if not (folder / JOURNAL).exists():
        # Most sets are of something else: their manifests need not be understood.
        with machine_errors(folder):
            if campaign.encode() not in (folder / MANIFEST).read_bytes():
                return None
        return _wanted(read_manifest(folder).run, campaign, vantage)
    from cloudgauge.store.recovery import JournalReader  # noqa: PLC0415  as above

    try:
        with JournalReader.open(folder, alive=True) as reader:
            return _wanted(reader.run, campaign, vantage)
    except StoreError:
        # Killed before it had a head: it holds nothing of anybody.
        return None


def _wanted(run: RunInfo, campaign: str, vantage: str) -> Part | None:
    part = run.part
    if part is None or part.campaign != campaign or run.vantage.name != vantage:
        return None
    return part


def _found(folder: Path, part: Part) -> dict[str, Any]:
    """Seal a part's set if need be, and say what it has."""
    from cloudgauge.store.lock import FolderBusy  # noqa: PLC0415  not for the prober
    from cloudgauge.store.resultset import ResultSet, settle  # noqa: PLC0415  likewise

    limit_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            settle(folder)
            break
        except FolderBusy:
            if time.monotonic() > limit_s:
                raise
            time.sleep(_LOOK_AGAIN_S)
    result = ResultSet.open(folder)
    from cloudgauge.analysis.held_seqs import held_seqs  # noqa: PLC0415  loads numpy

    return {
        "folder": str(folder),
        "number": part.number,
        "first_round": part.first_round,
        "is_rest": part.is_rest,
        "started_wall_ns": result.manifest.run.started_wall_ns,
        "seqs": held_seqs(result).spans,
    }


def _told(results: Path, campaign: str, vantage: str) -> dict[str, Any]:
    try:
        parts = [
            _found(folder, part)
            for folder in _may_be_sets(results)
            if (part := _part_in(folder, campaign, vantage)) is not None
        ]
    except StoreError as exc:
        return {"path": exc.path, "problem": exc.problem}
    except CloudgaugeError as exc:
        return {"machine": str(exc)}
    return {"parts": sorted(parts, key=lambda row: row["number"])}


def main() -> None:
    """Say what lies in the folder that the first argument names."""
    results, campaign, vantage = sys.argv[1:]
    sys.stdout.write(json.dumps(_told(Path(results), campaign, vantage)))


if __name__ == "__main__":
    main()
