"""Reported minus true, by phase and clock."""

from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.analysis.known_errors import Reading, phase_errors, readings_of
from cloudgauge.model.calibration import CONNECT, FIRST_BYTE, FIRST_BYTE_COLD, TLS
from cloudgauge.model.plan import Plan
from cloudgauge.model.sample import (
    ClockKind,
    Connection,
    FailureKind,
    KernelView,
    Sample,
    Timings,
)
from cloudgauge.store.resultset import ResultSet
from cloudgauge.world.truth import ExchangeTruth, TruthTable
from tests.store.synthetic import keep_set, make_plan, make_samples

PLAN = make_plan(targets=1, rounds=1)
ADDRESS, PORT = "198.18.1.7", 40_001
KERNEL, USER = ClockKind.KERNEL, ClockKind.USER


def cold(**changes: object) -> Sample:
    """A first exchange: every phase 1 ms more than it was, but for the program's."""
    first = next(iter(make_samples(PLAN, failing=0)))
    sample = replace(
        first,
        connection=Connection(remote_address=ADDRESS, local_port=PORT),
        timings=Timings(
            connect_ns=13_000_000, tls_ns=22_000_000, first_byte_ns=32_000_000
        ),
        kernel=KernelView(
            connect_rtt_us=11_000,
            rtt_us=11_000,
            rttvar_us=1,
            min_rtt_us=11_000,
            syn_retransmits=0,
            retransmits=0,
        ),
        clock=KERNEL,
        wall_stepped=False,
        failure=None,
        failure_detail="",
    )
    return replace(sample, **changes)  # type: ignore[arg-type]  # of the fields' types


def warm(**changes: object) -> Sample:
    sample = replace(cold(), exchange=1, timings=Timings(first_byte_ns=42_500_000))
    return replace(sample, **changes)  # type: ignore[arg-type]  # of the fields' types


def truth_of(sample: Sample, **changes: object) -> ExchangeTruth:
    times: dict[str, int | None] = {"first_byte_ns": 42_000_000}
    if sample.exchange == 0:
        times = {
            "connect_ns": 10_000_000,
            "syn_rtt_ns": 10_000_000,
            "tls_ns": 21_000_000,
            "first_byte_ns": 31_000_000,
        }
    truth = ExchangeTruth(
        remote_address=ADDRESS,
        local_port=PORT,
        exchange=sample.exchange,
        began_wall_ns=sample.wall_ns,
        **times,
    )
    return replace(truth, **changes)  # type: ignore[arg-type]  # of the fields' types


def found(
    tmp_path: Path, samples: list[Sample], truths: list[ExchangeTruth]
) -> dict[tuple[str, ClockKind], int]:
    """The errors of a set, in microseconds."""
    plan: Plan = PLAN
    folder = keep_set(tmp_path, plan, samples)
    readings = readings_of(ResultSet.open(folder), TruthTable(truths))
    return {
        (reading.phase, reading.clock): reading.error_ns // 1_000
        for reading in readings
    }


def test_every_phase_is_held_against_its_own_truth(tmp_path: Path) -> None:
    samples = [cold(), warm()]
    assert found(tmp_path, samples, [truth_of(one) for one in samples]) == {
        (CONNECT, KERNEL): 1_000,
        (CONNECT, USER): 3_000,
        (TLS, KERNEL): 1_000,
        (FIRST_BYTE_COLD, KERNEL): 1_000,
        (FIRST_BYTE, KERNEL): 500,
    }


def test_without_stamps_all_is_the_programs_clock(tmp_path: Path) -> None:
    sample = cold(kernel=None, clock=USER)
    assert found(tmp_path, [sample], [truth_of(sample)]) == {
        (CONNECT, USER): 3_000,
        (TLS, USER): 1_000,
        (FIRST_BYTE_COLD, USER): 1_000,
    }


def test_an_upper_bound_is_a_clock_of_its_own(tmp_path: Path) -> None:
    sample = warm(clock=ClockKind.KERNEL_BOUND)
    assert found(tmp_path, [sample], [truth_of(sample)]) == {
        (FIRST_BYTE, ClockKind.KERNEL_BOUND): 500
    }


def test_a_connect_whose_syn_was_sent_again_is_left_out(tmp_path: Path) -> None:
    kernel = cold().kernel
    assert kernel is not None
    sample = cold(kernel=replace(kernel, syn_retransmits=1))
    phases = {phase for phase, _ in found(tmp_path, [sample], [truth_of(sample)])}
    assert phases == {TLS, FIRST_BYTE_COLD}


def test_so_it_is_where_only_the_truth_counts_syns(tmp_path: Path) -> None:
    sample = cold(kernel=None, clock=USER)
    truth = truth_of(sample, connect_ns=1_010_000_000)
    phases = {phase for phase, _ in found(tmp_path, [sample], [truth])}
    assert phases == {TLS, FIRST_BYTE_COLD}


@pytest.mark.parametrize(
    "changes",
    [
        {"failure": FailureKind.UNEXPECTED_STATUS, "failure_detail": "status 500"},
        {"wall_stepped": True},
        {"connection": Connection()},
        {"connection": Connection(remote_address="198.18.9.9", local_port=PORT)},
    ],
)
def test_what_says_nothing_of_the_instrument_is_left_out(
    changes: dict[str, object], tmp_path: Path
) -> None:
    sample = cold(**changes)
    assert found(tmp_path, [sample], [truth_of(cold())]) == {}


def test_where_the_truth_knows_the_first_byte_alone_nothing_else_is_judged(
    tmp_path: Path,
) -> None:
    sample = cold()
    truth = truth_of(sample, connect_ns=None, syn_rtt_ns=None, tls_ns=None)
    assert found(tmp_path, [sample], [truth]) == {(FIRST_BYTE_COLD, KERNEL): 1_000}


def reading(target_id: str, error_ns: int, phase: str = CONNECT) -> Reading:
    return Reading(
        target_id=target_id,
        phase=phase,
        clock=KERNEL,
        reported_ns=5_000_000 + error_ns,
        true_ns=5_000_000,
    )


def test_errors_are_summed_up_for_each_delay_and_for_all() -> None:
    # 0, 1, …, 40 at one delay: 2.5 % of 40 is 1. And one far off at another.
    drawn = [reading("5", error_ns) for error_ns in range(41)]
    drawn += [reading("7", -1_000), reading("5", 9, phase=TLS)]
    rows = phase_errors(drawn, targets=50, delay_of=int)
    assert [(row.phase, row.delay_ns, row.count) for row in rows] == [
        (CONNECT, 5, 41),
        (CONNECT, 7, 1),
        (CONNECT, None, 42),
        (TLS, 5, 1),
        (TLS, None, 1),
    ]
    assert (rows[0].low_ns, rows[0].median_ns, rows[0].high_ns) == (1, 20, 39)
    assert rows[0].bound_ns == 39
    assert rows[1].bound_ns == 1_000
    assert {row.targets for row in rows} == {50}


def test_no_readings_make_no_rows() -> None:
    assert phase_errors((), targets=1, delay_of=int) == ()
