"""What was kept: show result sets, and verify them."""

from collections.abc import Sequence
from pathlib import Path

from cloudgauge.analysis.frame import frame_of
from cloudgauge.analysis.summary import summarise
from cloudgauge.errors import StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.store.folder import CHECKSUMS, JOURNAL, machine_errors
from cloudgauge.store.resultset import ResultSet, read_manifest
from cloudgauge.store.verify import Verified, verify
from cloudgauge.workflow.doubts import ending_doubts
from cloudgauge.workflow.set_view import SetFigures, sets_document


def show_sets(paths: Sequence[Path]) -> Document:
    """Show the figures of result sets, series by series, caveats first.

    Args:
        paths: Sets, or folders of sets.

    Raises:
        StoreError: One of them is no set, or is corrupt.
        MachineError: A killed run's set cannot be sealed.
    """
    return sets_document([_opened(folder) for folder in _sets_at(paths)])


def plan_of(path: Path) -> Plan:
    """The plan of a result set, from its manifest alone.

    Args:
        path: A set, sealed or killed, or a manifest.json without the rest.

    Raises:
        StoreError: There is no manifest, or its plan is not what the run had.
        MachineError: A killed run's set cannot be sealed.
    """
    return read_manifest(path).plan


def verify_sets(paths: Sequence[Path]) -> Document:
    """Check every byte of result sets against what was sealed.

    Args:
        paths: Sets, or folders of sets.

    Raises:
        StoreError: Naming all sets that are not as sealed, and the files.
        MachineError: One cannot be read.
    """
    sound: list[tuple[Path, Verified]] = []
    problems: list[StoreError] = []
    folders = _sets_at(paths)
    for folder in folders:
        try:
            sound.append((folder, verify(folder)))
        except StoreError as exc:
            problems.append(exc)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        told = "".join(f"\n{problem}" for problem in problems)
        where = f"{len(problems)} of {len(folders)} result sets"
        raise StoreError(where, f"are not as they were sealed{told}")
    return Document(
        kind="verify",
        title=f"{len(sound)} of {len(folders)} result sets as they were sealed",
        tables=(_verified_table(sound),),
        notes=tuple(
            f"{folder}: {doubt}"
            for folder, checked in sound
            for doubt in ending_doubts(checked.manifest.outcome)
        ),
    )


def _sets_at(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Each path, or the sets in it where it is a folder of sets."""
    folders: list[Path] = []
    for path in paths:
        with machine_errors(path):
            inside = sorted(path.iterdir()) if path.is_dir() else []
        sets = [folder for folder in inside if _is_set(folder)]
        folders += [path] if _is_set(path) or not sets else sets
    return tuple(folders)


def _is_set(folder: Path) -> bool:
    return (folder / CHECKSUMS).is_file() or (folder / JOURNAL).is_file()


def _opened(folder: Path) -> SetFigures:
    result = ResultSet.open(folder)
    series = summarise(frame_of(result))
    targets = {target.target_id: target for target in result.targets}
    return SetFigures(result=result, series=series, targets=targets)


def _verified_table(sound: Sequence[tuple[Path, Verified]]) -> Table:
    return Table(
        name="sets",
        title="",
        columns=(
            Column(name="folder", label="folder"),
            Column(name="files", label="files", scale=Scale.COUNT),
            Column(name="samples", label="samples", scale=Scale.COUNT),
            Column(name="complete", label="complete"),
            Column(name="plan_hash", label="plan"),
        ),
        rows=tuple(
            (
                str(folder),
                checked.files,
                checked.manifest.counts.samples,
                checked.manifest.outcome is not None
                and checked.manifest.outcome.complete,
                checked.manifest.run.plan_hash[:8],
            )
            for folder, checked in sound
        ),
    )
