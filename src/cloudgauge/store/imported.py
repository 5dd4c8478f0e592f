"""Write a set of what others measured, by the way that our own take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, RunOutcome
from cloudgauge.model.sample import Sample
from cloudgauge.store.folder import machine_errors
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.merge import fill_merged, whole_folder
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.seal import seal


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRun:
    """All that becomes a set.

    Attributes:
        samples: Of series of the plan.
    """

    run: RunInfo
    plan: Plan
    outcome: RunOutcome
    samples: Iterable[Sample]


def write_imported(
    runs: Sequence[ImportedRun], into: Path, *, tool_version: str
) -> None:
    """Seal one run as a set, or several as a merged set; whole, or not at all.

    Args:
        runs: At least one, of different vantages.
        into: Where; must not be there, or be empty.
        tool_version: Of cloudgauge; written down.

    Raises:
        ConfigError: There is something at *into*.
        MachineError: The disk is full or the folder not writable.
    """
    with whole_folder(into) as made:
        if len(runs) == 1:
            _seal(made, runs[0])
            return
        with machine_errors(into), TemporaryDirectory(dir=into.parent) as parts:
            folders = [Path(parts) / str(number) for number in range(len(runs))]
            for folder, run in zip(folders, runs, strict=True):
                folder.mkdir()
                _seal(folder, run)
            hashes = {run.run.plan_hash for run in runs}
            fill_merged(
                made,
                [ResultSet.open(folder) for folder in folders],
                # A matrix with gaps has other targets from each vantage.
                allowed=("plan",) if len(hashes) > 1 else (),
                tool_version=tool_version,
            )


def _seal(folder: Path, imported: ImportedRun) -> None:
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, imported.run, imported.plan) as journal:
            for sample in imported.samples:
                journal.append(sample)
            journal.finish(imported.outcome)
        seal(lock)
