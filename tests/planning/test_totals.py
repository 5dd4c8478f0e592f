from dataclasses import replace

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Pacing
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.totals import totals
from cloudgauge.planning.traffic import (
    transfer_down_bytes,
    transfer_requests,
    transfer_up_bytes,
)
from tests.fakes.plans import download_plan, object_in, plan_of, targets_of

PACING = Pacing(rounds=5, round_ns=10 * NS_PER_S)
VISITS = plan_of(targets_of(aws=3), pacing=PACING)
SPEC = DownloadSpec(families=(Family.IPV4, Family.IPV6))
OBJECTS = [object_in("aws", "one"), object_in("gcp", "two")]


def test_latency_alone_has_no_transfers() -> None:
    found = totals(VISITS)

    assert (found.visits, found.transfers, found.requests) == (15, 0, 75)
    assert found.up_bytes == 15 * (1400 + 5 * 500)
    assert found.down_bytes == 15 * (5600 + 5 * 1200)
    assert found.transfer_bytes == 0
    assert found.traffic_bytes == found.up_bytes + found.down_bytes


def test_downloads_alone_have_no_visits() -> None:
    found = totals(download_plan(OBJECTS, download=SPEC, pacing=PACING))

    # Two objects, two families, five rounds; each over one stream and over eight.
    assert (found.visits, found.transfers) == (0, 40)
    ways = ((SPEC, 1), (SPEC, 8))
    assert found.requests == 20 * sum(transfer_requests(*way) for way in ways)
    assert found.up_bytes == 20 * sum(transfer_up_bytes(*way) for way in ways)
    assert found.down_bytes == 20 * sum(transfer_down_bytes(*way) for way in ways)
    assert found.transfer_bytes == found.traffic_bytes


def test_both_together_are_their_sum() -> None:
    downloads = download_plan(OBJECTS, download=SPEC, pacing=PACING)
    both = replace(downloads, targets=VISITS.targets)

    alone = (totals(VISITS), totals(downloads))
    found = totals(both)

    assert found.visits == 15
    assert found.transfers == 40
    assert found.requests == sum(one.requests for one in alone)
    assert found.traffic_bytes == sum(one.traffic_bytes for one in alone)
    assert found.transfer_bytes == alone[1].transfer_bytes
