"""Counts the cells of a campaign by hand, from nothing but the rows of its sets.

It does not share the count that the tool itself makes, and so can judge it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.store.folder import is_merged
from cloudgauge.store.merged import found_sets, members_in
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is held of one vantage's cells.

    Attributes:
        held: Cells that are there at least once.
        twice: Cells that are there more than once.
        beyond: Cells that the plan does not have.
        failed: Cells whose first request failed; they are held.
        sets: Parts that they came in.
        late_ms: By how much its visits began after they were due, rising.
    """

    vantage: str
    planned: int
    held: int
    twice: int
    beyond: int
    failed: int
    sets: int
    late_ms: tuple[float, ...] = ()

    @property
    def lacking(self) -> int:
        """Planned cells that are not there."""
        return self.planned - self.held

    @property
    def is_whole(self) -> bool:
        """Whether every cell is there exactly once."""
        return not (self.lacking or self.twice or self.beyond)


def tally(
    paths: Iterable[Path], vantages: Iterable[str], planned: int
) -> tuple[Tally, ...]:
    """Verify every set at *paths*, and count the cells in them.

    Args:
        paths: Sets, merged sets, or folders of sets.
        vantages: Names, in the order wanted.
        planned: Cells of each.

    Raises:
        StoreError: A set does not verify.
    """
    counts: dict[str, Counter[int]] = {name: Counter() for name in vantages}
    failed: Counter[str] = Counter()
    sets: Counter[str] = Counter()
    late_ms: dict[str, list[float]] = {name: [] for name in counts}
    for folder in found_sets(tuple(paths)):
        verify(folder)
        result = ResultSet.open(folder)
        name = result.manifest.run.vantage.name
        sets[name] += 1
        rows = result.table(("seq", "exchange", "failure", "sent_ns", "due_ns"))
        for row in rows.to_pylist():
            # The others of a visit are its warm requests.
            if row["exchange"] == 0:
                counts[name][row["seq"]] += 1
                failed[name] += row["failure"] is not None
                late_ms[name].append((row["sent_ns"] - row["due_ns"]) / 1e6)
    return tuple(
        Tally(
            vantage=name,
            planned=planned,
            held=sum(0 <= seq < planned for seq in count),
            twice=sum(times > 1 for times in count.values()),
            beyond=sum(not 0 <= seq < planned for seq in count),
            failed=failed[name],
            sets=sets[name],
            late_ms=tuple(sorted(late_ms[name])),
        )
        for name, count in counts.items()
    )


def merged_in(folder: Path) -> tuple[Path, ...]:
    """The merged sets in a folder.

    Raises:
        StoreError: One of them is not what was written.
    """
    found = tuple(path for path in sorted(folder.iterdir()) if is_merged(path))
    for path in found:
        members_in(path)
    return found
