"""A real scheduler over TLS: who gets in, and what a vantage may not do."""

import asyncio
import contextlib
import datetime as dt
import os
import pickle
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from distributed.core import rpc
from distributed.protocol.serialize import ToPickle
from distributed.security import Security

from cloudgauge import __version__
from cloudgauge.errors import ConfigError
from cloudgauge.fleet.authority import Wanted, found_authority, issue
from cloudgauge.fleet.engine import engine_settings, security_of
from cloudgauge.fleet.identity import Identity, Role
from cloudgauge.fleet.joining import engine_worker
from cloudgauge.fleet.line import Line, LineDown
from cloudgauge.fleet.messages import Hello, Order
from cloudgauge.fleet.scheduler import FleetScheduler
from cloudgauge.model.run import Vantage
from tests.fleet.desks import SEAT, Setting, setting

NOW = dt.datetime.now(dt.UTC)
HELLO = Hello(vantage=Vantage(name="tokyo"), seat=SEAT, tool_version=__version__)
_BOUND_S = 120.0


def member(folder: Path, role: Role, name: str) -> Identity:
    found_authority(folder, NOW)
    return issue(folder, Wanted(role=role, name=name), NOW)


@asynccontextmanager
async def scheduling(folder: Path, here: Setting) -> AsyncIterator[str]:
    """A scheduler on loopback; its address."""
    identity = member(folder / "fleet", Role.SCHEDULER, "scheduler")
    async with await FleetScheduler(
        here.desk, identity=identity, host="127.0.0.1", port=0, status=lambda: "{}"
    ) as scheduler:
        yield scheduler.address


def in_time(work: Callable[[], Awaitable[None]]) -> None:
    """Run it, with the engine quiet, and end what hangs."""

    async def bounded() -> None:
        async with asyncio.timeout(_BOUND_S):
            await work()

    with engine_settings(verbose=False):
        asyncio.run(bounded())


async def asked(address: str, identity: Identity, op: str, **said: Any) -> Any:
    arguments = security_of(identity).get_connection_args("client")  # type: ignore[no-untyped-call]  # the library has no types
    there: Any = rpc(address, timeout=20, connection_args=arguments)  # type: ignore[no-untyped-call]  # as above
    try:
        return await getattr(there, op)(**said)
    finally:
        await there.close_rpc()


