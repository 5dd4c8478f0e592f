"""Times the choice of regions and its proof; prints a table.

Run it from the repository's top folder: ``python -m benchmarks.placement``. All chance
comes from fixed seeds, so that only the times differ from run to run. The peer is the
plain formulation given to the same solver in the same run.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from benchmarks.placement.made_up import CHOSEN, QUESTIONS, problem
from benchmarks.placement.peer import plain_p_median
from cloudgauge.placement.choice import choose
from cloudgauge.placement.swap import search

Found = TypeVar("Found")

SEARCH_GOAL_S, PROOF_GOAL_S = 0.1, 15.0
PEER_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One question of several made-up worlds.

    Attributes:
        search_s: The median.
        proof_s: Of each world, with everything before it.
        proofs: How each was proved.
        gap: The greatest that was left.
    """

    question: str
    search_s: float
    proof_s: tuple[float, ...]
    proofs: frozenset[str]
    gap: float

    @property
    def meets_goals(self) -> bool:
        """Whether every answer came, and was proved, in time."""
        slowest = max(self.proof_s)
        in_time = self.search_s <= SEARCH_GOAL_S and slowest <= PROOF_GOAL_S
        return in_time and not self.gap


def timed(question: str, seeds: range, **size: int) -> Timed:
    """Ask one question of a few worlds."""
    searches, proofs, means, gap = [], [], set(), 0.0
    for seed in seeds:
        asked = problem(question, seed=seed, **size)
        searches.append(_seconds(partial(search, asked))[0])
        took_s, choice = _seconds(partial(choose, asked, time_limit_s=PROOF_GOAL_S))
        proofs.append(took_s)
        if choice is not None:
            means.add(choice.means.value)
            gap = max(gap, choice.gap)
    return Timed(
        question=question,
        search_s=statistics.median(searches),
        proof_s=tuple(proofs),
        proofs=frozenset(means),
        gap=gap,
    )


def table(found: list[Timed], worlds: int) -> Iterator[str]:
    """As Markdown."""
    yield f"{CHOSEN} regions, {worlds} made-up worlds each"
    yield ""
    yield "| got down | search s | proof s, median | slowest | by | goals |"
    yield "| --- | ---: | ---: | ---: | --- | --- |"
    for one in found:
        proof_s, slowest_s = statistics.median(one.proof_s), max(one.proof_s)
        by = ", ".join(sorted(one.proofs))
        goals = "met" if one.meets_goals else "MISSED"
        yield (
            f"| {one.question} | {one.search_s:.4f} | {proof_s:.2f} | {slowest_s:.2f} "
            f"| {by} | {goals} |"
        )


def main(arguments: list[str]) -> int:
    """Time everything, the peer last."""
    options = _parser().parse_args(arguments)
    size = {"users": options.users, "regions": options.regions}
    seeds = range(options.worlds)
    found = [timed(question, seeds, **size) for question in QUESTIONS]
    print(f"{options.regions} regions, {options.users} groups of users; ", end="")
    print("\n".join(table(found, options.worlds)))
    asked = problem("mean latency", seed=0, **size)
    took_s, plain = _seconds(
        lambda: plain_p_median(asked, time_limit_s=options.peer_limit)
    )
    ours = choose(asked, time_limit_s=PROOF_GOAL_S)
    how = "proved" if not plain.gap else f"not proved, gap {100 * plain.gap:.1f} %"
    print(f"\nThe plain formulation (scipy's milp): {took_s:.1f} s, {how}", end="")
    if ours is not None and plain.value is not None:
        print(f"; its best {plain.value:.6f} ms, here {ours.value:.6f} ms", end="")
    print(".")
    return 0 if all(one.meets_goals for one in found) else 1


def _seconds(work: Callable[[], Found]) -> tuple[float, Found]:
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.placement",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--regions", type=int, default=180)
    parser.add_argument("--worlds", type=int, default=5)
    parser.add_argument("--peer-limit", type=float, default=PEER_LIMIT_S)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
