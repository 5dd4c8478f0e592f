"""Transfers of ten seconds at a known rate, over a round trip of 20 ms."""

import numpy as np
import pytest

from cloudgauge.analysis.bottleneck import bottleneck_caveats
from cloudgauge.analysis.transfers import Transfer, transfers_of
from cloudgauge.model.calibration import (
    Calibration,
    DownloadCeiling,
    PhaseError,
)
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.schema import Cell
from tests.analysis.rows import Row, bin_columns, sample_columns

RTT_US = 20_000
RATE = 12_500_000  # 100 Mbit/s in bytes.
BIN_BYTES = RATE // 10


def whole(**changes: Cell) -> Row:
    """The sample of a transfer."""
    row: Row = {
        "target_id": "aws/place-1:agent",
        "kind": "download",
        "part": "transfer",
        "streams": 1,
        "seq": 7,
        "connect_rtt_us": RTT_US,
        "connect_ns": 25_000_000,
        "syn_retransmits": 0,
    }
    return {**row, **changes}


def look(part: str, first_byte_ms: float, exchange: int, **changes: Cell) -> Row:
    """The sample of a small request beside it."""
    return whole(part=part, exchange=exchange, clock="kernel") | {
        "first_byte_ns": round(first_byte_ms * 1e6),
        **changes,
    }


def bins(number: int = 100, /, **changes: Cell) -> list[Row]:
    row: Row = {
        "seq": 7,
        "streams": 1,
        "length_ns": 100_000_000,
        "body_bytes": BIN_BYTES,
        "wire_bytes": BIN_BYTES * 105 // 100,
        "rtt_us": RTT_US,
        "window_bytes": 6_000_000,
        "unread_bytes": 0,
        "drain_ns": 20_000_000,
        "cpu_ns": 30_000_000,
    }
    return [{**row, "bin": place, **changes} for place in range(number)]


def one_of(samples: list[Row], its_bins: list[Row]) -> Transfer:
    (found,) = transfers_of(sample_columns(samples), bin_columns(its_bins))
    return found


def test_the_settled_rate_is_that_of_the_bodies() -> None:
    found = one_of([whole()], bins())
    assert found.settled is not None
    assert found.settled.point == pytest.approx(RATE)
    assert found.settled.from_s == pytest.approx(2.0)
    assert found.body_bytes == 100 * BIN_BYTES
    assert (found.target_id, found.streams, found.seq) == ("aws/place-1:agent", 1, 7)


