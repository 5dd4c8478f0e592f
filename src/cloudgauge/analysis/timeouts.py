"""Which samples say that a figure would have been longer than was waited for it.

A timeout is no failure like others: who waited ten seconds for an answer knows that it
takes more than ten. Refused, reset, or a wrong answer is not slow, and says nothing of
how long an answer takes.
"""

import numpy as np

from cloudgauge.analysis.columns import Columns
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.series import Mask
from cloudgauge.model.sample import FailureKind

TIMEOUTS = (
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.TLS_TIMEOUT,
    FailureKind.RESPONSE_TIMEOUT,
)
# Until which end of a visit a timeout says that the figure would have been longer:
# who waited for a first byte did not get it, whichever step took too long.
LONGER_KINDS = {
    Metric.CONNECT: TIMEOUTS[:1],
    Metric.TLS: TIMEOUTS[:2],
    Metric.FIRST_BYTE: TIMEOUTS,
}


def longer_rows(columns: Columns, metric: Metric, *, imported: bool) -> Mask:
    """Where a sample timed out before it had a figure of latency.

    Args:
        columns: With ``failure``, and for the first byte with ``first_byte_ns``.
        metric: Not throughput.
        imported: By others: a sample has one phase, and any timeout is of it.
    """
    failure = columns.words["failure"]
    kinds = TIMEOUTS if imported else LONGER_KINDS[metric]
    found = np.any([failure.are(kind.value) for kind in kinds], axis=0)
    if metric is Metric.FIRST_BYTE:
        # It came, and the body after it did not end: that failed, but is not longer.
        found = found & columns.numbers["first_byte_ns"].absent
    return np.asarray(found)
