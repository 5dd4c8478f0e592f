"""What a worker keeps in its folder: which worker it is, and the share it carries.

So the same worker started anew, by a person or after ``kill -9`` by systemd, has its
place at once and goes on with its share, whether or not the scheduler can be reached.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)
from cloudgauge.store.folder import keep, machine_errors, write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptShare:
    """A share as its worker keeps it.

    Attributes:
        campaign: 32 hexadecimal digits.
        pin: The pinned plan, as its file has it.
        start_wall_ns: When its first round begins, by this machine's clock.
        sharers: Among how many the ceilings of a host are divided.
        store: URL that parts are pushed to; "" for the scheduler.
        already: Slots that the scheduler has and this folder has not: first and one
            past the last of each span.
        measured: Nothing of it is left to be measured.
    """

    campaign: str
    pin: str
    start_wall_ns: int
    sharers: int
    store: str = ""
    already: tuple[tuple[int, ...], ...] = ()
    measured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that a worker keeps.

    Attributes:
        seat: 32 hexadecimal digits.
        fleet: Whose certificate it had.
        share: None where it has none.
    """

    seat: str
    fleet: str
    share: KeptShare | None = None


class Seat:
    """A worker's memory; one worker at a time has it.

    Attributes:
        kept: What is in the file now.
    """

    def __init__(self, path: Path, kept: Kept) -> None:
        self._path = path
        self.kept = kept

    def keep_share(self, share: KeptShare | None) -> None:
        """Have the disk keep a share before this returns.

        Raises:
            MachineError: The disk is full or the folder not writable.
        """
        self.kept = replace(self.kept, share=share)
        self.write()

    def write(self) -> None:
        """Have the disk keep what is known."""
        made = self._path.with_suffix(".new")
        with machine_errors(made):
            write_whole(made, canonical_json(to_plain(self.kept)).encode("ascii"))
            made.replace(self._path)
            keep(self._path.parent)


@contextmanager
def seat_of(results: Path, vantage: str, fleet: str) -> Iterator[Seat]:
    """Take the seat of a vantage's worker in *results*.

    Args:
        results: The worker's folder; is made if it is not there.
        vantage: Its name.
        fleet: Of the certificate; what was kept for another fleet is not taken up.

    Raises:
        ConfigError: Another worker on this machine has it.
        MachineError: The folder cannot be written.
    """
    with machine_errors(results):
        results.mkdir(parents=True, exist_ok=True)
        path = results / f".fleet-{vantage}.json"
        descriptor = os.open(
            results / f".fleet-{vantage}.lock", os.O_RDWR | os.O_CREAT, 0o644
        )
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            problem = f'has a worker of vantage "{vantage}" already, on this machine'
            raise ConfigError(str(results), problem) from exc
        seat = Seat(path, _read(path, fleet))
        seat.write()
        yield seat
    finally:
        os.close(descriptor)


def _read(path: Path, fleet: str) -> Kept:
    fresh = Kept(seat=uuid.uuid4().hex, fleet=fleet)
    if not path.is_file():
        return fresh
    with machine_errors(path):
        text = path.read_text(encoding="ascii", errors="replace")
    try:
        kept = from_plain(Kept, parse_json_table(text, str(path)), str(path))
    except ConfigError:
        # Of another version: its sets are found by their manifests all the same.
        return fresh
    return kept if kept.fleet == fleet else fresh
