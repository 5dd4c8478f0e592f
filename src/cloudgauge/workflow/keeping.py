"""What was kept: show result sets, and verify them."""

from collections.abc import Sequence
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.store.folder import is_merged, sets_at
from cloudgauge.store.merged import found_sets, members_in
from cloudgauge.store.verify import Verified, verify
from cloudgauge.workflow.doubts import ending_doubts, redaction_doubts
from cloudgauge.workflow.set_figures import SetFigures
from cloudgauge.workflow.set_view import sets_document


def show_sets(paths: Sequence[Path]) -> Document:
    """Show the figures of result sets, series by series, caveats first.

    Args:
        paths: Sets, or folders of sets; see `store.merged.found_sets`.

    Raises:
        StoreError: One of them is no set, or is corrupt.
        MachineError: A killed run's set cannot be sealed.
    """
    return sets_document([SetFigures.open(folder) for folder in found_sets(paths)])


def verify_sets(paths: Sequence[Path]) -> Document:
    """Check every byte of result sets against what was sealed.

    Args:
        paths: Sets, or folders of sets; see `store.merged.found_sets`.

    Raises:
        StoreError: Naming all sets that are not as sealed, and the files.
        MachineError: One cannot be read.
    """
    sound: list[tuple[Path, Verified]] = []
    problems: list[StoreError] = []
    folders: list[Path] = []
    for place in sets_at(paths):
        try:
            inside = members_in(place) if is_merged(place) else (place,)
        except StoreError as exc:
            folders.append(place)
            problems.append(exc)
            continue
        for folder in inside:
            folders.append(folder)
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
            for doubt in (
                *redaction_doubts(checked.manifest.run),
                *ending_doubts(checked.manifest.outcome),
            )
        ),
    )


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
