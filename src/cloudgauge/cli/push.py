"""``cloudgauge push``: sealed sets into a store."""

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
from cloudgauge.cli.sets import progress_line

EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        metavar="URL",
        help="Of a server of your own, such as https://minio.example:9000.",
    ),
]
HttpOption = Annotated[
    bool,
    typer.Option("--allow-http", help="Let an endpoint be plain HTTP, without TLS."),
]


def push(
    sets: Annotated[
        list[Path],
        typer.Argument(metavar="SET...", help="Result sets, or folders of some."),
    ],
    store: Annotated[
        str, typer.Argument(metavar="STORE", help="A folder, or a store's URL.")
    ],
    *,
    endpoint: EndpointOption = None,
    allow_http: HttpOption = False,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Put result sets into a folder or into object storage, for others to read.

    \b
      cloudgauge push results/* /mnt/shared/campaign
      cloudgauge push results/* s3://our-bucket/campaign
      cloudgauge push merged 'oss://our-bucket/campaign?region=ap-southeast-1'

    A set is whole for others only when all of it has arrived. What is interrupted goes
    on where it was when the same is said again; what is there already, the same, is not
    sent; a different set of the same name is refused, and nothing is ever overwritten.

    \b
      /path, file://   a folder, such as a shared disk
      s3://            Amazon S3, or a server of your own (--endpoint)
      gs://  az://     Google Cloud Storage, Azure Blob Storage
      oss:// obs:// cos://   Alibaba Cloud OSS, Huawei Cloud OBS, Tencent Cloud COS

    Keys come from the environment or the file of the provider's own tools (s3:
    AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials); the README has
    them all. They are never in a URL, a result set or a message.
    """
    from cloudgauge.store.remote_access import Access
    from cloudgauge.workflow.sharing import Means
    from cloudgauge.workflow.sharing import push as push_sets

    with exit_codes():
        out = Output(format=format, path=output, quiet=quiet)
        access = Access.of_process(endpoint=endpoint or "", allow_http=allow_http)
        means = Means(access=access, told=progress_line(out), say=out.say)
        out.show(push_sets(sets, store, means=means))
