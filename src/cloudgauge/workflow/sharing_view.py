"""What pushing, pulling and listing show."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.report.document import Column, Document, Scale, Table
from cloudgauge.store.stored_set import Pushed, StoredSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A set that is here now.

    Attributes:
        already: It was here before, the same.
    """

    folder: Path
    already: bool


def pushed_document(store: str, done: Sequence[Pushed]) -> Document:
    """What was put into a store."""
    sent = sum(not one.already for one in done)
    return Document(
        kind="push",
        title=f"{_sets(sent)} pushed to {store}" + _rest(len(done) - sent, "there"),
        tables=(
            Table(
                name="sets",
                title="",
                columns=(
                    Column(name="name", label="set"),
                    Column(name="outcome", label="outcome"),
                    Column(name="sent_files", label="files sent", scale=Scale.COUNT),
                    Column(name="kept_files", label="there before", scale=Scale.COUNT),
                    Column(name="sent_bytes", label="size sent", scale=Scale.BYTES),
                ),
                rows=tuple(
                    (
                        one.name,
                        "there already" if one.already else "pushed",
                        one.sent_files,
                        one.kept_files,
                        one.sent_bytes,
                    )
                    for one in done
                ),
            ),
        ),
        notes=_unguarded(store, done),
    )


def _unguarded(store: str, done: Sequence[Pushed]) -> tuple[str, ...]:
    if not any(one.guarded is False for one in done):
        return ()
    return (
        f"{store} does not itself refuse to replace what is there: it was looked "
        "before each write, and two who write one name in the same moment are found "
        "out only afterwards",
    )


def pulled_document(store: str, done: Sequence[Pulled]) -> Document:
    """What was brought from a store."""
    new = sum(not one.already for one in done)
    return Document(
        kind="pull",
        title=f"{_sets(new)} pulled from {store}" + _rest(len(done) - new, "here"),
        tables=(
            Table(
                name="sets",
                title="",
                columns=(
                    Column(name="folder", label="folder"),
                    Column(name="outcome", label="outcome"),
                ),
                rows=tuple(
                    (
                        str(one.folder),
                        "here already" if one.already else "pulled and verified",
                    )
                    for one in done
                ),
            ),
        ),
    )


def listing_document(store: str, found: Sequence[StoredSet]) -> Document:
    """What a store holds."""
    whole = sum(one.complete for one in found)
    half = len(found) - whole
    notes = ("a set is whole when its manifest.json is there, which is sent last",)
    return Document(
        kind="store-listing",
        title=f"{_sets(whole)} in {store}"
        + (f", and {half} not whole" if half else ""),
        tables=(
            Table(
                name="sets",
                title="",
                columns=(
                    Column(name="name", label="set"),
                    Column(name="complete", label="whole"),
                    Column(name="files", label="files", scale=Scale.COUNT),
                    Column(name="size_bytes", label="size", scale=Scale.BYTES),
                ),
                rows=tuple(
                    (one.name, one.complete, one.files, one.size_bytes) for one in found
                ),
            ),
        ),
        notes=notes if half else (),
    )


def _rest(count: int, where: str) -> str:
    return f", {count} {where} already" if count else ""


def _sets(count: int) -> str:
    return f"{count} result set{'' if count == 1 else 's'}"
