"""The options of ``run --forever``, and what they say together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.errors import ConfigError
from cloudgauge.model.quantity import parse_byte_count, parse_duration_ns

if TYPE_CHECKING:
    from cloudgauge.model.plan import Plan
    from cloudgauge.workflow.monitor_bounds import Bounds
    from cloudgauge.workflow.monitor_endpoint import Address

_EVERY = "1h"
_KEEP = "30d"
_KEEP_SIZE = "10GB"
_METRICS = "127.0.0.1:9464"
# What a sample takes when it is sealed; a few repeat less well than many.
_SAMPLE_BYTES = 32

ForeverOption = Annotated[
    bool,
    typer.Option(
        "--forever",
        help="A monitor: rounds go on until it is stopped, in parts that are result "
        "sets; ceilings hold for each part. -n and -d say how long a round is.",
    ),
]
EveryOption = Annotated[
    str | None,
    typer.Option(
        "--every", metavar="TIME", help=f"With --forever: length of a part [{_EVERY}]."
    ),
]
EverySizeOption = Annotated[
    str | None,
    typer.Option(
        "--every-size",
        metavar="SIZE",
        help="With --forever: or about so many bytes a part, when it is sealed.",
    ),
]
KeepOption = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="TIME",
        help=f"With --forever: sets older than this go [{_KEEP}]; their histograms by "
        "hour, after three weeks by day, stay.",
    ),
]
KeepSizeOption = Annotated[
    str | None,
    typer.Option(
        "--keep-size",
        metavar="SIZE",
        help="With --forever: the oldest sets go until the monitor's files are at "
        f"most this [{_KEEP_SIZE}].",
    ),
]
MetricsOption = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        metavar="ADDRESS:PORT",
        help="With --forever: where OpenMetrics are, GET /metrics and /health "
        f"[{_METRICS}].",
    ),
]
NoMetricsOption = Annotated[
    bool, typer.Option("--no-metrics", help="With --forever: no metrics.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOrSize:
    """A bound as the options said it; None where they did not."""

    time: str | None = None
    size: str | None = None


_UNSAID = TimeOrSize()


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What the options said, as they said it.

    Attributes:
        part: How long a part is.
        keep: What may be kept.
    """

    forever: bool = False
    part: TimeOrSize = _UNSAID
    keep: TimeOrSize = _UNSAID
    metrics: str | None = None
    no_metrics: bool = False

    def check(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ConfigError: An option of monitors without ``--forever``, or two that
                exclude one another.
        """
        if self.part.time is not None and self.part.size is not None:
            where = "--every-size"
            raise ConfigError(where, "a part ends by time or by size: leave out one")
        if self.metrics is not None and self.no_metrics:
            where = "--no-metrics"
            raise ConfigError(where, "and --metrics exclude one another")
        if self.forever:
            return
        for option, given in (
            ("--every", self.part.time),
            ("--every-size", self.part.size),
            ("--keep", self.keep.time),
            ("--keep-size", self.keep.size),
            ("--metrics", self.metrics),
            ("--no-metrics", self.no_metrics or None),
        ):
            if given is not None:
                raise ConfigError(option, "is of --forever; say that as well")

    def part_rounds(self, plan: "Plan") -> int:
        """How many rounds a part has, at least 1.

        Raises:
            ConfigError: A time or a size is not one.
        """
        if self.part.size is None:
            every_ns = _read_time("--every", self.part.time or _EVERY)
            return max(1, round(every_ns / plan.round_span_ns))
        wanted = _read_size("--every-size", self.part.size)
        samples = plan.series_count * plan.probe.requests_per_visit
        # Of a transfer there is a bin every tenth of a second, and what is beside it.
        if plan.download is not None:
            bins = plan.download.transfer_ns // 10**8
            samples += plan.transfers_per_round * bins
        return max(1, wanted // (samples * _SAMPLE_BYTES))

    def bounds(self) -> "Bounds":
        """What is kept.

        Raises:
            ConfigError: A time or a size is not one.
        """
        from cloudgauge.workflow.monitor_bounds import Bounds

        return Bounds(
            keep_ns=_read_time("--keep", self.keep.time or _KEEP),
            keep_bytes=_read_size("--keep-size", self.keep.size or _KEEP_SIZE),
        )

    def address(self) -> "Address | None":
        """Where the metrics are to be; None for nowhere.

        Raises:
            ConfigError: It is no address.
        """
        from cloudgauge.workflow.monitor_endpoint import parse_address

        return None if self.no_metrics else parse_address(self.metrics or _METRICS)


def _read_time(option: str, text: str) -> int:
    try:
        return parse_duration_ns(text)
    except ValueError as exc:
        raise ConfigError(option, str(exc)) from exc


def _read_size(option: str, text: str) -> int:
    try:
        return parse_byte_count(text)
    except ValueError as exc:
        raise ConfigError(option, str(exc)) from exc
