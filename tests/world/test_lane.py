"""What becomes of packets, without a device and without a clock."""

import random
from dataclasses import replace
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.world import packet as wire
from cloudgauge.world.lane import Lane, Line, meets_fault
from cloudgauge.world.packet_log import Fate
from cloudgauge.world.site import IPV4_NETWORK, IPV6_NETWORK, Conduct, Fault, Link, Site

_MS = 1_000_000


def _lane(link: Link, seed: int = 1) -> Lane:
    return Lane(link, random.Random(seed))


def _site(number: int = 256, **conduct: object) -> Site:
    return Site(
        host=f"{number}.example",
        region_id="lab/x",
        primary=True,
        ports=(80, 443),
        expected=(("/", 200),),
        numbers=(number,),
        link=Link(rtt_ns=30 * _MS),
        conduct=Conduct(**conduct),  # type: ignore[arg-type]  # by name
    )


def _segment(*, flags: int, port: int = 40_000, back: bool = False) -> wire.Segment:
    return wire.Segment(
        destination=IPV4_NETWORK[256].packed,
        protocol=wire.TCP,
        source_port=443 if back else port,
        destination_port=port if back else 443,
        seq=7,
        flags=flags,
    )


def test_a_clean_lane_holds_half_a_round_trip() -> None:
    lane = _lane(Link(rtt_ns=30 * _MS))
    assert [lane.release_ns(at, 100) for at in (0, 5, 5, 9)] == [
        15 * _MS,
        15 * _MS + 5,
        15 * _MS + 5,
        15 * _MS + 9,
    ]


def _delays_ns(link: Link, count: int = 20_000) -> list[int]:
    lane = _lane(link)
    apart_ns = 10_000 * _MS
    due = [lane.release_ns(at * apart_ns, 100) for at in range(count)]
    return [
        when - at * apart_ns
        for at, when in enumerate(due)
        if not isinstance(when, Fate)
    ]


def test_jitter_adds_half_of_its_mean_each_way() -> None:
    delays_ns = _delays_ns(Link(rtt_ns=30 * _MS, jitter_ns=4 * _MS))
    # An exponential's standard error over 20,000 draws is 0.7 % of its mean.
    assert mean(delays_ns) - 15 * _MS == pytest.approx(2 * _MS, rel=0.03)
    assert min(delays_ns) >= 15 * _MS


def test_spikes_are_rare_and_high() -> None:
    link = Link(rtt_ns=2 * _MS, spike_ns=500 * _MS, spike_share=0.01)
    spikes_ns = [delay - _MS for delay in _delays_ns(link) if delay > _MS]
    assert len(spikes_ns) / 20_000 == pytest.approx(0.01, rel=0.25)
    assert mean(spikes_ns) == pytest.approx(500 * _MS, rel=0.25)


def test_losses_are_as_frequent_as_was_asked() -> None:
    delays_ns = _delays_ns(Link(rtt_ns=_MS, loss=0.2))
    assert 1 - len(delays_ns) / 20_000 == pytest.approx(0.2, rel=0.06)


def test_jitter_overtakes_only_where_reordering_is_asked_for() -> None:
    for reorder in (False, True):
        lane = _lane(Link(rtt_ns=_MS, jitter_ns=10 * _MS, reorder=reorder))
        due = [lane.release_ns(at * 1000, 100) for at in range(1000)]
        assert (due != sorted(due)) == reorder


def test_bandwidth_lets_packets_wait_for_their_turn_and_drops_from_a_full_queue() -> (
    None
):
    # 1000 bytes at 8 Mbit/s take 1 ms; a queue of 2.5 ms holds three of them.
    lane = _lane(Link(rtt_ns=0, bits_per_s=8_000_000, queue_ns=2_500_000))
    assert [lane.release_ns(0, 1000) for _ in range(4)] == [
        _MS,
        2 * _MS,
        3 * _MS,
        Fate.QUEUE_FULL,
    ]
    assert lane.release_ns(10 * _MS, 1000) == 11 * _MS


_PACKETS = st.lists(
    st.tuples(st.integers(0, 50 * _MS), st.integers(40, 1500)), max_size=120
)


