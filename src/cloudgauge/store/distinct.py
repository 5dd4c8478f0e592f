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
        StoreError: Two sets claim the same run and are not the same, or one is a
            redacted copy of the other.
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
            raise StoreError(str(result.folder), _told(first, result))
        dropped.append(result)
    return Distinct(kept=tuple(kept.values()), dropped=tuple(dropped))


def _told(first: ResultSet, result: ResultSet) -> str:
    """Say why two sets of one run cannot be taken together."""
    name = f"run {result.manifest.run.run_id[:8]}"
    made, before = result.manifest.run.redacted, first.manifest.run.redacted
    if made is not None and before is not None:
        return (
            f"is a redacted copy of {name}, of which {first.folder} is another one: "
            "leave one of them out"
        )
    if made is not None and _is_copy_of(result, first):
        return (
            f"is a redacted copy of {name}, which is here already as {first.folder}: "
            "leave one of them out"
        )
    if before is not None and _is_copy_of(first, result):
        return (
            f"is {name}, of which {first.folder} is a redacted copy: leave one of "
            "them out"
        )
    return (
        f"claims to be {name}, as {first.folder} does, and is not the same: one of "
        "them was changed"
    )


def _is_copy_of(copy: ResultSet, original: ResultSet) -> bool:
    made = copy.manifest.run.redacted
    if made is None or original.alive:
        return False
    return made.original_sha256 == sha256_of(original.folder / CHECKSUMS)


def _are_same(one: ResultSet, other: ResultSet) -> bool:
    if one.folder.resolve() == other.folder.resolve():
        return True
    if one.alive or other.alive:
        return False
    return sha256_of(one.folder / CHECKSUMS) == sha256_of(other.folder / CHECKSUMS)
