"""``cloudgauge targets locate``: proof that an endpoint is where it says."""

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    OutputOption,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.selection import ProviderOption, TargetsOption
from cloudgauge.cli.sets import SetsArgument, at_hand


def locate_command(
    paths: SetsArgument,
    *,
    provider: ProviderOption = None,
    targets: TargetsOption = None,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Tell whether endpoints are where they say, by the speed of light.

    Each round trip from a vantage of known place bounds how far away the endpoint can
    be. From several vantages an endpoint comes out as confirmed (no other region of
    its provider fits), possible, refuted or anycast; with too little seen, unknown.
    Vantages need latitude and longitude in their vantage.toml.
    """
    from cloudgauge.workflow.locating import locate_targets

    with exit_codes():
        out = Output(format=format, path=output, quiet=quiet)
        document = locate_targets(
            at_hand(paths, out),
            providers=tuple(provider or ()),
            target_files=tuple(targets or ()),
        )
        out.show(document)


def register(app: typer.Typer) -> None:
    """Add the command to those of the catalogue."""
    app.command("locate")(locate_command)
