"""Result sets to and from stores, and stores wherever sets can be named."""

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.report.document import Document
from cloudgauge.settings.user_data import user_cache_folder
from cloudgauge.store.folder import sets_at
from cloudgauge.store.remote import SetStore, open_set, open_store
from cloudgauge.store.remote_access import Access
from cloudgauge.store.store_url import is_url, parse_store
from cloudgauge.store.stored_set import Limits, Progress
from cloudgauge.workflow.sharing_view import (
    Pulled,
    listing_document,
    pulled_document,
    pushed_document,
)

_CACHE = "sets"
# Enough of a SHA-256 that no two sets of one name meet.
_CLAIM_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """How sets travel, and who hears of it.

    Attributes:
        access: Where to look for keys and endpoints; what this process was started
            with if None.
        limits: How large a set may be that is pulled; `Limits` as they are if None.
        told: Hears how far each set is.
        say: Hears what was left out, and why; a warning is raised if None.
    """

    access: Access | None = None
    limits: Limits | None = None
    told: Callable[[Progress], None] | None = None
    say: Callable[[str], None] | None = None


_AS_STARTED = Means()


def push(
    folders: Sequence[Path], store: str, *, means: Means = _AS_STARTED
) -> Document:
    """Put sealed sets into a store, each whole, none over another one.

    Args:
        folders: Of sets, or merged sets, or folders that hold some.
        store: Its URL, or a folder.
        means: How they travel.

    Raises:
        ConfigError: The store's name, region or keys do not do, or it refuses.
        StoreError: A set is not what was sealed, or another one of its name is
            there.
        MachineError: The store or this machine fails; the next attempt goes on from
            there.
    """
    place = open_store(store, means.access)
    done = [place.push(folder, told=means.told) for folder in sets_at(folders)]
    return pushed_document(place.url, done)


def pull(store: str, into: Path, *, means: Means = _AS_STARTED) -> Document:
    """Bring the set that a URL names, or all whole sets of a store, into a folder.

    Raises:
        ConfigError: The store's name, region or keys do not do, or it refuses.
        StoreError: There is none; or one is not whole, was changed since it was
            stored, is too large, or a different one of its name is in the folder.
        MachineError: The store or this machine fails; the next attempt goes on from
            there.
    """
    place, name = open_set(store, means.access)
    names = [name] if name is not None else _whole_names(place, means)
    done: list[Pulled] = []
    for one in names:
        was_there = (into / one).exists()
        folder = place.pull(one, into, told=means.told, limits=means.limits)
        done.append(Pulled(folder=folder, already=was_there))
    return pulled_document(place.url, done)


def listing(store: str, *, means: Means = _AS_STARTED) -> Document:
    """What sets a store holds, whole or not.

    Raises:
        ConfigError: The store's name, region or keys do not do, or it refuses.
        StoreError: A folder is not there.
        MachineError: The store cannot be reached.
    """
    place, name = open_set(store, means.access)
    found = place.listing()
    if name is not None:
        found = tuple(one for one in found if one.name == name)
    return listing_document(place.url, found)


def local_paths(
    paths: Iterable[str | Path], *, means: Means = _AS_STARTED
) -> tuple[Path, ...]:
    """Paths to read for paths and URLs: what is in a store is pulled into a cache.

    The cache is in the user's folder for such, by the hash of each set's SHA256SUMS: a
    set that is unchanged in its store is not pulled again. Sets that are not whole yet
    are left out of a store's sets, and said.

    Args:
        paths: Folders, patterns, or URLs of stores or of sets in them.
        means: How sets travel.

    Raises:
        ConfigError: A store's name, region or keys do not do, or it refuses.
        StoreError: A set that is named is not whole or was changed; a store has no
            whole set.
        MachineError: A store or this machine fails.
    """
    found: list[Path] = []
    for path in paths:
        text = str(path)
        place = parse_store(text) if is_url(text) else Path(text)
        found += [place] if isinstance(place, Path) else _cached(text, means)
    return tuple(found)


def _cached(url: str, means: Means) -> list[Path]:
    place, name = open_set(url, means.access)
    names = [name] if name is not None else _whole_names(place, means)
    cache = user_cache_folder(os.environ) / _CACHE
    folders: list[Path] = []
    for one in names:
        held = cache / place.claim(one)[:_CLAIM_DIGITS]
        # Whoever opens it holds every file against its hash.
        is_held = (held / one).is_dir()
        folders.append(
            held / one
            if is_held
            else place.pull(one, held, told=means.told, limits=means.limits)
        )
    return folders


def _whole_names(place: SetStore, means: Means) -> list[str]:
    found = place.listing()
    whole = [one.name for one in found if one.complete]
    half = [one for one in found if not one.complete]
    if not whole:
        problem = "holds no whole result set"
        if half:
            problem += f"; {half[0].name} is not whole: {half[0].files} of ? files"
        raise StoreError(place.url, problem)
    if half:
        names = ", ".join(one.name for one in half)
        told = f"{place.url}: left out, since not whole yet: {names}"
        if means.say is not None:
            means.say(told)
        else:
            warnings.warn(told, stacklevel=2)
    return whole
