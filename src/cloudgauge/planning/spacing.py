"""Ceilings as windows, and the round that keeps clear of them.

A rate of r a second is kept as "at most n visits in any span of n / r seconds"
with n the whole visits in r: the form in which it is guarded during the run. The
planner keeps `SLACK` more than that span between a visit and the n-th after it, so
that a visit that leaves late cannot bring two within a guarded span.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from cloudgauge.model.plan import Ceilings, Plan, ProbeSpec
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Target

# Of a second at the default host ceiling this is 100 ms, five times the lateness
# that the runner is held to at the 99th percentile.
SLACK = 0.1
# Share of the planned rate a round may use up. Above, a fresh order often finds no
# place for what it has put off, and the schedule turns into one fixed order.
FILL = 0.8
# A host's visits are few, and the order must stay free to move each anywhere: a
# round is at least this often as long as its hosts need.
HOST_ROOM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `count` visits in any `span_ns`."""

    count: int
    span_ns: int

    @property
    def planned_span_ns(self) -> int:
        """The span that the planner keeps to: with slack."""
        return math.ceil(self.span_ns * (1 + SLACK))


def window_of(rate_per_s: float) -> Window:
    """The window that guards a rate; *rate_per_s* is above 0."""
    count = max(1, math.floor(rate_per_s))
    return Window(count=count, span_ns=math.ceil(count / rate_per_s * NS_PER_S))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Series that share a ceiling.

    Attributes:
        limit: The ceiling's name, a field of `Ceilings`.
        name: The provider or host; "" for all together.
        series: How many there are in a round.
        room: How often the round must hold what they need.
    """

    limit: str
    name: str
    series: int
    window: Window
    room: float


def crowds(
    targets: tuple[Target, ...],
    controls: tuple[str, ...],
    probe: ProbeSpec,
    ceilings: Ceilings,
) -> Iterator[Crowd]:
    """Yield all series together, then each provider, then each host, by name.

    There must be a target: without one nobody could crowd a ceiling.
    """
    total, providers, hosts = 0, Counter[str](), Counter[str]()
    twice = set(controls)
    for target in targets:
        series = len(probe.families) * (2 if target.target_id in twice else 1)
        total += series
        providers[target.region.provider] += series
        hosts[target.endpoint.host] += series
    window = window_of(ceilings.visits_per_s)
    yield Crowd(
        limit="visits_per_s", name="", series=total, window=window, room=1 / FILL
    )
    window = window_of(ceilings.visits_per_s_provider)
    for name, series in sorted(providers.items()):
        yield Crowd(
            limit="visits_per_s_provider",
            name=name,
            series=series,
            window=window,
            room=1 / FILL,
        )
    window = window_of(ceilings.visits_per_s_host)
    for name, series in sorted(hosts.items()):
        yield Crowd(
            limit="visits_per_s_host",
            name=name,
            series=series,
            window=window,
            room=HOST_ROOM,
        )


def crowds_of(plan: Plan) -> Iterator[Crowd]:
    """Yield the crowds of a plan, as `crowds` does."""
    return crowds(plan.targets, plan.controls, plan.probe, plan.ceilings)


def least_round_ns(crowd: Crowd, series_count: int) -> int:
    """The shortest round that keeps a crowd clear of its ceiling.

    A round is cut into *series_count* equal places. Evenly spread, a visit and the
    n-th after it of this crowd are a whole number of places apart; that distance
    must hold the planned span, with room to choose.
    """
    places = crowd.window.count * series_count // crowd.series
    need_ns = crowd.window.planned_span_ns * series_count / places
    return math.ceil(need_ns * crowd.room)