def test_bins_are_told_apart_by_their_transfer_in_whatever_order_they_come() -> None:
    samples = [whole(seq=9), whole(seq=3)]
    slow = bins(seq=3, body_bytes=BIN_BYTES // 2)
    mixed = [row for pair in zip(bins(seq=9), slow, strict=True) for row in pair]
    found = transfers_of(sample_columns(samples), bin_columns(mixed[::-1]))
    assert [one.seq for one in found] == [3, 9]
    points = [one.settled.point for one in found if one.settled is not None]
    assert points == pytest.approx([RATE / 2, RATE])


def test_a_failed_transfer_has_its_bytes_and_no_rate() -> None:
    found = one_of([whole(failure="stalled")], bins())
    assert found.failure == "stalled"
    assert found.settled is None
    assert found.body_bytes == 100 * BIN_BYTES


def test_a_transfer_that_never_began_has_nothing() -> None:
    found = one_of([whole(failure="refused")], bins(seq=1))
    assert found.bins is None
    assert found.settled is None
    assert found.body_bytes == 0
    assert found.idle.p50_ms is None
    assert found.idle.n == 0


def test_a_visit_of_latency_is_no_transfer() -> None:
    latency: Row = {"seq": 1, "kind": "latency"}
    assert len(transfers_of(sample_columns([latency, whole()]), bin_columns([]))) == 1


def test_idle_and_loaded_round_trips_are_those_of_the_transfer() -> None:
    samples = [
        whole(),
        *(look("idle", ms, place) for place, ms in enumerate((20, 22, 24), 1)),
        *(look("loaded", ms, place) for place, ms in enumerate((60, 62, 90), 4)),
        look("loaded", 1, 20, seq=8),
    ]
    found = one_of(samples, bins())
    assert found.idle.p50_ms == pytest.approx(22)
    # Of three sorted values p95 stands at 1.9: nine tenths of the way to the last.
    assert found.idle.p95_ms == pytest.approx(23.8)
    assert found.loaded.p50_ms == pytest.approx(62)
    assert (found.loaded.n, found.loaded.failed, found.loaded.unstamped) == (3, 0, 0)


def test_what_failed_or_saw_the_clock_step_is_in_no_round_trip() -> None:
    samples = [
        whole(),
        look("loaded", 60, 1),
        look("loaded", 9_000, 2, failure="response-timeout"),
        look("loaded", 9_000, 3, wall_stepped=True),
        look("loaded", 60, 4, clock="user"),
    ]
    found = one_of(samples, bins())
    assert found.loaded.p50_ms == found.loaded.p95_ms == pytest.approx(60)
    assert (found.loaded.n, found.loaded.failed, found.loaded.unstamped) == (2, 1, 1)


@pytest.mark.parametrize(
    ("changes", "bin_rtt_us", "dropped_s"),
    [
        # Ten round trips of the SYN are dropped, by the kernel where it knows them.
        ({"connect_rtt_us": 300_000}, 20_000, 3.0),
        # A SYN that was sent again has its timer in it: the bins' least counts.
        ({"connect_rtt_us": 1_020_000, "syn_retransmits": 1}, 300_000, 3.0),
        ({"connect_rtt_us": None, "syn_retransmits": None}, 300_000, 3.0),
        ({"connect_rtt_us": None, "connect_ns": 300_000_000}, None, 3.0),
        ({"connect_rtt_us": None, "connect_ns": None}, None, 2.0),
    ],
)
def test_the_round_trip_without_load_is_the_best_known(
    changes: Row, bin_rtt_us: int | None, dropped_s: float
) -> None:
    found = one_of([whole(**changes)], bins(rtt_us=bin_rtt_us))
    assert found.settled is not None
    # Bins are merged to whole round trips, which may take some more.
    assert dropped_s <= found.settled.from_s + 1e-9 < dropped_s + 1


def calibration(*ceilings: DownloadCeiling) -> Calibration:
    error = PhaseError(
        phase="connect", clock=ClockKind.KERNEL, targets=1, delay_ns=None, count=1,
        low_ns=0, median_ns=0, high_ns=0,
    )  # fmt: skip
    return Calibration(
        made_wall_ns=0, tool_version="0.1.0", machine="lab", means="loopback",
        errors=(error,), ceilings=ceilings,
    )  # fmt: skip


def names(transfers: list[Transfer], known: Calibration | None = None) -> list[str]:
    return [caveat.name for caveat in bottleneck_caveats(transfers, known)]


def test_a_transfer_that_the_path_bounds_has_no_caveat() -> None:
    assert names([one_of([whole()], bins())]) == []


@pytest.mark.parametrize(
    ("changes", "is_full"),
    [
        # 13,125,000 B/s by 20 ms are 262,500 B under way: 0.9 of 291,666 B.
        ({"window_bytes": 291_000}, True),
        ({"window_bytes": 292_000}, False),
        # Without the wire's bytes those of the bodies do: 250,000 B.
        ({"window_bytes": 277_000, "wire_bytes": None}, True),
        ({"window_bytes": 278_000, "wire_bytes": None}, False),
        ({"window_bytes": 1_000_000, "unread_bytes": 900_000}, True),
        ({"window_bytes": 1_000_000, "unread_bytes": 899_000}, False),
        ({"window_bytes": None, "unread_bytes": None}, False),
        ({"rtt_us": None}, False),
    ],
)
def test_a_full_receive_window_is_told(changes: Row, *, is_full: bool) -> None:
    transfers = [one_of([whole()], bins(**changes)), one_of([whole()], bins())]
    found = bottleneck_caveats(transfers, None)
    assert [caveat.name for caveat in found] == ["window full"] * is_full
    if is_full:
        assert found[0].text == (
            "in 1 of 2 tests the receive window was full: our own machine's buffer, "
            "not the path, was the bound"
        )


def test_only_the_settled_part_is_looked_at() -> None:
    early = bins(20, window_bytes=1_000)
    late = [row | {"bin": 20 + place} for place, row in enumerate(bins(15))]
    assert names([one_of([whole()], early + late)]) == []


@pytest.mark.parametrize("name", ["cpu_ns", "drain_ns"])
@pytest.mark.parametrize(("busy_ns", "count"), [(86_000_000, 1), (84_000_000, 0)])
def test_a_busy_processor_is_told(name: str, busy_ns: int, count: int) -> None:
    found = names([one_of([whole()], bins(**{name: busy_ns}))])
    assert found == ["cpu busy"] * count


def test_a_rate_near_the_calibrated_ceiling_is_told() -> None:
    ceilings = [
        DownloadCeiling(tls=True, streams=1, bytes_per_s=RATE * 10 // 7 - 10),
        DownloadCeiling(tls=True, streams=8, bytes_per_s=RATE * 100),
        DownloadCeiling(tls=False, streams=1, bytes_per_s=1),
    ]
    known = calibration(*ceilings)
    (caveat,) = bottleneck_caveats([one_of([whole()], bins())], known)
    assert caveat.text == (
        "in 1 of 1 tests the rate was above 70 % of the 143 Mbit/s that this machine "
        "received from itself over 1 stream"
    )
    # Of eight streams and of seven, the ceiling of eight is the nearest.
    assert names([one_of([whole(streams=7)], bins())], known) == []
    assert names([one_of([whole()], bins())], calibration()) == []


def test_a_transfer_that_is_too_short_is_held_against_the_ceiling_all_the_same() -> (
    None
):
    known = calibration(DownloadCeiling(tls=True, streams=1, bytes_per_s=RATE))
    assert names([one_of([whole()], bins(22))], known) == ["near ceiling"]
    assert names([one_of([whole()], bins(10))], known) == []


def test_a_failed_transfer_is_not_judged() -> None:
    failed = one_of([whole(failure="stalled")], bins(window_bytes=1, cpu_ns=10**8))
    assert names([failed]) == []


def test_a_bin_of_which_the_kernel_knows_nothing_is_nan() -> None:
    found = one_of([whole()], bins(3, window_bytes=None))
    assert found.bins is not None
    assert np.isnan(found.bins.window_bytes).all()
    assert found.bins.ends_s == pytest.approx([0.1, 0.2, 0.3])
