"""A cold request and its warm ones on one connection, as samples.

A visit resolves, connects from a fresh port, makes a full TLS handshake, sends the cold
request and then the warm ones. Each step has a bound of its own. The first failure ends
the visit: what was not tried is no sample. A server that closes the connection after an
answer has answered: the warm requests that can no longer be sent are not tried either,
and that is no failure.
"""

import asyncio
import ssl
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

import httpx

from cloudgauge.measure.clock import Clock
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import (
    EXPECTED,
    Failure,
    Phase,
    ProbeFailed,
    failure_of,
    one_line,
)
from cloudgauge.measure.lag import LagMeter
from cloudgauge.measure.policy import AddressPolicy
from cloudgauge.measure.prober import Visit
from cloudgauge.measure.resolver import Address, Resolver
from cloudgauge.measure.retry_after import retry_after_ns
from cloudgauge.measure.stream import StampedStream, StampingBackend
from cloudgauge.measure.transport import OwnConnectionTransport
from cloudgauge.model.plan import ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S, format_duration
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.model.target import Target

_TOO_MANY_REQUESTS = 429
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeMeans:
    """What all visits of a run share.

    Attributes:
        backend: Opens the connections.
        context: Of `measure.trust.make_trust`.
        lag: The loop's own delay, noted with each sample.
        user_agent: Of `user_agent`.
    """

    clock: Clock
    backend: StampingBackend
    resolver: Resolver
    policy: AddressPolicy
    context: ssl.SSLContext
    lag: LagMeter
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """A target, with all that can be made of it before the timed part."""

    target: Target
    host: str
    port: int
    request: httpx.Request


def user_agent(version: str, contact: str) -> str:
    """Name the tool, its version and where its user can be reached.

    Raises:
        ValueError: *contact* does not fit into a comment of an HTTP header.
    """
    fits = (
        contact.isascii() and contact.isprintable() and not set(contact) & set("()\\")
    )
    if not fits or not contact or " " in contact:
        msg = f'contact must be a URL or an address in plain ASCII, got "{contact}"'
        raise ValueError(msg)
    return f"cloudgauge/{version} (+{contact})"


class LatencyProber:
    """Visits targets; a `measure.prober.Prober`.

    Args:
        targets: All that slots may name.
        spec: How they are probed.
        means: What all visits share; stays the caller's.
    """

    def __init__(
        self, targets: Iterable[Target], spec: ProbeSpec, means: ProbeMeans
    ) -> None:
        self._spec = spec
        self._means = means
        self._aims = {
            target.target_id: _Aim(
                target=target,
                host=target.endpoint.host,
                port=target.endpoint.port,
                request=_request(target, means.user_agent),
            )
            for target in targets
        }

    async def visit(self, slot: Slot, keep: Callable[[Sample], None]) -> Visit:
        """Visit a slot's target now; each exchange is given to *keep* as it ends.

        Of the addresses that its name has, round n takes number n, in turn.
        """
        began_ns, wall_ns = self._means.clock.now_ns(), self._means.clock.wall_ns()
        draft = Draft(
            slot=slot,
            exchange=0,
            sent_ns=began_ns,
            wall_ns=wall_ns,
            loop_lag_ns=self._means.lag.last_ns,
        )
        under_way = _UnderWay(
            means=self._means,
            spec=self._spec,
            aim=self._aims[slot.target_id],
            keep=keep,
            draft=draft,
        )
        try:
            await under_way.go()
        finally:
            under_way.close()
        return Visit(
            samples=tuple(under_way.samples), retry_after_ns=under_way.retry_after_ns
        )


