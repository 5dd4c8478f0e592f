"""``cloudgauge run`` and ``rerun``: measure, and show what was measured."""

from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.carrying_out import Asked, carry_out, is_inside
from cloudgauge.cli.means import (
    CaFileOption,
    ContactOption,
    FailOnOption,
    HostsOption,
    Leaving,
    Means,
    PrivateOption,
    RaisedOption,
    ResultsOption,
    SnapshotOption,
    UntilDecidedOption,
    VantageOption,
    WorldOption,
)
from cloudgauge.cli.monitor_options import (
    EveryOption,
    EverySizeOption,
    ForeverOption,
    KeepOption,
    KeepSizeOption,
    MetricsOption,
    Monitoring,
    NoMetricsOption,
    TimeOrSize,
)
from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    VerboseOption,
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
from cloudgauge.cli.run_asked import run_asked
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
from cloudgauge.cli.sets import SetArgument, one_at_hand
from cloudgauge.cli.world import ScenarioOption, VantageAtOption


def run(
    plan: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLAN]",
            help="A plan file, the name of a shipped plan (see: plan list), or a "
            "pinned plan (*.json, see: plan pin).",
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
    until_decided: UntilDecidedOption = False,
    snapshot: SnapshotOption = False,
    forever: ForeverOption = False,
    every: EveryOption = None,
    every_size: EverySizeOption = None,
    keep: KeepOption = None,
    keep_size: KeepSizeOption = None,
    metrics: MetricsOption = None,
    no_metrics: NoMetricsOption = False,
    vantage: VantageOption = None,
    results: ResultsOption = Path("results"),
    hosts: HostsOption = None,
    ca_file: CaFileOption = None,
    allow_private: PrivateOption = False,
    contact: ContactOption = None,
    world: WorldOption = False,
    scenario: ScenarioOption = None,
    vantage_at: VantageAtOption = None,
    fail_on: FailOnOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Measure latency to cloud regions, or downloads from them; keep every sample.

    Without a plan and a selection: the primary endpoint of every region that is on
    by default, ten rounds, about three minutes. Ctrl-C ends it and keeps what was
    measured; a second Ctrl-C does so at once.

    \b
    cloudgauge run                        every region, from here
    cloudgauge run --area gulf -n 30      one area, thirty rounds
    cloudgauge run south-east-asia        a shipped plan
    cloudgauge run throughput             downloads, one at a time
    cloudgauge run pin.json --vantage tokyo  its share of a campaign; again: the rest
    cloudgauge run --world                in a private network, truth known
    cloudgauge run -n 100 -d 20h --until-decided  the worse leave, which ends it early
    cloudgauge run --forever --results monitor    a monitor, until it is stopped

    Exit codes: 0 done, 2 a mistake of yours, 3 with --fail-on partial, 4 nothing
    usable was measured, 74 the machine failed, 130 interrupted. To be stopped is how
    a monitor ends: 0, once Ctrl-C or SIGTERM came and the last part is sealed and
    folded; 5 where a set could not be folded, 74 where the machine failed.
    """
    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
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
    where = (provider, area, region, country, partition)
    selection = chosen(*where, service=service, off_by_default=off_by_default)
    means = Means(
        vantage=vantage,
        results=results,
        hosts=hosts,
        ca_file=ca_file,
        allow_private=allow_private,
        contact=contact,
        fail_on=fail_on,
        world=world,
        scenario=scenario,
        vantage_at=vantage_at,
        target_files=tuple(targets or ()),
        leaving=Leaving(until_decided=until_decided, snapshot=snapshot),
    )
    monitoring = Monitoring(
        forever=forever,
        part=TimeOrSize(time=every, size=every_size),
        keep=TimeOrSize(time=keep, size=keep_size),
        metrics=metrics,
        no_metrics=no_metrics,
    )
    asked = Asked(plan=plan, selection=selection, pacing=pacing)
    run_asked(asked, means, monitoring, out)


def rerun(
    result_set: SetArgument,
    *,
    vantage: VantageOption = None,
    results: ResultsOption = Path("results"),
    hosts: HostsOption = None,
    ca_file: CaFileOption = None,
    allow_private: PrivateOption = False,
    contact: ContactOption = None,
    world: WorldOption = False,
    scenario: ScenarioOption = None,
    vantage_at: VantageAtOption = None,
    raised_ceilings: RaisedOption = False,
    fail_on: FailOnOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Repeat a result set: the same plan, seed and targets, from its manifest alone.

    The catalogue of today is not asked: what was measured then is measured now. A set
    of the private network is repeated there with --world. Ceilings above the defaults
    are refused, since a set may come from a stranger, unless you allow them.
    """
    from cloudgauge.workflow.repeating import repeat_of

    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
    means = Means(
        vantage=vantage,
        results=results,
        hosts=hosts,
        ca_file=ca_file,
        allow_private=allow_private,
        contact=contact,
        fail_on=fail_on,
        world=world,
        scenario=scenario,
        vantage_at=vantage_at,
    )
    with exit_codes():
        repeat = repeat_of(one_at_hand(result_set, out), raised_allowed=raised_ceilings)
        if repeat.simulated and not is_inside() and not world:
            out.say("the set is of a private network; this measures the real one")
        if repeat.part is not None:
            rounds = repeat.plan.pacing.rounds
            out.say(
                f"the set is a part of a longer run, of {repeat.part.rounds} of "
                f"{rounds} rounds; all {rounds} are repeated, in one run"
            )
        carry_out(repeat.plan, means, out)
