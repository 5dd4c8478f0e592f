"""Objects made of files: created, never replaced, and held against what was sent."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.store.folder import machine_errors
from cloudgauge.store.remote_access import Route
from cloudgauge.store.remote_client import client_of
from cloudgauge.store.remote_failures import again, code_of, status_of, told_apart
from cloudgauge.store.remote_objects import Item, ObjectBucket

# A larger file goes in parts: one that is sent whole is held in memory, and begun
# again from its start when the line drops.
WHOLE_BYTES = 32 * 1024 * 1024
# As the client has them: 60 MiB of a file are in memory, and 50 GB are the most.
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 12
_MD5_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file that is to be an object.

    Attributes:
        sha256: What its content must be, hexadecimal.
    """

    path: Path
    size_bytes: int
    sha256: str


class ObjectWriter:
    """Creates objects in a bucket.

    A store takes ``If-None-Match: *``, or a header of its own, or neither; where it
    may be neither, it is looked first.
    """

    def __init__(self, bucket: ObjectBucket, route: Route) -> None:
        self._bucket = bucket
        header = route.service.create_header
        self._by_condition = header is None
        self._client = (
            bucket.client
            if header is None
            else client_of(bucket.url, route, header=header)
        )

    def create(self, name: str, content: Content) -> bool:
        """Make an object of a file; False if there is one of this name.

        Raises:
            StoreError: The file is not what it should be, or what the store has
                afterwards is not what was sent.
            ConfigError: The key may not write there.
            MachineError: The store cannot be reached or does not work.
        """
        is_whole = content.size_bytes <= WHOLE_BYTES
        if not (self._by_condition and is_whole) and self._bucket.head(name):
            return False
        if not is_whole:
            self._create_in_parts(name, content)
            return True
        body = _checked_body(content)
        mark = self._put(name, body)
        if mark is not None:
            # Not for secrecy: it is what most stores say of an object.
            md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
            self._confirm(name, content, mark, md5)
        return mark is not None

    def refuses_to_replace(self, name: str, content: Content) -> bool:
        """Whether the store itself keeps an object that is there from being replaced.

        Found out by sending an object once more as it is. If it does not, each later
        write is preceded by a look.
        """
        if not self._by_condition and self._client is self._bucket.client:
            return False
        refuses = self._put(name, _checked_body(content)) is None
        self._by_condition = self._by_condition and refuses
        return refuses

    def holds(self, item: Item, content: Content) -> bool:
        """Whether an object has the content of a file.

        By what the store says of it; where that cannot be compared, it is read.
        """
        if item.size_bytes != content.size_bytes:
            return False
        if len(item.mark) == _MD5_DIGITS:
            with machine_errors(content.path), content.path.open("rb") as file:
                md5 = hashlib.file_digest(file, _md5)
            if md5.hexdigest() == item.mark.lower():
                return True
        return self._bucket.sha256_of(item.name) == content.sha256

    def _put(self, name: str, body: bytes) -> str | None:
        """Create an object of bytes; its mark, or None if there is one already."""
        where = self._bucket.url.of(name)

        def once() -> "obstore.PutResult":
            with told_apart(where, "write it"):
                return self._put_once(name, body)

        try:
            told = again(once)
        except AlreadyExistsError:
            return None
        except FileNotFoundError as exc:
            msg = f"{where}: the store answers {status_of(exc)} {code_of(exc)}".rstrip()
            raise MachineError(msg) from None
        return (told["e_tag"] or "").strip('"')

    def _put_once(self, name: str, body: bytes) -> "obstore.PutResult":
        try:
            return obstore.put(
                self._client,
                name,
                body,
                mode="create" if self._by_condition else "overwrite",
                use_multipart=False,
            )
        except AlreadyExistsError:
            raise
        except BaseError as exc:
            if not (self._by_condition and _is_unknown(exc)):
                raise
        # The server knows no such condition, and says so.
        self._by_condition = False
        if self._bucket.head(name):
            raise AlreadyExistsError(name)
        return self._put_once(name, body)

    def _create_in_parts(self, name: str, content: Content) -> None:
        where = self._bucket.url.of(name)

        def once() -> None:
            with told_apart(where, "write it"):
                obstore.put(
                    self._client,
                    name,
                    _parts(content),
                    chunk_size=_PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                    use_multipart=True,
                )

        again(once)
        # A store's mark of an object made of parts is a hash of nothing that is here;
        # each part was signed with its own hash.
        self._check_size(name, content)

    def _confirm(self, name: str, content: Content, mark: str, md5: str) -> None:
        """Hold what the store says of a new object against what was sent."""
        if mark.lower() == md5:
            return
        where = self._bucket.url.of(name)
        self._check_size(name, content)
        # An encrypting store's mark looks like a hash and is none of the content.
        looks_alike = len(mark) == _MD5_DIGITS
        if looks_alike and self._bucket.sha256_of(name) != content.sha256:
            raise StoreError(where, "the store has other bytes than were sent to it")

    def _check_size(self, name: str, content: Content) -> None:
        item = self._bucket.head(name)
        if item is None or item.size_bytes != content.size_bytes:
            where = self._bucket.url.of(name)
            raise StoreError(where, "the store has not what was sent to it")


def _md5() -> "hashlib._Hash":
    return hashlib.md5(usedforsecurity=False)


def _is_unknown(error: BaseException) -> bool:
    return status_of(error) == 501 or code_of(error) == "NotImplemented"


def _checked_body(content: Content) -> bytes:
    with machine_errors(content.path):
        body = content.path.read_bytes()
    if hashlib.sha256(body).hexdigest() != content.sha256:
        raise StoreError(str(content.path), "was changed since it was sealed")
    return body


def _parts(content: Content) -> Iterator[bytes]:
    """The content of a file; ends in an error before its last part if it differs."""
    digest = hashlib.sha256()
    held = b""
    with machine_errors(content.path), content.path.open("rb") as file:
        while part := file.read(_PART_BYTES):
            if held:
                yield held
            digest.update(part)
            held = part
    if digest.hexdigest() != content.sha256:
        raise StoreError(str(content.path), "was changed since it was sealed")
    yield held
