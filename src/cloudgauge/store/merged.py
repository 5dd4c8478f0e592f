"""A merged set: the sets of several runs kept whole in one folder.

Each member is a result set as it was sealed, with its own manifest and hashes. The
folder's own SHA256SUMS vouches for the files beside them and for each member's
SHA256SUMS, which vouches for the rest: so every byte has its hash, and has it once.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.planning.plain import from_plain, parse_json_table, to_plain
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import (
    CHECKSUMS,
    MANIFEST,
    MEMBERS,
    check_name,
    is_merged,
    machine_errors,
    plain_file,
    read_bytes,
    sets_at,
    sha256_of,
)
from cloudgauge.store.manifest import JSON_LIMIT_BYTES
from cloudgauge.store.schema import SCHEMA_VERSION

_SINCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One of the sets that a merged set is made of.

    Attributes:
        name: Its folder's name.
        checksums_sha256: Of its SHA256SUMS, hexadecimal.
    """

    name: str
    run_id: str
    vantage: str
    plan_hash: str
    checksums_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merged set's manifest says.

    Attributes:
        tool_version: Of the cloudgauge that merged.
        allowed: In which ways the user let the members differ.
        members: At least one, in the order of their names.
    """

    schema_version: int
    tool_version: str
    allowed: tuple[str, ...]
    members: tuple[Member, ...]


def merged_to_json(merged: Merged) -> str:
    """Write a merged set's manifest: ASCII, keys sorted."""
    return json.dumps(to_plain(merged), sort_keys=True, indent=1) + "\n"


def found_sets(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The sets at paths, as `sets_at`, and of a merged set its members.

    Raises:
        StoreError: A merged set is not, but for its members' own files, what was
            written; or nothing but the truth of a run was named.
        MachineError: A folder cannot be read.
    """
    folders: list[Path] = []
    for folder in sets_at(paths):
        folders += members_in(folder) if is_merged(folder) else (folder,)
    return tuple(folders)


def members_in(folder: Path) -> tuple[Path, ...]:
    """The folders of a merged set's members, in the order of their names.

    Their own files are checked when they are opened.

    Raises:
        StoreError: Naming every file that is at fault.
    """
    problems = _problems(folder)
    if problems:
        raise StoreError(str(folder), "; ".join(problems))
    merged = read_merged(folder)
    if [member.name for member in merged.members] != _member_names(folder):
        problem = "names other members than the folder holds"
        raise StoreError(str(folder / MANIFEST), problem)
    for member in merged.members:
        sums = plain_file(folder, _checksums_of(member.name))
        if sha256_of(sums) != member.checksums_sha256:
            raise StoreError(str(sums), "is not the one that the manifest names")
    return tuple(folder / MEMBERS / member.name for member in merged.members)


def read_merged(folder: Path) -> Merged:
    """Read the manifest of a merged set.

    Raises:
        StoreError: It is none, or of a later version.
    """
    where = str(folder / MANIFEST)
    content = read_bytes(folder, MANIFEST, limit_bytes=JSON_LIMIT_BYTES)
    try:
        table = parse_json_table(content.decode("utf-8", "replace"), where)
        _check_version(table, where)
        return from_plain(Merged, table, where)
    except ConfigError as exc:
        raise StoreError(exc.where, exc.problem) from exc


def _check_version(table: Mapping[str, Any], where: str) -> None:
    version = table.get("schema_version")
    if type(version) is not int or version < _SINCE:
        raise StoreError(where, "has no schema_version of a merged set")
    if version > SCHEMA_VERSION:
        problem = (
            f"is of schema version {version}, and this cloudgauge reads up to "
            f"{SCHEMA_VERSION}: a newer one is needed"
        )
        raise StoreError(where, problem)


def _checksums_of(member: str) -> str:
    return f"{MEMBERS}/{member}/{CHECKSUMS}"


def _member_names(folder: Path) -> list[str]:
    with machine_errors(folder):
        return sorted(entry.name for entry in (folder / MEMBERS).iterdir())


def _problems(folder: Path) -> list[str]:
    """What is wrong with the files beside the members, and with their checksums."""
    sums = read_checksums(folder)
    with machine_errors(folder):
        beside = {entry.name for entry in folder.iterdir()} - {CHECKSUMS, MEMBERS}
    present = beside | {_checksums_of(name) for name in _member_names(folder)}
    problems = [
        f"{name.removesuffix('/' + CHECKSUMS)} is not part of the set"
        for name in sorted(present - set(sums))
    ]
    for name, wanted in sums.items():
        try:
            path = plain_file(folder, check_name(folder, name))
        except StoreError as exc:
            problems.append(f"{name} {exc.problem}")
            continue
        if sha256_of(path) != wanted:
            problems.append(f"{name} was changed")
    return problems
