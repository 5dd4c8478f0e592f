"""Which part of an axis a picture needs, its ticks, and what does not fit on it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from cloudgauge.stats.summary import Estimate

# Beyond this, what is small would be one dot on an even axis.
_LOG_RATIO = 8.0
_FEW_TICKS = 4
_MOST_TICKS = 7
# Of the axis: closer than this the numbers under a short scale of colours touch.
_APART = 0.13
# Of values by rank, what a picture must hold, and how far beyond it still looks.
_FRINGE = 0.05
_BEYOND = 1.0
_LEAST_BEYOND = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The ends of an axis: low is below high, and above 0 where it is logarithmic."""

    low: float
    high: float
    is_log: bool = False

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Self | None:
        """What holds all finite numbers with room beside them; None without one.

        It does not begin at 0: it is for marks that stand at a place. Bars have a
        length, and an axis from 0.
        """
        known = [number for number in numbers if math.isfinite(number)]
        if not known:
            return None
        least, most = min(known), max(known)
        if least > 0 and most / least > _LOG_RATIO:
            room = (most / least) ** 0.04
            return cls(low=least / room, high=most * room, is_log=True)
        room = (most - least) * 0.06 or abs(most) * 0.1 or 1.0
        low = max(least - room, 0.0) if least >= 0 else least - room
        return cls(low=low, high=most + room)

    @classmethod
    def robust(
        cls,
        held: Iterable[float],
        lines: Iterable[Sequence[float]],
        ends: Iterable[float] = (),
    ) -> Self | None:
        """Likewise, but a few that are far from the rest do not stretch it.

        Args:
            held: That must be inside.
            lines: Of each what lies between its 5th and 95th percentile is inside, and
                what is not further from all that is than that spans.
            ends: Inside only if they are as near.

        Returns:
            None without a finite number.
        """
        known = [sorted(filter(math.isfinite, line)) for line in lines]
        sure = [number for number in held if math.isfinite(number)]
        for line in known:
            count = len(line)
            cut = min(math.ceil(_FRINGE * (count - 1)), (count - 1) // 4)
            sure += line[cut : count - cut] if line else ()
        if not sure:
            return None
        least, most = min(sure), max(sure)
        room = max(_BEYOND * (most - least), _LEAST_BEYOND * abs(most))
        others = (*(number for line in known for number in line), *ends)
        near = (one for one in others if least - room <= one <= most + room)
        return cls.of([*sure, *near])

    @classmethod
    def about_zero(cls, numbers: Iterable[float]) -> Self:
        """Likewise with 0 inside; of no numbers a little on both sides."""
        known = [0.0, *(number for number in numbers if math.isfinite(number))]
        room = (max(known) - min(known)) * 0.08 or 1.0
        return cls(low=min(known) - room, high=max(known) + room)

    def clip(self, number: float) -> float:
        """The number, or the end that it is beyond; for JSON, so with six digits."""
        return short(min(max(number, self.low), self.high))

    def is_beyond(self, number: float) -> bool:
        """Whether it is drawn as an arrow at the edge."""
        return not self.low <= number <= self.high

    def ticks(self) -> list[float]:
        """Round numbers within; few enough for a phone."""
        if not self.is_log:
            return _even(self.low, self.high)
        decades = range(
            math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1
        )
        for steps in ((1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
            found = [
                short(step * 10.0**decade)
                for decade in decades
                for step in steps
                if self.low <= step * 10.0**decade <= self.high
            ]
            if len(found) <= _MOST_TICKS:
                return found
        return found

    def sparse_ticks(self) -> list[float]:
        """Of the round numbers those that stand well apart, as under a legend."""
        kept: list[float] = []
        for tick in self.ticks():
            if not kept or self.share(tick) - self.share(kept[-1]) >= _APART:
                kept.append(tick)
        return kept

    def share(self, number: float) -> float:
        """Where on the axis a number is, from 0 to 1."""
        ends = self.low, min(max(number, self.low), self.high), self.high
        low, at, high = map(math.log, ends) if self.is_log else ends
        return (at - low) / (high - low)


def short(number: float) -> float:
    """Six digits, which is a microsecond of a second: the rest is not known."""
    return float(f"{number:.6g}")


def estimate_numbers(estimates: Iterable[Estimate | None]) -> list[float]:
    """Every point and end, endless ones too."""
    return [
        number
        for one in estimates
        if one is not None
        for number in (one.low, one.point, one.high)
    ]


def number_text(number: float) -> str:
    """For people: three digits, no exponent."""
    if math.isinf(number):
        return "no bound"
    if not number:
        return "0"
    decimals = max(2 - math.floor(math.log10(abs(number))), 0)
    return f"{number:,.{min(decimals, 3)}f}"


def estimate_text(estimate: Estimate | None, unit: str) -> str:
    """Such as ``12.3 ms (11.9 to 12.8)``."""
    if estimate is None:
        return "no value"
    low, high = number_text(estimate.low), number_text(estimate.high)
    if math.isinf(estimate.point):
        return f"timed out ({low} to {high} {unit})"
    return f"{number_text(estimate.point)} {unit} ({low} to {high})"


def thinned(ordered: Sequence[float], most: int) -> list[int]:
    """Places of at most so many values, evenly, the first and the last among them."""
    count = len(ordered)
    if count <= most:
        return list(range(count))
    return [round(at * (count - 1) / (most - 1)) for at in range(most)]


def _even(low: float, high: float) -> list[float]:
    rough = (high - low) / _FEW_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [short(at * step) for at in range(first, last + 1)]
