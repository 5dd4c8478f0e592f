"""A set copied from a store into a folder: whole and verified, or not at all.

Its files come into a folder beside its place, each held against SHA256SUMS, and are
renamed into place together. What an attempt that was cut short has left there is
taken up again.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import check_files
from cloudgauge.store.folder import (
    CHECKSUMS,
    is_merged,
    keep,
    machine_errors,
    names_in,
    sha256_of,
)
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.merged import members_in
from cloudgauge.store.set_source import (
    SetSource,
    checked_sizes,
    different,
    fetch_into,
    names_in_set,
)
from cloudgauge.store.side_by_side import side_by_side
from cloudgauge.store.stored_set import Limits, Progress

# Each waits for the other side most of the time.
FILES_AT_ONCE = 4
_STAGING = ".{name}.part"
STAGED = "set"

Told = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What is to be taken in.

    Attributes:
        name: Of the set.
        into: The folder that its folder is to appear in.
        told: Is told of every file that has come; from one thread.
    """

    source: SetSource
    name: str
    into: Path
    limits: Limits
    told: Told | None = None


def staging_folder(into: Path, name: str) -> Path:
    """Where a set is put together before it is in its place."""
    return into / _STAGING.format(name=name)


def staged_name(folder: Path) -> str | None:
    """Of which set a folder is the beginning; None if it is none."""
    before, after = _STAGING.split("{name}")
    text = folder.name
    if text.startswith(before) and text.endswith(after) and (folder / STAGED).is_dir():
        return text.removeprefix(before).removesuffix(after)
    return None


def take_in(taking: Taking) -> bool:
    """Copy a set into a folder; False if it was there already, the same.

    Raises:
        StoreError: The set is not whole, was changed since it was stored, is too
            large, has a name that leads out of its folder; or a different set of
            its name is there.
        ConfigError: The store refuses.
        MachineError: The store or this machine fails.
    """
    sizes = checked_sizes(taking.source, taking.name, taking.limits)
    place = taking.into / taking.name
    with machine_errors(taking.into):
        taking.into.mkdir(parents=True, exist_ok=True)
        staging = staging_folder(taking.into, taking.name)
        staging.mkdir(exist_ok=True)
    with FolderLock.take(staging):
        try:
            is_new = _put_together(taking, staging / STAGED, place, sizes)
        except StoreError:
            # Nothing of it would do for another attempt.
            shutil.rmtree(staging / STAGED, ignore_errors=True)
            raise
        finally:
            _remove_emptied(staging)
    return is_new


def _put_together(
    taking: Taking, folder: Path, place: Path, sizes: Mapping[str, int]
) -> bool:
    with machine_errors(folder):
        folder.mkdir(exist_ok=True)
    named = names_in_set(taking.source, taking.name, folder, sizes)
    is_new = not _is_there(taking, place, folder)
    if is_new:
        _copy(taking, folder, named, sizes)
        _put_in_place(folder, place)
    shutil.rmtree(folder, ignore_errors=True)
    return is_new


def _remove_emptied(staging: Path) -> None:
    """Remove the folder around what has gone into its place."""
    if not (staging / STAGED).exists():
        shutil.rmtree(staging, ignore_errors=True)


def _is_there(taking: Taking, place: Path, folder: Path) -> bool:
    if not (place.exists() or place.is_symlink()):
        return False
    if not (place / CHECKSUMS).is_file():
        raise StoreError(str(place), "is there already and is no result set")
    theirs, ours = sha256_of(folder / CHECKSUMS), sha256_of(place / CHECKSUMS)
    if theirs != ours:
        raise different(str(place), ours, theirs, taking.source.where(taking.name))
    (members_in if is_merged(place) else check_files)(place)
    return True


def _copy(
    taking: Taking, folder: Path, named: Mapping[str, str], sizes: Mapping[str, int]
) -> None:
    _remove_others(folder, named)
    done = 0
    wanted = sorted(named, key=lambda name: -sizes[name])

    def bring(name: str) -> str:
        path = folder / name
        if not _is_held(path, named[name], sizes[name]):
            got = fetch_into(
                taking.source, taking.name, name, folder, size_bytes=sizes[name]
            )
            if got != named[name]:
                path.unlink()
                problem = (
                    "was changed since it was stored: its SHA-256 is "
                    f"{got}, and {CHECKSUMS} says {named[name]}"
                )
                raise StoreError(taking.source.where(f"{taking.name}/{name}"), problem)
        return name

    tasks = [lambda name=name: bring(name) for name in wanted]
    came = side_by_side(tasks, at_once=FILES_AT_ONCE)
    for files, name in enumerate(came, start=1):
        done += sizes[name]
        if taking.told is not None:
            taking.told(
                Progress(
                    name=taking.name,
                    files=files,
                    files_in_all=len(named),
                    done_bytes=done,
                    size_bytes=sum(sizes.values()),
                )
            )


def _remove_others(folder: Path, named: Mapping[str, str]) -> None:
    """Remove what an attempt before has left that is no part of the set now."""
    with machine_errors(folder):
        for name in names_in(folder):
            if name not in named:
                (folder / name).unlink()


def _is_held(path: Path, sha256: str, size_bytes: int) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    return path.stat().st_size == size_bytes and sha256_of(path) == sha256


def _put_in_place(folder: Path, place: Path) -> None:
    with machine_errors(place):
        for inner in sorted(path for path in folder.rglob("*") if path.is_dir()):
            keep(inner)
        keep(folder)
        folder.rename(place)
        keep(place.parent)
