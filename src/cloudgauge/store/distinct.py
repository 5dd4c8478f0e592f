"""Each run once: exact duplicates of a set are dropped, contradictions refused."""

from collections.abc import Iterable
from dataclasses import dataclass

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import CHECKSUMS, sha256_of
from cloudgauge.store.resultset import ResultSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """Sets of different runs.

    Attributes:
        kept: The first of each run, in the order they came.
        dropped: Exact duplicates of those.
    """

    kept: tuple[ResultSet, ...]
    dropped: tuple[ResultSet, ...]


def distinct(opened: Iterable[ResultSet]) -> Distinct:
    """Drop sets that are byte for byte another one's.

    Raises:
        StoreError: Two sets claim the same run, and are not the same.
        MachineError: One cannot be read.
    """
    kept: dict[str, ResultSet] = {}
    dropped = []
    for result in opened:
        run_id = result.manifest.run.run_id
        first = kept.setdefault(run_id, result)
        if first is result:
            continue
        if not _are_same(first, result):
            problem = (
                f"claims to be run {run_id[:8]}, as {first.folder} does, and is not "
                "the same: one of them was changed"
            )
            raise StoreError(str(result.folder), problem)
        dropped.append(result)
    return Distinct(kept=tuple(kept.values()), dropped=tuple(dropped))


def _are_same(one: ResultSet, other: ResultSet) -> bool:
    if one.folder.resolve() == other.folder.resolve():
        return True
    if one.alive or other.alive:
        return False
    return sha256_of(one.folder / CHECKSUMS) == sha256_of(other.folder / CHECKSUMS)
