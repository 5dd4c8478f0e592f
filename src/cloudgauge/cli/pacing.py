"""The options that say how to probe, the same for ``plan`` and ``run``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import ProbeKind
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import parse_byte_count, parse_duration_ns
from cloudgauge.model.target import Family

if TYPE_CHECKING:
    from cloudgauge.workflow.planning import PlanChanges

RoundsOption = Annotated[
    int | None,
    typer.Option(
        "--rounds", "-n", min=1, help="Visits to every target [10; 3 with downloads]."
    ),
]
DurationOption = Annotated[
    str | None,
    typer.Option(
        "--duration",
        "-d",
        metavar="TIME",
        help="Length of the run, such as 90s or 1h30m [about 3m].",
    ),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", min=0, help="Of every random choice [1].")
]
WarmOption = Annotated[
    int | None,
    typer.Option(
        "--warm",
        min=0,
        max=100,
        help="Requests on the open connection after the first [4].",
    ),
]
TimeoutOption = Annotated[
    str | None,
    typer.Option(
        "--timeout",
        "-t",
        metavar="TIME",
        help="Bound on each wait for the network [10s; 5s of a download].",
    ),
]
RateOption = Annotated[
    float | None,
    typer.Option(
        "--rate",
        metavar="PER_SECOND",
        help="Ceiling of visits a second, all targets together [50].",
    ),
]
Ipv4Option = Annotated[
    bool, typer.Option("-4", "--ipv4", help="Over IPv4 [the default, unless -6].")
]
Ipv6Option = Annotated[
    bool, typer.Option("-6", "--ipv6", help="Over IPv6; with -4, each a series.")
]

KindOption = Annotated[
    list[ProbeKind] | None,
    typer.Option(
        "--kind",
        help="What to measure; repeatable [latency, or what the plan says].",
    ),
]
StreamsOption = Annotated[
    list[int] | None,
    typer.Option(
        "--streams",
        min=1,
        max=64,
        help="Connections of a download; repeatable, each a series [1 and 8].",
    ),
]
TransferOption = Annotated[
    str | None,
    typer.Option(
        "--transfer", metavar="TIME", help="A download ends after so long [10s]."
    ),
]
TransferBytesOption = Annotated[
    str | None,
    typer.Option(
        "--transfer-bytes", metavar="SIZE", help="Or after so many bytes [250 MB]."
    ),
]
TrafficOption = Annotated[
    str | None,
    typer.Option(
        "--traffic", metavar="SIZE", help="Ceiling of bytes over the whole run [2 GB]."
    ),
]
MaxCostOption = Annotated[
    str | None,
    typer.Option(
        "--max-cost",
        metavar="SUM",
        help='What the downloads may cost at list prices, such as "2.50 USD" [any].',
    ),
]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloads:
    """What the options said of each transfer, as they said it."""

    streams: list[int] | None = None
    time: str | None = None
    size: str | None = None


_NO_DOWNLOADS = Downloads()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """What the options said, as they said it."""

    rounds: int | None = None
    duration: str | None = None
    seed: int | None = None
    warm: int | None = None
    timeout: str | None = None
    rate: float | None = None
    ipv4: bool = False
    ipv6: bool = False
    kinds: list[ProbeKind] | None = None
    downloads: Downloads = _NO_DOWNLOADS
    traffic: str | None = None
    max_cost: str | None = None

    def changes(self) -> "PlanChanges":
        """What the options change in a plan.

        Raises:
            ConfigError: A time, size or sum is not one; names the option.
        """
        from cloudgauge.workflow.planning import PlanChanges

        transfer = self.downloads
        families = ((Family.IPV4,) if self.ipv4 else ()) + (
            (Family.IPV6,) if self.ipv6 else ()
        )
        return PlanChanges(
            rounds=self.rounds,
            duration_ns=_read(parse_duration_ns, "--duration", self.duration),
            seed=self.seed,
            warm_requests=self.warm,
            timeout_ns=_read(parse_duration_ns, "--timeout", self.timeout),
            families=families or None,
            visits_per_s=self.rate,
            kinds=tuple(self.kinds) if self.kinds else None,
            streams=tuple(transfer.streams) if transfer.streams else None,
            transfer_ns=_read(parse_duration_ns, "--transfer", transfer.time),
            transfer_bytes=_read(parse_byte_count, "--transfer-bytes", transfer.size),
            traffic_bytes=_read(parse_byte_count, "--traffic", self.traffic),
            cost=_read(parse_money, "--max-cost", self.max_cost),
        )


def _read(
    parse: Callable[[str], _Value], option: str, text: str | None
) -> _Value | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as exc:
        raise ConfigError(option, str(exc)) from exc
