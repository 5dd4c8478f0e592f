"""The process that keeps a monitor's house: passes, metrics, health.

``python -m cloudgauge.cli.monitor_process``, started by `cli.monitor_link`. Orders come
first on stdin, then a line whenever a part begins or ends; the end of stdin is the end
of the monitor, however that came: then the last part is sealed and folded. It answers
once on stdout, when it is ready. At a lower priority than the one that probes.
"""

import asyncio
import os
import signal
import sys
import time
from contextlib import AsyncExitStack

from cloudgauge.cli.output import tell
from cloudgauge.errors import MachineError
from cloudgauge.workflow.monitor_endpoint import Address, listening
from cloudgauge.workflow.monitor_keeper import Keeper
from cloudgauge.workflow.monitor_orders import (
    PassReport,
    Ready,
    orders_from,
    to_line,
    word_from,
)

_NICE = 10
_DONE, _CORRUPT, _MACHINE = 0, 5, 74
# A monitor that was stopped just now may still listen.
_PATIENCE_S, _LOOK_AGAIN_S = 10.0, 0.2


async def keep_house() -> int:
    """Keep house until stdin ends; the exit code."""
    words = await _stdin()
    keeper = Keeper(
        orders_from(await words.readline()),
        time.time_ns,
        lambda problem: tell(f"monitor: {problem}"),
    )
    async with AsyncExitStack() as opened:
        try:
            address = await _listen(opened, keeper)
        except MachineError as exc:
            _answer(Ready(problem=str(exc), is_machine=True))
            return _MACHINE
        first = await keeper.tend()
        if first.kept is None and not first.is_machine:
            _answer(Ready(problem=first.problem))
            return _CORRUPT
        newest = None if first.kept is None else first.kept.newest
        _answer(Ready(address=address, newest=newest))
        await _keep(keeper, words)
    return _exit_code(await keeper.tend())


async def _keep(keeper: Keeper, words: asyncio.StreamReader) -> None:
    """Keep house while words come."""
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(keeper.read_on())
        group.create_task(keeper.tend_on())
        while line := await words.readline():
            keeper.hear(word_from(line))
        reading.cancel()
        # Not cancelled: a pass that is under way comes to its end.
        keeper.close()


async def _listen(opened: AsyncExitStack, keeper: Keeper) -> Address | None:
    """Answer for the metrics until *opened* is closed; the address."""
    wanted = keeper.orders.metrics
    if wanted is None:
        return None
    paths = {"/metrics": keeper.metrics, "/health": keeper.health}
    limit_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await opened.enter_async_context(listening(wanted, paths))
        except MachineError:
            if time.monotonic() > limit_s:
                raise
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


def _answer(ready: Ready) -> None:
    sys.stdout.buffer.write(to_line(ready))
    sys.stdout.flush()


def _exit_code(last: PassReport) -> int:
    if last.kept is None:
        return _MACHINE if last.is_machine else _CORRUPT
    return _CORRUPT if last.kept.problems else _DONE


def main() -> None:
    """Keep house; nothing but the end of stdin ends it."""
    # Whoever stops a monitor stops all of its processes: the last part is still ours.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICE)
    sys.exit(asyncio.run(keep_house()))


if __name__ == "__main__":
    main()
