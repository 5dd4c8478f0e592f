"""The engine's scheduler with a desk in it: hosted by ``fleet run``, met by workers.

Whatever a worker says comes over a connection that the worker made, since one behind
NAT can be reached by nobody. So every message is a question of the worker's that the
desk answers, pieces of sets among them: one at a time, none of them retained. Only who
holds the scheduler's own certificate may hand out work or look into the engine, and of
nobody's message is anything made that acts (`fleet.pickles`).
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any, Self

from distributed.comm.core import Comm
from distributed.diagnostics.plugin import SchedulerPlugin
from distributed.scheduler import Scheduler

from cloudgauge.fleet.desk import Desk
from cloudgauge.fleet.engine import security_of
from cloudgauge.fleet.identity import Identity, Role, peer_in
from cloudgauge.fleet.inbox import Piece
from cloudgauge.fleet.messages import to_text
from cloudgauge.fleet.pickles import guarded_pickles

# What the engine itself needs of a worker.
_FOR_WORKERS = frozenset({"register-worker", "heartbeat_worker"})
# A vantage's share goes on whatever becomes of its worker, however often.
_ANY_NUMBER = 1_000_000_000

Handler = Callable[..., Awaitable[object]]


class FleetScheduler(Scheduler):
    """A scheduler that answers for a campaign.

    Args:
        desk: Who decides.
        identity: The scheduler's certificate.
        host: Where to listen.
        port: 0 for any.
        status: Gives what ``fleet status`` shows, as text.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        identity: Identity,
        host: str,
        port: int,
        status: Callable[[], str],
    ) -> None:
        super().__init__(
            security=security_of(identity),
            host=host,
            port=port,
            protocol="tls",
            dashboard=False,
            allowed_failures=_ANY_NUMBER,
            plugins=(_Register(desk),),
        )
        self._desk = desk
        self._shown = status
        self._guard = ExitStack()
        for op, handler in self.handlers.items():
            if op not in _FOR_WORKERS:
                self.handlers[op] = _for_scheduler(op, handler)
        self.handlers["register-worker"] = self._register_worker
        self.handlers |= {
            "cloudgauge_hello": self._hello,
            "cloudgauge_time": self._time,
            "cloudgauge_ready": self._ready,
            "cloudgauge_tell": self._tell,
            "cloudgauge_offer": self._offer,
            "cloudgauge_piece": self._piece,
            "cloudgauge_status": self._tell_status,
        }

    async def start_unsafe(self) -> Self:
        """Listen, and make nothing of pickles that a fleet does not send."""
        self._guard.enter_context(guarded_pickles())
        return await super().start_unsafe()

    async def close(self, *args: Any, **kwargs: Any) -> None:
        """Close, as the engine does; also after a start that failed."""
        try:
            await super().close(*args, **kwargs)
        finally:
            self._guard.close()

    def start_http_server(self, *args: object, **kwargs: object) -> None:
        """Open no port for people: it would have neither TLS nor a password."""

    async def _register_worker(self, comm: Comm, *, name: str, **said: Any) -> None:
        place = self._desk.roster.places.get(name)
        if name != _vantage_of(comm) or place is None or not place.accepted:
            # The engine's worker waits for an answer, and takes this for a no.
            said_no = {"status": "error", "message": f"{name} has not been let in"}
            await comm.write(said_no)  # type: ignore[no-untyped-call]  # the library has no types
            return
        if name in self.aliases:
            # The desk has let this one in, and a worker has one line: this is stale.
            stale = self.aliases[name]
            await self.remove_worker(stale, stimulus_id=f"cloudgauge-stale-{name}")
        # Its own share and no other's, whatever it says it can do.
        resources = {resource_of(name): 1.0}
        await super().add_worker(comm, name=name, **{**said, "resources": resources})

    async def _hello(self, comm: Comm, *, text: str) -> str:
        return to_text(self._desk.hello(_vantage_of(comm), text))

    async def _time(self, comm: Comm) -> int:
        _vantage_of(comm)
        return self._desk.wall_ns()

    async def _ready(self, comm: Comm, *, seat: str, text: str) -> str:
        peer = _vantage_of(comm)
        return to_text(await asyncio.to_thread(self._desk.ready, peer, seat, text))

    async def _tell(self, comm: Comm, *, seat: str, text: str) -> str:
        return to_text(self._desk.told(_vantage_of(comm), seat, text))

    async def _offer(self, comm: Comm, *, seat: str, text: str) -> str:
        peer = _vantage_of(comm)
        # In a thread, as below: hashes of a large set take their time.
        asked = await asyncio.to_thread(self._desk.offered, peer, seat, text)
        return to_text(asked)

    async def _piece(
        self, comm: Comm, *, name: str, file: str, offset_bytes: int, content: bytes
    ) -> str:
        piece = Piece(
            peer=_vantage_of(comm),
            name=name,
            file=file,
            offset_bytes=offset_bytes,
            content=content,
        )
        return to_text(await asyncio.to_thread(self._desk.piece, piece))

    async def _tell_status(self, comm: Comm) -> str:
        _member_of(comm)
        return self._shown()


def resource_of(vantage: str) -> str:
    """What only this vantage's worker has, and its share needs."""
    return f"vantage.{vantage}"


class _Register(SchedulerPlugin):
    """Tells the roster which workers the engine has."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._names: dict[str, str] = {}

    def add_worker(self, scheduler: Scheduler, worker: str) -> None:
        """Note a worker that the engine has taken in."""
        name = str(scheduler.workers[worker].name)
        self._names[worker] = name
        self._desk.roster.joined(name)

    def remove_worker(
        self,
        scheduler: Scheduler,  # noqa: ARG002  the engine calls it so
        worker: str,
        **_more: object,
    ) -> None:
        """Note a worker whose line has ended."""
        self._desk.roster.left(self._names.pop(worker, ""))


def _member_of(comm: Comm) -> tuple[Role, str]:
    certificate = comm.extra_info.get("peercert") or {}
    peer = peer_in(certificate.get("subject", ()))
    if peer is None:
        msg = "want a certificate that fleet init made"
        raise PermissionError(msg)
    return peer


def _vantage_of(comm: Comm) -> str:
    role, name = _member_of(comm)
    if role is not Role.VANTAGE:
        msg = "want the certificate of a vantage"
        raise PermissionError(msg)
    return name


def _for_scheduler(op: str, handler: Callable[..., Any]) -> Handler:
    """Let only who has the scheduler's own certificate have an operation."""
    takes_comm = next(iter(inspect.signature(handler).parameters), "") == "comm"

    async def guarded(comm: Comm, **said: Any) -> object:
        if _member_of(comm)[0] is not Role.SCHEDULER:
            msg = f"{op} is not for a vantage's certificate"
            raise PermissionError(msg)
        answer = handler(comm, **said) if takes_comm else handler(**said)
        return await answer if asyncio.iscoroutine(answer) else answer

    return guarded
