"""A worker's sealed parts on their way to the scheduler or the store.

Sealing and pushing are done by processes at a lower priority, so that the prober on
the same machine is not disturbed. What the scheduler has is remembered as long as the
worker lives; after that it is offered again, and the scheduler says what it lacks.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.fleet.inbox import PIECE_BYTES
from cloudgauge.fleet.line import Line
from cloudgauge.fleet.messages import Asked, Offer, from_text

_MODULE = "cloudgauge.fleet.sealing"
_PUSHING = "cloudgauge.fleet.pushing"


class NotDelivered(Exception):
    """The scheduler does not want a part, or the store does not take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    folder: Path
    cells: int
    failures: int
    offer: Offer


class Deliveries:
    """The sealed parts of one campaign at one vantage.

    Args:
        campaign: Whose.
        vantage: From where.
        store: URL to push to; "" to send them to the scheduler.
        said: Is told what went wrong, a line each.
    """

    def __init__(
        self, campaign: str, vantage: str, store: str, said: Callable[[str], None]
    ) -> None:
        self._campaign = campaign
        self._vantage = vantage
        self._store = store
        self._said = said
        self._waiting: dict[str, _Parcel] = {}
        self._done: set[str] = set()

    @property
    def sealed(self) -> int:
        """Parts that are sealed."""
        return len(self._waiting) + len(self._done)

    @property
    def waiting(self) -> int:
        """Parts that are sealed and not delivered."""
        return len(self._waiting)

    def waiting_cells(self) -> tuple[int, int]:
        """Cells in sealed parts that wait, and exchanges of theirs that failed."""
        parcels = self._waiting.values()
        return sum(one.cells for one in parcels), sum(one.failures for one in parcels)

    @property
    def delivered(self) -> int:
        """Parts that have come where they are to go."""
        return len(self._done)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sealed sets, sorted."""
        return tuple(sorted({*self._waiting, *self._done}))

    async def seal(self, paths: Sequence[Path]) -> None:
        """Seal sets, or all sets of this share in a folder; they then wait."""
        output, complaint = await _run(_MODULE, self._campaign, self._vantage, *paths)
        for line in complaint:
            self._said(line)
        for line in output:
            told = json.loads(line)
            offer = from_text(Offer, told["offer"])
            if offer.name not in self._done:
                self._waiting[offer.name] = _Parcel(
                    folder=Path(told["folder"]),
                    cells=int(told["cells"]),
                    failures=int(told["failures"]),
                    offer=offer,
                )

    async def deliver(self, line: Callable[[], Awaitable[Line]]) -> None:
        """Bring everything that waits where it is to go.

        Args:
            line: Gives a line to the scheduler when there is one.

        Raises:
            LineDown: The line broke; what is left waits.
            NotDelivered: A part is not wanted or not taken.
        """
        for name, parcel in sorted(self._waiting.items()):
            if self._store:
                await self._push(parcel, await line())
            else:
                await _send(parcel, await line())
            self._done.add(name)
            self._waiting.pop(name, None)

    async def _push(self, parcel: _Parcel, line: Line) -> None:
        _, complaint = await _run(_PUSHING, self._store, parcel.folder)
        if complaint:
            raise NotDelivered("; ".join(complaint))
        asked = await line.offer(replace(parcel.offer, stored=True))
        if asked.refused:
            raise NotDelivered(asked.refused)


async def _send(parcel: _Parcel, line: Line) -> None:
    asked = await line.offer(parcel.offer)
    while not asked.held:
        if asked.refused:
            raise NotDelivered(asked.refused)
        content = await asyncio.to_thread(_read, parcel.folder, asked)
        asked = await line.piece(parcel.offer.name, asked, content)


def _read(folder: Path, asked: Asked) -> bytes:
    with (folder / asked.file).open("rb") as file:
        file.seek(asked.offset_bytes)
        return file.read(PIECE_BYTES)


async def _run(module: str, *arguments: object) -> tuple[list[str], list[str]]:
    """Run one of our modules; the lines of its output and of its complaints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *map(str, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C is for the worker, which lets this end.
        start_new_session=True,
    )
    output, complaint = await process.communicate()
    lines = complaint.decode(errors="replace").splitlines()
    if process.returncode and not lines:
        lines = [f"{module} ended with {process.returncode}"]
    return output.decode().splitlines(), lines if process.returncode else []
