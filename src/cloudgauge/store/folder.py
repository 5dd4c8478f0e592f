"""What lies where in a result set's folder, and files that appear whole or not.

A folder may come from a stranger: a name is used only after it was checked, and
nothing in it is followed out of it.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo

MANIFEST = "manifest.json"
TARGETS = "targets.json"
DATA_PACKAGE = "datapackage.json"
CITATION = "CITATION.cff"
CHECKSUMS = "SHA256SUMS"
SAMPLES = "samples"
THROUGHPUT = "throughput"
# Of a merged set: the folders of the sets it is made of.
MEMBERS = "members"
JOURNAL = "journal.sqlite"
# SQLite's own names for the write-ahead log and its index.
JOURNAL_LOG = "journal.sqlite-wal"
JOURNAL_INDEX = "journal.sqlite-shm"
LOCK = "lock"
# Beside a set, never in it.
TRUTH_SUFFIX = ".truth"
# Files are made here and renamed into place.
WORKSHOP = ".sealing"

# What a run or a seal that was cut short may leave; it is no part of the set.
LEFTOVERS = (JOURNAL, JOURNAL_LOG, JOURNAL_INDEX, LOCK, WORKSHOP)
# A set of one run holds eight files. One with this many is not one of ours.
FILE_COUNT_LIMIT = 10_000
_CHUNK_BYTES = 1024 * 1024
_NAME_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)


def new_folder(parent: Path, info: RunInfo) -> Path:
    """Make ``<UTC time>-<vantage>-<plan hash>`` in *parent*, never an old one.

    Raises:
        MachineError: It cannot be made.
    """
    name = set_name(info)
    with machine_errors(parent):
        parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, 1_000):
            folder = parent / (name if attempt == 1 else f"{name}-{attempt}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    msg = f"{parent / name}: there are a thousand of this name already"
    raise MachineError(msg)


def set_name(info: RunInfo) -> str:
    """``<UTC time>-<vantage>-<plan hash>``: what a run's folder is called."""
    started = datetime.fromtimestamp(info.started_wall_ns // NS_PER_S, tz=UTC)
    return f"{started:%Y%m%dT%H%M%SZ}-{info.vantage.name}-{info.plan_hash[:8]}"


def samples_name(info: RunInfo) -> str:
    """The file of a run's samples, relative to the folder."""
    return f"{SAMPLES}/{info.run_id}.parquet"


def bins_name(info: RunInfo) -> str:
    """The file of a run's bins, relative to the folder."""
    return f"{THROUGHPUT}/{info.run_id}.parquet"


def sets_at(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path, or the sets in it where it is a folder of sets.

    The log of the truth that a private network lays beside a set is no set; a
    shell's ``results/*`` names it too, so it is passed over beside others.

    Raises:
        StoreError: Nothing but such a log was named.
        MachineError: A folder cannot be read.
    """
    folders: list[Path] = []
    truths: list[Path] = []
    for path in paths:
        if path.name.endswith(TRUTH_SUFFIX) and path.is_dir() and not _is_set(path):
            truths.append(path)
            continue
        with machine_errors(path):
            inside = sorted(path.iterdir()) if path.is_dir() else []
        sets = [folder for folder in inside if _is_set(folder)]
        folders += [path] if _is_set(path) or not sets else sets
    if truths and not folders:
        raise StoreError(str(truths[0]), "is the truth of a run, not a result set")
    return tuple(folders)


def is_merged(folder: Path) -> bool:
    """Whether a folder is laid out as a merged set, sound or not."""
    return (folder / MEMBERS).is_dir() and not (folder / SAMPLES).exists()


def _is_set(folder: Path) -> bool:
    return (folder / CHECKSUMS).is_file() or (folder / JOURNAL).is_file()


@contextmanager
def machine_errors(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a `MachineError` that names *path*."""
    try:
        yield
    except OSError as exc:
        named = exc.filename if isinstance(exc.filename, str) else str(path)
        reason = exc.strerror or str(exc)
        if exc.errno == errno.ENOSPC:
            reason = "the disk is full"
        msg = f"{named}: {reason[:1].lower()}{reason[1:]}"
        raise MachineError(msg) from exc


def check_name(folder: Path, name: str) -> str:
    """Refuse a name that could lead out of the folder or hide in it.

    Raises:
        StoreError: Unless *name* is at most three plain parts joined by ``/``.
    """
    parts = name.split("/")
    if len(parts) > 3 or not all(_NAME_PART.fullmatch(part) for part in parts):
        raise StoreError(str(folder), f"holds a name that is not allowed: {name!r}")
    return name


def plain_file(folder: Path, name: str) -> Path:
    """The path of a regular file inside *folder*.

    Raises:
        StoreError: It is missing, or it or a folder above it is a link or a device.
    """
    path = folder
    parts = name.split("/")
    for index, part in enumerate(parts):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except OSError as exc:
            raise StoreError(str(folder / name), "is missing") from exc
        wanted = stat.S_ISREG if index == len(parts) - 1 else stat.S_ISDIR
        if not wanted(mode):
            raise StoreError(str(folder / name), "is a link or no plain file")
    return path


def read_bytes(folder: Path, name: str, *, limit_bytes: int) -> bytes:
    """Read a file of bounded size inside *folder*.

    Raises:
        StoreError: It is missing, no plain file or too large.
        MachineError: The file system refuses.
    """
    path = plain_file(folder, name)
    with machine_errors(path), path.open("rb") as file:
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise StoreError(str(path), f"want at most {limit_bytes} bytes")
    return content


def names_in(folder: Path) -> tuple[str, ...]:
    """Every file, link and device in *folder*, relative, sorted; no working files.

    Raises:
        StoreError: There are too many.
        MachineError: The file system refuses.
    """
    names: list[str] = []
    with machine_errors(folder):
        for path, _, files in os.walk(folder, onerror=_raise):
            here = Path(path)
            links = [entry.name for entry in here.iterdir() if entry.is_symlink()]
            names += [(here / n).relative_to(folder).as_posix() for n in files]
            names += [(here / n).relative_to(folder).as_posix() for n in links]
            if len(names) > FILE_COUNT_LIMIT:
                problem = f"holds more than {FILE_COUNT_LIMIT} files"
                raise StoreError(str(folder), problem)
    return tuple(
        sorted(name for name in set(names) if name.split("/", 1)[0] not in LEFTOVERS)
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal.

    Raises:
        MachineError: The file cannot be read.
    """
    digest = hashlib.sha256()
    with machine_errors(path), path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file and have the disk keep it before this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def keep(path: Path) -> None:
    """Have the disk keep a file or the names in a folder before this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _raise(error: OSError) -> None:
    raise error
