"""Which slots a result set has: those that were carried out, whatever came of them."""

import numpy as np
from numpy.typing import NDArray

from cloudgauge.analysis.columns import columns_of
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.store.resultset import ResultSet


def carried_out(result: ResultSet) -> NDArray[np.int64]:
    """The numbers of the slots that have their exchange 0, sorted, each once.

    A visit's is its first; a transfer's comes when the transfer is over, so that one
    which a kill cut short is not among them.

    Raises:
        StoreError: The samples cannot be read.
    """
    numbers = columns_of(result, ("seq", "exchange")).numbers
    first = numbers["seq"].cells[numbers["exchange"].cells == 0]
    found: NDArray[np.int64] = np.unique(first).astype(np.int64)
    return found


def held_seqs(result: ResultSet) -> SeqSpans:
    """The same as spans."""
    seqs = carried_out(result)
    if not len(seqs):
        return SeqSpans()
    breaks = np.flatnonzero(np.diff(seqs) > 1)
    firsts = seqs[np.concatenate(([0], breaks + 1))]
    lasts = seqs[np.concatenate((breaks, [len(seqs) - 1]))]
    ends = (lasts + 1).tolist()
    return SeqSpans(spans=tuple(zip(firsts.tolist(), ends, strict=True)))
