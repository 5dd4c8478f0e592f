"""Counts of hours as those of a day; nothing is lost but which hour it was."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from cloudgauge.store.long_term import LongTermFile, read_counts
from cloudgauge.store.long_term_layout import COUNTS, Grain, LongTermHead
from cloudgauge.store.long_term_table import no_counts, summed

_BEGINS = COUNTS.names.index("begins_wall_ns")


def day_of(files: Sequence[LongTermFile], day_ns: int) -> tuple[LongTermHead, pa.Table]:
    """Head and counts of a day's file.

    Args:
        files: Of hours, at least one; what they have of other days is passed over.
        day_ns: When the day begins, UTC since 1970.

    Raises:
        StoreError: A file was changed.
    """
    total = no_counts()
    for file in files:
        # One after the other: a day of many targets is large before it is summed.
        its = at_days(read_counts(file))
        mine = its.filter(pc.equal(its.column(_BEGINS), day_ns))
        total = summed(pa.concat_tables([total, mine]))
    runs = sorted(
        (run for file in files for run in file.head.runs),
        key=lambda run: (run.started_wall_ns, run.run_id),
    )
    newest = max(files, key=lambda file: file.head.runs[0].started_wall_ns).head
    head = replace(newest, grain=Grain.DAY, periods=(day_ns,), runs=tuple(runs))
    return head, total


def at_days(counts: pa.Table) -> pa.Table:
    """Counts with the days of their hours in place of these."""
    length = pa.scalar(Grain.DAY.length_ns, pa.int64())
    begins = counts.column(_BEGINS)
    days = pc.multiply(pc.divide(begins, length), length)
    return counts.set_column(_BEGINS, counts.schema.field(_BEGINS), days)


def periods_in(counts: pa.Table) -> tuple[int, ...]:
    """When the periods in counts begin, rising."""
    return tuple(sorted(counts.column(_BEGINS).unique().to_pylist()))
