"""A set sent into a bucket such that nobody ever takes half of it for a whole one.

SHA256SUMS goes first: it claims the name for these contents, so that two who send
different sets of one name find out before either has written a sample. manifest.json
goes last: a set without it is not whole. What is there from an attempt before, with the
right content, stays.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import (
    CHECKSUMS,
    MANIFEST,
    machine_errors,
    names_in,
    plain_file,
    sha256_of,
)
from cloudgauge.store.remote_objects import Item, ObjectBucket
from cloudgauge.store.remote_writer import Content, ObjectWriter
from cloudgauge.store.set_source import different
from cloudgauge.store.side_by_side import side_by_side
from cloudgauge.store.stored_set import (
    SUMS_LIMIT_BYTES,
    Progress,
    Pushed,
    files_named,
)
from cloudgauge.store.taking_in import FILES_AT_ONCE, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A sealed set, and where it goes.

    Attributes:
        folder: Of the set.
        name: What it is called in the store.
        told: Is told of every file that is there; from one thread.
    """

    bucket: ObjectBucket
    writer: ObjectWriter
    folder: Path
    name: str
    told: Told | None = None


def contents_of(folder: Path) -> dict[str, Content]:
    """Every file of a sealed set, SHA256SUMS too, by name.

    Sizes are the disk's; whether a file has its hash is seen when it is read.

    Raises:
        StoreError: A file is missing or does not belong.
    """
    named = files_named(folder)
    named[CHECKSUMS] = sha256_of(folder / CHECKSUMS)
    for name in sorted(set(names_in(folder)) - set(named)):
        raise StoreError(str(folder / name), "is not part of the set")
    contents: dict[str, Content] = {}
    for name, digest in named.items():
        path = plain_file(folder, name)
        with machine_errors(path):
            size_bytes = path.stat().st_size
        contents[name] = Content(path=path, size_bytes=size_bytes, sha256=digest)
    return contents


def send(sending: Sending) -> Pushed:
    """Send a set, or what of it is not there yet.

    Raises:
        StoreError: A different set of this name is there, or the folder is not what
            was sealed.
        ConfigError: The store refuses.
        MachineError: The store or this machine fails; what was sent stays for the
            next attempt.
    """
    contents = contents_of(sending.folder)
    there = _items(sending)
    _check_claim(sending, contents, there)
    if MANIFEST in there:
        _check_whole(sending, contents, there)
        return _pushed(sending, (), already=True)
    for name in sorted(set(there) - set(contents)):
        raise StoreError(_url(sending, name), "is not part of the set")
    sent: list[Content] = []
    if CHECKSUMS not in there:
        _create_one(sending, contents, CHECKSUMS, sent)
    guarded = sending.writer.refuses_to_replace(
        f"{sending.name}/{CHECKSUMS}", contents[CHECKSUMS]
    )
    _send_between(sending, contents, there, sent)
    # Where a store keeps nobody from replacing, another one may have.
    _check_claim(sending, contents, dict.fromkeys([CHECKSUMS]))
    _create_one(sending, contents, MANIFEST, sent)
    _tell(sending, contents, set(contents))
    return _pushed(
        sending, sent, kept=len(contents) - len(sent), already=False, guarded=guarded
    )


def _items(sending: Sending) -> dict[str, Item | None]:
    cut = len(sending.name) + 1
    return {item.name[cut:]: item for item in sending.bucket.items(sending.name)}


def _url(sending: Sending, name: str) -> str:
    return sending.bucket.url.of(f"{sending.name}/{name}")


def _check_claim(
    sending: Sending, contents: Mapping[str, Content], there: Mapping[str, Item | None]
) -> None:
    """Refuse to touch a set of other contents."""
    if CHECKSUMS not in there:
        return
    name = f"{sending.name}/{CHECKSUMS}"
    theirs = sending.bucket.read(name, limit_bytes=SUMS_LIMIT_BYTES)
    ours = contents[CHECKSUMS]
    if theirs is None:
        raise StoreError(_url(sending, CHECKSUMS), "is gone from the store")
    digest = hashlib.sha256(theirs).hexdigest()
    if digest != ours.sha256:
        where = sending.bucket.url.of(sending.name)
        raise different(where, digest, ours.sha256, str(sending.folder))


def _check_whole(
    sending: Sending, contents: Mapping[str, Content], there: Mapping[str, Item | None]
) -> None:
    """Refuse to call a set the same that was changed where it lies."""
    for name, content in contents.items():
        item = there.get(name)
        if item is None or item.size_bytes != content.size_bytes:
            seen = "is missing" if item is None else f"has {item.size_bytes} bytes"
            problem = f"was changed since it was stored: it {seen}"
            raise StoreError(_url(sending, name), problem)


def _send_between(
    sending: Sending,
    contents: Mapping[str, Content],
    there: Mapping[str, Item | None],
    sent: list[Content],
) -> None:
    """Send all but the first and the last, the largest first."""
    between = sorted(
        set(contents) - {CHECKSUMS, MANIFEST},
        key=lambda name: (-contents[name].size_bytes, name),
    )
    done = {CHECKSUMS}

    def bring(name: str) -> tuple[str, bool]:
        item = there.get(name)
        is_new = item is None and sending.writer.create(
            f"{sending.name}/{name}", contents[name]
        )
        if not is_new:
            _check_held(sending, name, contents[name], item)
        return name, is_new

    tasks = [lambda name=name: bring(name) for name in between]
    for name, is_new in side_by_side(tasks, at_once=FILES_AT_ONCE):
        done.add(name)
        if is_new:
            sent.append(contents[name])
        _tell(sending, contents, done)


def _create_one(
    sending: Sending,
    contents: Mapping[str, Content],
    name: str,
    sent: list[Content],
) -> None:
    if sending.writer.create(f"{sending.name}/{name}", contents[name]):
        sent.append(contents[name])
    else:
        _check_held(sending, name, contents[name], None)


def _check_held(
    sending: Sending, name: str, content: Content, item: Item | None
) -> None:
    """Refuse what is there under a file's name and is not that file."""
    seen = item or sending.bucket.head(f"{sending.name}/{name}")
    if seen is None or not sending.writer.holds(seen, content):
        problem = (
            "is there already with other contents than "
            f"{content.path}, whose SHA-256 is {content.sha256}; nothing was "
            "overwritten"
        )
        raise StoreError(_url(sending, name), problem)


def _tell(sending: Sending, contents: Mapping[str, Content], done: set[str]) -> None:
    if sending.told is None:
        return
    sending.told(
        Progress(
            name=sending.name,
            files=len(done),
            files_in_all=len(contents),
            done_bytes=sum(contents[name].size_bytes for name in done),
            size_bytes=sum(one.size_bytes for one in contents.values()),
        )
    )


def _pushed(
    sending: Sending,
    sent: Sequence[Content],
    *,
    already: bool,
    kept: int = 0,
    guarded: bool | None = None,
) -> Pushed:
    return Pushed(
        name=sending.name,
        url=sending.bucket.url.of(sending.name),
        already=already,
        sent_files=len(sent),
        sent_bytes=sum(one.size_bytes for one in sent),
        kept_files=kept,
        guarded=guarded,
    )
