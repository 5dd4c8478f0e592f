from dataclasses import replace

import pytest

from cloudgauge.model.sample import (
    ClockKind,
    Connection,
    FailureKind,
    KernelView,
    Sample,
    Timings,
)
from tests.model.test_plan import SLOT

COLD = Sample(
    slot=replace(SLOT, due_ns=1_000),
    exchange=0,
    sent_ns=1_250,
    wall_ns=1_763_800_000_000_000_000,
    timings=Timings(connect_ns=20_000_000, first_byte_ns=21_000_000),
    kernel=KernelView(
        connect_rtt_us=19_900,
        rtt_us=20_000,
        rttvar_us=10,
        min_rtt_us=19_900,
        syn_retransmits=0,
        retransmits=0,
    ),
    connection=Connection(),
    status=200,
    body_bytes=0,
    clock=ClockKind.KERNEL,
    wall_stepped=False,
    loop_lag_ns=0,
    failure=None,
)


def test_lateness_is_sent_minus_due() -> None:
    assert COLD.lateness_ns == 250


def test_a_warm_exchange_has_no_lateness_since_it_had_no_due_time() -> None:
    assert replace(COLD, exchange=1).lateness_ns is None


def test_a_phase_that_did_not_happen_is_none_and_not_zero() -> None:
    assert Timings().resolve_ns is None
    assert Timings().tls_ns is None


def test_an_exchange_before_the_cold_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^exchange must be >= 0, got -1$"):
        replace(COLD, exchange=-1)


def test_a_detail_needs_a_failure() -> None:
    failed = replace(
        COLD, failure=FailureKind.RESET, failure_detail="reset while reading"
    )
    assert failed.failure_detail == "reset while reading"
    with pytest.raises(ValueError, match=r'^no failure, yet a detail: "odd"$'):
        replace(COLD, failure_detail="odd")
