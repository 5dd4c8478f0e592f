"""The loop's own delay."""

import asyncio
import time

from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.lag import LagMeter
from cloudgauge.model.quantity import NS_PER_MS
from tests.measure.conftest import Run


async def next_lag_ns(meter: LagMeter) -> int:
    """The first value after now that is not the one before."""
    before_ns = meter.last_ns
    async with asyncio.timeout(60):
        while meter.last_ns == before_ns:  # noqa: ASYNC110 - the meter tells nobody
            await asyncio.sleep(0.001)
    return meter.last_ns


def test_an_idle_loop_has_next_to_no_lag(run: Run) -> None:
    async def scenario() -> None:
        with LagMeter(MachineClock(), period_ns=5 * NS_PER_MS) as meter:
            assert meter.last_ns == 0
            # Sooner or later: this machine may have other things to do.
            async with asyncio.timeout(60):
                while (lag_ns := await next_lag_ns(meter)) >= 2 * NS_PER_MS:
                    pass
        assert lag_ns > 0

    run(scenario())


def test_a_blocked_loop_is_noticed(run: Run) -> None:
    async def scenario() -> None:
        with LagMeter(MachineClock(), period_ns=5 * NS_PER_MS) as meter:
            await next_lag_ns(meter)
            time.sleep(0.08)  # noqa: ASYNC251 - the loop is blocked on purpose
            assert await next_lag_ns(meter) > 60 * NS_PER_MS

    run(scenario())


def test_a_busy_loop_shows_the_length_of_its_turns(run: Run) -> None:
    async def busy() -> None:
        while True:
            time.sleep(0.02)  # noqa: ASYNC251 - each turn takes long, on purpose
            await asyncio.sleep(0)

    async def scenario() -> None:
        with LagMeter(MachineClock(), period_ns=5 * NS_PER_MS) as meter:
            task = asyncio.ensure_future(busy())
            # The first may be of the turn in which the loop became busy.
            lags_ns = [await next_lag_ns(meter) for _ in range(3)]
            assert max(lags_ns) > 15 * NS_PER_MS
            task.cancel()

    run(scenario())


def test_it_stops_when_it_is_left(run: Run) -> None:
    async def scenario() -> None:
        with LagMeter(MachineClock(), period_ns=NS_PER_MS) as meter:
            await next_lag_ns(meter)
        last_ns = meter.last_ns
        await asyncio.sleep(0.02)
        assert meter.last_ns == last_ns

    run(scenario())
