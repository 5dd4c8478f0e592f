"""The objects below one place in object storage: listed, looked at and read."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import obstore

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.store.folder import machine_errors
from cloudgauge.store.remote_access import Route
from cloudgauge.store.remote_client import client_of
from cloudgauge.store.remote_failures import again, told_apart
from cloudgauge.store.store_url import StoreUrl

_CHUNK_BYTES = 4 * 1024 * 1024
_LISTED_MOST = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An object.

    Attributes:
        name: Relative to the store's URL.
        mark: What the store says of its content (an ETag), without quotes; "" for
            nothing.
    """

    name: str
    size_bytes: int
    mark: str


class ObjectBucket:
    """One place in object storage.

    Attributes:
        url: Of the place.
        client: Whose names are relative to it.
    """

    def __init__(self, url: StoreUrl, route: Route) -> None:
        self.url = url
        self.client = client_of(url, route)

    def items(self, under: str = "") -> tuple[Item, ...]:
        """Every object below *under*, in the order of their names.

        Raises:
            ConfigError: No such bucket, or not to be seen with this key.
            MachineError: The store cannot be reached, or has too many.
        """
        where = self.url.of(under) if under else str(self.url)
        found: list[Item] = []
        with told_apart(where, "list it"):
            for page in obstore.list(self.client, under or None, chunk_size=1_000):
                found += [
                    Item(
                        name=one["path"],
                        size_bytes=one["size"],
                        mark=_bare(one["e_tag"]),
                    )
                    for one in page
                ]
                if len(found) > _LISTED_MOST:
                    msg = f"{where}: holds more than {_LISTED_MOST:,} objects"
                    raise MachineError(msg)
        return tuple(sorted(found, key=_name))

    def head(self, name: str) -> Item | None:
        """What the store says of one object; None if it is not there."""
        try:
            with told_apart(self.url.of(name), "look at it"):
                meta = obstore.head(self.client, name)
        except FileNotFoundError:
            return None
        return Item(name=name, size_bytes=meta["size"], mark=_bare(meta["e_tag"]))

    def read(self, name: str, *, limit_bytes: int) -> bytes | None:
        """The content of a small object; None if it is not there.

        Raises:
            StoreError: It is larger than *limit_bytes*.
            ConfigError: It is not to be read with this key.
            MachineError: The store cannot be reached, or the line keeps breaking.
        """
        where = self.url.of(name)

        def once() -> bytes:
            with told_apart(where, "read it"):
                answer = obstore.get(self.client, name)
                if answer.meta["size"] > limit_bytes:
                    raise StoreError(where, f"want at most {limit_bytes} bytes")
                return bytes(answer.bytes())

        try:
            return again(once)
        except FileNotFoundError:
            return None

    def fetch(self, name: str, into: Path, *, size_bytes: int) -> str:
        """Write an object into a file of ours; its SHA-256, hexadecimal.

        Raises:
            StoreError: It is gone, or longer than *size_bytes*.
            ConfigError: It is not to be read with this key.
            MachineError: The line keeps breaking, or the disk is full.
        """
        where = self.url.of(name)

        def once() -> str:
            digest = hashlib.sha256()
            seen_bytes = 0
            # Hashed beside, while the chunk is written and the next one comes.
            with (
                ThreadPoolExecutor(1) as beside,
                machine_errors(into),
                into.open("wb") as file,
            ):
                hashed = beside.submit(digest.update, b"")
                for chunk in self._chunks(name):
                    seen_bytes += len(chunk)
                    if seen_bytes > size_bytes:
                        problem = f"is longer than the {size_bytes} bytes it had"
                        raise StoreError(where, problem)
                    hashed.result()
                    hashed = beside.submit(digest.update, chunk)
                    file.write(chunk)
                hashed.result()
            return digest.hexdigest()

        return again(once)

    def sha256_of(self, name: str) -> str:
        """SHA-256 of an object, which is read for it."""

        def once() -> str:
            digest = hashlib.sha256()
            for chunk in self._chunks(name):
                digest.update(chunk)
            return digest.hexdigest()

        return again(once)

    def _chunks(self, name: str) -> Iterator[memoryview]:
        where = self.url.of(name)
        try:
            with told_apart(where, "read it"):
                answer = obstore.get(self.client, name)
                for chunk in answer.stream(min_chunk_size=_CHUNK_BYTES):
                    yield memoryview(chunk)
        except FileNotFoundError:
            raise StoreError(where, "is gone from the store") from None


def _bare(mark: str | None) -> str:
    return (mark or "").strip('"')


def _name(item: Item) -> str:
    return item.name
