"""``cloudgauge plan pin``: freeze a plan, so that every vantage measures the same."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.output import Output, QuietOption, exit_codes
from cloudgauge.cli.pacing import (
    Downloads,
    DurationOption,
    Ipv4Option,
    Ipv6Option,
    KindOption,
    MaxCostOption,
    Pacing,
    RateOption,
    RoundsOption,
    SeedOption,
    StreamsOption,
    TimeoutOption,
    TrafficOption,
    TransferBytesOption,
    TransferOption,
    WarmOption,
)
from cloudgauge.cli.selection import (
    AllOption,
    AreaOption,
    CountryOption,
    PartitionOption,
    ProviderOption,
    RegionOption,
    ServiceOption,
    TargetsOption,
    chosen,
)


def pin_command(
    plan: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLAN]",
            help="A plan file, or the name of a shipped plan (see: plan list).",
        ),
    ] = None,
    *,
    provider: ProviderOption = None,
    area: AreaOption = None,
    region: RegionOption = None,
    country: CountryOption = None,
    partition: PartitionOption = None,
    service: ServiceOption = None,
    off_by_default: AllOption = False,
    targets: TargetsOption = None,
    kind: KindOption = None,
    rounds: RoundsOption = None,
    duration: DurationOption = None,
    seed: SeedOption = None,
    warm: WarmOption = None,
    timeout: TimeoutOption = None,
    rate: RateOption = None,
    ipv4: Ipv4Option = False,
    ipv6: Ipv6Option = False,
    streams: StreamsOption = None,
    transfer: TransferOption = None,
    transfer_bytes: TransferBytesOption = None,
    traffic: TrafficOption = None,
    max_cost: MaxCostOption = None,
    vantage: Annotated[
        list[str] | None,
        typer.Option(
            "--vantage",
            metavar="NAME|FILE.toml",
            help="Who is to take part, or its vantage.toml; repeatable [who comes].",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start",
            metavar="TIME",
            help="When all begin: 2026-12-01T08:00Z, or +30m from now [when ready].",
        ),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(
            "--part",
            metavar="ROUNDS|DURATION",
            help="A result set every so many rounds, or every hour: 1h [one in all].",
        ),
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE.json", help="To write, never over a file."
        ),
    ],
    quiet: QuietOption = False,
) -> None:
    """Freeze a plan for several vantages: catalogue rows, seed and version in one file.

    Every vantage that runs the file measures the same targets in the same order; the
    hash of what it runs is in each result set. Nothing is sent.

    \b
    cloudgauge plan pin south-east-asia --vantage tokyo.toml --vantage lab -o asia.json
    cloudgauge plan pin --area gulf -n 24 -d 24h --part 1h --start +10m -o gulf.json

    Copy the file to every machine, then there: cloudgauge run asia.json --vantage lab
    """
    from cloudgauge.workflow.pinning import PinTerms, pin_plan, save_pin
    from cloudgauge.workflow.planning import PlanRequest

    selection = chosen(
        provider=provider,
        area=area,
        region=region,
        country=country,
        partition=partition,
        service=service,
        off_by_default=off_by_default,
    )
    pacing = Pacing(
        rounds=rounds,
        duration=duration,
        seed=seed,
        warm=warm,
        timeout=timeout,
        rate=rate,
        ipv4=ipv4,
        ipv6=ipv6,
        kinds=kind,
        downloads=Downloads(streams=streams, time=transfer, size=transfer_bytes),
        traffic=traffic,
        max_cost=max_cost,
    )
    terms = PinTerms(vantages=tuple(vantage or ()), start=start, part=part)
    with exit_codes():
        request = PlanRequest(
            plan=plan,
            selection=selection,
            changes=pacing.changes(),
            target_files=tuple(targets or ()),
        )
        save_pin(pin_plan(request, terms, pinned_wall_ns=time.time_ns()), output)
        Output(quiet=quiet).say(
            f"wrote {output}; look at it with: cloudgauge plan show {output}"
        )


def register(app: typer.Typer) -> None:
    """Add the command to those of plans."""
    app.command("pin")(pin_command)
