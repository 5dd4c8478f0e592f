"""A real prober, aimed at servers on loopback."""

import ssl
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.lag import LagMeter
from cloudgauge.measure.means import ProbeMeans, user_agent
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.resolver import Address, HostsResolver, Resolver
from cloudgauge.measure.stream import StampingBackend
from cloudgauge.measure.visit import LatencyProber
from cloudgauge.model.plan import ProbeKind, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Family, Target
from tests.fakes.plans import target
from tests.fakes.server import FakeServer, Script

HOST = "target.example"
TARGET = target("aws", "place-0", host=HOST)
SPEC = ProbeSpec(warm_requests=2, timeout_ns=30 * NS_PER_S)
ALLOW_ALL = AddressPolicy(private_allowed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What a test may want otherwise."""

    context: ssl.SSLContext
    addresses: tuple[Address, ...] = ()
    spec: ProbeSpec = SPEC
    target: Target = TARGET
    policy: AddressPolicy = ALLOW_ALL
    resolver: Resolver | None = None
    clock: MachineClock | None = None
    kernel_stamps: bool = True


def slot(*, round_index: int = 0, family: Family = Family.IPV4) -> Slot:
    return Slot(
        seq=round_index,
        round_index=round_index,
        target_id=TARGET.target_id,
        replica=0,
        family=family,
        kind=ProbeKind.LATENCY,
        due_ns=0,
    )


@contextmanager
def means_for(aim: Aim) -> Iterator[ProbeMeans]:
    """What a prober needs, inside a running loop; gives everything back."""
    clock = aim.clock or MachineClock()
    table: Mapping[str, tuple[Address, ...]] = {HOST: aim.addresses}
    backend = StampingBackend(clock, kernel_stamps=aim.kernel_stamps)
    with LagMeter(clock) as lag:
        try:
            yield ProbeMeans(
                clock=clock,
                backend=backend,
                resolver=aim.resolver or HostsResolver(table, None),
                policy=aim.policy,
                context=aim.context,
                lag=lag,
                user_agent=user_agent("1.2.3", "https://cloudgauge.example/contact"),
            )
        finally:
            backend.close()


@contextmanager
def prober(aim: Aim) -> Iterator[LatencyProber]:
    """A prober inside a running loop; gives everything back."""
    with means_for(aim) as means:
        yield LatencyProber([aim.target], aim.spec, means)


async def visit(aim: Aim, *slots: Slot) -> list[Visit]:
    """Visit each slot, one after another; checks that each sample was kept at once."""
    visits = []
    with prober(aim) as probing:
        for planned in slots or (slot(),):
            kept: list[Record] = []
            done = await probing.visit(planned, kept.append)
            assert tuple(kept) == done.samples
            visits.append(done)
    return visits


def at(port: int, host: str = "127.0.0.1") -> tuple[Address, ...]:
    return (Address(host=host, port=port),)


def with_expect(*statuses: int) -> Target:
    return replace(TARGET, endpoint=replace(TARGET.endpoint, expect=statuses))


def to(aim: Aim, server: FakeServer) -> Aim:
    """The same aim, at *server*."""
    return replace(aim, addresses=at(server.port))


def probe(
    run: Callable[[Coroutine[Any, Any, Any]], Any],
    aim: Aim,
    script: Script,
    context: ssl.SSLContext | None,
) -> Visit:
    """One visit to a server that follows *script*."""
    with FakeServer(script, context) as server:
        (done,) = run(visit(to(aim, server)))
    assert isinstance(done, Visit)
    return done


def only(done: Visit) -> Sample:
    """The sample of a visit that has but one."""
    (sample,) = done.samples
    return sample
