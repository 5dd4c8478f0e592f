from benchmarks.instrument.peers.shared_client import phases_of


def test_request_on_an_open_connection_has_no_connect_phase() -> None:
    events_ns = {
        "http11.send_request_headers.started": 100,
        "http11.send_request_headers.complete": 110,
        "http11.receive_response_headers.complete": 400,
    }
    assert phases_of(events_ns) == {"first_byte": 300}
