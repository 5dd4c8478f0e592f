from pathlib import Path

from benchmarks.instrument.peers.httping import pace_of, readings_of
from benchmarks.instrument.peers.job import Job

_GOOD = (
    '{ "status" : "1", "seq" : "1", "start_ts" : "1795335082.296897", '
    '"total_ms" : "3.355026e+00", "http_code" : "403" }'
)
_BAD = '{ "status" : "0", "seq" : "2", "start_ts" : "1795335083.0", "msg" : "refused" }'


def test_total_is_read_in_nanoseconds_and_spans_the_probe() -> None:
    (reading,) = readings_of(f"[\n{_GOOD}\n]\n", address="198.18.1.0")
    assert reading.values_ns == {"total": 3_355_026}
    assert reading.ended_ns - reading.begun_ns == 3_355_026 + 1_000
    assert not reading.failure


def test_list_that_was_cut_off_by_a_crash_is_read_as_far_as_it_goes() -> None:
    readings = readings_of(f"[\n{_GOOD}, \n{_BAD}, \n", address="198.18.1.0")
    assert [reading.failure for reading in readings] == ["", "refused"]
    assert readings[1].values_ns == {}


def test_each_host_is_asked_as_often_and_as_fast_as_the_schedule_says() -> None:
    visits = tuple((at * 500_000_000, "ab"[at % 2]) for at in range(8))
    job = Job(visits=visits, warm_requests=0, output=Path("unused"))
    # Eight visits in 3.5 s, four for each host.
    assert pace_of(job) == {"a": (4, 0.875), "b": (4, 0.875)}
