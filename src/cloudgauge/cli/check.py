"""``cloudgauge targets check`` and ``fold``: the catalogue, on paper and live."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.checking_live import (
    LiveChoice,
    carry_out_check,
    refuse_live_options,
)
from cloudgauge.cli.means import (
    CaFileOption,
    ContactOption,
    FailOnOption,
    HostsOption,
    Means,
    PrivateOption,
    VantageOption,
    WorldOption,
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
from cloudgauge.cli.pacing import Pacing
from cloudgauge.cli.selection import (
    AllOption,
    AreaOption,
    CountryOption,
    PartitionOption,
    ProviderOption,
    RegionOption,
    TargetsOption,
    chosen,
)
from cloudgauge.cli.world import ScenarioOption, VantageAtOption

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...", help="Target files of your own, beside the shipped."
    ),
]
LiveOption = Annotated[
    bool,
    typer.Option("--live", help="Ask each chosen endpoint and object once, politely."),
]
WaitOption = Annotated[
    str | None,
    typer.Option(
        "--timeout", "-t", metavar="TIME", help="Bound on each phase of a visit [10s]."
    ),
]
OverIpv6Option = Annotated[
    bool, typer.Option("-6", "--ipv6", help="Ask over IPv6 [IPv4].")
]
EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        metavar="DIR",
        help="Where the evidence goes [cloudgauge/evidence in your data folder].",
    ),
]
EvidenceArgument = Annotated[
    list[Path],
    typer.Argument(metavar="EVIDENCE...", help="Evidence files of live checks."),
]
IntoOption = Annotated[
    Path,
    typer.Option(
        "--into", metavar="PATH", help="A target file, or a folder such as targets/."
    ),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change; write nothing.")
]


def check(
    files: FilesArgument = None,
    *,
    live: LiveOption = False,
    provider: ProviderOption = None,
    area: AreaOption = None,
    region: RegionOption = None,
    country: CountryOption = None,
    partition: PartitionOption = None,
    service: Annotated[
        str | None,
        typer.Option(
            "--service",
            metavar="CLASS",
            help="Only this class of endpoint, or object of this name [all].",
        ),
    ] = None,
    off_by_default: AllOption = False,
    targets: TargetsOption = None,
    timeout: WaitOption = None,
    ipv6: OverIpv6Option = False,
    vantage: VantageOption = None,
    evidence: EvidenceOption = None,
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
    """Lint the shipped target files and your own; with --live, ask the hosts as well.

    The lint sends nothing, and exits 2 if a file has an error.

    With --live every endpoint and every download object of the chosen regions is
    asked once, as slowly as a run: at most one visit a second to a host, ten to a
    provider. What was found is kept as evidence, a dated file in your data folder:
    from then on `targets list` and `targets show` have its date, and call a row well
    known if it answered as expected, doubtful if it answered otherwise. A row that
    cannot be reached from here keeps what it had.

    \b
    cloudgauge targets check                            the lint
    cloudgauge targets check --live --area gulf         what is really there
    cloudgauge targets check --live --service ssm-agent the objects of that name
    cloudgauge targets check --live --world             in a private network

    Exit codes of --live: 0 done, 2 a mistake of yours, 3 with --fail-on partial if
    some row does not hold or could not be reached, 4 nothing answered, 130
    interrupted (what was found is kept).
    """
    out = Output(format=format, path=output, quiet=quiet, verbose=verbose)
    selection = chosen(
        provider=provider,
        area=area,
        region=region,
        country=country,
        partition=partition,
        service=service,
        off_by_default=off_by_default,
    )
    means = Means(
        vantage=vantage,
        # A check makes no result set.
        results=Path(),
        hosts=hosts,
        ca_file=ca_file,
        allow_private=allow_private,
        contact=contact,
        fail_on=fail_on,
        world=world,
        scenario=scenario,
        vantage_at=vantage_at,
        target_files=(*(files or ()), *(targets or ())),
    )
    choice = LiveChoice(
        selection=selection,
        pacing=Pacing(timeout=timeout, ipv6=ipv6),
        evidence=evidence,
    )
    with exit_codes():
        if live:
            carry_out_check(choice, means, out)
            return
        refuse_live_options(choice, means)
        _lint(means.target_files, out)


def fold(
    evidence: EvidenceArgument,
    *,
    into: IntoOption,
    dry_run: DryRunOption = False,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Fold evidence of live checks into target files: for who maintains them.

    Of each row that a check could speak for, `checked` becomes the day of the check,
    and `confidence` high if it answered as expected, low if it did not. Comments,
    order and every other byte stay. Rows whose URL has changed since, rows that were
    checked later, and evidence of private networks are left out.

    \b
    cloudgauge targets fold evidence-*.toml --into targets/ --dry-run
    cloudgauge targets fold evidence-*.toml --into targets/
    cloudgauge targets check
    """
    from cloudgauge.workflow.folding import fold as fold_into

    today = datetime.now(tz=UTC).date()
    with exit_codes():
        document = fold_into(tuple(evidence), into, today=today, dry_run=dry_run)
        Output(format=format, path=output, quiet=quiet).show(document)


def register(app: typer.Typer) -> None:
    """Add the commands to ``cloudgauge targets``."""
    app.command("check")(check)
    app.command("fold")(fold)


def _lint(files: tuple[Path, ...], out: Output) -> None:
    from cloudgauge.workflow.catalogue import check_targets

    checked = check_targets(files, today=datetime.now(tz=UTC).date())
    out.show(checked.document)
    if checked.error_count:
        raise typer.Exit(2)
