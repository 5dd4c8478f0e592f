import math

import numpy as np
import pytest

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Line
from cloudgauge.analysis.run_rounds import rounds_of, transfer_rounds
from cloudgauge.analysis.transfers import transfers_of
from cloudgauge.store.schema import Cell
from tests.analysis.rows import Row, bin_columns, sample_columns

MS_NS = 1_000_000
START_NS = 10**18
NAN, INF = math.nan, math.inf
NEAR = Line(target_id="aws/place-1:object-storage", family="ipv4")
FAR = Line(target_id="gcp/place-1:object-storage", family="ipv4")


def visit(round_index: int, ms: float | None, **more: Cell) -> Row:
    """The first exchange of a visit."""
    row: Row = {
        "round_index": round_index,
        "sent_ns": round_index * 1000 * MS_NS,
        "connect_rtt_us": None if ms is None else int(ms * 1000),
        "connect_ns": None if ms is None else int((ms + 1) * MS_NS),
        "tls_ns": None if ms is None else int(2 * ms * MS_NS),
        "tls_version": "TLSv1.3",
        "http_version": "HTTP/1.1",
        "clock": "kernel",
    }
    return row | more


def connects(*rows: Row) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return rounds_of(sample_columns(rows), Metric.CONNECT, START_NS).of(NEAR)


def test_a_round_has_the_kernels_connect_time_of_its_visit() -> None:
    found = rounds_of(
        sample_columns(
            [visit(0, 10), visit(1, 12), visit(1, 99, target_id=FAR.target_id)]
        ),
        Metric.CONNECT,
        START_NS,
    )
    assert found.lines == (NEAR, FAR)
    np.testing.assert_array_equal(found.values, [[10, NAN], [12, 99]])
    assert list(found.wall_ns) == [START_NS, START_NS + 1000 * MS_NS]
    assert found.attempts_of(NEAR).clocks == {"kernel"}


def test_without_the_kernels_the_programs_connect_time_is_taken() -> None:
    found = rounds_of(
        sample_columns([visit(0, 10, connect_rtt_us=None)]), Metric.CONNECT, START_NS
    )
    np.testing.assert_array_equal(found.of(NEAR), [11])
    assert found.attempts_of(NEAR).clocks == {"user"}


def test_a_timeout_is_longer_than_all_and_another_failure_is_no_value() -> None:
    found = rounds_of(
        sample_columns(
            [
                visit(0, 10),
                visit(1, None, failure="connect-timeout"),
                visit(2, None, failure="refused"),
                # It connected, but its visit failed.
                visit(3, 12, failure="tls-protocol"),
                visit(4, None, failure="held-back"),
            ]
        ),
        Metric.CONNECT,
        START_NS,
    )
    np.testing.assert_array_equal(found.of(NEAR), [10, INF, NAN, NAN, NAN])
    attempts = found.attempts_of(NEAR)
    # What was held back was not asked of the region.
    assert (attempts.made, attempts.answered, attempts.timed_out) == (4, 1, 1)


def test_a_visit_whose_syn_was_sent_again_has_no_round_trip() -> None:
    np.testing.assert_array_equal(
        connects(visit(0, 10), visit(1, 1010, syn_retransmits=1)), [10, NAN]
    )


def test_several_visits_of_a_round_are_their_median() -> None:
    np.testing.assert_array_equal(
        connects(visit(0, 10), visit(0, 30), visit(0, 11), visit(2, 8)), [11, 8]
    )


@pytest.mark.parametrize(
    ("failure", "value"),
    [
        ("tls-timeout", INF),
        ("connect-timeout", INF),
        ("response-timeout", NAN),
        ("tls-certificate", NAN),
    ],
)
def test_the_handshake_is_longer_where_connecting_or_it_timed_out(
    failure: str, value: float
) -> None:
    found = rounds_of(
        sample_columns([visit(0, 10), visit(1, 10, failure=failure)]),
        Metric.TLS,
        START_NS,
    )
    np.testing.assert_array_equal(found.of(NEAR), [20, value])


