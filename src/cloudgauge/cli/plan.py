"""``cloudgauge plan``: write a plan, and see what one sends before it does."""

from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli import plan_pin
from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)
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

app = typer.Typer(
    help="What is to be measured: write it down, and see what it sends.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

PlanArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[PLAN]",
        help="A plan file, a pinned plan, or a shipped plan (see: plan list).",
    ),
]


@app.command("new")
def new_command(
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
    name: Annotated[
        str | None, typer.Option("--name", help="Of the plan [after its file].")
    ] = None,
    question: Annotated[
        str, typer.Option("--question", help="What the plan is to answer.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write, never over one [stdout]."),
    ] = None,
    quiet: QuietOption = False,
) -> None:
    """Write a plan file from a selection; it is checked but nothing is sent."""
    from cloudgauge.workflow.planning import PlanRequest, new_plan, save_plan

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
    with exit_codes():
        request = PlanRequest(
            selection=selection,
            changes=pacing.changes(),
            target_files=tuple(targets or ()),
        )
        stem = name or (output.stem if output else None)
        text = new_plan(request, name=stem, question=question)
        if output is None:
            typer.echo(text, nl=False)
            return
        save_plan(text, output)
        Output(quiet=quiet).say(f"wrote {output}; run it with: cloudgauge run {output}")


@app.command("show")
def show_command(
    plan: PlanArgument = None,
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
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Say what a plan, a pinned plan or a selection would send; nothing is sent."""
    from cloudgauge.workflow.pin_view import show_pin
    from cloudgauge.workflow.pinning import is_pin
    from cloudgauge.workflow.planning import PlanRequest, show_plan

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
    with exit_codes():
        request = PlanRequest(
            plan=plan,
            selection=selection,
            changes=pacing.changes(),
            target_files=tuple(targets or ()),
        )
        shown = show_pin(request) if is_pin(plan) else show_plan(request)
        Output(format=format, path=output, quiet=quiet).show(shown)


@app.command("list")
def list_command(
    *,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """List the shipped plans and the question that each asks."""
    from cloudgauge.workflow.planning import list_plans

    with exit_codes():
        Output(format=format, path=output, quiet=quiet).show(list_plans())


plan_pin.register(app)
