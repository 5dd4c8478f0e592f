"""Time for feeds: it stands still, and what was slept is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cloudgauge.pricefeed.fetching import Fetcher, Waiting, open_client

NOW = datetime(2026, 11, 22, 12, 30, 45, tzinfo=UTC)


@dataclass(slots=True)
class Waits:
    """What a fetcher waited and told.

    Attributes:
        tick_s: How far the clock goes whenever somebody looks at it.
    """

    slept_s: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    tick_s: float = 0.0
    _at_s: float = 0.0

    @property
    def waiting(self) -> Waiting:
        return Waiting(now_s=self._now_s, today=lambda: NOW, sleep=self.slept_s.append)

    @contextmanager
    def fetcher(self) -> Iterator[Fetcher]:
        with open_client("0.0.1") as client:
            yield Fetcher(client=client, waiting=self.waiting, tell=self.told.append)

    def _now_s(self) -> float:
        self._at_s += self.tick_s
        return self._at_s
