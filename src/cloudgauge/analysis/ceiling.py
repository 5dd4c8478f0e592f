"""How fast a machine received from itself."""

import numpy as np

from cloudgauge.analysis.columns import bin_columns_of, columns_of
from cloudgauge.analysis.transfers import (
    TRANSFER_BINS,
    TRANSFER_SAMPLES,
    transfers_of,
)
from cloudgauge.model.calibration import DownloadCeiling
from cloudgauge.store.resultset import ResultSet

# In these a connection comes to its pace, even where there is no way to go.
_BINS_BEFORE_PACE = 3


def ceilings_of(result: ResultSet) -> tuple[DownloadCeiling, ...]:
    """The rate of each transfer of a set that was done: the median of its bins.

    The first three bins are left out where there are more. Nothing is asked of
    its steadiness: there is no path that could settle, only processors.

    Raises:
        StoreError: The set cannot be read.
    """
    found = transfers_of(
        columns_of(result, TRANSFER_SAMPLES), bin_columns_of(result, TRANSFER_BINS)
    )
    ceilings = []
    for transfer in found:
        if transfer.failure is not None or transfer.bins is None:
            continue
        rates = transfer.bins.body_bytes_per_s
        paced = rates[_BINS_BEFORE_PACE:]
        rate = float(np.median(paced if len(paced) else rates))
        # An object's URL is https: there is no transfer without TLS.
        ceilings.append(
            DownloadCeiling(tls=True, streams=transfer.streams, bytes_per_s=round(rate))
        )
    return tuple(ceilings)
