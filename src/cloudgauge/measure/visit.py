"""A cold request and its warm ones on one connection, as samples.

A visit resolves, connects from a fresh port, makes a full TLS handshake, sends the cold
request and then the warm ones. Each step has a bound of its own. The first failure ends
the visit: what was not tried is no sample. A server that closes the connection after an
answer has answered: the warm requests that can no longer be sent are not tried either,
and that is no failure.
"""

from collections.abc import Callable, Iterable

from cloudgauge.measure.asker import Asker, Question, request_for
from cloudgauge.measure.draft import Draft
from cloudgauge.measure.means import ProbeMeans
from cloudgauge.measure.prober import Record, Visit
from cloudgauge.model.plan import ProbeSpec, Slot
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Target


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
        # Made before the timed part.
        self._questions = {
            target.target_id: _question(target, spec, means.user_agent)
            for target in targets
        }

    async def visit(self, slot: Slot, keep: Callable[[Record], None]) -> Visit:
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
        asker = Asker(means=self._means, question=self._questions[slot.target_id])
        try:
            samples = await self._ask(asker, draft, keep)
        finally:
            asker.close()
        return Visit(
            samples=tuple(samples), retry_after_ns=asker.verdict.retry_after_ns
        )

    async def _ask(
        self, asker: Asker, draft: Draft, keep: Callable[[Record], None]
    ) -> list[Sample]:
        samples: list[Sample] = []
        for exchange in range(self._spec.requests_per_visit):
            if exchange:
                if not asker.is_reusable:
                    break
                draft = draft.next(self._means.clock)
            failure = await asker.ask(draft)
            samples.append(sample := draft.sample(failure))
            keep(sample)
            if failure is not None:
                break
        return samples


def _question(target: Target, spec: ProbeSpec, agent: str) -> Question:
    endpoint = target.endpoint
    return Question(
        host=endpoint.host,
        port=endpoint.port,
        request=request_for(endpoint, agent, method="GET"),
        timeout_ns=spec.timeout_ns,
        body_limit_bytes=spec.body_limit_bytes,
        expects=endpoint.expects,
        wanted=" or ".join(map(str, endpoint.expect)) or "one below 500",
    )
