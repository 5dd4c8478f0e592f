"""How this machine reaches targets: whose names, which addresses, which roots."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.errors import ConfigError
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.lag import LagMeter
from cloudgauge.measure.means import ProbeMeans, user_agent
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.resolver import (
    Address,
    HostsResolver,
    SystemResolver,
    read_hosts_file,
)
from cloudgauge.measure.stream import StampingBackend
from cloudgauge.measure.trust import Trust, TrustSettings, make_trust
from cloudgauge.world.description import WorldDescription

# Whom to ask about the requests. A name that nobody can own, until the project has
# a home of its own: who measures for long says `--contact`.
DEFAULT_CONTACT = "https://cloudgauge.example/contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a user said of the way to targets.

    Attributes:
        trust: Where the roots of TLS come from.
        hosts_file: Names pointed at addresses of the user's own, or None.
        private_allowed: Private addresses may be targets.
        world: The private network that we are inside of, or None.
        contact: URL or address for the User-Agent.
    """

    trust: TrustSettings
    contact: str
    hosts_file: Path | None = None
    private_allowed: bool = False
    world: WorldDescription | None = None

    @property
    def is_private(self) -> bool:
        """Whether what is seen may be another's than the names' owners'."""
        return self.world is not None or self.hosts_file is not None

    def ready(self) -> "ReadyAccess":
        """Read the files; before there is an event loop.

        Raises:
            ConfigError: A file or the contact is wrong; nothing was sent.
        """
        return ReadyAccess(
            table=_hosts_table(self.hosts_file, self.world),
            policy=_address_policy(self.world, private_allowed=self.private_allowed),
            trust=make_trust(self.trust),
            agent=_agent_for(self.contact),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyAccess:
    """The same, with all files read."""

    table: dict[str, tuple[Address, ...]]
    policy: AddressPolicy
    trust: Trust
    agent: str

    @contextmanager
    def means(
        self, clock: MachineClock, *, kernel_stamps: bool = True
    ) -> Iterator[ProbeMeans]:
        """What probes need, while a loop runs; closed at the end."""
        opener = StampingBackend(clock, kernel_stamps=kernel_stamps)
        with (
            contextlib.closing(SystemResolver(clock)) as system,
            contextlib.closing(opener) as backend,
            LagMeter(clock) as lag,
        ):
            yield ProbeMeans(
                clock=clock,
                backend=backend,
                resolver=HostsResolver(self.table, system) if self.table else system,
                policy=self.policy,
                context=self.trust.context,
                lag=lag,
                user_agent=self.agent,
            )


def _hosts_table(
    hosts_file: Path | None, world: WorldDescription | None
) -> dict[str, tuple[Address, ...]]:
    """The names that are not left to the system's resolver.

    Raises:
        ConfigError: The file is wrong.
    """
    if hosts_file is not None:
        return read_hosts_file(hosts_file)
    if world is None:
        return {}
    # Where the private network is only loopback servers, no hosts file can say on
    # which port a name answers.
    return {
        pointer.host: (Address(host=pointer.to_address, port=pointer.to_port),)
        for pointer in world.pointers
    }


def _address_policy(
    world: WorldDescription | None, *, private_allowed: bool
) -> AddressPolicy:
    """Which addresses may be connected to."""
    prefixes = () if world is None else world.prefixes
    return AddressPolicy(
        private_allowed=private_allowed,
        allowed_prefixes=tuple(ip_network(prefix) for prefix in prefixes),
    )


def _agent_for(contact: str) -> str:
    """The User-Agent that names us and whom to ask.

    Raises:
        ConfigError: The contact does not fit into it.
    """
    where = "--contact"
    try:
        return user_agent(__version__, contact)
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc
