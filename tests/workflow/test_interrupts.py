import asyncio
import os
import signal
import threading

import pytest

from cloudgauge.workflow.interrupts import Interrupts


async def _interrupted(interrupts: Interrupts, told: list[str], count: int) -> str:
    """Be interrupted *count* times, each after the one before was told; the end."""
    stopped = asyncio.Event()

    def stop() -> None:
        told.append("stop")
        stopped.set()

    with interrupts.reaching(stop):
        try:
            if count:
                os.kill(os.getpid(), signal.SIGINT)
            async with asyncio.timeout(60):
                await stopped.wait()
            if count > 1:
                os.kill(os.getpid(), signal.SIGINT)
                await asyncio.sleep(60)
        except asyncio.CancelledError:
            return "cancelled"
    return "ended"


@pytest.mark.parametrize(("count", "end"), [(1, "ended"), (2, "cancelled")])
def test_the_first_interrupt_stops_softly_and_the_second_at_once(
    count: int, end: str
) -> None:
    told: list[str] = []
    interrupts = Interrupts()
    with interrupts.handled():
        assert asyncio.run(_interrupted(interrupts, told, count)) == end
    assert told == ["stop"]


def test_an_interrupt_before_the_run_stops_it_and_one_after_it_tears_nothing() -> None:
    told: list[str] = []
    interrupts = Interrupts()
    with interrupts.handled():
        os.kill(os.getpid(), signal.SIGINT)
        assert asyncio.run(_interrupted(interrupts, told, 0)) == "ended"
        os.kill(os.getpid(), signal.SIGINT)
    assert told == ["stop"]


def test_what_handled_interrupts_before_does_so_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupts().handled():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_a_thread_has_no_interrupts_to_handle() -> None:
    ended = []

    def work() -> None:
        with Interrupts().handled():
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]
