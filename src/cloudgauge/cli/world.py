"""``cloudgauge world``: the private six-cloud Internet, and any command inside it."""

import re
from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.selection import TargetsOption
from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage

ScenarioOption = Annotated[
    Path | None,
    typer.Option(
        "--scenario", metavar="FILE", help="Delays, losses and faults [geography only]."
    ),
]
VantageAtOption = Annotated[
    str | None,
    typer.Option(
        "--vantage-at",
        metavar="LAT,LON",
        help="Where to stand, such as 52.52,13.40, or a name that the scenario "
        "knows [the scenario's first vantage, else Singapore].",
    ),
]
WorldSeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Of every draw [the scenario's, else 1]."),
]
TruthOption = Annotated[
    Path | None,
    typer.Option(
        "--truth", metavar="DIR", help="Keep the log of what really happened here."
    ),
]
_PLACE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*", re.ASCII)


def world(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- COMMAND...]", help="What to run inside it."),
    ] = None,
    *,
    scenario: ScenarioOption = None,
    vantage_at: VantageAtOption = None,
    seed: WorldSeedOption = None,
    truth: TruthOption = None,
    targets: TargetsOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Run a command inside a private Internet that answers for six clouds.

    Every host name of the catalogue resolves, over IPv4 and IPv6, has a
    certificate that the command trusts, and is as far away as its region is:
    real TCP through a delay line, in a network namespace of its own. Nothing
    leaves this machine. It takes root or user namespaces, and /dev/net/tun.

    Without a command, the regions and their round trips are shown.

    \b
    cloudgauge world
    cloudgauge world -- curl -v https://s3.eu-central-1.amazonaws.com/
    cloudgauge world --vantage-at 52.52,13.40 -- ping -c 3 ec2.eu-west-1.amazonaws.com
    cloudgauge world --scenario bad-day.toml --truth truth -- ./my-prober

    The exit code is the command's; 74 if there can be no such network here.
    """
    from cloudgauge.workflow import simulating

    with exit_codes():
        request = simulating.WorldRequest(
            scenario_file=scenario,
            vantage=parse_vantage_at(vantage_at),
            seed=seed,
            target_files=tuple(targets or ()),
        )
        if not command:
            document = simulating.describe_world(request)
            Output(format=format, path=output, quiet=quiet).show(document)
            return
        raise typer.Exit(simulating.run_command(command, request, truth=truth))


def parse_vantage_at(text: str | None) -> Vantage | None:
    """Read ``--vantage-at``: coordinates, or the name of a scenario's vantage.

    Raises:
        ConfigError: It is neither.
    """
    if text is None:
        return None
    where = "--vantage-at"
    try:
        place = _PLACE.fullmatch(text)
        if place is None:
            return Vantage(name=text)
        return Vantage(
            name="here",
            latitude_deg=float(place[1]),
            longitude_deg=float(place[2]),
        )
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc
