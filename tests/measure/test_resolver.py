"""Names into addresses: from tables, from files, and from a system that may hang."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.measure.clock import MachineClock
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.measure.lookup_lane import LookupLane
from cloudgauge.measure.resolver import (
    Address,
    HostsResolver,
    Resolution,
    SystemResolver,
    read_hosts_file,
)
from cloudgauge.model.sample import FailureKind
from cloudgauge.model.target import Family
from tests.measure.conftest import Run

V4, V6 = Family.IPV4, Family.IPV6


class OtherResolver:
    """Knows every name."""

    async def resolve(self, host: str, family: Family) -> Resolution:
        return Resolution(addresses=(Address(host=f"{host}-{family}"),), took_ns=7)


TABLE = {
    "two.example": (
        Address(host="198.18.0.9"),
        Address(host="198.18.0.1", port=8443),
        Address(host="198.18.0.9"),
        Address(host="fd00::1"),
    ),
    "four.example": (Address(host="198.18.0.4"),),
}


def test_a_table_answers_sorted_and_once_each_and_nobody_was_asked() -> None:
    answer = asyncio.run(HostsResolver(TABLE, None).resolve("Two.Example.", V4))
    assert answer == Resolution(
        addresses=(
            Address(host="198.18.0.1", port=8443),
            Address(host="198.18.0.9"),
        ),
        took_ns=None,
    )


def test_a_table_keeps_the_families_apart() -> None:
    resolver = HostsResolver(TABLE, OtherResolver())
    answer = asyncio.run(resolver.resolve("two.example", V6))
    assert answer.addresses == (Address(host="fd00::1"),)
    with pytest.raises(
        ProbeFailed, match=r"four\.example has no ipv6 address"
    ) as caught:
        asyncio.run(resolver.resolve("four.example", V6))
    assert caught.value.kind is FailureKind.NO_ADDRESS


def test_a_name_that_is_in_no_table_is_asked_for_elsewhere_or_does_not_exist() -> None:
    answer = asyncio.run(HostsResolver(TABLE, OtherResolver()).resolve("x", V4))
    assert answer.took_ns == 7
    with pytest.raises(ProbeFailed, match="x is in no table") as caught:
        asyncio.run(HostsResolver(TABLE, None).resolve("x", V4))
    assert caught.value.kind is FailureKind.NAME_NOT_FOUND


@pytest.fixture
def system() -> Iterator[SystemResolver]:
    resolver = SystemResolver(MachineClock())
    yield resolver
    resolver.close()


@pytest.mark.parametrize(
    ("host", "family", "address"),
    [
        ("127.0.0.1", V4, "127.0.0.1"),
        ("::1", V6, "::1"),
        ("localhost", V4, "127.0.0.1"),
    ],
)
def test_the_system_is_asked_and_timed(
    run: Run, system: SystemResolver, host: str, family: Family, address: str
) -> None:
    answer = run(system.resolve(host, family))
    assert Address(host=address) in answer.addresses
    assert answer.took_ns is not None
    assert answer.took_ns > 0


def test_the_systems_own_refusal_is_passed_on(run: Run, system: SystemResolver) -> None:
    with pytest.raises(socket.gaierror) as caught:
        run(system.resolve("127.0.0.1", V6))
    assert caught.value.errno in {socket.EAI_NONAME, socket.EAI_ADDRFAMILY}


def test_a_name_that_cannot_be_spelt_does_not_exist(
    run: Run, system: SystemResolver
) -> None:
    with pytest.raises(ProbeFailed, match="no name that can be asked for") as caught:
        run(system.resolve("a" * 70 + ".example", V4))
    assert caught.value.kind is FailureKind.NAME_NOT_FOUND


class HangingSystem(SystemResolver):
    """Hangs for names that begin with ``hang`` until it is told to go on."""

    def __init__(self) -> None:
        super().__init__(MachineClock())
        self.go_on = threading.Event()

    def _look_up(self, host: str, family: Family) -> Resolution:
        if host.startswith("hang"):
            assert self.go_on.wait(20)
        return Resolution(addresses=(Address(host=f"{host}-{family}"),), took_ns=1)


@pytest.fixture
def hanging() -> Iterator[HangingSystem]:
    resolver = HangingSystem()
    yield resolver
    resolver.go_on.set()
    resolver.close()


async def give_up_on(resolver: SystemResolver, host: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await resolver.resolve(host, V4)


def test_a_name_that_hangs_holds_two_threads_and_no_more(
    run: Run, hanging: HangingSystem
) -> None:
    async def scenario() -> None:
        await give_up_on(hanging, "hang.example")
        await give_up_on(hanging, "hang.example")
        with pytest.raises(ProbeFailed, match=r"earlier lookups of hang\.example"):
            await hanging.resolve("hang.example", V4)
        hanging.go_on.set()
        async with asyncio.timeout(10):
            while True:
                try:
                    await hanging.resolve("hang.example", V4)
                    break
                except ProbeFailed:
                    await asyncio.sleep(0.001)

    run(scenario())


def test_names_that_hang_do_not_starve_the_others(
    run: Run, hanging: HangingSystem
) -> None:
    async def scenario() -> None:
        names = [f"hang-{index}.example" for index in range(40)]
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(give_up_on(hanging, name))
        # All threads of the first kind hang now; a healthy name waits for one.
        await give_up_on(hanging, "healthy.example")
        hanging.go_on.set()
        async with asyncio.timeout(10):
            await hanging.resolve("healthy.example", V4)
        # From now on the names that hang have threads of their own.
        hanging.go_on.clear()
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(give_up_on(hanging, name))
        async with asyncio.timeout(10):
            await hanging.resolve("quick.example", V4)

    run(scenario())


def test_a_call_that_was_cancelled_in_time_is_never_made() -> None:
    def make(number: int) -> int:
        made.append(number)
        assert number > 1 or hold.wait(10)
        return number

    made: list[int] = []
    hold = threading.Event()
    lane: LookupLane[int] = LookupLane("test", threads=1)
    first, second, third = (lane.submit(partial(make, each)) for each in (1, 2, 3))
    assert second.cancel()
    hold.set()
    assert first.result(10) == 1
    assert third.result(10) == 3
    assert made == [1, 3]
    with pytest.raises(CancelledError):
        second.result(10)
    lane.close()


def test_a_bug_in_a_call_is_raised_where_it_is_awaited() -> None:
    lane: LookupLane[float] = LookupLane("test", threads=2)
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 / 0).result(10)
    assert lane.submit(lambda: 2.0).result(10) == 2.0
    lane.close()


def test_every_call_is_made_however_many_wait_for_few_threads() -> None:
    lane: LookupLane[int] = LookupLane("test", threads=2)
    for most in range(1, 200):
        futures = [lane.submit(partial(int, each)) for each in range(most % 7)]
        assert [future.result(10) for future in futures] == list(range(most % 7))
    lane.close()


def test_threads_end_when_the_lane_is_closed() -> None:
    lane: LookupLane[int] = LookupLane("ending-lane", threads=3)
    hold = threading.Event()
    futures = [lane.submit(lambda: hold.wait(10) and 1) for _ in range(5)]
    mine = [each for each in threading.enumerate() if "ending-lane" in each.name]
    assert len(mine) == 3
    hold.set()
    assert [future.result(10) for future in futures] == [1] * 5
    lane.close()
    for thread in mine:
        thread.join(10)
        assert not thread.is_alive()


def test_a_hosts_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text(
        "# the world\n"
        "198.18.0.1\tone.example uno.example. # two names\n"
        "\n"
        "   198.18.0.2 One.Example\n"
        "fd00:0:0::1 one.example\n"
    )
    assert read_hosts_file(file) == {
        "one.example": (
            Address(host="198.18.0.1"),
            Address(host="198.18.0.2"),
            Address(host="fd00::1"),
        ),
        "uno.example": (Address(host="198.18.0.1"),),
    }


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("one.example", 'want an IPv4 or IPv6 address, got "one.example"'),
        ("198.18.0.256 one", 'want an IPv4 or IPv6 address, got "198.18.0.256"'),
        ("198.18.0.1", 'want a name after the address, got "198.18.0.1"'),
        ("198.18.0.1 # one", 'want a name after the address, got "198.18.0.1"'),
        ("198.18.0.1 a/b", 'want a host name, got "a/b"'),
        ("198.18.0.1 .", 'want a host name, got ""'),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "hosts"
    file.write_text(f"198.18.0.1 fine.example\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        read_hosts_file(file)
    assert caught.value.where == f"{file}:2"
    assert caught.value.problem == problem


def test_a_hosts_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere: cannot be read: No such file"):
        read_hosts_file(tmp_path / "nowhere")
