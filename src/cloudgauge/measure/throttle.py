"""Ceilings that a provider, a host and the whole run may not pass.

asyncio-throttle keeps a log of admissions and lets the next one pass as soon as
fewer than its limit are younger than its period: a burst, then a wait, looked at
every 10 ms. So it is a ceiling and never the schedule: a plan keeps its visits
apart, and under it nobody ever waits here.
"""

import asyncio
from typing import Protocol

from asyncio_throttle.throttler import Throttler

from cloudgauge.model.plan import Ceilings
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.planning.spacing import window_of

_LOOK_AGAIN_S = 0.01


class Gate(Protocol):
    """Lets visits pass when the ceilings allow."""

    async def admit(self, provider: str, host: str) -> bool:
        """Return when a visit to *host* of *provider* may leave at once.

        Returns:
            Whether it had to wait.
        """
        ...


class _Ceiling(Throttler):
    def is_free(self) -> bool:
        """Whether `acquire` would return without a wait."""
        self.flush()  # type: ignore[no-untyped-call]  # the library has no types
        return len(self._task_logs) < self.rate_limit


class Throttle:
    """One ceiling for the run, one for each provider and one for each host."""

    def __init__(self, ceilings: Ceilings) -> None:
        self._total = _ceiling(ceilings.visits_per_s)
        self._providers = _Ceilings(ceilings.visits_per_s_provider)
        self._hosts = _Ceilings(ceilings.visits_per_s_host)

    async def admit(self, provider: str, host: str) -> bool:
        """Return when all three ceilings let a visit pass; True if it waited."""
        ceilings = (self._total, self._providers[provider], self._hosts[host])
        waited = False
        # All at once or none: who took a place with one ceiling and then waited for
        # another would leave later than the first one's log says.
        while not all(ceiling.is_free() for ceiling in ceilings):
            waited = True
            await asyncio.sleep(_LOOK_AGAIN_S)
        for ceiling in ceilings:
            await ceiling.acquire()  # type: ignore[no-untyped-call]  # as above
        return waited


class _Ceilings(dict[str, _Ceiling]):
    """A ceiling for each name, made when the name is first met."""

    def __init__(self, rate_per_s: float) -> None:
        super().__init__()
        self._rate_per_s = rate_per_s

    def __missing__(self, name: str) -> _Ceiling:
        self[name] = _ceiling(self._rate_per_s)
        return self[name]


def _ceiling(rate_per_s: float) -> _Ceiling:
    window = window_of(rate_per_s)
    return _Ceiling(
        rate_limit=window.count,
        period=window.span_ns / NS_PER_S,
        retry_interval=_LOOK_AGAIN_S,
    )
