from benchmarks.instrument.judging import judge, match_by_time, true_values_ns
from benchmarks.instrument.readings import Reading
from cloudgauge.world.truth import ExchangeTruth, TruthTable

_ADDRESS = "198.18.1.0"
_MS = 1_000_000


def _truth(
    *, began_ms: int, port: int = 40_000, exchange: int = 0, phase_ms: int = 10
) -> ExchangeTruth:
    cold_ns = phase_ms * _MS if exchange == 0 else None
    return ExchangeTruth(
        remote_address=_ADDRESS,
        local_port=port,
        exchange=exchange,
        began_wall_ns=began_ms * _MS,
        connect_ns=cold_ns,
        syn_rtt_ns=cold_ns,
        tls_ns=cold_ns,
        first_byte_ns=phase_ms * _MS,
    )


def _reading(
    begun_ms: int, ended_ms: int, *, exchange: int | None = 0, address: str = _ADDRESS
) -> Reading:
    return Reading(
        address=address,
        exchange=exchange,
        begun_ns=begun_ms * _MS,
        ended_ns=ended_ms * _MS,
        values_ns={"first_byte": 12 * _MS},
    )


def test_total_of_a_cold_exchange_is_the_sum_of_its_phases() -> None:
    assert true_values_ns(_truth(began_ms=0))["total"] == 30 * _MS
    warm = true_values_ns(_truth(began_ms=0, exchange=2))
    assert warm == {"first_byte": 10 * _MS, "total": 10 * _MS}


def test_no_total_where_a_phase_did_not_end() -> None:
    cut = ExchangeTruth(
        remote_address=_ADDRESS,
        local_port=1,
        exchange=0,
        began_wall_ns=0,
        connect_ns=5,
        syn_rtt_ns=5,
    )
    assert true_values_ns(cut) == {"connect": 5}


def test_exchange_goes_to_the_reading_that_was_under_way() -> None:
    early, late = _reading(0, 40), _reading(100, 140)
    truths = [_truth(began_ms=101, port=2), _truth(began_ms=1, port=1)]
    found = {
        id(reading): truth for reading, truth in match_by_time([late, early], truths)
    }
    assert found[id(early)] is truths[1]
    assert found[id(late)] is truths[0]


def test_probe_that_is_answered_late_leaves_its_neighbour_the_right_exchange() -> None:
    # The first probe's exchange is long over when it answers, after the second began.
    first, second = _reading(0, 200), _reading(110, 210)
    truths = [_truth(began_ms=5, port=1), _truth(began_ms=130, port=2)]
    found = {
        id(reading): truth for reading, truth in match_by_time([first, second], truths)
    }
    assert found[id(first)] is truths[0]
    assert found[id(second)] is truths[1]


def test_reading_without_an_exchange_of_its_own_is_counted_as_unmatched() -> None:
    readings = [_reading(0, 40), _reading(0, 40), _reading(0, 40, address="198.18.1.9")]
    judged = judge(readings, TruthTable([_truth(began_ms=1)]))
    assert judged.unmatched == 2
    assert judged.errors_ms == {"first_byte": (2.0,)}


def test_cold_reading_never_takes_a_warm_exchange() -> None:
    warm = [_truth(began_ms=1, exchange=1)]
    assert [truth for _, truth in match_by_time([_reading(0, 40)], warm)] == [None]
    either = [_reading(0, 40, exchange=None)]
    assert [truth for _, truth in match_by_time(either, warm)] == warm


def test_reading_that_names_its_port_is_matched_by_it() -> None:
    reading = Reading(
        address=_ADDRESS,
        local_port=2,
        exchange=0,
        due_ns=-5 * _MS,
        begun_ns=0,
        ended_ns=40 * _MS,
        values_ns={"connect": 11 * _MS},
    )
    table = TruthTable(
        [_truth(began_ms=1, port=1), _truth(began_ms=2, port=2, phase_ms=11)]
    )
    judged = judge([reading], table)
    assert judged.errors_ms == {"connect": (0.0,)}
    assert judged.lateness_ms == (5.0,)
    assert judged.first_packet_ms == (7.0,)


def test_failed_reading_has_no_error_and_is_not_unmatched() -> None:
    failed = Reading(address=_ADDRESS, begun_ns=0, ended_ns=1, failure="timeout")
    judged = judge([failed], TruthTable([]))
    assert judged.errors_ms == {}
    assert judged.unmatched == 0
