"""What a set holds, counted while its samples and bins pass by."""

from collections import Counter
from operator import ne

import pyarrow as pa

from cloudgauge.model.sample import FailureKind
from cloudgauge.store.arrays import integers_in, words_in
from cloudgauge.store.manifest import Counts, FailureCount
from cloudgauge.store.schema import BINS, Layout


class Tally:
    """Counts samples and bins that come in the order of the sealed files."""

    def __init__(self) -> None:
        self._samples = 0
        self._visits = 0
        self._bins = 0
        self._last_seq: int | None = None
        self._failures: Counter[str] = Counter()

    def add(self, layout: Layout, column: str, piece: pa.Array) -> None:
        """Count the next piece of a column; those that count nothing pass by."""
        if layout is BINS:
            self._bins += len(piece) if column == "bin" else 0
        elif column == "failure":
            self._failures += words_in(piece)
        elif column == "seq" and len(piece):
            seqs = integers_in(piece)
            self._samples += len(seqs)
            # A visit's exchanges stand together, so each change begins a visit.
            self._visits += sum(map(ne, seqs[1:], seqs)) + (seqs[0] != self._last_seq)
            self._last_seq = seqs[-1]

    def counts(self) -> Counts:
        """What was counted so far."""
        failures = tuple(
            FailureCount(kind=FailureKind(kind), count=self._failures[kind])
            for kind in sorted(self._failures)
        )
        return Counts(
            samples=self._samples,
            visits=self._visits,
            failures=failures,
            bins=self._bins,
        )
