"""Numbers of slots as spans: what a vantage has, in little memory."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class SeqSpans:
    """A set of slot numbers.

    Attributes:
        spans: First and one past the last of each run of numbers, in their order,
            none of them empty, and never two that touch.
    """

    spans: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if any(first < 0 or first >= end for first, end in self.spans):
            msg = f"a span begins at 0 or later and is not empty, got {self.spans}"
            raise ValueError(msg)
        if any(one[1] >= other[0] for one, other in pairwise(self.spans)):
            msg = f"spans must be in order and apart, got {self.spans}"
            raise ValueError(msg)

    @classmethod
    def of(cls, seqs: Iterable[int]) -> Self:
        """The set of these numbers, in any order, each as often as it comes."""
        return cls.joining((seq, seq + 1) for seq in set(seqs))

    @classmethod
    def joining(cls, spans: Iterable[tuple[int, int]]) -> Self:
        """The set of all numbers in *spans*, in any order."""
        made: list[tuple[int, int]] = []
        for first, end in sorted(spans):
            if made and first <= made[-1][1]:
                made[-1] = made[-1][0], max(made[-1][1], end)
            else:
                made.append((first, end))
        return cls(spans=tuple(made))

    def __or__(self, other: "SeqSpans") -> "SeqSpans":
        return SeqSpans.joining((*self.spans, *other.spans))

    def __contains__(self, seq: int) -> bool:
        place = bisect_right(self.spans, seq, key=_first) - 1
        return place >= 0 and seq < self.spans[place][1]

    def count(self, first: int = 0, end: int | None = None) -> int:
        """How many there are in [*first*, *end*)."""
        return sum(
            max(0, (b if end is None else min(b, end)) - max(a, first))
            for a, b in self.spans
        )

    def lacking(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of [*first*, *end*) that are not in the set."""
        at = first
        for a, b in self.spans:
            if at < min(a, end):
                yield at, min(a, end)
            at = max(at, b)
        if at < end:
            yield at, end


def _first(span: tuple[int, int]) -> int:
    return span[0]