def test_a_peer_of_another_authority_is_refused(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")
    stranger = member(tmp_path / "another", Role.VANTAGE, "tokyo")

    async def work() -> None:
        async with (
            scheduling(tmp_path, here) as address,
            Line(address, stranger, SEAT) as line,
        ):
            with pytest.raises(LineDown, match="another fleet's certificate"):
                await line.hello(HELLO)

    in_time(work)
    assert here.said == []


def test_a_peer_without_a_certificate_is_refused(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")

    async def work() -> None:
        async with scheduling(tmp_path, here) as address:
            host, port = address.removeprefix("tls://").split(":")
            context = ssl.create_default_context(
                cafile=str(tmp_path / "fleet" / "scheduler" / "ca.pem")
            )
            context.check_hostname = False
            reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
            # TLS 1.3 tells a client so when it reads.
            with pytest.raises(ssl.SSLError, match="certificate required"):
                await reader.read()
            writer.close()

    in_time(work)


def test_a_peer_without_tls_is_refused(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")

    async def work() -> None:
        async with scheduling(tmp_path, here) as address:
            host, port = address.removeprefix("tls://").split(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            # Nothing but, at most, an alert of TLS.
            with contextlib.suppress(ConnectionError):
                assert len(await reader.read()) <= 7
            writer.close()
            plain: Any = rpc(  # type: ignore[no-untyped-call]  # the library has no types
                address.replace("tls", "tcp"), timeout=2, connection_args={}
            )
            with pytest.raises(OSError):  # noqa: PT011  the engine's own words
                await plain.cloudgauge_status()
            await plain.close_rpc()

    in_time(work)


def test_a_vantage_may_not_hand_out_work_or_look_into_the_engine(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path / "inbox")
    vantage = member(tmp_path / "fleet", Role.VANTAGE, "tokyo")

    async def work() -> None:
        async with scheduling(tmp_path, here) as address:
            for op in ("identity", "register-client", "run_function", "broadcast"):
                with pytest.raises(PermissionError, match="not for a vantage"):
                    await asked(address, vantage, op)
            assert await asked(address, vantage, "cloudgauge_status") == "{}"

    in_time(work)


class Acting:
    """Once unpickled, a folder is made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._folder),)


def test_a_vantage_s_message_runs_nothing_at_the_scheduler(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")
    vantage = member(tmp_path / "fleet", Role.VANTAGE, "tokyo")
    made = tmp_path / "made"

    async def work() -> None:
        async with scheduling(tmp_path, here) as address:
            for acting in (ToPickle(Acting(made)), Acting(made)):
                with pytest.raises(Exception, match=r"a pickle names posix\.mkdir"):
                    await asked(address, vantage, "cloudgauge_status", text=acting)
            assert await asked(address, vantage, "cloudgauge_status") == "{}"

    in_time(work)
    assert not made.exists()
    # Its end is the end of the guard, too.
    pickle.loads(pickle.dumps(Acting(made)))  # noqa: S301  of our own making
    assert made.is_dir()


def test_the_scheduler_s_own_certificate_is_no_vantage(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")

    async def work() -> None:
        async with scheduling(tmp_path, here) as address:
            own = member(tmp_path / "fleet", Role.VANTAGE, "tokyo")
            scheduler = Identity(
                folder=tmp_path / "fleet" / "scheduler",
                role=Role.SCHEDULER,
                name="scheduler",
                expires=own.expires,
                fleet=own.fleet,
            )
            async with Line(address, scheduler, SEAT) as line:
                with pytest.raises(ConfigError, match="certificate of a vantage"):
                    await line.hello(HELLO)

    in_time(work)


def test_the_engine_takes_nobody_in_whom_the_desk_has_not_let_in(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path / "inbox")
    vantage = member(tmp_path / "fleet", Role.VANTAGE, "tokyo")

    async def carry(order: Order) -> None:
        raise AssertionError(order)

    async def work() -> None:
        async with scheduling(tmp_path, here) as address:
            with pytest.raises(LineDown, match="does not take us in"):
                async with engine_worker(address, "tokyo", vantage, carry):
                    pass
            assert not here.desk.roster.places["tokyo"].joined

    in_time(work)


def test_a_clock_is_held_against_the_scheduler_s(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")
    vantage = member(tmp_path / "fleet", Role.VANTAGE, "tokyo")
    five_minutes_ns = 300 * 10**9

    def ahead() -> int:
        return here.desk.wall_ns() + five_minutes_ns

    async def work() -> None:
        async with (
            scheduling(tmp_path, here) as address,
            Line(address, vantage, SEAT, wall_ns=ahead) as line,
        ):
            clock = await line.clock()
        assert abs(clock.ahead_ns - five_minutes_ns) <= clock.uncertainty_ns + 10**6

    in_time(work)


def test_nobody_listens_for_people(tmp_path: Path) -> None:
    here = setting(tmp_path / "inbox")

    async def work() -> None:
        async with scheduling(tmp_path, here):
            tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
            listening = [
                line.split()[1].split(":")
                for table in tables
                for line in table.read_text().splitlines()[1:]
                if line.split()[3] == "0A"
            ]
        assert not [port for _, port in listening if int(port, 16) == 8787]

    in_time(work)


def test_security_asks_for_tls_on_both_sides(tmp_path: Path) -> None:
    vantage = member(tmp_path / "fleet", Role.VANTAGE, "tokyo")

    security = security_of(vantage)

    assert isinstance(security, Security)
    for get in (security.get_connection_args, security.get_listen_args):
        arguments = get("worker")  # type: ignore[no-untyped-call]  # the library has no types
        assert arguments["require_encryption"]
        assert arguments["ssl_context"].verify_mode is ssl.CERT_REQUIRED
