"""A set as its store shows it: whether it can be taken in, and what it is made of."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import (
    CHECKSUMS,
    MANIFEST,
    MEMBERS,
    check_name,
    machine_errors,
    sha256_of,
)
from cloudgauge.store.stored_set import SUMS_LIMIT_BYTES, Limits, files_named


class SetSource(Protocol):
    """Where sets are read from."""

    def where(self, name: str) -> str:
        """What messages call a set, or a file of one."""

    def sizes(self, name: str) -> Mapping[str, int]:
        """The files of a set, relative to it, and how many bytes they have."""

    def fetch(self, name: str, file: str, into: Path, *, size_bytes: int) -> str:
        """Write a set's file into *into*; its SHA-256, hexadecimal."""


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


def checked_sizes(source: SetSource, name: str, limits: Limits) -> Mapping[str, int]:
    """The sizes of a set's files, if they can be taken in at all."""
    where = source.where(name)
    sizes = source.sizes(name)
    if not sizes:
        raise StoreError(where, "is not there")
    if MANIFEST not in sizes or CHECKSUMS not in sizes:
        raise not_whole(where, sizes, _files_wanted(source, name, sizes))
    if len(sizes) > limits.files:
        problem = f"has {len(sizes):,} files, and at most {limits.files:,} are"
        raise StoreError(where, f"{problem} taken")
    total_bytes = sum(sizes.values())
    if total_bytes > limits.size_bytes:
        problem = (
            f"has {total_bytes:,} bytes, and at most {limits.size_bytes:,} are "
            "taken; --max-size allows more"
        )
        raise StoreError(where, problem)
    return sizes


def _files_wanted(source: SetSource, name: str, sizes: Mapping[str, int]) -> int | None:
    """How many files a set has when it is whole; None where that is not there yet."""
    sums = [CHECKSUMS] + [
        f"{MEMBERS}/{member}/{CHECKSUMS}" for member in sorted(_members(sizes))
    ]
    if any(sizes.get(file, SUMS_LIMIT_BYTES) >= SUMS_LIMIT_BYTES for file in sums):
        return None
    with tempfile.TemporaryDirectory() as made:
        try:
            for file in sums:
                fetch_into(source, name, file, Path(made), size_bytes=sizes[file])
            named = files_named(Path(made))
        except StoreError:
            return None
    return None if _members(named) - _members(sizes) else len(named) + 1


def _members(names: Mapping[str, object]) -> set[str]:
    return {name.split("/")[1] for name in names if name.startswith(f"{MEMBERS}/")}


def names_in_set(
    source: SetSource, name: str, folder: Path, sizes: Mapping[str, int]
) -> Mapping[str, str]:
    """SHA-256 of a set's files by name, as its SHA256SUMS and its members' say.

    Those are written into *folder*; the others are not asked for.

    Raises:
        StoreError: They are malformed, name what is not there, or not all there is,
            or lead out of the folder.
    """
    sums = [CHECKSUMS]
    sums += [
        file
        for file in sorted(sizes)
        if file.count("/") == 2 and file.split("/")[::2] == [MEMBERS, CHECKSUMS]
    ]
    for file in sums:
        if sizes[file] > SUMS_LIMIT_BYTES:
            where = source.where(f"{name}/{file}")
            raise StoreError(where, f"want at most {SUMS_LIMIT_BYTES} bytes")
        fetch_into(source, name, file, folder, size_bytes=sizes[file])
    try:
        named = files_named(folder)
    except StoreError as exc:
        file = exc.path.removeprefix(f"{folder}/").removeprefix(str(folder))
        where = source.where(f"{name}/{file}" if file else name)
        raise StoreError(where, exc.problem) from exc
    named[CHECKSUMS] = sha256_of(folder / CHECKSUMS)
    problems = [f"{file} is missing" for file in sorted(set(named) - set(sizes))]
    problems += [
        f"{file!r} is not part of the set" for file in sorted(set(sizes) - set(named))
    ]
    if problems:
        problem = f"was changed since it was stored: {problems[0]}"
        raise StoreError(source.where(name), problem)
    return named


def fetch_into(
    source: SetSource, name: str, file: str, folder: Path, *, size_bytes: int
) -> str:
    """Write a file of a set to its place in *folder*; its SHA-256, hexadecimal.

    Raises:
        StoreError: Its name leads elsewhere, or it is longer than *size_bytes*.
    """
    for part in _levels(file):
        check_name(folder, part)
    path = folder / file
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
    return source.fetch(name, file, path, size_bytes=size_bytes)


def _levels(file: str) -> tuple[str, ...]:
    """A name as its own SHA256SUMS has it, and that of the member it is of."""
    parts = file.split("/")
    if parts[0] == MEMBERS and len(parts) > 3:
        return "/".join(parts[:2]), "/".join(parts[2:])
    return (file,)
