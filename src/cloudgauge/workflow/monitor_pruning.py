"""Which of a monitor's result sets go, and what all of it takes on the disk."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cloudgauge.store.folder import (
    CHECKSUMS,
    JOURNAL,
    SAMPLES,
    TRUTH_SUFFIX,
    keep,
    machine_errors,
)
from cloudgauge.store.long_term import LONG_TERM, LongTermFile
from cloudgauge.store.long_term_layout import FoldedRun
from cloudgauge.workflow.monitor_bounds import Bounds, Room

# Sets on their way out: renamed there first, so that none is ever half there.
_GONE = ".gone"


def sets_in(folder: Path) -> tuple[Path, ...]:
    """The result sets in a folder, sealed or not, in the order of their names.

    Raises:
        MachineError: It cannot be read.
    """
    with machine_errors(folder):
        return tuple(
            path
            for path in sorted(folder.iterdir())
            if (path / CHECKSUMS).is_file() or (path / JOURNAL).is_file()
        )


def runs_in(files: Sequence[LongTermFile]) -> Mapping[str, FoldedRun]:
    """The runs that the record counts, by their ids."""
    return {run.run_id: run for file in files for run in file.head.runs}


def room_of(folder: Path) -> Room:
    """What everything in a monitor's folder takes.

    Raises:
        MachineError: It cannot be read.
    """
    sealed = [path for path in sets_in(folder) if not (path / JOURNAL).is_file()]
    others = [path for path in sets_in(folder) if path not in sealed]
    return Room(
        sets=len(sealed),
        sets_bytes=sum(map(_bytes_of, sealed)),
        journals_bytes=sum(map(_bytes_of, others)),
        record_bytes=_bytes_of(folder / LONG_TERM),
    )


def prune(
    folder: Path, runs: Mapping[str, FoldedRun], bounds: Bounds, now_wall_ns: int
) -> int:
    """Let the oldest sets go, if their samples are in the record; how many went.

    Args:
        folder: A monitor's; sets of others in it stay, and are not counted.
        runs: Those in the record, by their ids.
        bounds: What may be kept.
        now_wall_ns: UTC since 1970.

    Raises:
        MachineError: The file system refuses.
    """
    mine = {
        run.run_id: folder / run.folder
        for run in runs.values()
        if _is_of(folder / run.folder, run)
    }
    unsealed = [path for path in sets_in(folder) if (path / JOURNAL).is_file()]
    kept = (*mine.values(), *unsealed, folder / LONG_TERM)
    total_bytes, pruned = sum(map(_bytes_of, kept)), 0
    for run in sorted(runs.values(), key=lambda run: run.started_wall_ns):
        path = mine.get(run.run_id)
        if path is None:
            continue
        is_old = now_wall_ns - run.ended_wall_ns > bounds.keep_ns
        if is_old or total_bytes > bounds.keep_bytes:
            total_bytes -= _bytes_of(path)
            _remove(folder, path)
            pruned += 1
    return pruned


def clear_gone(folder: Path) -> None:
    """Remove what was on its way out when a pass was cut short.

    Raises:
        MachineError: The file system refuses.
    """
    gone = folder / LONG_TERM / _GONE
    with machine_errors(gone):
        # There from the start, while there is room for it.
        gone.mkdir(exist_ok=True)
        for path in gone.iterdir():
            shutil.rmtree(path)


def _remove(folder: Path, path: Path) -> None:
    gone = folder / LONG_TERM / _GONE
    # What a private network has laid beside a set goes with it, and first: nothing
    # would find it afterwards.
    truth = path.with_name(f"{path.name}{TRUTH_SUFFIX}")
    with machine_errors(path):
        for one in (truth, path):
            if one.is_dir():
                one.rename(gone / one.name)
        keep(folder)
    clear_gone(folder)


def _is_of(path: Path, run: FoldedRun) -> bool:
    """Whether a folder is the sealed set of a run, not another of its name."""
    there = (path / CHECKSUMS).is_file() and not (path / JOURNAL).exists()
    return there and (path / SAMPLES / f"{run.run_id}.parquet").is_file()


def _bytes_of(folder: Path) -> int:
    with machine_errors(folder):
        return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                yield (Path(path) / name).lstat().st_size
            except FileNotFoundError:
                # A run that is alive has removed it meanwhile.
                continue
