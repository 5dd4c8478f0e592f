"""SHA256SUMS: which files a set has, and what is wrong with them.

The file is as ``sha256sum --check`` reads it: 64 hexadecimal digits, two blanks,
the name relative to the folder, sorted by name. It lists every file but itself.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import (
    CHECKSUMS,
    FILE_COUNT_LIMIT,
    check_name,
    names_in,
    plain_file,
    read_bytes,
    sha256_of,
)

_LINE = re.compile(r"([0-9a-f]{64})  ([ -~]{1,400})", re.ASCII)
_LIMIT_BYTES = FILE_COUNT_LIMIT * 500


def checksums_text(sums: Mapping[str, str]) -> str:
    """Write the content of SHA256SUMS for file names and their hashes."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def read_checksums(folder: Path) -> dict[str, str]:
    """Read a folder's SHA256SUMS: hash by name.

    Raises:
        StoreError: It is missing, malformed, unsorted or names what is no file
            inside the folder.
    """
    where = str(folder / CHECKSUMS)
    content = read_bytes(folder, CHECKSUMS, limit_bytes=_LIMIT_BYTES)
    try:
        text = content.decode("ascii")
    except UnicodeDecodeError as exc:
        raise StoreError(where, "is not ASCII text") from exc
    sums: dict[str, str] = {}
    lines = text.split("\n")
    if lines.pop():
        raise StoreError(where, "its last line is cut short")
    for number, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise StoreError(where, f"line {number} is not a hash and a name")
        sums[check_name(folder, match[2])] = match[1]
    if list(sums) != sorted(sums) or len(sums) != len(lines):
        raise StoreError(where, "its names are not sorted or not unique")
    return sums


def file_problems(folder: Path) -> tuple[str, ...]:
    """Name every file that was changed, is missing or does not belong.

    Raises:
        StoreError: SHA256SUMS itself cannot be read.
    """
    sums = read_checksums(folder)
    present = set(names_in(folder)) - {CHECKSUMS}
    problems = [
        f"{name} is not part of the set" for name in sorted(present - set(sums))
    ]
    for name, wanted in sums.items():
        if name not in present:
            problems.append(f"{name} is missing")
            continue
        try:
            path = plain_file(folder, name)
        except StoreError as exc:
            problems.append(f"{name} {exc.problem}")
            continue
        if sha256_of(path) != wanted:
            problems.append(f"{name} was changed")
    return tuple(problems)


def check_files(folder: Path) -> None:
    """Refuse a folder that is not, byte for byte, what was sealed.

    Raises:
        StoreError: Naming every file that is at fault.
    """
    problems = file_problems(folder)
    if problems:
        raise StoreError(str(folder), "; ".join(problems))
