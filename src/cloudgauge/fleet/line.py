"""A worker's own line to the scheduler: questions that it asks, answers that it gets.

It is not the engine's: it outlives an engine's worker whose connection broke, and asks
again when the network is back.
"""

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from distributed.core import rpc

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.clock_offset import ClockOffset, Exchange, offset_from
from cloudgauge.fleet.engine import LINE_TIMEOUT_S, security_of
from cloudgauge.fleet.identity import Identity
from cloudgauge.fleet.messages import (
    Accepted,
    Asked,
    Heard,
    Hello,
    Offer,
    Ready,
    Tidings,
    Welcome,
    from_text,
    to_text,
)

_EXCHANGES = 8
_ANSWER_S = 20.0
# An answer to a piece of a set takes as long as hashing the whole of it may.
_HASHING_S = 300.0
_WITH_HASHING = ("offer", "piece", "ready")


class LineDown(Exception):
    """The scheduler cannot be reached now."""


class Line:
    """Asks the scheduler.

    Args:
        address: ``tls://HOST:PORT``.
        identity: Of the vantage.
        seat: Of this worker.
        wall_ns: The machine's clock, UTC since 1970.
    """

    def __init__(
        self,
        address: str,
        identity: Identity,
        seat: str,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        arguments = security_of(identity).get_connection_args("worker")  # type: ignore[no-untyped-call]  # the library has no types
        self._rpc: Any = rpc(address, timeout=LINE_TIMEOUT_S, connection_args=arguments)  # type: ignore[no-untyped-call]  # as above
        self._seat = seat
        self._wall_ns = wall_ns

    async def hello(self, hello: Hello) -> Welcome:
        """Ask to be let in."""
        answer = await self._ask("hello", text=to_text(hello))
        return from_text(Welcome, answer)

    async def clock(self) -> ClockOffset:
        """Hold this machine's clock against the scheduler's."""
        exchanges = []
        for _ in range(_EXCHANGES):
            asked_ns, began_ns = self._wall_ns(), time.monotonic_ns()
            told_ns = await self._ask("time")
            exchanges.append(
                Exchange(
                    asked_wall_ns=asked_ns,
                    round_trip_ns=time.monotonic_ns() - began_ns,
                    told_wall_ns=int(told_ns),
                )
            )
        return offset_from(exchanges)

    async def ready(self, ready: Ready) -> Accepted:
        """Say that the plan was read."""
        answer = await self._ask("ready", seat=self._seat, text=to_text(ready))
        return from_text(Accepted, answer)

    async def tell(self, tidings: Tidings) -> Heard:
        """Say how the share goes."""
        answer = await self._ask("tell", seat=self._seat, text=to_text(tidings))
        return from_text(Heard, answer)

    async def offer(self, offer: Offer) -> Asked:
        """Offer a sealed set."""
        answer = await self._ask("offer", seat=self._seat, text=to_text(offer))
        return from_text(Asked, answer)

    async def piece(self, name: str, asked: Asked, content: bytes) -> Asked:
        """Send what was asked for."""
        answer = await self._ask(
            "piece",
            name=name,
            file=asked.file,
            offset_bytes=asked.offset_bytes,
            content=content,
        )
        return from_text(Asked, answer)

    async def _ask(self, what: str, **said: object) -> Any:
        try:
            limit_s = _HASHING_S if what in _WITH_HASHING else _ANSWER_S
            async with asyncio.timeout(limit_s):
                return await getattr(self._rpc, f"cloudgauge_{what}")(**said)
        except PermissionError as exc:
            # What the scheduler raised, brought here by the engine.
            where = "the scheduler"
            raise ConfigError(where, str(exc)) from exc
        except OSError as exc:
            raise LineDown(reason_of(exc)) from exc

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._rpc.close_rpc()


def reason_of(exc: OSError) -> str:
    """Why a scheduler cannot be asked, without names of the engine's objects."""
    if isinstance(exc, TimeoutError):
        return "no answer"
    # The engine's own words name objects of its own; what matters is whose
    # certificate, which is told somewhere down the chain.
    told: BaseException | None = exc
    while told is not None:
        if "certificate" in str(told).lower():
            return "has another fleet's certificate, or does not take ours"
        told = told.__cause__
    return "cannot be reached"
