"""Names into addresses, timed and bounded."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cloudgauge.errors import ConfigError
from cloudgauge.measure.clock import Clock
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.measure.lookup_lane import LookupLane
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family
from cloudgauge.settings.toml_file import read_text

_FAMILIES = {Family.IPV4: socket.AF_INET, Family.IPV6: socket.AF_INET6}
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?", re.ASCII)
# A lookup that takes 50 ms lets sixteen threads answer 320 a second.
_THREADS = 16
_SLOW_THREADS = 4
# Two, so that a target and its control may ask at the same time.
_LOOKUPS_OF_ONE_NAME = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a name leads.

    Attributes:
        host: A numeric address.
        port: The port to use instead of the URL's; None for the URL's own.
    """

    host: str
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """All addresses of a name in one family.

    Attributes:
        addresses: At least one, unique, sorted, so that visits can take turns.
        took_ns: From the question until the answer; None if nobody was asked.
    """

    addresses: tuple[Address, ...]
    took_ns: int | None


class Resolver(Protocol):
    """Turns names into addresses."""

    async def resolve(self, host: str, family: Family) -> Resolution:
        """Give all addresses of *host* in *family*; the caller bounds the wait.

        Raises:
            ProbeFailed: There are none, or it cannot be known.
            OSError: The same, in the system's own words (`socket.gaierror`).
        """
        ...


class SystemResolver:
    """Asks the system's resolver, which blocks, in threads of its own.

    A lookup cannot be interrupted: one that hangs holds its thread until the system
    gives up. So that a few such names cannot starve the others, a name whose last
    lookup was given up waits for threads of its own kind, and no name holds more than
    two threads. `close` it at the end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lane: LookupLane[Resolution] = LookupLane("lookup", threads=_THREADS)
        self._slow_lane: LookupLane[Resolution] = LookupLane(
            "slow-lookup", threads=_SLOW_THREADS
        )
        self._slow: set[str] = set()
        self._asked: dict[tuple[str, Family], list[Future[Resolution]]] = {}

    async def resolve(self, host: str, family: Family) -> Resolution:
        """Give all addresses of *host* in *family*."""
        asked = self._asked.setdefault((host, family), [])
        asked[:] = [future for future in asked if not future.done()]
        if len(asked) >= _LOOKUPS_OF_ONE_NAME:
            raise ProbeFailed(
                FailureKind.RESOLVER_FAILED, f"earlier lookups of {host} still hang"
            )
        lane = self._slow_lane if host in self._slow else self._lane
        future = lane.submit(lambda: self._look_up(host, family))
        asked.append(future)
        try:
            resolution = await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            self._slow.add(host)
            raise
        except UnicodeError as exc:
            problem = f"{host} is no name that can be asked for"
            raise ProbeFailed(FailureKind.NAME_NOT_FOUND, problem) from exc
        self._slow.discard(host)
        return resolution

    def close(self) -> None:
        """Let the threads end."""
        self._lane.close()
        self._slow_lane.close()

    def _look_up(self, host: str, family: Family) -> Resolution:
        # Timed here, so that neither the wait for a thread nor the event loop's queue
        # is in it.
        began_ns = self._clock.now_ns()
        found = socket.getaddrinfo(
            host, None, family=_FAMILIES[family], type=socket.SOCK_STREAM
        )
        took_ns = self._clock.now_ns() - began_ns
        hosts = sorted({str(address[0]) for *_, address in found})
        addresses = tuple(Address(host=text) for text in hosts)
        return Resolution(addresses=addresses, took_ns=took_ns)


class HostsResolver:
    """Answers from a table; asks another resolver for names that are not in it.

    Args:
        table: Addresses of both families, by name in lower case.
        otherwise: Asked for all other names; None: they do not exist.
    """

    def __init__(
        self, table: Mapping[str, tuple[Address, ...]], otherwise: Resolver | None
    ) -> None:
        self._table = table
        self._otherwise = otherwise

    async def resolve(self, host: str, family: Family) -> Resolution:
        """Give all addresses of *host* in *family*."""
        known = self._table.get(host.lower().rstrip("."))
        if known is None and self._otherwise is not None:
            return await self._otherwise.resolve(host, family)
        if known is None:
            raise ProbeFailed(FailureKind.NAME_NOT_FOUND, f"{host} is in no table")
        addresses = {
            address
            for address in known
            if (":" in address.host) == (family is Family.IPV6)
        }
        if not addresses:
            problem = f"{host} has no {family} address in the table"
            raise ProbeFailed(FailureKind.NO_ADDRESS, problem)
        return Resolution(addresses=tuple(sorted(addresses, key=_order)), took_ns=None)


def read_hosts_file(path: Path) -> dict[str, tuple[Address, ...]]:
    """Read a file in hosts(5) form: an address and its names on each line.

    Raises:
        ConfigError: It cannot be read, or a line is not of that form.
    """
    table: dict[str, tuple[Address, ...]] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        host, *names = line.partition("#")[0].split() or [""]
        if not host:
            continue
        where = f"{path}:{number}"
        address = Address(host=_numeric(host, where))
        if not names:
            raise ConfigError(where, f'want a name after the address, got "{host}"')
        for name in (name.lower().rstrip(".") for name in names):
            if not _NAME.fullmatch(name):
                raise ConfigError(where, f'want a host name, got "{name}"')
            table[name] = (*table.get(name, ()), address)
    return table


def _numeric(text: str, where: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as exc:
        problem = f'want an IPv4 or IPv6 address, got "{text}"'
        raise ConfigError(where, problem) from exc


def _order(address: Address) -> tuple[str, int]:
    return address.host, address.port or 0
