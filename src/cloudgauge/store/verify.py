"""Everything about a result set that can be checked without trusting it."""

from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import MANIFEST
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import BINS, SAMPLES
from cloudgauge.store.tally import Tally
from cloudgauge.store.transfers import check_transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A set that is what was sealed.

    Attributes:
        files: How many, SHA256SUMS included.
    """

    manifest: Manifest
    files: int


def verify(folder: Path) -> Verified:
    """Check each file's hash, each page's checksum, the counts, and the transfers.

    A killed run is sealed first.

    Raises:
        StoreError: Naming every file that was changed, is missing or does not
            belong, or what else is wrong.
        MachineError: The folder cannot be read.
    """
    result = ResultSet.open(folder)
    if result.alive:
        raise StoreError(str(folder), "is still being measured; there is no seal yet")
    tally = Tally()
    for column, piece in result.pieces():
        tally.add(SAMPLES, column, piece)
    for column, piece in result.bin_pieces():
        tally.add(BINS, column, piece)
    if tally.counts() != result.manifest.counts:
        problem = "its counts are not those of its samples and bins"
        raise StoreError(str(folder / MANIFEST), problem)
    check_transfers(result)
    return Verified(manifest=result.manifest, files=len(read_checksums(folder)) + 1)
