"""The options that ``compare`` and ``rank`` share."""

from enum import StrEnum
from typing import Annotated

import typer


class MetricName(StrEnum):
    """As `analysis.metric.Metric`, which is too heavy to load for --help."""

    CONNECT = "connect"
    TLS = "tls"
    FIRST_BYTE = "first-byte"
    THROUGHPUT = "throughput"


MetricOption = Annotated[
    MetricName,
    typer.Option(
        "--metric",
        help="By what; only connect is comparable whatever service answers.",
    ),
]
WeightsOption = Annotated[
    str | None,
    typer.Option(
        "--weights",
        metavar="VANTAGE=N,...",
        help="What each vantage counts, such as its share of users [all alike].",
    ),
]
AllowOption = Annotated[
    str | None,
    typer.Option(
        "--allow",
        metavar="WORDS",
        help="In which ways sides may differ: clock,protocol,hours,metric.",
    ),
]
