"""What a set saw of each address of its targets: how soon the kernel had its answer."""

from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.columns import Columns

_US_PER_MS = 1e3

SIGHTED = (
    "target_id",
    "remote_address",
    "connect_rtt_us",
    "syn_retransmits",
    "failure",
)
"""The columns that addresses are located by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One address of one target as one set saw it.

    Attributes:
        address: Of the connection.
        n: Round trips of the SYN by the kernel.
        rtt_ms: The second smallest of them; None with fewer than two.
    """

    target_id: str
    address: str
    n: int
    rtt_ms: float | None


def sightings_of(columns: Columns) -> tuple[Sighting, ...]:
    """What a set saw of each address of each target, in the order of their names.

    Failed exchanges, those without the kernel's round trip and those whose SYN was
    sent again are passed over.

    Args:
        columns: At least those of `SIGHTED`.
    """
    targets, addresses = (columns.words[name] for name in SIGHTED[:2])
    rtt_ms = columns.numbers["connect_rtt_us"].floats() / _US_PER_MS
    resent = columns.numbers["syn_retransmits"].floats() > 0
    kept = columns.words["failure"].absent & ~addresses.absent & ~np.isnan(rtt_ms)
    kept &= ~resent
    if not kept.any():
        return ()
    width = len(addresses.words)
    cells = targets.codes[kept].astype(np.int64) * width + addresses.codes[kept]
    used, codes, counts = np.unique(cells, return_inverse=True, return_counts=True)
    ordered = rtt_ms[kept][np.lexsort((rtt_ms[kept], codes))]
    starts = np.cumsum(counts) - counts
    return tuple(
        Sighting(
            target_id=targets.words[cell // width],
            address=addresses.words[cell % width],
            n=int(n),
            rtt_ms=float(ordered[start + 1]) if n > 1 else None,
        )
        for cell, n, start in zip(used, counts, starts, strict=True)
    )
