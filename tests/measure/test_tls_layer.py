"""TLS records in a stream of bytes."""

import pytest

from cloudgauge.measure.tls_layer import RecordCutter


def record(size: int) -> bytes:
    return b"\x17\x03\x03" + size.to_bytes(2, "big") + b"p" * size


@pytest.mark.parametrize(
    ("data", "pieces"),
    [
        (b"", []),
        (record(300), [(305, True)]),
        (record(0), [(5, True)]),
        (record(255) + record(2), [(260, True), (7, True)]),
        (record(16_384) + record(1), [(16_389, True), (6, True)]),
        (record(10)[:12], [(12, False)]),
        (record(1) + record(10)[:3], [(6, True), (3, False)]),
    ],
)
def test_a_stream_is_cut_into_its_records(
    data: bytes, pieces: list[tuple[int, bool]]
) -> None:
    assert RecordCutter().cut(memoryview(data)) == pieces


@pytest.mark.parametrize("at", range(1, 24))
def test_a_record_in_parts_is_never_a_whole_one_and_the_next_one_is(at: int) -> None:
    stream = record(19) + record(4)
    cutter = RecordCutter()
    before = cutter.cut(memoryview(stream[:at]))
    after = cutter.cut(memoryview(stream[at:]))
    assert before == [(at, at == 24)]
    assert after == [(24 - at, False), (9, True)]
