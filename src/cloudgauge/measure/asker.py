"""One connection to one target: made step by step, asked again and again.

Each step that waits for the network has a bound of its own.
"""

import asyncio
import ssl
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from typing import cast

import httpx

from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import (
    EXPECTED,
    Failure,
    Phase,
    ProbeFailed,
    failure_of,
)
from cloudgauge.measure.means import ProbeMeans, find_address
from cloudgauge.measure.resolver import Address
from cloudgauge.measure.transport import OwnConnectionTransport
from cloudgauge.measure.verdict import Told, Verdict, judge
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of whom, and how long an answer may take.

    Attributes:
        request: Sent again and again.
        timeout_ns: Bound on each step.
        body_limit_bytes: A body beyond this is a failure.
        expects: Which statuses are an answer.
        wanted: The same for people.
    """

    host: str
    port: int
    request: httpx.Request
    timeout_ns: int
    body_limit_bytes: int
    expects: Callable[[int], bool]
    wanted: str


def request_for(endpoint: Endpoint, agent: str, *, method: str) -> httpx.Request:
    """The request of a probe, its head complete."""
    headers = {
        "User-Agent": agent,
        "Accept": "*/*",
        # Bytes are counted as they come; none are worth decompressing.
        "Accept-Encoding": "identity",
    }
    return httpx.Request(method, endpoint.url, headers=headers)


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks one question over one connection.

    Attributes:
        address: Where to connect to; None: where the question's host leads.
        until_s: By the loop's time; no step lasts beyond it. None for no such end.
        verdict: On the latest answer.
        headers: Of the latest answer.
        phase: What it is doing, or was when it failed.
    """

    means: ProbeMeans
    question: Question
    address: Address | None = None
    until_s: float | None = None
    verdict: Verdict = Verdict(failure=None)  # noqa: RUF009 - a frozen value
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    phase: Phase = Phase.RESOLVE
    transport: OwnConnectionTransport | None = None
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    @property
    def is_reusable(self) -> bool:
        """Whether another question may be asked over the connection."""
        return self.transport is not None and self.transport.is_reusable

    async def ask(self, draft: Draft) -> Failure | None:
        """Ask once, and make the connection before if there is none yet.

        What becomes known goes to *draft*.
        """
        failure = await self._try(draft)
        if self.transport is not None:
            draft.look_at(self.transport.stream)
        return failure

    def close(self) -> None:
        """Close the connection. May be called again."""
        if self.transport is not None:
            self.transport.stream.close()

    async def _try(self, draft: Draft) -> Failure | None:
        self.verdict = Verdict(failure=None)
        try:
            # One bound, set afresh for each phase.
            async with asyncio.timeout(None) as bound:
                if self.transport is None:
                    self.transport = await self._connect(draft, bound)
                    self._begin(Phase.TLS, bound)
                    context: ssl.SSLContext = self.means.context
                    await self.transport.stream.start_tls(context, self.question.host)
                self._begin(Phase.ANSWER, bound)
                await self._exchange(self.transport, draft)
        except EXPECTED as exc:
            ended = self.transport is not None and self.transport.stream.has_ended
            # What the status says stands, whatever became of the body.
            return self.verdict.failure or failure_of(exc, self.phase, ended=ended)
        return self.verdict.failure

    def _begin(self, phase: Phase, bound: asyncio.Timeout) -> None:
        self.phase = phase
        until_s = self.loop.time() + self.question.timeout_ns / NS_PER_S
        bound.reschedule(
            until_s if self.until_s is None else min(until_s, self.until_s)
        )

    async def _connect(
        self, draft: Draft, bound: asyncio.Timeout
    ) -> OwnConnectionTransport:
        question, address = self.question, self.address
        if address is None:
            self._begin(Phase.RESOLVE, bound)
            address = await find_address(self.means, question.host, draft)
        self._begin(Phase.CONNECT, bound)
        draft.remote_address = address.host
        stream = await self.means.backend.connect_tcp(
            address.host, address.port or question.port
        )
        return OwnConnectionTransport(
            stream, body_limit_bytes=question.body_limit_bytes
        )

    async def _exchange(self, transport: OwnConnectionTransport, draft: Draft) -> None:
        response = await transport.handle_async_request(self.question.request)
        self.headers = response.headers
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

    def _judge(self, response: httpx.Response) -> Verdict:
        told = Told(
            status=response.status_code,
            retry_after=response.headers.get("retry-after"),
            location=response.headers.get("location"),
        )
        return judge(
            told,
            self.question.wanted,
            expected=self.question.expects(told.status),
            wall_ns=self.means.clock.wall_ns(),
        )
