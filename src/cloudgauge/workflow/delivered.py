"""What vantages have delivered to a store: by the manifests, or all of it, checked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
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
from cloudgauge.store.side_by_side import side_by_side
from cloudgauge.store.verify import verify

# A manifest is a small file at the end of a long way.
_AT_ONCE = 8
Told = Callable[[int, int], None]


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


def stock_by_manifests(store: SetStore, told: Told | None = None) -> Stock:
    """Read the manifests of a store's sets, and nothing else.

    Args:
        store: Where they are.
        told: Hears how many of how many sets were looked at.

    Raises:
        ConfigError: The store refuses.
        StoreError: There is no such folder.
        MachineError: The store cannot be reached.
    """
    listing = store.listing()
    whole = [one.name for one in listing if one.complete]
    found: list[Delivered | Unusable] = []
    tasks = [partial(_by_manifest, store, name) for name in whole]
    for one in side_by_side(tasks, at_once=_AT_ONCE):
        found.append(one)
        if told is not None:
            told(len(found), len(whole))
    found.sort(key=lambda one: one.name)
    return Stock(
        sets=tuple(one for one in found if isinstance(one, Delivered)),
        half=tuple(one.name for one in listing if not one.complete),
        unusable=tuple(one for one in found if isinstance(one, Unusable)),
    )


def _by_manifest(store: SetStore, name: str) -> Delivered | Unusable:
    try:
        return Delivered(name=name, manifest=store.manifest(name))
    except StoreError as exc:
        return Unusable(name=name, problem=exc.problem)


@contextmanager
def stock_by_samples(store: SetStore, told: Told | None = None) -> Iterator[Stock]:
    """Read and check everything in a store; its sets are open while this lasts.

    Args:
        store: Where they are.
        told: Hears how many of how many sets were looked at.

    Raises:
        ConfigError: The store refuses.
        StoreError: There is no such folder.
        MachineError: The store cannot be reached, or the disk is full.
    """
    sets: list[Delivered] = []
    unusable: list[Unusable] = []
    listing = store.listing()
    whole = [one.name for one in listing if one.complete]
    with TemporaryDirectory(prefix="cloudgauge-") as here:
        for number, name in enumerate(whole, start=1):
            try:
                sets += _checked(_place(store, name, Path(here)))
            except StoreError as exc:
                unusable.append(Unusable(name=name, problem=exc.problem))
            if told is not None:
                told(number, len(whole))
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
