"""``cloudgauge pull``: result sets out of a store, and what there is."""

from pathlib import Path
from typing import Annotated

import typer

from cloudgauge.cli.output import (
    Format,
    FormatOption,
    Output,
    QuietOption,
    exit_codes,
)
from cloudgauge.cli.push import EndpointOption, HttpOption
from cloudgauge.cli.sets import progress_line
from cloudgauge.errors import ConfigError


def pull(
    store: Annotated[
        str,
        typer.Argument(
            metavar="STORE[/SET]", help="A folder or a store's URL, or a set in it."
        ),
    ],
    *,
    into: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FOLDER", help="Where the sets' folders go."
        ),
    ] = Path("results"),
    show: Annotated[
        bool, typer.Option("--list", help="Only tell what sets are there.")
    ] = False,
    max_size: Annotated[
        str,
        typer.Option("--max-size", metavar="SIZE", help="Of one set, at most."),
    ] = "20 GB",
    endpoint: EndpointOption = None,
    allow_http: HttpOption = False,
    format: FormatOption = Format.TABLE,
    quiet: QuietOption = False,
) -> None:
    """Bring result sets from a folder or from object storage, verified by hash.

    \b
      cloudgauge pull s3://our-bucket/campaign --list
      cloudgauge pull s3://our-bucket/campaign -o results
      cloudgauge pull s3://our-bucket/campaign/20260115T120000Z-lab-b02ea170

    A set is put together beside its place and appears there when every file has the
    hash that its SHA256SUMS says. Sets that are not whole yet, and sets that were
    changed where they lie, are refused. What is here already, the same, stays.

    show, rank, compare, report, export and all others that read result sets take a
    store's URL as well; they keep what they pull in cloudgauge/sets of your cache
    folder ($XDG_CACHE_HOME or ~/.cache), which may be deleted at any time.
    """
    from cloudgauge.model.quantity import parse_byte_count
    from cloudgauge.store.remote_access import Access
    from cloudgauge.store.stored_set import Limits
    from cloudgauge.workflow.sharing import Means, listing
    from cloudgauge.workflow.sharing import pull as pull_sets

    with exit_codes():
        out = Output(format=format, quiet=quiet)
        try:
            limits = Limits(size_bytes=parse_byte_count(max_size))
        except ValueError as exc:
            where = "--max-size"
            raise ConfigError(where, str(exc)) from exc
        means = Means(
            access=Access.of_process(endpoint=endpoint or "", allow_http=allow_http),
            limits=limits,
            told=progress_line(out),
            say=out.say,
        )
        document = (
            listing(store, means=means) if show else pull_sets(store, into, means=means)
        )
        out.show(document)
