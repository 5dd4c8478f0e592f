"""Which cells of a plan the sets of one vantage hold, and which they hold twice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.held_seqs import carried_out
from cloudgauge.model.plan import Plan
from cloudgauge.store.resultset import ResultSet


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCells:
    """The cells of one round at one vantage.

    Attributes:
        held: Cells that were carried out.
        twice: Cells that were carried out in more than one set.
    """

    round_index: int
    planned: int
    held: int
    twice: int

    @property
    def lacking(self) -> int:
        """Cells that were not carried out."""
        return self.planned - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCells:
    """How many sets hold each cell of a plan.

    Attributes:
        counts: Shape (cells of the plan,), in the order of `Slot.seq`.
        beyond: Cells of rounds that the plan does not have.
    """

    counts: NDArray[np.uint16]
    beyond: int

    def rounds(self, plan: Plan) -> Iterator[RoundCells]:
        """Round by round, all of them."""
        per_round = plan.visit_count // plan.pacing.rounds
        by_round = self.counts.reshape(plan.pacing.rounds, per_round)
        held = np.count_nonzero(by_round, axis=1).tolist()
        twice = np.count_nonzero(by_round > 1, axis=1).tolist()
        for index, (some, several) in enumerate(zip(held, twice, strict=True)):
            yield RoundCells(
                round_index=index, planned=per_round, held=some, twice=several
            )


def held_cells(sets: Iterable[ResultSet], plan: Plan) -> HeldCells:
    """Count the sets that hold each cell, as `carried_out` says; two columns are read.

    Args:
        sets: Of one vantage and of *plan*.
        plan: Whose slots are the cells.

    Raises:
        StoreError: A set's samples cannot be read, or one is of no slot.
    """
    counts = np.zeros(plan.visit_count, dtype=np.uint16)
    beyond: set[int] = set()
    for result in sets:
        seqs = carried_out(result)
        inside = (seqs >= 0) & (seqs < len(counts))
        counts[seqs[inside]] += 1
        beyond.update(seqs[~inside].tolist())
    return HeldCells(counts=counts, beyond=len(beyond))
