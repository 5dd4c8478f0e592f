"""Time that moves only when somebody sleeps."""

import asyncio
import heapq
from itertools import count

# More turns of the loop than any chain of wakings between two sleeps takes.
_SETTLING_TURNS = 20


class FakeClock:
    """A `Clock` that stands still while anybody works.

    When all have had their turn and somebody sleeps, time jumps to the earliest due
    time of the sleepers, and wakes that one.
    """

    def __init__(self, *, wall_at_start_ns: int = 1_768_478_400_000_000_000) -> None:
        self._at_ns = 0
        self._wall_at_start_ns = wall_at_start_ns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._is_settling = False

    def now_ns(self) -> int:
        return self._at_ns

    def wall_ns(self) -> int:
        return self._wall_at_start_ns + self._at_ns

    async def sleep_until(self, due_ns: int) -> None:
        if due_ns <= self._at_ns:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due_ns, next(self._order), future))
        if not self._is_settling:
            self._is_settling = True
            self._settle(_SETTLING_TURNS)
        await future

    def _settle(self, turns: int) -> None:
        if turns:
            asyncio.get_running_loop().call_soon(self._settle, turns - 1)
            return
        self._is_settling = False
        while self._sleepers:
            due_ns, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._at_ns = due_ns
                future.set_result(None)
                break
        if self._sleepers:
            self._is_settling = True
            self._settle(_SETTLING_TURNS)
