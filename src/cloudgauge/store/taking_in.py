"""A set copied from a store into a folder: whole and verified, or not at all.

Its files come into a folder beside its place, each held against SHA256SUMS, and are
renamed into place together. What an attempt that was cut short has left there is
taken up again.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import check_files
from cloudgauge.store.folder import (
    CHECKSUMS,
    MANIFEST,
    MEMBERS,
    check_name,
    is_merged,
    keep,
    machine_errors,
    names_in,
    sha256_of,
)
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.merged import members_in
from cloudgauge.store.side_by_side import side_by_side
from cloudgauge.store.stored_set import (
    SUMS_LIMIT_BYTES,
    Limits,
    Progress,
    files_named,
)

# Each waits for the other side most of the time.
FILES_AT_ONCE = 4
_STAGING = ".{name}.part"
STAGED = "set"

Told = Callable[[Progress], None]


class SetSource(Protocol):
    """Where sets are read from."""

    def where(self, name: str) -> str:
        """What messages call a set, or a file of one."""

    def sizes(self, name: str) -> Mapping[str, int]:
        """The files of a set, relative to it, and how many bytes they have."""

    def fetch(self, name: str, file: str, into: Path, *, size_bytes: int) -> str:
        """Write a set's file into *into*; its SHA-256, hexadecimal."""


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
    sizes = _whole(taking)
    place = taking.into / taking.name
    with machine_errors(taking.into):
        taking.into.mkdir(parents=True, exist_ok=True)
        staging = staging_folder(taking.into, taking.name)
        staging.mkdir(exist_ok=True)
    with FolderLock.take(staging):
        folder = staging / STAGED
        with machine_errors(folder):
            folder.mkdir(exist_ok=True)
        named = _named(taking, folder, sizes)
        is_new = not _is_there(taking, place, folder)
        if is_new:
            _copy(taking, folder, named, sizes)
            _put_in_place(folder, place)
        with machine_errors(staging):
            shutil.rmtree(folder, ignore_errors=True)
    with machine_errors(staging):
        # Another process may have come meanwhile, and left its lock there.
        shutil.rmtree(staging, ignore_errors=True)
    return is_new


def not_whole(where: str, sizes: Mapping[str, int], files: int | None) -> StoreError:
    """Say that a set's manifest has not been sent yet."""
    wanted = "?" if files is None else str(files)
    problem = (
        f"is not whole: {len(sizes)} of {wanted} files are there, and {MANIFEST}, "
        "which is sent last, is not; push it again from where it was measured"
    )
    return StoreError(where, problem)


def different(where: str, theirs: str, ours: str, our_place: str) -> StoreError:
    """Say that two sets claim one name."""
    problem = (
        f"is a different set of the same name: the SHA-256 of its {CHECKSUMS} is "
        f"{theirs}, that of {our_place} is {ours}; nothing was overwritten"
    )
    return StoreError(where, problem)


def _whole(taking: Taking) -> Mapping[str, int]:
    """The sizes of a set's files, if they can be taken in at all."""
    where = taking.source.where(taking.name)
    sizes = taking.source.sizes(taking.name)
    if not sizes:
        raise StoreError(where, "is not there")
    if MANIFEST not in sizes or CHECKSUMS not in sizes:
        raise not_whole(where, sizes, None)
    if len(sizes) > taking.limits.files:
        problem = f"has {len(sizes):,} files, and at most {taking.limits.files:,} are"
        raise StoreError(where, f"{problem} taken")
    total_bytes = sum(sizes.values())
    if total_bytes > taking.limits.size_bytes:
        problem = (
            f"has {total_bytes:,} bytes, and at most {taking.limits.size_bytes:,} are "
            "taken; --max-size allows more"
        )
        raise StoreError(where, problem)
    return sizes


def _named(taking: Taking, folder: Path, sizes: Mapping[str, int]) -> Mapping[str, str]:
    """SHA-256 by name as the set itself says, from its SHA256SUMS and its members'."""
    sums = [CHECKSUMS]
    sums += [
        name
        for name in sorted(sizes)
        if name.count("/") == 2 and name.split("/")[::2] == [MEMBERS, CHECKSUMS]
    ]
    for name in sums:
        if sizes[name] > SUMS_LIMIT_BYTES:
            where = taking.source.where(f"{taking.name}/{name}")
            raise StoreError(where, f"want at most {SUMS_LIMIT_BYTES} bytes")
        _fetch(taking, folder, name, sizes[name])
    try:
        named = files_named(folder)
    except StoreError as exc:
        raise StoreError(taking.source.where(taking.name), exc.problem) from exc
    for name in (CHECKSUMS, *sums):
        named.setdefault(name, sha256_of(folder / name))
    problems = [f"{name} is missing" for name in sorted(set(named) - set(sizes))]
    problems += [
        f"{name!r} is not part of the set" for name in sorted(set(sizes) - set(named))
    ]
    if problems:
        where = taking.source.where(taking.name)
        raise StoreError(where, f"was changed since it was stored: {problems[0]}")
    return named


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
            got = _fetch(taking, folder, name, sizes[name])
            if got != named[name]:
                path.unlink()
                problem = (
                    "was changed since it was stored: its SHA-256 is "
                    f"{got}, and {CHECKSUMS} says {named[name]}"
                )
                raise StoreError(taking.source.where(f"{taking.name}/{name}"), problem)
            with machine_errors(path):
                keep(path)
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


def _fetch(taking: Taking, folder: Path, name: str, size_bytes: int) -> str:
    for part in _levels(name):
        check_name(folder, part)
    path = folder / name
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    return taking.source.fetch(taking.name, name, path, size_bytes=size_bytes)


def _levels(name: str) -> tuple[str, ...]:
    """A name as its own SHA256SUMS has it, and that of the member it is of."""
    parts = name.split("/")
    if parts[0] == MEMBERS and len(parts) > 3:
        return "/".join(parts[:2]), "/".join(parts[2:])
    return (name,)


def _put_in_place(folder: Path, place: Path) -> None:
    with machine_errors(place):
        for inner in sorted(path for path in folder.rglob("*") if path.is_dir()):
            keep(inner)
        keep(folder)
        folder.rename(place)
        keep(place.parent)
