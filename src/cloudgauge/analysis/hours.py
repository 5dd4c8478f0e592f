"""Hours of the day that two sides have in common.

Round trips follow the day, so a night is never held against a day: of two series that
were not measured round by round together, only rounds count that have a counterpart on
the other side within three hours of their time of day, whatever the date.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.rounds import Codes, Rounds
from cloudgauge.analysis.sides import Side
from cloudgauge.model.quantity import NS_PER_S

# As far apart as the middles of two neighbouring quarters of a day are from their edge.
NEAR_NS = 3 * 3_600 * NS_PER_S
_DAY_NS = 24 * 3_600 * NS_PER_S
_MINUTE_NS = 60 * NS_PER_S


def near_in_day(mine_ns: Codes, its_ns: Codes) -> NDArray[np.bool_]:
    """Which instants have one of the others within `NEAR_NS` of their time of day.

    Args:
        mine_ns: Shape (n,), UTC since 1970.
        its_ns: Shape (m,), likewise.

    Returns:
        Shape (n,); midnight is no border.
    """
    if not len(its_ns):
        return np.zeros(len(mine_ns), dtype=np.bool_)
    others = np.unique(its_ns % _DAY_NS)
    around = np.concatenate((others[-1:] - _DAY_NS, others, others[:1] + _DAY_NS))
    times = mine_ns % _DAY_NS
    after = np.searchsorted(around, times)
    apart = np.minimum(around[after] - times, times - around[after - 1])
    return np.asarray(apart <= NEAR_NS)


def common_hours(one: Side, other: Side) -> tuple[Side, Side]:
    """The rounds of each side that the other has a counterpart of; may be none.

    Rounds without a value of the side's line bear on nothing. What became of visits is
    counted over all rounds still.
    """
    mine, its = (_times(side) for side in (one, other))
    return _only(one, its), _only(other, mine)


def at_hours_of_all(rounds: Rounds) -> Rounds:
    """The values that every other line with values has a counterpart of; else NaN.

    Only for lines that were not measured round by round together.
    """
    there = ~np.isnan(rounds.values)
    times = [rounds.wall_ns[there[:, at]] for at in range(len(rounds.lines))]
    kept = there.copy()
    for its_ns in times:
        if len(its_ns):
            kept &= near_in_day(rounds.wall_ns, its_ns)[:, None]
    return replace(rounds, values=np.where(kept, rounds.values, np.nan))


def hours_text(side: Side) -> str:
    """From when to when a side has values, by the time of day, UTC."""
    times = _times(side) % _DAY_NS
    if not len(times):
        return "no hour"
    ordered = np.unique(times)
    # The longest gap around the day is when nothing was measured.
    gaps = np.diff(np.concatenate((ordered, ordered[:1] + _DAY_NS)))
    last = int(np.argmax(gaps))
    begin, end = ordered[(last + 1) % len(ordered)], ordered[last]
    return f"{_clock(int(begin))} to {_clock(int(end))} UTC"


def _times(side: Side) -> Codes:
    found: Codes = side.rounds.wall_ns[~np.isnan(side.values)]
    return found


def _only(side: Side, its_ns: Codes) -> Side:
    kept = near_in_day(side.rounds.wall_ns, its_ns)
    return replace(side, rounds=side.rounds.where(kept))


def _clock(of_day_ns: int) -> str:
    minutes = of_day_ns // _MINUTE_NS
    return f"{minutes // 60:02}:{minutes % 60:02}"
