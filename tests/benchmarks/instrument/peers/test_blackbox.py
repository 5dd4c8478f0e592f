from benchmarks.instrument.peers.blackbox import is_whole, phases_of

_METRICS = """\
# TYPE probe_http_duration_seconds gauge
probe_http_duration_seconds{phase="connect"} 0.000142552
probe_http_duration_seconds{phase="processing"} 0.000796694
probe_http_duration_seconds{phase="resolve"} 0.000512742
probe_http_duration_seconds{phase="tls"} 3.5720314e-05
probe_http_duration_seconds{phase="transfer"} 0.000157504
probe_success 1
"""


def test_phases_are_read_by_our_names_in_nanoseconds() -> None:
    assert phases_of(_METRICS) == {
        "connect": 142_552,
        "first_byte": 796_694,
        "tls": 35_720,
    }


def test_probe_that_did_not_succeed_has_no_phases() -> None:
    assert phases_of(_METRICS.replace("probe_success 1", "probe_success 0")) == {}


def test_answer_with_a_length_is_whole_when_its_last_byte_is_there() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    assert is_whole(answer)
    assert not is_whole(answer[:-1])
    assert not is_whole(answer[:20])


def test_answer_in_chunks_is_whole_after_the_empty_chunk() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert not is_whole(head + b"3\r\nabc\r\n")
    assert is_whole(head + b"3\r\nabc\r\n0\r\n\r\n")
