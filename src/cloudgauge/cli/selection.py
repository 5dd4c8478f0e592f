"""The options that choose targets, the same for every command that takes them."""

from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.model.target import Partition, Selection

TargetsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--targets", metavar="FILE", help="A target file of your own; repeatable."
    ),
]
ProviderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--provider",
        metavar="NAME",
        help="Only this provider, such as aws or alibaba; repeatable.",
    ),
]
AreaOption = Annotated[
    list[str] | None,
    typer.Option(
        "--area",
        metavar="NAME",
        help=(
            "Only this area: africa, east-asia, europe, gulf, latin-america, "
            "mainland-china, north-america, oceania, south-asia or "
            "south-east-asia; repeatable."
        ),
    ),
]
RegionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--region",
        metavar="ID",
        help="Only this region, such as aws/eu-west-1; * and ? match; repeatable.",
    ),
]
CountryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--country",
        metavar="CODE",
        help="Only this country, two letters of ISO 3166-1; repeatable.",
    ),
]
PartitionOption = Annotated[
    list[Partition] | None,
    typer.Option(
        "--partition",
        help="Only this partition, with what is off by default there; repeatable.",
    ),
]
ServiceOption = Annotated[
    str | None,
    typer.Option(
        "--service",
        metavar="CLASS",
        help="Endpoints of this class, such as log-service [each region's primary].",
    ),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Also regions that are off by default.")
]


def chosen(
    provider: list[str] | None,
    area: list[str] | None,
    region: list[str] | None,
    country: list[str] | None,
    partition: list[Partition] | None,
    *,
    service: str | None,
    off_by_default: bool,
) -> Selection:
    """What the options choose; country codes in any case."""
    return Selection(
        providers=tuple(provider or ()),
        areas=tuple(area or ()),
        regions=tuple(region or ()),
        countries=tuple(code.upper() for code in country or ()),
        partitions=tuple(partition or ()),
        service=service,
        off_by_default=off_by_default,
    )
