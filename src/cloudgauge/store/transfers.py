"""Whether the bins of a set make whole transfers, and are those of its samples."""

from collections.abc import Iterator
from dataclasses import dataclass

from cloudgauge.errors import StoreError
from cloudgauge.store.arrays import cells_in, integers_in, present_in
from cloudgauge.store.folder import bins_name, samples_name
from cloudgauge.store.resultset import ResultSet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bin:
    """What of a bin says how it stands to its neighbours."""

    seq: int
    index: int
    began_ns: int
    length_ns: int
    body_bytes: int
    is_last: bool

    def follows(self, before: "_Bin | None") -> bool:
        """Whether it may stand after *before* of the same transfer, None for none."""
        if self.length_ns < 1 or self.body_bytes < 0:
            return False
        if before is None:
            return self.index == 0
        return (
            not before.is_last
            and self.index == before.index + 1
            and self.began_ns == before.began_ns + before.length_ns
        )


def check_transfers(result: ResultSet) -> None:
    """Refuse bins with gaps between them, or with other sums than the samples have.

    A kill or a damaged journal may have cut a transfer short: it has no last bin,
    and its sum is not asked for.

    Args:
        result: A sealed set.

    Raises:
        StoreError: Naming the transfer by its ``seq``.
    """
    bodies = _whole_bodies(result)
    if not bodies:
        return
    where = str(result.folder / samples_name(result.manifest.run))
    for seq, exchange, streams, body_bytes in _sample_cells(result):
        if exchange or streams is None or body_bytes is None or seq not in bodies:
            continue
        if bodies[seq] != body_bytes:
            problem = f"transfer {seq} has other body_bytes than its bins"
            raise StoreError(where, problem)


def _whole_bodies(result: ResultSet) -> dict[int, int]:
    """What the bins of each transfer add up to, if its last one is there."""
    where = str(result.folder / bins_name(result.manifest.run))
    seen: set[int] = set()
    bodies: dict[int, int] = {}
    before: _Bin | None = None
    total = 0
    for found in _bins(result):
        if found.seq not in seen:
            before, total = None, 0
        elif before is None or before.seq != found.seq:
            raise StoreError(where, f"transfer {found.seq} stands in two places")
        if not found.follows(before):
            problem = f"bin {found.index} of transfer {found.seq} is out of place"
            raise StoreError(where, problem)
        seen.add(found.seq)
        before, total = found, total + found.body_bytes
        if found.is_last:
            bodies[found.seq] = total
    return bodies


def _bins(result: ResultSet) -> Iterator[_Bin]:
    """Bins in the order of the file, of which a row group is held at a time."""

    def numbers(name: str) -> Iterator[int]:
        for _, piece in result.bin_pieces([name]):
            yield from integers_in(piece)

    names = ("seq", "bin", "began_ns", "length_ns", "body_bytes")
    endings = (
        there
        for _, piece in result.bin_pieces(["ending"])
        for there in present_in(piece)
    )
    for *cells, is_last in zip(*map(numbers, names), endings, strict=True):
        seq, index, began_ns, length_ns, body_bytes = cells
        yield _Bin(
            seq=seq,
            index=index,
            began_ns=began_ns,
            length_ns=length_ns,
            body_bytes=body_bytes,
            is_last=bool(is_last),
        )


def _sample_cells(result: ResultSet) -> Iterator[tuple[int | None, ...]]:
    def cells(name: str) -> Iterator[int | None]:
        for _, piece in result.pieces([name]):
            yield from cells_in(piece)

    names = ("seq", "exchange", "streams", "body_bytes")
    return zip(*map(cells, names), strict=True)
