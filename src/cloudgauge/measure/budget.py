"""What a run has used of its ceilings, and whether they let another slot begin."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from cloudgauge.measure.prober import Record
from cloudgauge.model.plan import Plan, Slot
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.quantity import NS_PER_S, format_byte_count, format_duration
from cloudgauge.model.sample import Sample
from cloudgauge.planning.bill import price_for
from cloudgauge.planning.traffic import (
    seen_bytes,
    seen_transfer_down_bytes,
    seen_transfer_up_bytes,
    transfer_down_bytes,
    transfer_requests,
    transfer_up_bytes,
    visit_down_bytes,
    visit_up_bytes,
)

# The last visit of a run that is as long as its ceiling may leave a little late.
_LATE_AT_END_NS = NS_PER_S


class Use:
    """What the records of one slot say that it used."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self._exchanges = 0
        self._transfers = 0
        self._answers = 0
        self._body_bytes = 0
        self._watching: set[int | None] = set()

    def take(self, record: Record) -> None:
        """Count a record."""
        if not isinstance(record, Sample):
            self._answers += record.requests
            self._body_bytes += record.body_bytes
        elif record.slot.streams is not None and record.exchange == 0:
            # Its bins have said what it read; it comes when they are over.
            self._transfers += 1
        else:
            self._exchanges += 1
            self._body_bytes += record.body_bytes or 0
            if record.slot.streams is not None:
                self._watching.add(record.connection.local_port)

    @property
    def requests(self) -> int:
        """HTTP requests; of a transfer that failed at once, the one it tried.

        Each connection of the small requests was warmed by one that is no sample.
        """
        warmings = len(self._watching)
        return self._exchanges + warmings + max(self._answers, self._transfers)

    @property
    def down_bytes(self) -> int:
        """Bytes received by a transfer, with everything below HTTP."""
        if self.slot.streams is None or not self.requests:
            return 0
        streams = self.slot.streams
        return seen_transfer_down_bytes(streams, self.requests, self._body_bytes)

    @property
    def traffic_bytes(self) -> int:
        """Bytes both ways, with everything below HTTP; 0 if nothing was tried."""
        if not self.requests:
            return 0
        if self.slot.streams is None:
            return seen_bytes(self.requests, self._body_bytes)
        streams = self.slot.streams
        up_bytes = seen_transfer_up_bytes(streams, self.requests, self._body_bytes)
        return up_bytes + self.down_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """The most that a slot may use, as foreseen."""

    requests: int
    traffic_bytes: int
    cost: Decimal = Decimal(0)


class Budget:
    """What a run has used of its ceilings, slots under way counted as planned.

    Bodies are counted when they have been read, so a run may pass its bytes by what
    the visits under way read beyond the estimate. A transfer does not begin unless
    all that it may use is left.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._requests = 0
        self._traffic_bytes = 0
        self._cost = Decimal(0)
        self._prices = _prices(plan)

    def reached(self, slot: Slot, now_ns: int) -> str:
        """Which ceiling the slot would pass, for people; "" if none."""
        ceilings, planned = self._plan.ceilings, self._planned(slot)
        if self._requests + planned.requests > ceilings.requests:
            return f"reached the ceiling of {ceilings.requests} requests"
        if self._traffic_bytes + planned.traffic_bytes > ceilings.traffic_bytes:
            return f"reached the ceiling of {format_byte_count(ceilings.traffic_bytes)}"
        if ceilings.cost and self._cost + planned.cost > ceilings.cost.amount:
            return f"reached the ceiling of {ceilings.cost}"
        if max(slot.due_ns, now_ns - _LATE_AT_END_NS) > ceilings.duration_ns:
            return f"reached the ceiling of {format_duration(ceilings.duration_ns)}"
        return ""

    def reserve(self, slot: Slot) -> None:
        """Count a slot as planned."""
        planned = self._planned(slot)
        self._requests += planned.requests
        self._traffic_bytes += planned.traffic_bytes
        self._cost += planned.cost

    def carry(self, visits: int, transfers: Iterable[Slot]) -> None:
        """Count what an earlier start of the run has carried out, as planned.

        Args:
            visits: How many visits of latency.
            transfers: The slots of the transfers.
        """
        probe = self._plan.probe
        self._requests += visits * probe.requests_per_visit
        each_bytes = visit_up_bytes(probe) + visit_down_bytes(probe)
        self._traffic_bytes += visits * each_bytes
        for slot in transfers:
            self.reserve(slot)

    def settle(self, use: Use) -> None:
        """Count a reserved slot as it was."""
        planned = self._planned(use.slot)
        self._requests += use.requests - planned.requests
        self._traffic_bytes += use.traffic_bytes - planned.traffic_bytes
        self._cost += self._cost_of(use.slot, use.down_bytes) - planned.cost

    def _planned(self, slot: Slot) -> _Planned:
        download = self._plan.download
        if slot.streams is None or download is None:
            probe = self._plan.probe
            return _Planned(
                requests=probe.requests_per_visit,
                traffic_bytes=visit_up_bytes(probe) + visit_down_bytes(probe),
            )
        up_bytes = transfer_up_bytes(download, slot.streams)
        down_bytes = transfer_down_bytes(download, slot.streams)
        return _Planned(
            requests=transfer_requests(download, slot.streams),
            traffic_bytes=up_bytes + down_bytes,
            cost=self._cost_of(slot, down_bytes),
        )

    def _cost_of(self, slot: Slot, down_bytes: int) -> Decimal:
        price = self._prices.get(slot.target_id)
        return Decimal(0) if price is None else price.of(down_bytes).amount


def _prices(plan: Plan) -> dict[str, EgressPrice]:
    """What each object's bytes cost, under a ceiling of cost; else nothing counts."""
    ceiling = plan.ceilings.cost
    if ceiling is None:
        return {}
    found = {
        one.target_id: price_for(plan, one.region.region_id, ceiling.currency)
        for one in plan.objects
    }
    # A plan that lacks one has been refused (`limits.check_limits`).
    return {name: price for name, price in found.items() if price is not None}
