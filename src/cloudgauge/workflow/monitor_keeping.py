"""What a monitor does with its parts: seal them, fold them in, let the oldest go.

Each step is whole or not, and the next pass finds by what lies on the disk what is left
to be done: a kill at any instant loses nothing and counts nothing twice. A result set
goes only after its samples are in the long-term record.
"""

from collections.abc import Sequence
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.analysis.long_term_counts import counts_for_long_term
from cloudgauge.analysis.long_term_days import day_of, periods_in
from cloudgauge.errors import StoreError
from cloudgauge.store.folder import JOURNAL, machine_errors
from cloudgauge.store.lock import FolderBusy
from cloudgauge.store.long_term import (
    LONG_TERM,
    LongTermFile,
    clear_leftovers,
    keep_counts,
    long_term_files,
    remove_file,
    runs_of_days,
)
from cloudgauge.store.long_term_layout import (
    ACCURACY,
    FORMAT_VERSION,
    FoldedRun,
    Grain,
    LongTermHead,
)
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.resultset import ResultSet, read_manifest, settle
from cloudgauge.store.turn import turn_in
from cloudgauge.workflow.monitor_bounds import Bounds, Kept, is_of_monitor
from cloudgauge.workflow.monitor_pruning import (
    clear_gone,
    prune,
    room_of,
    runs_in,
    sets_in,
)


def keep_parts(folder: Path, bounds: Bounds, now_wall_ns: int) -> Kept:
    """Seal what no run writes any more, fold it in, and let the oldest go.

    Args:
        folder: A monitor's; other sets in it are left alone.
        bounds: What is kept.
        now_wall_ns: UTC since 1970.

    Raises:
        FolderBusy: Another pass is at work.
        StoreError: The record is corrupt or of another vantage.
        MachineError: The disk is full or the folder not writable; what was done so far
            is whole.
    """
    home = folder / LONG_TERM
    with machine_errors(home):
        home.mkdir(parents=True, exist_ok=True)
    with turn_in(home):
        clear_leftovers(folder)
        clear_gone(folder)
        # First, since a full disk has no room for what comes next.
        pruned = prune(folder, runs_in(long_term_files(folder)), bounds, now_wall_ns)
        found = _Folder(folder)
        sealed, folded = found.take_in()
        days = _fold_days(folder, found.files, now_wall_ns - bounds.hours_ns)
        # Looked at anew: what goes must be what the disk says was folded.
        runs = runs_in(long_term_files(folder))
        pruned += prune(folder, runs, bounds, now_wall_ns)
        return Kept(
            sealed=sealed,
            folded=folded,
            days=days,
            pruned=pruned,
            room=room_of(folder),
            newest=max(
                runs.values(), key=lambda run: run.started_wall_ns, default=None
            ),
            problems=tuple(found.problems),
        )


class _Folder:
    """A monitor's folder, while its parts are taken in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[str] = []
        self.files = list(long_term_files(folder))

    def take_in(self) -> tuple[int, int]:
        """Seal and fold; how many of each."""
        ids = runs_in(self.files)
        known = {run.folder for run in ids.values()}
        sealed = folded = 0
        for path in sets_in(self.folder):
            if path.name in known and not (path / JOURNAL).exists():
                continue
            try:
                sealed += _seal(path)
                manifest = read_manifest(path)
                if is_of_monitor(manifest.run) and manifest.run.run_id not in ids:
                    self._fold(path)
                    folded += 1
            except FolderBusy:
                # Its run is alive: it comes with a later pass.
                continue
            except StoreError as exc:
                self.problems.append(str(exc))
        return sealed, folded

    def _fold(self, path: Path) -> None:
        result = ResultSet.open(path)
        counts = counts_for_long_term(result)
        head = _head_of(result.manifest, path.name, periods_in(counts))
        kept = keep_counts(self.folder, head, counts)
        self.files.append(LongTermFile(path=kept, head=head))


def _seal(path: Path) -> bool:
    """Whether there was a journal that is a set now."""
    had_journal = (path / JOURNAL).exists()
    settle(path)
    return had_journal


def _head_of(manifest: Manifest, name: str, periods: tuple[int, ...]) -> LongTermHead:
    run, outcome, part = manifest.run, manifest.outcome, manifest.run.part
    # Who saw nothing is in the record all the same: it was there.
    periods = periods or (Grain.HOUR.begin_of(run.started_wall_ns),)
    if part is None or outcome is None:
        raise StoreError(name, "is no part of a monitor that has ended")
    return LongTermHead(
        format_version=FORMAT_VERSION,
        grain=Grain.HOUR,
        accuracy=ACCURACY,
        tool_version=__version__,
        vantage=run.vantage,
        simulated=run.simulation is not None,
        periods=periods,
        runs=(
            FoldedRun(
                run_id=run.run_id,
                folder=name,
                plan_hash=run.plan_hash,
                started_wall_ns=run.started_wall_ns,
                ended_wall_ns=outcome.ended_wall_ns,
                samples=manifest.counts.samples,
                complete=outcome.complete,
                first_round=part.first_round,
                rounds=part.rounds,
                number=part.number,
            ),
        ),
    )


def _fold_days(folder: Path, files: Sequence[LongTermFile], before_wall_ns: int) -> int:
    """Fold days that ended before an instant; how many."""
    hours = [file for file in files if file.head.grain is Grain.HOUR]
    done = set(runs_of_days(files))
    wanted = {Grain.DAY.begin_of(at) for file in hours for at in file.head.periods}
    made = 0
    for day_ns in sorted(wanted - done):
        if day_ns + Grain.DAY.length_ns <= before_wall_ns:
            its = [file for file in hours if day_ns in _days_of(file)]
            keep_counts(folder, *day_of(its, day_ns))
            made += 1
    days = runs_of_days(long_term_files(folder))
    for file in hours:
        # All of it is in files of days by now, or some of it is still to come.
        if all(file.run_ids <= days.get(day, frozenset()) for day in _days_of(file)):
            remove_file(file)
    return made


def _days_of(file: LongTermFile) -> frozenset[int]:
    return frozenset(Grain.DAY.begin_of(at) for at in file.head.periods)
