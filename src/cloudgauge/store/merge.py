"""Write a merged set: whole, or not at all.

It is made beside its place, kept by the disk, checked, and renamed into it.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.store.checksums import check_files, checksums_text, read_checksums
from cloudgauge.store.folder import (
    CHECKSUMS,
    CITATION,
    DATA_PACKAGE,
    MANIFEST,
    MEMBERS,
    keep,
    machine_errors,
    plain_file,
    set_name,
    sha256_of,
    write_whole,
)
from cloudgauge.store.merged import Member, Merged, members_in, merged_to_json
from cloudgauge.store.package import SealedFile, merged_citation, merged_package
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import SCHEMA_VERSION

_CHUNK_BYTES = 1024 * 1024


def write_merged(
    sets: Sequence[ResultSet],
    into: Path,
    *,
    allowed: tuple[str, ...],
    tool_version: str,
) -> Merged:
    """Copy sealed sets of different runs, whole, into one folder.

    The same sets give the same bytes, in whatever order they come.

    Args:
        sets: At least one; each run once.
        into: Where; must not be there, or be empty.
        allowed: In which ways they may differ; written down.
        tool_version: Of cloudgauge; written down.

    Returns:
        The manifest that was written.

    Raises:
        ConfigError: There is something at *into*.
        StoreError: A set is still being measured, or changes while it is copied.
        MachineError: The disk is full or the folder not writable.
    """
    for result in sets:
        if result.alive:
            problem = "is still being measured; merge it when it has ended"
            raise StoreError(str(result.folder), problem)
        if result.folder.resolve() in into.absolute().parents:
            problem = f"lies inside {result.folder}, which is a sealed set"
            raise ConfigError(str(into), problem)
    with whole_folder(into) as made:
        return fill_merged(made, sets, allowed=allowed, tool_version=tool_version)


def fill_merged(
    made: Path,
    sets: Sequence[ResultSet],
    *,
    allowed: tuple[str, ...],
    tool_version: str,
) -> Merged:
    """As `write_merged`, into a folder that is there and empty."""
    (made / MEMBERS).mkdir()
    named = sorted(_named(sets), key=_name)
    merged = Merged(
        schema_version=SCHEMA_VERSION,
        tool_version=tool_version,
        allowed=allowed,
        members=tuple(_copy(one, made) for one in named),
    )
    _describe(made, merged, sets)
    for folder in (made / MEMBERS, made):
        keep(folder)
    members_in(made)
    return merged


@contextmanager
def whole_folder(into: Path) -> Iterator[Path]:
    """A folder to fill that appears at *into* when all went well, and else is gone.

    Raises:
        ConfigError: There is something at *into*.
        MachineError: It cannot be made.
    """
    with machine_errors(into):
        if into.is_symlink() or (into.exists() and not _is_empty(into)):
            raise ConfigError(str(into), "is there already; name a new folder")
        into.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, since a rename does not leave a file system.
        made = into.parent / f".{into.name}.{os.getpid()}"
        made.mkdir()
        try:
            yield made
            made.replace(into)
            keep(into.parent)
        finally:
            if made.exists():
                shutil.rmtree(made)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def _name(named: tuple[str, ResultSet]) -> str:
    return named[0]


def _named(sets: Sequence[ResultSet]) -> Iterator[tuple[str, ResultSet]]:
    """Each set with the folder it gets; two of one name by the order of their runs."""
    taken: dict[str, int] = {}
    for result in sorted(sets, key=lambda one: one.manifest.run.run_id):
        name = set_name(result.manifest.run)
        taken[name] = taken.get(name, 0) + 1
        yield (name if taken[name] == 1 else f"{name}-{taken[name]}"), result


def _copy(named: tuple[str, ResultSet], made: Path) -> Member:
    name, result = named
    target = made / MEMBERS / name
    target.mkdir()
    for file in (*read_checksums(result.folder), CHECKSUMS):
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        source = plain_file(result.folder, file)
        with source.open("rb") as original, place.open("wb") as copy:
            shutil.copyfileobj(original, copy, _CHUNK_BYTES)
            copy.flush()
            os.fsync(copy.fileno())
    for folder in sorted(path for path in target.rglob("*") if path.is_dir()):
        keep(folder)
    keep(target)
    check_files(target)
    run = result.manifest.run
    return Member(
        name=name,
        run_id=run.run_id,
        vantage=run.vantage.name,
        plan_hash=run.plan_hash,
        checksums_sha256=sha256_of(target / CHECKSUMS),
    )


def _describe(made: Path, merged: Merged, sets: Sequence[ResultSet]) -> None:
    manifests = sorted((one.manifest for one in sets), key=lambda one: one.run.run_id)
    texts = {MANIFEST: merged_to_json(merged), CITATION: merged_citation(manifests)}
    for name, text in texts.items():
        write_whole(made / name, text.encode("ascii"))
    sums = {name: sha256_of(made / name) for name in texts}
    inner: dict[str, str] = {}
    for member in merged.members:
        folder = f"{MEMBERS}/{member.name}"
        sums[f"{folder}/{CHECKSUMS}"] = member.checksums_sha256
        for name, digest in read_checksums(made / folder).items():
            inner[f"{folder}/{name}"] = digest
    files = tuple(
        SealedFile(name=name, size_bytes=(made / name).stat().st_size, sha256=digest)
        for name, digest in sorted({**sums, **inner}.items())
    )
    package = merged_package(manifests, files)
    write_whole(made / DATA_PACKAGE, package.encode("ascii"))
    sums[DATA_PACKAGE] = sha256_of(made / DATA_PACKAGE)
    write_whole(made / CHECKSUMS, checksums_text(sums).encode("ascii"))
