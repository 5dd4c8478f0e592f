"""What a whole plan sends and receives, added up."""

from dataclasses import dataclass

from cloudgauge.model.plan import Plan
from cloudgauge.planning.traffic import (
    transfer_down_bytes,
    transfer_requests,
    transfer_up_bytes,
    visit_down_bytes,
    visit_up_bytes,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a plan sends if every visit goes well, and the most that transfers do.

    Attributes:
        visits: Of latency; connections too: each opens one.
        transfers: Downloads.
        requests: Of both.
        up_bytes: Estimated, with everything below HTTP (`planning.traffic`).
        down_bytes: Likewise.
        transfer_bytes: What of both is due to transfers.
    """

    visits: int
    transfers: int
    requests: int
    up_bytes: int
    down_bytes: int
    transfer_bytes: int

    @property
    def traffic_bytes(self) -> int:
        """Bytes both ways."""
        return self.up_bytes + self.down_bytes


def totals(plan: Plan) -> Totals:
    """Add up a plan; it need not keep its ceilings."""
    visits = plan.series_count * plan.pacing.rounds
    transfers = plan.transfers_per_round * plan.pacing.rounds
    requests = visits * plan.probe.requests_per_visit
    up_bytes = visits * visit_up_bytes(plan.probe)
    down_bytes = visits * visit_down_bytes(plan.probe)
    transfer_bytes = 0
    if plan.download is not None:
        streams = plan.download.streams
        of_each = transfers // len(streams)
        up = sum(transfer_up_bytes(plan.download, count) for count in streams)
        down = sum(transfer_down_bytes(plan.download, count) for count in streams)
        asked = sum(transfer_requests(plan.download, count) for count in streams)
        requests += of_each * asked
        up_bytes += of_each * up
        down_bytes += of_each * down
        transfer_bytes = of_each * (up + down)
    return Totals(
        visits=visits,
        transfers=transfers,
        requests=requests,
        up_bytes=up_bytes,
        down_bytes=down_bytes,
        transfer_bytes=transfer_bytes,
    )
