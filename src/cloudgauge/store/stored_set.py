"""What stands in a store, as its listing shows it: whole sets, and half of them.

A set lies in a folder of its name, laid out as on a disk. It is whole when its
manifest.json is there, which is sent last.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import (
    CHECKSUMS,
    CITATION,
    DATA_PACKAGE,
    MANIFEST,
    MEMBERS,
    SAMPLES,
    TARGETS,
    THROUGHPUT,
)

# A hundred thousand lines.
SUMS_LIMIT_BYTES = 16 * 1024 * 1024
_BESIDE = frozenset({CHECKSUMS, CITATION, DATA_PACKAGE, MANIFEST, TARGETS})
_BELOW = frozenset({MEMBERS, SAMPLES, THROUGHPUT})
_SET_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSet:
    """A result set in a store.

    Attributes:
        name: Its folder's.
        complete: Its manifest is there, so that all of it is.
        files: How many are there.
        size_bytes: Of all of them.
    """

    name: str
    complete: bool
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a transfer of one set is.

    Attributes:
        name: Of the set.
        files: Done so far.
        files_in_all: Of the set.
        done_bytes: Of what is done.
        size_bytes: Of the set.
    """

    name: str
    files: int
    files_in_all: int
    done_bytes: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A set that is in a store, whole.

    Attributes:
        name: Its folder's.
        url: Of the set.
        already: It was there before, the same; nothing was sent.
        sent_files: How many were sent.
        sent_bytes: Of those.
        kept_files: How many were there from an attempt before.
        guarded: The store itself refuses to replace what is there; None where
            nothing was sent.
    """

    name: str
    url: str
    already: bool
    sent_files: int
    sent_bytes: int
    kept_files: int
    guarded: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a set may be that is taken from a store.

    Attributes:
        size_bytes: Of all its files.
        files: How many.
    """

    size_bytes: int = 20 * 1000**3
    files: int = 10_000


def check_set_name(name: str) -> str:
    """Refuse what is no plain name of a folder.

    Raises:
        ConfigError: It is none.
    """
    if not _SET_NAME.fullmatch(name):
        where = "the set's name"
        problem = (
            "want at most 128 letters, digits, dots, hyphens and underscores, "
            f"got {name!r}"
        )
        raise ConfigError(where, problem)
    return name


def sets_in(sizes: Mapping[str, int]) -> tuple[StoredSet, ...]:
    """The sets among files of these names and sizes; what else there is, is none."""
    inside: dict[str, dict[str, int]] = {}
    for name, size_bytes in sizes.items():
        folder, slash, rest = name.partition("/")
        if slash and _SET_NAME.fullmatch(folder):
            inside.setdefault(folder, {})[rest] = size_bytes
    return tuple(
        StoredSet(
            name=folder,
            complete=MANIFEST in files,
            files=len(files),
            size_bytes=sum(files.values()),
        )
        for folder, files in sorted(inside.items())
        if is_one_set(files)
    )


def is_one_set(names: Iterable[str]) -> bool:
    """Whether these are files of one set, whole or not."""
    return any(
        name in _BESIDE or ("/" in name and name.split("/")[0] in _BELOW)
        for name in names
    )


def files_named(folder: Path) -> dict[str, str]:
    """Every file of a set but its SHA256SUMS: SHA-256 by name, members' too.

    Those of a merged set's members are found by their SHA256SUMS, which must be in
    *folder*; other files need not be.

    Raises:
        StoreError: A SHA256SUMS is missing, malformed, or not the one that is named.
    """
    named = read_checksums(folder)
    for name in tuple(named):
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == MEMBERS and parts[2] == CHECKSUMS:
            member = "/".join(parts[:2])
            for inner, digest in read_checksums(folder / member).items():
                named[f"{member}/{inner}"] = digest
    if MANIFEST not in named:
        raise StoreError(str(folder / CHECKSUMS), f"names no {MANIFEST}")
    return named
