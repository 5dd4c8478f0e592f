"""Object storage as a store of result sets."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import CHECKSUMS, MANIFEST
from cloudgauge.store.folder_store import sealed_name
from cloudgauge.store.manifest import JSON_LIMIT_BYTES, Manifest, from_json
from cloudgauge.store.remote_access import Route
from cloudgauge.store.remote_objects import ObjectBucket
from cloudgauge.store.remote_sending import Sending, send
from cloudgauge.store.remote_writer import ObjectWriter
from cloudgauge.store.set_source import not_whole
from cloudgauge.store.store_url import StoreUrl
from cloudgauge.store.stored_set import (
    SUMS_LIMIT_BYTES,
    Limits,
    Pushed,
    StoredSet,
    check_set_name,
    is_one_set,
    sets_in,
)
from cloudgauge.store.taking_in import Taking, Told, take_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStore:
    """A place in object storage; its methods are those of `remote.SetStore`."""

    bucket: ObjectBucket
    writer: ObjectWriter

    @classmethod
    def reached_by(cls, url: StoreUrl, route: Route) -> Self:
        """The store of a URL."""
        bucket = ObjectBucket(url, route)
        return cls(bucket=bucket, writer=ObjectWriter(bucket, route))

    @property
    def url(self) -> str:
        """What names it; nothing secret is in it."""
        return str(self.bucket.url)

    def listing(self) -> tuple[StoredSet, ...]:
        """The sets that are there, whole or not."""
        return sets_in({item.name: item.size_bytes for item in self.bucket.items()})

    def push(self, folder: Path, *, told: Told | None = None) -> Pushed:
        """Send a sealed set, or what of it is not there yet."""
        sending = Sending(
            bucket=self.bucket,
            writer=self.writer,
            folder=folder,
            name=sealed_name(folder),
            told=told,
        )
        return send(sending)

    def pull(
        self,
        name: str,
        into: Path,
        *,
        told: Told | None = None,
        limits: Limits | None = None,
    ) -> Path:
        """Bring a set into a folder."""
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
        file = f"{check_set_name(name)}/{MANIFEST}"
        content = self.bucket.read(file, limit_bytes=JSON_LIMIT_BYTES)
        if content is None:
            raise not_whole(self.where(name), self.sizes(name), None)
        return from_json(content.decode("utf-8", "replace"), self.where(file))

    def claim(self, name: str) -> str:
        """SHA-256 of a set's SHA256SUMS."""
        file = f"{check_set_name(name)}/{CHECKSUMS}"
        content = self.bucket.read(file, limit_bytes=SUMS_LIMIT_BYTES)
        if content is None:
            raise StoreError(self.where(name), f"has no {CHECKSUMS}")
        return hashlib.sha256(content).hexdigest()

    def is_one_set(self) -> bool:
        """Whether the URL names a set."""
        return is_one_set(item.name for item in self.bucket.items())

    def where(self, name: str) -> str:
        """The URL of a set, or of a file in one."""
        return self.bucket.url.of(name)

    def sizes(self, name: str) -> Mapping[str, int]:
        """Bytes of a set's files by name; none if it is not there."""
        cut = len(name) + 1
        return {item.name[cut:]: item.size_bytes for item in self.bucket.items(name)}

    def fetch(self, name: str, file: str, into: Path, *, size_bytes: int) -> str:
        """Bring a set's file; its SHA-256, hexadecimal."""
        return self.bucket.fetch(f"{name}/{file}", into, size_bytes=size_bytes)
