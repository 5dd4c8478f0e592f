import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

import pytest

from cloudgauge.measure.throttle import Gate, Throttle
from cloudgauge.model.plan import Ceilings
from cloudgauge.model.quantity import NS_PER_S
from tests.fakes.clock import FakeClock
from tests.fakes.probing import ClockGate

GateMaker = Callable[[Ceilings], tuple[Gate, Callable[[], int]]]


def real_gate(ceilings: Ceilings) -> tuple[Gate, Callable[[], int]]:
    return Throttle(ceilings), time.monotonic_ns


def fake_gate(ceilings: Ceilings) -> tuple[Gate, Callable[[], int]]:
    clock = FakeClock()
    return ClockGate(ceilings, clock), clock.now_ns


both_gates = pytest.mark.parametrize("make", [real_gate, fake_gate])


class Admitted(NamedTuple):
    """Who was let in not before the one and not after the other time."""

    after_ns: int
    before_ns: int
    provider: str
    host: str
    waited: bool


async def admit_at_once(
    make: GateMaker, ceilings: Ceilings, places: list[tuple[str, str]]
) -> list[Admitted]:
    """All who ask at the same time, in the order in which they were let in."""
    gate, now_ns = make(ceilings)
    began_ns = now_ns()
    admitted: list[Admitted] = []

    async def ask(provider: str, host: str) -> None:
        waited = await gate.admit(provider, host)
        # The machine may do something else before it looks at the clock here.
        after_ns = admitted[-1].before_ns if admitted else began_ns
        admitted.append(Admitted(after_ns, now_ns(), provider, host, waited))

    async with asyncio.TaskGroup() as group:
        for provider, host in places:
            group.create_task(ask(provider, host))
    return admitted


@both_gates
def test_visits_within_all_ceilings_do_not_wait(make: GateMaker) -> None:
    places = [("aws", f"host-{index}") for index in range(10)]
    places += [("gcp", f"ghost-{index}") for index in range(10)]

    admitted = asyncio.run(admit_at_once(make, Ceilings(), places))

    assert [one.waited for one in admitted] == [False] * 20


@both_gates
def test_ceilings_hold_against_a_bad_schedule(make: GateMaker) -> None:
    ceilings = Ceilings(visits_per_s=100, visits_per_s_provider=20, visits_per_s_host=4)
    places = [("aws", f"host-{index % 6}") for index in range(30)]

    admitted = asyncio.run(admit_at_once(make, ceilings, places))

    assert len(admitted) == 30
    pairs = list(zip(admitted, admitted[20:], strict=False))
    for host in {one.host for one in admitted}:
        own = [one for one in admitted if one.host == host]
        pairs += zip(own, own[4:], strict=False)
    assert len(pairs) == 10 + 6
    assert all(late.before_ns - early.after_ns >= NS_PER_S for early, late in pairs)


@both_gates
def test_who_waits_for_one_ceiling_holds_no_place_with_another(make: GateMaker) -> None:
    # Twelve ask for one host and wait; they must not use up their provider's ten.
    ceilings = Ceilings(visits_per_s_host=10, visits_per_s_provider=11)
    places = [("aws", "busy")] * 12 + [("aws", "free")]

    admitted = asyncio.run(admit_at_once(make, ceilings, places))

    (free,) = [one for one in admitted if one.host == "free"]
    assert not free.waited


@both_gates
def test_rate_below_one_a_second_keeps_visits_apart(make: GateMaker) -> None:
    ceilings = Ceilings(visits_per_s_host=2 / 3)

    admitted = asyncio.run(admit_at_once(make, ceilings, [("aws", "one")] * 2))

    early, late = admitted
    assert late.before_ns - early.after_ns >= 1.5 * NS_PER_S
