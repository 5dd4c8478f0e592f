"""What a set holds, counted while its samples pass by."""

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from cloudgauge.model.sample import FailureKind
from cloudgauge.store.manifest import Counts, FailureCount


class Tally:
    """Counts samples that come in the order of the sealed file."""

    def __init__(self) -> None:
        self._samples = 0
        self._visits = 0
        self._last_seq: int | None = None
        self._failures: Counter[str] = Counter()

    def add(self, batch: pa.RecordBatch | pa.Table) -> None:
        """Count a batch that has at least the columns ``seq`` and ``failure``."""
        if batch.num_rows == 0:
            return
        self._samples += batch.num_rows
        seq = batch.column("seq")
        # A visit's exchanges stand together, so each change begins a visit.
        changes = pc.sum(pc.not_equal(seq.slice(1), seq.slice(0, len(seq) - 1)))
        self._visits += (changes.as_py() or 0) + (seq[0].as_py() != self._last_seq)
        self._last_seq = seq[-1].as_py()
        for pair in pc.value_counts(batch.column("failure").drop_null()).to_pylist():
            self._failures[pair["values"]] += pair["counts"]

    def counts(self) -> Counts:
        """What was counted so far."""
        failures = tuple(
            FailureCount(kind=FailureKind(kind), count=self._failures[kind])
            for kind in sorted(self._failures)
        )
        return Counts(samples=self._samples, visits=self._visits, failures=failures)
