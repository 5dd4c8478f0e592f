"""Where the servers of a private network listen; a process of its own."""

import asyncio
import contextlib
import datetime as dt
import gc
import importlib.util
import json
import os
import resource
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from cloudgauge.world import namespace
from cloudgauge.world.answer import gzip_bomb
from cloudgauge.world.certificates import Trust
from cloudgauge.world.description import (
    READY,
    ROOT_NAME,
    SITES_NAME,
    Means,
    Pointer,
    read_world,
)
from cloudgauge.world.house import House
from cloudgauge.world.name_server import Names, NameServer
from cloudgauge.world.packet_log import EXCHANGES_NAME, ExchangeLog
from cloudgauge.world.servers import Conversation
from cloudgauge.world.signals import ignore_signals
from cloudgauge.world.site import (
    CLIENT_NUMBER,
    NAME_SERVER_NUMBER,
    Fault,
    Site,
    ipv4_of,
    ipv6_of,
    loopback_of,
    sites_from_json,
)

_FLUSH_EVERY_S = 1.0
_PLAIN_PORT = 80
_DNS_PORT = 53
_BACKLOG = 4096
# Named, so that a scenario gives the same downloads whatever a machine's default is:
# BBR leaves a long link empty now and then, and takes some 5 % less of it.
_CONGESTION_CONTROL = b"cubic"


def serve(folder: Path, truth: Path) -> int:
    """Play the role of the servers until standard input is at its end."""
    ignore_signals()
    # Each visit holds a descriptor; the usual soft limit is 1024.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    world = read_world(folder)
    sites = sites_from_json((folder / SITES_NAME).read_text(encoding="utf-8"))
    trust = Trust(dt.datetime.now(dt.UTC))
    trust.write_root(folder / ROOT_NAME)
    for site in sites:
        # A millisecond each: the others are made when they are first asked for.
        if site.primary:
            trust.context(site, Fault.NONE)
        if site.conduct.fault is Fault.GZIP_BODY:
            gzip_bomb()
    log = ExchangeLog(truth / EXCHANGES_NAME)
    # What stands now stays: a collection that walks it would only add lateness.
    gc.freeze()
    house = House(_by_address(sites), trust, log, seed=world.seed)
    # The keeper says when there are addresses to listen on.
    os.read(sys.stdin.fileno(), 1)
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        try:
            runner.run(_stand(house, sites, world.means))
        finally:
            log.close()
    return 0


def _new_loop() -> asyncio.AbstractEventLoop:
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415  not for every system

    return uvloop.new_event_loop()


def _by_address(sites: Iterable[Site]) -> dict[str, Site]:
    return {address: site for site in sites for address in (*site.ipv4, *site.ipv6)}


async def _stand(house: House, sites: tuple[Site, ...], means: Means) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    async with contextlib.AsyncExitStack() as stack:
        if means is Means.TUN:
            await _listen_inside(stack, house, sites)
            told = b""
        else:
            pointers = await _listen_on_loopback(stack, house, sites)
            told = json.dumps([asdict(row) for row in pointers]).encode() + b"\n"
        sys.stdout.buffer.write(told + READY)
        sys.stdout.flush()
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_FLUSH_EVERY_S):
                    await ended.wait()
            house.log.flush()
    loop.remove_reader(sys.stdin.fileno())


async def _listen_inside(
    stack: contextlib.AsyncExitStack, house: House, sites: tuple[Site, ...]
) -> None:
    """Every port of every site, on the client's own addresses."""
    loop = asyncio.get_running_loop()
    addresses = [ipv4_of(CLIENT_NUMBER)]
    if namespace.has_ipv6():
        addresses.append(ipv6_of(CLIENT_NUMBER))
    for port in sorted({port for site in sites for port in site.ports}):
        server = await loop.create_server(
            _maker(house, plain=port == _PLAIN_PORT), addresses, port, backlog=_BACKLOG
        )
        stack.callback(server.close)
        for listener in server.sockets:
            # A kernel may have been built without it; its default then does.
            with contextlib.suppress(OSError):
                listener.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_CONGESTION, _CONGESTION_CONTROL
                )
    transport, _ = await loop.create_datagram_endpoint(
        lambda: NameServer(Names(sites)), (ipv4_of(NAME_SERVER_NUMBER), _DNS_PORT)
    )
    stack.callback(transport.close)


async def _listen_on_loopback(
    stack: contextlib.AsyncExitStack, house: House, sites: tuple[Site, ...]
) -> list[Pointer]:
    """A listener for each site, on an address of its own where the system has one."""
    loop = asyncio.get_running_loop()
    pointers = []
    for site in sites:
        for port in site.ports:
            # A pointer has room for one port of a name: the endpoint's.
            if port == _PLAIN_PORT:
                continue
            make = _maker(house, plain=False, dialled=site.ipv4[0])
            server = await loop.create_server(make, loopback_of(site.numbers[0]), 0)
            host, to_port = server.sockets[0].getsockname()
            if site.conduct.fault is Fault.REFUSE:
                # The port is known and now closed: the kernel refuses.
                server.close()
            else:
                stack.callback(server.close)
            pointers.append(
                Pointer(host=site.host, port=port, to_address=host, to_port=to_port)
            )
    return pointers


def _maker(
    house: House, *, plain: bool, dialled: str | None = None
) -> Callable[[], Conversation]:
    return lambda: Conversation(house, plain=plain, dialled=dialled)
