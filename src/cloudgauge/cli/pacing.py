"""The options that say how to probe, the same for ``plan`` and ``run``."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cloudgauge.errors import ConfigError
from cloudgauge.model.quantity import parse_duration_ns
from cloudgauge.model.target import Family

if TYPE_CHECKING:
    from cloudgauge.workflow.planning import PlanChanges

RoundsOption = Annotated[
    int | None,
    typer.Option("--rounds", "-n", min=1, help="Visits to every target [10]."),
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
        "--timeout", "-t", metavar="TIME", help="Bound on each phase of a visit [10s]."
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

    def changes(self) -> "PlanChanges":
        """What the options change in a plan.

        Raises:
            ConfigError: A time is not one; names the option.
        """
        from cloudgauge.workflow.planning import PlanChanges

        families = ((Family.IPV4,) if self.ipv4 else ()) + (
            (Family.IPV6,) if self.ipv6 else ()
        )
        return PlanChanges(
            rounds=self.rounds,
            duration_ns=_time_ns("--duration", self.duration),
            seed=self.seed,
            warm_requests=self.warm,
            timeout_ns=_time_ns("--timeout", self.timeout),
            families=families or None,
            visits_per_s=self.rate,
        )


def _time_ns(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_duration_ns(text)
    except ValueError as exc:
        raise ConfigError(option, str(exc)) from exc