@dataclass(slots=True, kw_only=True)
class _UnderWay:
    """One visit while it goes on."""

    means: ProbeMeans
    spec: ProbeSpec
    aim: _Aim
    keep: Callable[[Sample], None]
    draft: Draft
    samples: list[Sample] = field(default_factory=list)
    retry_after_ns: int | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    phase: Phase = Phase.RESOLVE
    transport: OwnConnectionTransport | None = None
    verdict: Failure | None = None

    async def go(self) -> None:
        for exchange in range(self.spec.requests_per_visit):
            if exchange:
                if self.transport is None or not self.transport.is_reusable:
                    return
                self.draft = self.draft.next(self.means.clock)
            failure = await self._attempt()
            if self.transport is not None:
                self.draft.look_at(self.transport.stream)
            sample = self.draft.sample(failure)
            self.samples.append(sample)
            self.keep(sample)
            if failure is not None:
                return

    async def _attempt(self) -> Failure | None:
        try:
            # One bound, set afresh for each phase.
            async with asyncio.timeout(None) as bound:
                if self.transport is None:
                    self._begin(Phase.RESOLVE, bound)
                    address = await self._find()
                    self._begin(Phase.CONNECT, bound)
                    self.transport = await self._connect(address)
                    self._begin(Phase.TLS, bound)
                    await self._secure(self.transport.stream)
                self._begin(Phase.ANSWER, bound)
                await self._exchange(self.transport)
        except EXPECTED as exc:
            ended = self.transport is not None and self.transport.stream.has_ended
            # What the status says stands, whatever became of the body.
            return self.verdict or failure_of(exc, self.phase, ended=ended)
        return self.verdict

    def close(self) -> None:
        if self.transport is not None:
            self.transport.stream.close()

    def _begin(self, phase: Phase, bound: asyncio.Timeout) -> None:
        self.phase = phase
        bound.reschedule(self.loop.time() + self.spec.timeout_ns / NS_PER_S)

    async def _find(self) -> Address:
        slot = self.draft.slot
        found = await self.means.resolver.resolve(self.aim.host, slot.family)
        self.draft.resolve_ns = found.took_ns
        address = found.addresses[slot.round_index % len(found.addresses)]
        refusal = self.means.policy.refusal(address.host)
        if refusal is not None:
            raise ProbeFailed(
                FailureKind.REFUSED_BY_POLICY,
                f"{self.aim.host} leads to {address.host}: {refusal}",
            )
        return address

    async def _connect(self, address: Address) -> OwnConnectionTransport:
        self.draft.remote_address = address.host
        stream = await self.means.backend.connect_tcp(
            address.host, address.port or self.aim.port
        )
        return OwnConnectionTransport(
            stream, body_limit_bytes=self.spec.body_limit_bytes
        )

    async def _secure(self, stream: StampedStream) -> None:
        await stream.start_tls(self.means.context, self.aim.host)

    async def _exchange(self, transport: OwnConnectionTransport) -> None:
        draft = self.draft
        response = await transport.handle_async_request(self.aim.request)
        draft.status, draft.body_bytes = response.status_code, 0
        draft.http_version = response.http_version
        if not draft.is_answered(transport.stream):
            problem = "the answer came before the question was sent"
            raise ProbeFailed(FailureKind.PROTOCOL_ERROR, problem)
        self.verdict = self._judge(response)
        self.phase = Phase.BODY
        async for chunk in cast("AsyncIterable[bytes]", response.stream):
            draft.body_bytes += len(chunk)
        await response.aclose()
        draft.body_ended = True

    def _judge(self, response: httpx.Response) -> Failure | None:
        """What the status says against the answer; None if it is as expected."""
        status = response.status_code
        asked = response.headers.get("retry-after")
        if status == _TOO_MANY_REQUESTS or (status == _UNAVAILABLE and asked):
            wall_ns = self.means.clock.wall_ns()
            self.retry_after_ns = retry_after_ns(asked, wall_ns=wall_ns)
            stay = ""
            if self.retry_after_ns is not None:
                stay = f", asks for {format_duration(self.retry_after_ns)}"
            detail = one_line(f"status {status}{stay}")
            return Failure(kind=FailureKind.THROTTLED, detail=detail)
        endpoint = self.aim.target.endpoint
        if endpoint.expects(status):
            return None
        wanted = " or ".join(map(str, endpoint.expect)) or "one below 500"
        location = response.headers.get("location")
        points = f", pointing to {location}" if location else ""
        detail = one_line(f"status {status}, want {wanted}{points}")
        return Failure(kind=FailureKind.UNEXPECTED_STATUS, detail=detail)


def _request(target: Target, agent: str) -> httpx.Request:
    headers = {
        "User-Agent": agent,
        "Accept": "*/*",
        # Bytes are counted as they come; none are worth decompressing.
        "Accept-Encoding": "identity",
    }
    return httpx.Request("GET", target.endpoint.url, headers=headers)
