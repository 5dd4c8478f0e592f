"""A host's ceiling, shared by vantages that measure at the same time.

Each keeps to its part of the ceiling: at most n visits in a span becomes, for one of m
vantages, at most n in m such spans. However they begin, no more than the ceiling allows
then reach a host on average. Where all make one schedule and each begins `stagger_ns`
after the one before it, it holds to the visit: what all send within a span is what one
of them sends within m spans.
"""

import heapq
import math
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Ceilings, Plan, ProbeKind, Slot
from cloudgauge.model.quantity import NS_PER_MS, format_duration
from cloudgauge.planning.spacing import Window, crowds_of, least_round_ns, window_of

_STEP_NS = 100 * NS_PER_MS


def share_of(ceilings: Ceilings, sharers: int) -> Ceilings:
    """The ceilings of one of so many vantages: of a host its part, else the same."""
    if sharers < 1:
        msg = f"want at least one to share a ceiling, got {sharers}"
        raise ValueError(msg)
    each = ceilings.visits_per_s_host / sharers
    if sharers > 1 and each > 1:
        # A window counts whole visits: with the rest of a visit to each, all together
        # might send more within a span than its count.
        each = math.floor(each)
    return replace(ceilings, visits_per_s_host=each)


def stagger_ns(plan: Plan) -> int:
    """How long after one vantage the next begins, so that their visits alternate."""
    return window_of(plan.ceilings.visits_per_s_host).planned_span_ns


def spread(plan: Plan, vantages: int) -> int:
    """How many `stagger_ns` apart vantages may begin and still alternate.

    Vantages that are k steps apart share a host's ceiling as if k times as many were
    there: each then visits a host the more seldom. It is done as far as a round has
    room for it twice over, so that the order that was drawn hardly changes.

    Args:
        plan: What they carry out; `check_share` lets it pass.
        vantages: How many there are.
    """
    if not plan.targets:
        return 1
    shared = replace(plan, ceilings=share_of(plan.ceilings, vantages))
    least_ns = max(
        least_round_ns(one, shared.series_count)
        for one in crowds_of(shared)
        if one.limit == "visits_per_s_host"
    )
    return max(1, plan.pacing.round_ns // (2 * least_ns))


def check_share(plan: Plan, sharers: int) -> None:
    """Refuse a plan whose hosts would be visited too often by all vantages together.

    Raises:
        LimitExceeded: Naming the host that is visited most, and the shortest round
            that would do.
    """
    if sharers == 1 or not plan.targets:
        return
    shared = replace(plan, ceilings=share_of(plan.ceilings, sharers))
    series = plan.series_count
    crowd = max(crowds_of(shared), key=lambda one: least_round_ns(one, series))
    least_ns = least_round_ns(crowd, series)
    if plan.pacing.round_ns >= least_ns:
        return
    limit = "visits_per_s_host"
    least = format_duration(-(-least_ns // _STEP_NS) * _STEP_NS)
    problem = (
        f"{sharers} vantages share {getattr(plan.ceilings, limit):g} visits a second "
        f"to {crowd.name}, which has {crowd.series} a round of each: a round of at "
        f"least {least} would do, the plan's is "
        f"{format_duration(plan.pacing.round_ns)}; pin it with longer rounds, or take "
        f"fewer vantages, or raise ceilings.{limit}"
    )
    raise LimitExceeded(limit, problem)


def spaced(slots: Iterable[Slot], plan: Plan, sharers: int = 1) -> Iterator[Slot]:
    """Put slots off until every ceiling of rate lets them pass, the host's shared.

    A schedule of this plan that is whole comes out as it went in.

    Args:
        slots: Due times never falling.
        plan: Theirs.
        sharers: How many vantages share the host's ceiling.

    Yields:
        The same slots, due times never falling, so not always in the order of ``seq``.
    """
    crowds = _Crowds(plan, share_of(plan.ceilings, sharers))
    waiting: list[tuple[int, int, Slot]] = []
    for slot in slots:
        while waiting and waiting[0][0] <= slot.due_ns:
            yield from _next(waiting, crowds)
        heapq.heappush(waiting, (slot.due_ns, slot.seq, slot))
    while waiting:
        yield from _next(waiting, crowds)


def _next(waiting: list[tuple[int, int, Slot]], crowds: "_Crowds") -> Iterator[Slot]:
    due_ns, seq, slot = heapq.heappop(waiting)
    free_ns = crowds.free_ns(slot)
    if free_ns > due_ns:
        heapq.heappush(waiting, (free_ns, seq, slot))
        return
    crowds.add(slot, due_ns)
    yield slot if slot.due_ns == due_ns else replace(slot, due_ns=due_ns)


class _Crowds:
    """The last visits of all, of each provider and of each host."""

    def __init__(self, plan: Plan, ceilings: Ceilings) -> None:
        self._places = {
            one.target_id: (
                ("", ""),
                (one.region.provider, ""),
                (one.region.provider, one.endpoint.host),
            )
            for one in plan.targets
        }
        self._windows = (
            window_of(ceilings.visits_per_s),
            window_of(ceilings.visits_per_s_provider),
            window_of(ceilings.visits_per_s_host),
        )
        self._logs: dict[tuple[str, str], deque[int]] = defaultdict(deque)

    def free_ns(self, slot: Slot) -> int:
        """When a slot may be sent; transfers follow one another as they are."""
        if slot.kind is ProbeKind.DOWNLOAD:
            return 0
        places = self._places[slot.target_id]
        return max(map(self._free_ns, places, self._windows))

    def add(self, slot: Slot, due_ns: int) -> None:
        """Note a slot that is sent then."""
        if slot.kind is ProbeKind.DOWNLOAD:
            return
        for name, window in zip(
            self._places[slot.target_id], self._windows, strict=True
        ):
            log = self._logs[name]
            log.append(due_ns)
            if len(log) > window.count:
                log.popleft()

    def _free_ns(self, name: tuple[str, str], window: Window) -> int:
        log = self._logs[name]
        return 0 if len(log) < window.count else log[0] + window.planned_span_ns
