"""How a worker gets in: hello, the plan, the clock, then the engine's worker."""

import asyncio
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.engine import security_of
from cloudgauge.fleet.identity import Identity
from cloudgauge.fleet.line import Line, LineDown
from cloudgauge.fleet.messages import Hello, Ready, Welcome
from cloudgauge.fleet.share import Carry, VantageWorker
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.pin import campaign_of, pin_from_json

_TRY_EVERY_S = 2.0
# A worker that died a moment ago may still hold our place, for `roster.SILENCE_S`.
_TAKEN_PATIENCE_S = 20.0
_CLOSE_S = 5.0
# The engine itself would wait for an answer without an end.
_START_S = 60.0
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What a worker knows when it is in.

    Attributes:
        campaign: 32 hexadecimal digits.
        pin: The pinned plan, as its file has it.
        clock: This machine's, held against the scheduler's.
        already: Slots that the scheduler has and this machine has not, as spans.
    """

    campaign: str
    pin: str
    clock: ClockOffset
    already: tuple[tuple[int, ...], ...]


async def join(
    line: Line,
    hello: Hello,
    held: tuple[str, ...],
    said: Callable[[str], None],
) -> Joined | None:
    """Say hello, read the plan, hold the clock against the scheduler's.

    Args:
        line: To the scheduler.
        hello: Who we are.
        held: Names of the sets of this campaign that lie here.
        said: Is told why we wait.

    Returns:
        None if the campaign has ended.

    Raises:
        LineDown: The scheduler cannot be reached.
        ConfigError: It refuses us for good, and says why.
    """
    welcome = await _let_in(line, hello, said)
    if welcome.over:
        return None
    where = "the scheduler: its pinned plan"
    # In a thread: hashing a large plan must not keep a running share waiting.
    pin = await asyncio.to_thread(pin_from_json, welcome.pin, where)
    clock = await line.clock()
    ready = Ready(
        plan_hash=plan_hash(pin.plan), campaign=campaign_of(pin), clock=clock, held=held
    )
    accepted = await line.ready(ready)
    if accepted.refused and not accepted.final:
        raise LineDown(accepted.refused)
    if accepted.refused:
        raise ConfigError(hello.vantage.name, accepted.refused)
    return Joined(
        campaign=welcome.campaign,
        pin=welcome.pin,
        clock=clock,
        already=accepted.already,
    )


async def _let_in(line: Line, hello: Hello, said: Callable[[str], None]) -> Welcome:
    """Say hello until we are let in, or are refused for good."""
    tries_end_s = time.monotonic() + _TAKEN_PATIENCE_S
    while True:
        welcome = await line.hello(hello)
        if not welcome.refused:
            return welcome
        if welcome.final or (not hello.busy_with and time.monotonic() > tries_end_s):
            raise ConfigError(hello.vantage.name, welcome.refused)
        said(welcome.refused)
        await asyncio.sleep(_TRY_EVERY_S)


@asynccontextmanager
async def engine_worker(
    scheduler: str, vantage: str, identity: Identity, carry: Carry
) -> AsyncIterator[VantageWorker]:
    """The engine's worker, registered with the scheduler, closed at the end.

    Raises:
        LineDown: The engine does not take it in.
    """
    with TemporaryDirectory(prefix="cloudgauge-fleet-") as folder:
        worker = VantageWorker(
            scheduler,
            carry=carry,
            name=vantage,
            nthreads=1,
            resources={f"vantage.{vantage}": 1},
            security=security_of(identity),
            # Nobody connects to it; its address only has to be its own.
            host=f"tls://{_LOOPBACK}:0",
            contact_address=_address_of_our_own(),
            local_directory=folder,
            memory_limit=0,
        )
        try:
            try:
                async with asyncio.timeout(_START_S):
                    await worker
            except (OSError, RuntimeError, ValueError) as exc:
                # What the engine raises where a connection breaks while it starts,
                # or the scheduler does not want it.
                reason = "does not take us in yet"
                raise LineDown(reason) from exc
            yield worker
        finally:
            await worker.close(timeout=_CLOSE_S, executor_wait=False)


def _address_of_our_own() -> str:
    """An address that no other worker has, in a range that is routed nowhere.

    The engine knows workers by their addresses, and those behind NAT may well have the
    same one; the scheduler never connects to it.
    """
    host = ipaddress.IPv6Address((0xFD << 120) | secrets.randbits(120))
    return f"tls://[{host}]:1"