def test_first_byte_is_the_median_of_the_warm_requests() -> None:
    def warm(round_index: int, exchange: int, ms: float | None, **more: Cell) -> Row:
        took = None if ms is None else int(ms * MS_NS)
        return visit(round_index, None, exchange=exchange, first_byte_ns=took, **more)

    found = rounds_of(
        sample_columns(
            [
                visit(0, 10, first_byte_ns=90 * MS_NS),
                warm(0, 1, 20),
                warm(0, 2, 40),
                warm(0, 3, 30, clock="user"),
                visit(1, 10),
                warm(1, 1, None, failure="response-timeout"),
                visit(2, None, failure="connect-timeout"),
                visit(3, 10),
                warm(3, 1, None, failure="reset"),
            ]
        ),
        Metric.FIRST_BYTE,
        START_NS,
    )
    np.testing.assert_array_equal(found.of(NEAR), [30, INF, INF, NAN])
    attempts = found.attempts_of(NEAR)
    assert attempts.clocks == {"kernel", "user"}
    assert attempts.protocols == {"TLSv1.3", "HTTP/1.1"}


@pytest.mark.parametrize("metric", [Metric.CONNECT, Metric.FIRST_BYTE])
def test_of_an_import_any_timeout_is_longer_and_its_only_exchange_counts(
    metric: Metric,
) -> None:
    def value(round_index: int, ms: int | None, failure: str | None = None) -> Row:
        name = f"{metric.value.replace('-', '_')}_ns"
        took = None if ms is None else ms * MS_NS
        empty = visit(round_index, None, failure=failure, clock="user")
        return empty | {name: took}

    found = rounds_of(
        sample_columns(
            [
                value(0, 30),
                value(1, None, "response-timeout"),
                value(2, None, "connect-timeout"),
                value(3, None, "refused"),
            ]
        ),
        metric,
        START_NS,
        imported=True,
    )
    np.testing.assert_array_equal(found.of(NEAR), [30, INF, INF, NAN])
    attempts = found.attempts_of(NEAR)
    assert (attempts.made, attempts.answered, attempts.timed_out) == (4, 1, 2)


def test_downloads_are_passed_over_and_nothing_at_all_has_no_lines() -> None:
    rows = sample_columns([visit(0, 5, kind="download", streams=1, part="idle")])
    found = rounds_of(rows, Metric.CONNECT, START_NS)
    assert found.lines == ()
    assert found.values.shape == (0, 0)


def test_a_download_is_its_settled_rate_in_megabits_and_others_are_counted() -> None:
    def transfer(seq: int, **more: Cell) -> Row:
        made: Row = {
            "kind": "download",
            "streams": 1,
            "part": "transfer",
            "seq": seq,
            "target_id": "aws/place-1:agent",
        }
        return visit(seq, 10, **(made | more))

    def bins(seq: int, *body_bytes: int) -> list[Row]:
        return [
            {
                "seq": seq,
                "bin": at,
                "round_index": seq,
                "length_ns": 100 * MS_NS,
                "body_bytes": size,
                "wire_bytes": size,
                "rtt_us": 10_000,
                "streams": 1,
            }
            for at, size in enumerate(body_bytes)
        ]

    samples = sample_columns([transfer(0), transfer(1, failure="reset"), transfer(2)])
    kept = bin_columns(
        [
            *bins(0, *[125_000] * 60),
            # It falls to a tenth near its end, and so has not settled.
            *bins(2, *[125_000] * 45, *[12_500] * 15),
        ]
    )
    found = transfer_rounds(samples, transfers_of(samples, kept), START_NS)

    (one,) = found.lines
    assert one == Line(target_id="aws/place-1:agent", family="ipv4", streams=1)
    # 125,000 B in 0.1 s are 10 Mbit/s.
    np.testing.assert_allclose(found.of(one), [10, NAN, NAN])
    attempts = found.attempts_of(one)
    assert (attempts.made, attempts.answered, attempts.unsettled) == (3, 2, 1)
