"""Where sealed parts arrive: piece by piece, checked, whole or not at all.

A set comes file by file into ``incoming`` and is moved to ``parts`` when every file is
there and fits its hash. Pieces that have come stay over a break of the line and a new
start of the scheduler; what does not fit its hash goes, and comes anew.
"""

import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.fleet.messages import Asked, Offer
from cloudgauge.fleet.run_of_set import run_of
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.store.checksums import check_files
from cloudgauge.store.folder import (
    CHECKSUMS,
    FILE_COUNT_LIMIT,
    LEFTOVERS,
    check_name,
    keep,
    machine_errors,
    sha256_of,
)
from cloudgauge.workflow.stock import take_stock

PARTS = "parts"
INCOMING = "incoming"
STORED = "stored"
# What crosses the line at once, and so what is held in memory for each worker.
PIECE_BYTES = 512 * 1024
# A set beyond this is not one of ours: parts keep it far below.
_SET_LIMIT_BYTES = 64 * 1024**3
_SET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,200}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some bytes of a set's file.

    Attributes:
        peer: The vantage that sends it.
        name: Of the set.
        file: Relative to its folder.
    """

    peer: str
    name: str
    file: str
    offset_bytes: int
    content: bytes


@dataclass(slots=True, kw_only=True)
class _Arriving:
    peer: str
    folder: Path
    offer: Offer
    wanted_bytes: Mapping[str, int] = field(default_factory=dict)

    def next_piece(self) -> Asked | None:
        """Which file is wanted next, and from where; None when all have come."""
        for name, wanted in self.wanted_bytes.items():
            path = self.folder / name
            has = path.stat().st_size if path.is_file() else -1
            if has < wanted:
                return Asked(file=name, offset_bytes=max(has, 0))
        return None


class Inbox:
    """The staging folder of a campaign.

    Args:
        folder: Is made if it is not there.
        campaign: Whose sets it takes.
    """

    def __init__(self, folder: Path, campaign: str) -> None:
        self.folder = folder
        self._campaign = campaign
        self.parts = folder / PARTS
        self._incoming = folder / INCOMING
        self._stored = folder / STORED
        self._arriving: dict[tuple[str, str], _Arriving] = {}
        with machine_errors(folder):
            self.parts.mkdir(parents=True, exist_ok=True)
            self._incoming.mkdir(exist_ok=True)
            self._stored.mkdir(exist_ok=True)

    def offered(self, peer: str, offer: Offer) -> Asked:
        """Say whether a set is wanted, and which piece first.

        Raises:
            StoreError: The offer is none that a worker of ours makes.
            MachineError: The folder cannot be written.
        """
        _check_offer(offer)
        here = self.parts / offer.name
        with machine_errors(here):
            if here.is_dir():
                if sha256_of(here / CHECKSUMS) == offer.checksums_sha256:
                    return Asked(held=True)
                problem = "another set of this name was delivered before"
                return Asked(refused=f"{offer.name}: {problem}")
            folder = self._incoming / f"{offer.name}.{offer.checksums_sha256[:16]}"
            folder.mkdir(exist_ok=True)
            arriving = _Arriving(
                peer=peer,
                folder=folder,
                offer=offer,
                wanted_bytes={one.name: one.size_bytes for one in offer.files},
            )
            self._arriving[peer, offer.name] = arriving
            return self._next(arriving)

    def piece(self, piece: Piece) -> Asked:
        """Take in a piece, and say which one is wanted next.

        Raises:
            StoreError: The piece is none that was asked for.
            MachineError: The disk is full.
        """
        arriving = self._arriving.get((piece.peer, piece.name))
        if arriving is None or piece.file not in arriving.wanted_bytes:
            raise StoreError(piece.name, "was not offered, or is not wanted any more")
        room = arriving.wanted_bytes[piece.file] - piece.offset_bytes
        if len(piece.content) > min(room, PIECE_BYTES):
            raise StoreError(piece.name, f"more of {piece.file} came than was offered")
        path = arriving.folder / piece.file
        with machine_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as kept:
                # Asked for twice, sent twice: what is there stays.
                if kept.tell() == piece.offset_bytes:
                    kept.write(piece.content)
            return self._next(arriving)

    def note_stored(self, peer: str, offer: Offer) -> None:
        """Have the disk keep that a set lies in the store; a worker tells it once.

        Raises:
            StoreError: Its name is none, or none of the peer's.
            MachineError: The disk is full.
        """
        if not _SET_NAME.fullmatch(offer.name) or f"-{peer}-" not in offer.name:
            raise StoreError(repr(offer.name), f"is no name of a set of {peer}'s")
        path = self._stored / offer.name
        with machine_errors(path):
            path.touch()
            keep(self._stored)

    def stored(self) -> tuple[str, ...]:
        """Names of the sets that lie in the store, as workers have told."""
        with machine_errors(self._stored):
            return tuple(sorted(path.name for path in self._stored.iterdir()))

    def held(self) -> tuple[str, ...]:
        """Names of the sets that are here, whole."""
        with machine_errors(self.parts):
            return tuple(sorted(path.name for path in self.parts.iterdir()))

    def held_beyond(self, vantage: str, names: Collection[str]) -> SeqSpans:
        """The slots of a vantage's sets here that are none of those with *names*.

        For a worker that has lost its disk, or came to another machine.

        Raises:
            StoreError: A set is corrupt.
            MachineError: The folder cannot be read.
        """
        if not any(f"-{vantage}-" in name for name in set(self.held()) - set(names)):
            return SeqSpans()
        stock = take_stock(self.parts, self._campaign, vantage)
        return SeqSpans.joining(
            span
            for part in stock.parts
            if Path(part.folder).name not in names
            for span in part.seqs.spans
        )

    def emptied(self) -> None:
        """Remove everything; for when it is all in a merged set."""
        with machine_errors(self.folder):
            shutil.rmtree(self.folder)

    def _next(self, arriving: _Arriving) -> Asked:
        wanted = arriving.next_piece()
        if wanted is not None:
            return wanted
        name, folder = arriving.offer.name, arriving.folder
        del self._arriving[arriving.peer, name]
        try:
            self._check_whole(arriving)
        except StoreError as exc:
            shutil.rmtree(folder)
            return Asked(refused=f"{name}: came damaged, and is wanted again: {exc}")
        for path in (*folder.rglob("*"), folder):
            keep(path)
        folder.rename(self.parts / name)
        keep(self.parts)
        return Asked(held=True)

    def _check_whole(self, arriving: _Arriving) -> None:
        folder, offer = arriving.folder, arriving.offer
        if sha256_of(folder / CHECKSUMS) != offer.checksums_sha256:
            raise StoreError(offer.name, f"its {CHECKSUMS} is not the one offered")
        check_files(folder)
        run = run_of(folder)
        if run.part is None or run.part.campaign != self._campaign:
            raise StoreError(offer.name, "is no part of this campaign")
        if run.vantage.name != arriving.peer:
            problem = f"is of vantage {run.vantage.name}, and {arriving.peer} sent it"
            raise StoreError(offer.name, problem)


def _check_offer(offer: Offer) -> None:
    if not _SET_NAME.fullmatch(offer.name):
        raise StoreError(repr(offer.name), "is no name of a set")
    where = Path(offer.name)
    names = [one.name for one in offer.files]
    for name in names:
        if check_name(where, name).split("/", 1)[0] in LEFTOVERS:
            raise StoreError(offer.name, f"offers {name}, which is no part of a set")
    sizes = [one.size_bytes for one in offer.files]
    if len(set(names)) != len(names) or len(names) > FILE_COUNT_LIMIT:
        raise StoreError(offer.name, "offers a file twice, or too many")
    if CHECKSUMS not in names or min(sizes) < 0 or sum(sizes) > _SET_LIMIT_BYTES:
        raise StoreError(offer.name, f"has no {CHECKSUMS}, or is too large")
    if not re.fullmatch(r"[0-9a-f]{64}", offer.checksums_sha256):
        raise StoreError(offer.name, "its hash is none")
