"""What a look at the evidence of ``--until-decided`` says, and how it is told."""

import math
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from cloudgauge.model.run import Decision, Remaining

# Share of the regions sent away that may be so wrongly, on average.
ALPHA = 0.05
# As stats.sequential.LEAST_ROUNDS, which is too heavy to load beside a prober.
LEAST_ROUNDS = 30
_NAMED = 5

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known against a target's being the best.

    Attributes:
        evidence: The e-value.
        leaves: It is shown to be worse than the best.
        behind: By how much it is behind the fastest one, ms: the location of the
            differences and its interval at any time; None where it was not asked for,
            for the fastest, and where nothing bounds it.
    """

    evidence: float
    leaves: bool
    behind: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at one IP version's rounds says.

    Attributes:
        number: Of the look, from 1.
        rounds: Complete ones.
        still: Ids of those that may be the best, by falling evidence against it.
        left: Of those that leave with this look.
        gone: How many had left before.
        evidence: Against the first of `still`.
    """

    number: int
    family: str
    rounds: int
    still: tuple[str, ...]
    left: tuple[str, ...]
    gone: int
    evidence: float

    @property
    def total(self) -> int:
        """How many there were at the begin."""
        return len(self.still) + len(self.left) + self.gone

    @property
    def wanted(self) -> float:
        """The evidence by which the next one leaves (e-BH)."""
        return self.total / ((self.total - len(self.still) + 1) * ALPHA)


@contextmanager
def judging() -> Iterator[Executor]:
    """A process that judges; it leaves interrupts to the one that probes."""
    pool = ProcessPoolExecutor(
        max_workers=1,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_ignore_interrupts,
    )
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def standings_of(
    matrices: Sequence[Sequence[Row]], fastest: Sequence[int | None]
) -> list[list[Standing]]:
    """What is known of each target of each matrix of rounds.

    Args:
        matrices: A row a round, a column a target; NaN and infinity as in a round.
        fastest: Of each matrix the column that intervals are against; None for no
            intervals, which take long.
    """
    # The process that probes only names this function, and so loads none of it.
    from cloudgauge.stats.sequential import still_in  # noqa: PLC0415  see above

    found = []
    for matrix, base in zip(matrices, fastest, strict=True):
        now = still_in(matrix, alpha=ALPHA)
        found.append(
            [
                Standing(
                    evidence=evidence,
                    leaves=not still,
                    behind=None if base in (None, at) else _behind(matrix, base, at),
                )
                for at, (evidence, still) in enumerate(
                    zip(now.evidence, now.still, strict=True)
                )
            ]
        )
    return found


def _behind(
    matrix: Sequence[Row], base: int, at: int
) -> tuple[float, float, float] | None:
    """The last of intervals that hold after every round, for all targets at once."""
    # As above.
    from cloudgauge.stats.sequential import (  # noqa: PLC0415  see standings_of
        confidence_sequence,
    )

    differences = [row[at] - row[base] for row in matrix]
    known = [one for one in differences if not math.isnan(one)]
    if not known or -math.inf in known:
        return None
    level = 1 - ALPHA / (len(matrix[0]) - 1)
    found = confidence_sequence(known, confidence=level)
    ends = tuple(float(x[-1]) for x in (found.point, found.low, found.high))
    point, low, high = ends
    return (point, low, high) if math.isfinite(high - low) else None


def look_line(look: Look) -> str:
    """One look in one line: who may be best, who left, and who is next to."""
    parts = [f"{len(look.still)} of {look.total} may be best"]
    if look.left:
        parts.append(f"{_listed(look.left)} left now")
    if len(look.still) < 2:
        parts = [f"decided: {look.still[0]}", *parts[1:]]
    elif look.rounds < LEAST_ROUNDS:
        parts.append(f"nobody leaves before {LEAST_ROUNDS} rounds")
    else:
        evidence = f"{_short(look.evidence)} of {look.wanted:.0f}"
        parts.append(f"next to leave is {look.still[0]} with evidence {evidence}")
    rounds = "1 round" if look.rounds == 1 else f"{look.rounds} rounds"
    return f"look {look.number}, {look.family}, {rounds}: {'; '.join(parts)}"


def conclusion(decision: Decision) -> Iterator[str]:
    """How it ended, a sentence for each IP version."""
    families: dict[str, list[Remaining]] = {}
    for one in decision.remaining:
        families.setdefault(one.family, []).append(one)
    looks = f"{decision.looks:,} looks"
    for family, here in families.items():
        rounds = f"{here[0].rounds:,} rounds and {looks}"
        if len(here) == 1:
            yield f"{family}: decided after {rounds}: {here[0].target_id} is the best"
            continue
        names = _listed([one.target_id for one in here])
        yield f"{family}: undecided after {rounds}: {names} may each be the best"
        yield f"{family}: {_why(here, decision)}"


def _why(here: Sequence[Remaining], decision: Decision) -> str:
    """Why some are left beside the best."""
    if not decision.looks:
        return "no look was taken: too few rounds or hours of the day were covered"
    if here[0].rounds < LEAST_ROUNDS:
        return f"nobody leaves before {LEAST_ROUNDS} rounds"
    known = [one for one in here if one.behind_ms is not None]
    if not known:
        return "no interval bounds by how much they differ"
    return "; ".join(_interval(one) for one in known[:_NAMED])


def _interval(one: Remaining) -> str:
    return (
        f"{one.target_id} is behind the fastest by {one.behind_ms:.2f} ms, at any time "
        f"within {one.behind_low_ms:.2f} to {one.behind_high_ms:.2f}"
    )


def _short(evidence: float) -> str:
    return f"{evidence:.2g}" if evidence < 100 else f"{evidence:.0f}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