def _passed(link: Link, packets: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """When each packet had left its turn, and its size; gaps between the comings."""
    lane = _lane(link)
    now_ns, passed = 0, []
    for gap_ns, size_bytes in packets:
        now_ns += gap_ns
        due = lane.release_ns(now_ns, size_bytes)
        assert not isinstance(due, Fate)
        assert due >= now_ns
        passed.append((due, size_bytes))
    return passed


@given(
    packets=_PACKETS,
    burst_bytes=st.integers(65_536, 200_000),
    sustained=st.integers(1_000_000, 10_000_000),
    full=st.one_of(st.none(), st.integers(10_000_000, 50_000_000)),
)
def test_in_no_time_does_more_pass_than_the_bucket_and_the_rates_allow(
    packets: list[tuple[int, int]], burst_bytes: int, sustained: int, full: int | None
) -> None:
    link = Link(
        rtt_ns=0,
        bits_per_s=full,
        queue_ns=10**15,
        burst_bytes=burst_bytes,
        sustained_bits_per_s=sustained,
    )
    passed = _passed(link, packets)
    for first, (start_ns, _) in enumerate(passed):
        size_bytes = 0
        for end_ns, one_bytes in passed[first:]:
            size_bytes += one_bytes
            in_s = (end_ns - start_ns) / 1e9
            # Times are whole nanoseconds; a packet's last byte counts, so that the
            # first packet is at its very end when the clock starts.
            assert size_bytes <= burst_bytes + sustained / 8 * in_s + 1
            if full is not None:
                at_once = passed[first][1]
                slack_bytes = 1 + len(passed) * full / 8e9
                assert size_bytes <= at_once + full / 8 * in_s + slack_bytes


def test_a_bucket_lets_a_burst_pass_at_the_full_rate_and_then_a_tenth() -> None:
    # 1000 bytes take 0.1 ms at 80 Mbit/s and 1 ms at 8 Mbit/s.
    link = Link(
        rtt_ns=0,
        bits_per_s=80_000_000,
        queue_ns=10**15,
        burst_bytes=100_000,
        sustained_bits_per_s=8_000_000,
    )
    lane = _lane(link)
    due = [lane.release_ns(0, 1000) for _ in range(300)]
    gaps_us = [round((b - a) / 1000) for a, b in pairwise(due)]
    # While 100 packets pass tokens for 10 more come, and for one more in those.
    assert gaps_us[:109] == [100] * 109
    assert gaps_us[112:] == [1000] * len(gaps_us[112:])
    # After 50 ms of silence there are tokens for 50 packets.
    later_ns = int(due[-1]) + 50 * _MS
    due = [lane.release_ns(later_ns, 1000) for _ in range(100)]
    gaps_us = [round((b - a) / 1000) for a, b in pairwise(due)]
    assert 53 <= gaps_us.count(100) <= 56
    assert gaps_us[-1] == 1000


def test_a_bucket_that_has_been_left_alone_is_full_and_not_more_than_full() -> None:
    link = Link(
        rtt_ns=0, queue_ns=10**15, burst_bytes=100_000, sustained_bits_per_s=8_000_000
    )
    lane = _lane(link)
    assert lane.release_ns(0, 1000) == 0
    now_ns = 3600 * 10**9
    due = [lane.release_ns(now_ns, 1000) for _ in range(150)]
    assert [when - now_ns for when in due[:100]] == [0] * 100
    assert due[149] - now_ns == pytest.approx(50 * _MS, rel=1e-6)


def test_what_would_wait_too_long_for_tokens_is_dropped() -> None:
    link = Link(
        rtt_ns=0, queue_ns=_MS, burst_bytes=65_536, sustained_bits_per_s=8_000_000
    )
    lane = _lane(link)
    fates = [lane.release_ns(0, 1000) for _ in range(80)]
    # 65 at once; the next waits 0.464 ms, the one after it 1.464 ms, no more.
    assert fates[:65] == [0] * 65
    assert [fate is Fate.QUEUE_FULL for fate in fates[65:70]] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_the_same_seed_gives_the_same_draws() -> None:
    link = Link(rtt_ns=_MS, jitter_ns=_MS, loss=0.1)
    first, again, other = (
        [lane.release_ns(at * _MS, 100) for at in range(100)]
        for lane in (_lane(link), _lane(link), _lane(link, seed=2))
    )
    assert first == again != other


def test_direction_follows_from_the_servers_port() -> None:
    line = Line([_site()], seed=1)
    packet = b"x" * 60
    there = line.judge(packet, _segment(flags=wire.ACK), 0)
    back = line.judge(packet, _segment(flags=wire.ACK, back=True), 0)
    assert there == (256, 0, 15 * _MS, False)
    assert back == (256, 1, 15 * _MS, False)


def test_direction_follows_from_a_guests_port_too() -> None:
    line = Line([replace(_site(), guest_ports=(5201,))], seed=1)
    segment = _segment(flags=wire.ACK, back=True)._replace(source_port=5201)
    assert line.judge(b"x" * 60, segment, 0) == (256, 1, 15 * _MS, False)


def test_both_families_of_a_site_are_known_and_nothing_else() -> None:
    line = Line([_site()], seed=1)
    segment = _segment(flags=wire.ACK)
    segment = segment._replace(destination=IPV6_NETWORK[256].packed)
    assert line.judge(b"x" * 60, segment, 0)[0] == 256 + 2**31
    segment = segment._replace(destination=IPV4_NETWORK[999].packed)
    assert line.judge(b"x" * 60, segment, 0)[2] is Fate.NO_SUCH_SITE


def test_a_refusal_comes_after_the_whole_round_trip() -> None:
    line = Line([_site(fault=Fault.REFUSE)], seed=1)
    judged = line.judge(b"x" * 60, _segment(flags=wire.SYN), 0)
    assert judged == (256, 0, 30 * _MS, True)


def test_a_black_hole_swallows_everything() -> None:
    line = Line([_site(fault=Fault.BLACKHOLE)], seed=1)
    judged = line.judge(b"x" * 60, _segment(flags=wire.SYN), 0)
    assert judged[2] is Fate.BLACKHOLED


def test_so_many_syns_of_each_connection_are_lost() -> None:
    site = replace(_site(), link=Link(rtt_ns=0, syn_drops=2))
    line = Line([site], seed=1)
    fates = [line.judge(b"x" * 60, _segment(flags=wire.SYN), 0)[2] for _ in range(3)]
    assert fates == [Fate.SYN_DROPPED, Fate.SYN_DROPPED, 0]
    other = _segment(flags=wire.SYN, port=40_001)
    assert line.judge(b"x" * 60, other, 0)[2] is Fate.SYN_DROPPED


def test_a_share_of_connections_meets_the_fault_and_each_keeps_its_lot() -> None:
    site = _site(fault=Fault.STALL, fault_share=0.3)
    lots = [meets_fault(site, port, seed=1) for port in range(10_000, 60_000)]
    assert sum(lots) / len(lots) == pytest.approx(0.3, rel=0.05)
    assert lots == [meets_fault(site, port, seed=1) for port in range(10_000, 60_000)]
    assert lots != [meets_fault(site, port, seed=2) for port in range(10_000, 60_000)]
    always = _site(fault=Fault.STALL)
    assert meets_fault(always, 1, seed=1)
