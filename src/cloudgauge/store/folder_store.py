"""A plain folder as a store, such as one that several machines share."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import check_files
from cloudgauge.store.folder import (
    CHECKSUMS,
    MANIFEST,
    is_merged,
    machine_errors,
    names_in,
    plain_file,
    sha256_of,
)
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.stored_set import (
    Limits,
    Pushed,
    StoredSet,
    check_set_name,
    is_one_set,
    sets_in,
)
from cloudgauge.store.taking_in import STAGED, Taking, Told, staged_name, take_in

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStore:
    """A folder that sets lie in; its methods are those of `remote.SetStore`."""

    folder: Path

    @property
    def url(self) -> str:
        """The folder's path."""
        return str(self.folder)

    def listing(self) -> tuple[StoredSet, ...]:
        """The sets that are there; one that is being copied there is not whole.

        Raises:
            StoreError: There is no such folder.
        """
        if not self.folder.is_dir():
            raise StoreError(self.url, "is no folder")
        sizes: dict[str, int] = {}
        with machine_errors(self.folder):
            inside = sorted(path for path in self.folder.iterdir() if path.is_dir())
        for path in inside:
            begun = staged_name(path)
            if begun is None:
                sizes |= _below(path.name, _sizes(path))
            else:
                held = dict(_sizes(path / STAGED))
                held.pop(MANIFEST, None)
                sizes |= _below(begun, held)
        return sets_in(sizes)

    def push(self, folder: Path, *, told: Told | None = None) -> Pushed:
        """Copy a sealed set into the folder."""
        name = sealed_name(folder)
        source = FolderStore(folder=folder.resolve().parent)
        sizes = source.sizes(name)
        taking = Taking(
            source=source,
            name=name,
            into=self.folder,
            limits=Limits(size_bytes=sum(sizes.values())),
            told=told,
        )
        is_new = take_in(taking)
        return Pushed(
            name=name,
            url=str(self.folder / name),
            already=not is_new,
            sent_files=len(sizes) if is_new else 0,
            sent_bytes=sum(sizes.values()) if is_new else 0,
            kept_files=0,
            guarded=True if is_new else None,
        )

    def pull(
        self,
        name: str,
        into: Path,
        *,
        told: Told | None = None,
        limits: Limits | None = None,
    ) -> Path:
        """Copy a set into another folder."""
        taking = Taking(
            source=self,
            name=check_set_name(name),
            into=into,
            limits=limits or Limits(),
            told=told,
        )
        take_in(taking)
        return into / name

    def manifest(self, name: str) -> Manifest:
        """What is known of one run's set but its samples."""
        # It reads Parquet's schema, which a copy does not need.
        from cloudgauge.store.resultset import read_manifest  # noqa: PLC0415

        return read_manifest(self.folder / check_set_name(name))

    def claim(self, name: str) -> str:
        """SHA-256 of a set's SHA256SUMS."""
        return sha256_of(plain_file(self.folder / check_set_name(name), CHECKSUMS))

    def is_one_set(self) -> bool:
        """Whether the folder is itself a set."""
        return self.folder.is_dir() and is_one_set(_sizes(self.folder))

    def where(self, name: str) -> str:
        """The path of a set, or of a file in one."""
        return str(self.folder / name)

    def sizes(self, name: str) -> Mapping[str, int]:
        """Bytes of a set's files by name; none if it is not there."""
        folder = self.folder / check_set_name(name)
        return _sizes(folder) if folder.is_dir() else {}

    def fetch(self, name: str, file: str, into: Path, *, size_bytes: int) -> str:
        """Copy a set's file; its SHA-256, hexadecimal.

        Raises:
            StoreError: It is no plain file, or longer than *size_bytes*.
        """
        path = plain_file(self.folder / name, file)
        digest = hashlib.sha256()
        seen_bytes = 0
        with machine_errors(path), path.open("rb") as source, into.open("wb") as copy:
            while chunk := source.read(_CHUNK_BYTES):
                seen_bytes += len(chunk)
                if seen_bytes > size_bytes:
                    problem = f"is longer than the {size_bytes} bytes it had"
                    raise StoreError(str(path), problem)
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        return digest.hexdigest()


def sealed_name(folder: Path) -> str:
    """The name that a folder's set is kept under, if it is a sealed one.

    A run that was killed is sealed first.

    Raises:
        StoreError: It is none, or still being measured, or not what was sealed.
        ConfigError: The folder's name does not do.
        MachineError: It cannot be read, or has to be sealed and cannot be written.
    """
    # They read Parquet's schema; who lists and pulls needs none of it.
    from cloudgauge.store.merged import members_in  # noqa: PLC0415
    from cloudgauge.store.resultset import settle  # noqa: PLC0415  see above

    if not folder.is_dir():
        raise StoreError(str(folder), "is no folder")
    if is_merged(folder):
        for member in members_in(folder):
            check_files(member)
    else:
        settle(folder)
    return check_set_name(folder.resolve().name)


def _below(name: str, sizes: Mapping[str, int]) -> dict[str, int]:
    return {f"{name}/{file}": size_bytes for file, size_bytes in sizes.items()}


def _sizes(folder: Path) -> dict[str, int]:
    names = names_in(folder)
    with machine_errors(folder):
        return {name: (folder / name).lstat().st_size for name in names}
