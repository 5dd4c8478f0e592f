import pytest

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.traffic import (
    ANSWER_BODY_BYTES,
    seen_bytes,
    seen_transfer_down_bytes,
    seen_transfer_up_bytes,
    transfer_down_bytes,
    transfer_requests,
    transfer_up_bytes,
    visit_down_bytes,
    visit_up_bytes,
    watch_requests,
)


def test_a_visit_as_foreseen_is_counted_as_foreseen() -> None:
    probe = ProbeSpec(warm_requests=4)

    foreseen = visit_up_bytes(probe) + visit_down_bytes(probe)

    assert seen_bytes(5, 5 * ANSWER_BODY_BYTES) == foreseen


def test_a_warm_request_is_cheaper_than_a_connection() -> None:
    cold, warm = ProbeSpec(warm_requests=0), ProbeSpec(warm_requests=1)

    assert visit_up_bytes(warm) - visit_up_bytes(cold) < visit_up_bytes(cold)
    assert visit_down_bytes(warm) - visit_down_bytes(cold) < visit_down_bytes(cold)


SPEC = DownloadSpec(
    transfer_ns=10 * NS_PER_S,
    transfer_bytes=21 * 10**6,
    idle_ns=4 * NS_PER_S,
    rtt_interval_ns=NS_PER_S // 2,
)


def test_requests_of_a_transfer_are_those_of_the_least_object_and_the_small_ones() -> (
    None
):
    # Five objects of 5 MB hold 21 MB, and each stream may be cut in one more; round
    # trips are looked at every 0.5 s of 14 s, and once more in each part; three times
    # their connection may need to be opened and warmed anew.
    assert watch_requests(SPEC) == 28 + 2 + 3
    assert transfer_requests(SPEC, 1) == 1 + 5 + 28 + 2 + 3
    assert transfer_requests(SPEC, 8) == 8 + 5 + 28 + 2 + 3


@pytest.mark.parametrize("streams", [1, 8])
def test_a_transfer_as_foreseen_is_counted_as_foreseen(streams: int) -> None:
    requests = transfer_requests(SPEC, streams)

    up = seen_transfer_up_bytes(streams, requests, SPEC.transfer_bytes)
    down = seen_transfer_down_bytes(streams, requests, SPEC.transfer_bytes)

    assert (up, down) == (
        transfer_up_bytes(SPEC, streams),
        transfer_down_bytes(SPEC, streams),
    )


def test_bytes_of_a_transfer_are_bodies_packets_heads_and_connections() -> None:
    # One connection for each stream and at most four for the small requests.
    assert seen_transfer_down_bytes(1, 10, 10**6) == 5 * 5600 + 10 * 700 + 1_060_000
    assert seen_transfer_up_bytes(8, 10, 10**6) == 12 * 1400 + 10 * 500 + 30_000
