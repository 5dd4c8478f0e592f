"""What vantages have delivered to a store: by the manifests, or all of it, checked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.set_facts import FACT_COLUMNS, facts_of
from cloudgauge.errors import StoreError
from cloudgauge.store.folder import is_merged
from cloudgauge.store.folder_store import FolderStore
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.merged import members_in
from cloudgauge.store.remote import SetStore
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A whole set.

    Attributes:
        name: Its folder's in the store; of a merged set's member with the set's.
        result: Opened, where all of it was read; else None.
        moved_ns: How far its wall clock moved against the monotonic one, likewise.
    """

    name: str
    manifest: Manifest
    result: ResultSet | None = None
    moved_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """What is in the store and cannot be counted.

    Attributes:
        problem: Why, one sentence without a subject.
    """

    name: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What is in a store.

    Attributes:
        sets: Whole ones, in the order of their names.
        half: Names of sets that are not all there.
        unusable: Those that cannot be read, or were changed.
    """

    sets: tuple[Delivered, ...]
    half: tuple[str, ...]
    unusable: tuple[Unusable, ...]


def stock_by_manifests(store: SetStore) -> Stock:
    """Read the manifests of a store's sets, and nothing else.

    Raises:
        ConfigError: The store refuses.
        StoreError: There is no such folder.
        MachineError: The store cannot be reached.
    """
    sets: list[Delivered] = []
    unusable: list[Unusable] = []
    listing = store.listing()
    for stored in listing:
        if not stored.complete:
            continue
        try:
            manifest = store.manifest(stored.name)
        except StoreError as exc:
            unusable.append(Unusable(name=stored.name, problem=exc.problem))
        else:
            sets.append(Delivered(name=stored.name, manifest=manifest))
    return Stock(
        sets=tuple(sets),
        half=tuple(one.name for one in listing if not one.complete),
        unusable=tuple(unusable),
    )


@contextmanager
def stock_by_samples(store: SetStore) -> Iterator[Stock]:
    """Read and check everything in a store; its sets are open while this lasts.

    Raises:
        ConfigError: The store refuses.
        StoreError: There is no such folder.
        MachineError: The store cannot be reached, or the disk is full.
    """
    sets: list[Delivered] = []
    unusable: list[Unusable] = []
    listing = store.listing()
    with TemporaryDirectory(prefix="cloudgauge-") as here:
        for stored in listing:
            if not stored.complete:
                continue
            try:
                sets += _checked(_place(store, stored.name, Path(here)))
            except StoreError as exc:
                unusable.append(Unusable(name=stored.name, problem=exc.problem))
        yield Stock(
            sets=tuple(sets),
            half=tuple(one.name for one in listing if not one.complete),
            unusable=tuple(unusable),
        )


def _place(store: SetStore, name: str, here: Path) -> Path:
    # A folder's sets are read where they are.
    if isinstance(store, FolderStore):
        return store.folder / name
    return store.pull(name, here)


def _checked(folder: Path) -> Iterator[Delivered]:
    merged = is_merged(folder)
    for inside in members_in(folder) if merged else (folder,):
        verify(inside)
        result = ResultSet.open(inside)
        facts = facts_of(columns_of(result, FACT_COLUMNS))
        yield Delivered(
            name=f"{folder.name}/{inside.name}" if merged else folder.name,
            manifest=result.manifest,
            result=result,
            moved_ns=facts.moved_ns,
        )
