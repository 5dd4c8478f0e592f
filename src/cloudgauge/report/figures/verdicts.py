"""How verdicts look: a shape and a colour each, and a sign for narrow cells."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloudgauge.report.figures.vega import alt, looks
from cloudgauge.report.themes import BLUE, GREEN, GREY, VERMILION
from cloudgauge.stats.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A word for people, and how it is drawn."""

    word: str
    colour: str
    shape: str


BETTER = Look(word="better", colour=BLUE, shape="triangle-up")
WORSE = Look(word="worse", colour=VERMILION, shape="triangle-down")
SAME = Look(word="equivalent", colour=GREEN, shape="square")
UNDECIDED = Look(word="undecided", colour=GREY, shape="circle")
LOOKS = (BETTER, SAME, UNDECIDED, WORSE)


def look_of(verdict: Verdict, *, is_better: bool) -> Look:
    """How a verdict is drawn, seen from the one that is held against another."""
    if verdict is Verdict.EQUIVALENT:
        return SAME
    if verdict is Verdict.UNDECIDED:
        return UNDECIDED
    return BETTER if is_better else WORSE


def verdict_scales(
    used: Sequence[Look] = LOOKS,
) -> "tuple[alt.Color, alt.Shape]":
    """Colour and shape of the words of rows, in one legend."""
    return looks(
        "word",
        [look.word for look in used],
        [look.colour for look in used],
        [look.shape for look in used],
    )
