"""One look at a target: does it answer as the catalogue says, and where does it lead.

An endpoint is asked as a visit of latency would; of an object only the head is asked
for, which tells its size.
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from cloudgauge.measure.asker import Asker, Question, request_for
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.failure import Failure, ProbeFailed
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.measure.resolver import Resolution, Resolver
from cloudgauge.model.plan import ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S, format_byte_count
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family, Target
from cloudgauge.model.transfer import LEAST_OBJECT_BYTES

_OK = 200
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class NotingResolver:
    """A resolver that remembers what another one said.

    Attributes:
        found: Addresses by name and family; nothing where there are none.
    """

    def __init__(self, resolver: Resolver) -> None:
        self.found: dict[tuple[str, Family], tuple[str, ...]] = {}
        self._resolver = resolver

    async def resolve(self, host: str, family: Family) -> Resolution:
        """Give all addresses of *host* in *family*."""
        resolution = await self._resolver.resolve(host, family)
        hosts = tuple(address.host for address in resolution.addresses)
        self.found[host, family] = hosts
        return resolution


class LookingProber:
    """Asks each target once; a `measure.prober.Prober`.

    Args:
        endpoints: All that slots may name and that are asked as they stand.
        objects: Likewise, of which the head is asked for.
        spec: Its time-outs and bounds hold; there are no warm requests.
        means: What all looks share; stays the caller's.

    Attributes:
        addresses: Where names lead, in both families, as far as it was found.
        sizes: Content-Length of the objects that told one, by target id.
    """

    def __init__(
        self,
        endpoints: Iterable[Target],
        objects: Iterable[Target],
        spec: ProbeSpec,
        means: ProbeMeans,
    ) -> None:
        self._spec = spec
        self._book = NotingResolver(means.resolver)
        self._means = replace(means, resolver=self._book)
        self._questions = {
            target.target_id: self._question(target) for target in endpoints
        }
        self._heads = {target.target_id: self._head(target) for target in objects}
        self.sizes: dict[str, int] = {}

    @property
    def addresses(self) -> dict[tuple[str, Family], tuple[str, ...]]:
        """Of each name that was asked for, by family."""
        return self._book.found

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
        """Look at a slot's target now."""
        clock = self._means.clock
        began_ns, wall_ns = clock.now_ns(), clock.wall_ns()
        draft = Draft(
            slot=slot,
            exchange=0,
            sent_ns=began_ns,
            wall_ns=wall_ns,
            loop_lag_ns=self._means.lag.last_ns,
        )
        head = self._heads.get(slot.target_id)
        question = head or self._questions[slot.target_id]
        asker = Asker(means=self._means, question=question)
        try:
            failure = await asker.ask(draft)
        finally:
            asker.close()
        if head is not None and failure is None:
            failure = self._read_head(slot.target_id, asker)
        sample = draft.sample(failure)
        keep(sample)
        await self._look_up_other(question.host, slot.family)
        return Visit(samples=(sample,), retry_after_ns=asker.verdict.retry_after_ns)

    def _read_head(self, target_id: str, asker: Asker) -> Failure | None:
        headers = asker.headers
        told = headers.get("content-length", "")
        coding = headers.get("content-encoding", "identity")
        if "transfer-encoding" in headers or not _LENGTH.fullmatch(told):
            problem = "it has no Content-Length"
            return Failure(kind=FailureKind.NO_LENGTH, detail=problem)
        size_bytes = self.sizes[target_id] = int(told)
        if size_bytes < LEAST_OBJECT_BYTES:
            wanted = format_byte_count(LEAST_OBJECT_BYTES)
            problem = f"{format_byte_count(size_bytes)}, want at least {wanted}"
            return Failure(kind=FailureKind.OBJECT_TOO_SMALL, detail=problem)
        if coding.lower() != "identity":
            problem = "it came encoded, identity was asked for"
            return Failure(kind=FailureKind.PROTOCOL_ERROR, detail=problem)
        return None

    async def _look_up_other(self, host: str, family: Family) -> None:
        """Learn where the name leads in the family that was not visited."""
        other = Family.IPV6 if family is Family.IPV4 else Family.IPV4
        try:
            async with asyncio.timeout(self._spec.timeout_ns / NS_PER_S):
                await self._book.resolve(host, other)
        except (ProbeFailed, OSError):
            # Also a time-out: there is nothing to note then.
            return

    def _question(self, target: Target) -> Question:
        endpoint = target.endpoint
        return Question(
            host=endpoint.host,
            port=endpoint.port,
            request=request_for(endpoint, self._means.user_agent, method="GET"),
            timeout_ns=self._spec.timeout_ns,
            body_limit_bytes=self._spec.body_limit_bytes,
            expects=endpoint.expects,
            wanted=" or ".join(map(str, endpoint.expect)) or "one below 500",
        )

    def _head(self, target: Target) -> Question:
        endpoint = target.endpoint
        return Question(
            host=endpoint.host,
            port=endpoint.port,
            request=request_for(endpoint, self._means.user_agent, method="HEAD"),
            timeout_ns=self._spec.timeout_ns,
            body_limit_bytes=self._spec.body_limit_bytes,
            # A redirect leads to another object than the row's.
            expects=lambda status: status == _OK,
            wanted=str(_OK),
        )
