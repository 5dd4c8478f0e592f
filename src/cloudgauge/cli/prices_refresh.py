"""``cloudgauge prices refresh``: list prices anew, from the providers themselves."""

import os
import time
from datetime import UTC, datetime
from enum import StrEnum
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


class PricedProvider(StrEnum):
    """Whose price interface is known."""

    ALIBABA = "alibaba"
    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"
    HUAWEI = "huawei"
    TENCENT = "tencent"


class AccountSite(StrEnum):
    """Where an account of Alibaba, Huawei or Tencent is."""

    INTERNATIONAL = "international"
    CHINA = "china"


def refresh_command(
    *,
    provider: Annotated[
        PricedProvider, typer.Option("--provider", help="Whose prices to ask for.")
    ],
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="ID",
            help="Only this region, such as aws/eu-west-1; repeatable.",
        ),
    ] = None,
    site: Annotated[
        AccountSite,
        typer.Option(
            "--site", help="Where the account of Alibaba, Huawei or Tencent is."
        ),
    ] = AccountSite.INTERNATIONAL,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would change, and write nothing."),
    ] = False,
    format: FormatOption = Format.TABLE,
    output: OutputOption = None,
    quiet: QuietOption = False,
) -> None:
    """Ask a provider for its list prices, keep them, and show what changed.

    \b
    cloudgauge prices refresh --provider azure
    cloudgauge prices refresh --provider aws --region aws/eu-west-1 --dry-run

    AWS and Azure need no key. Machines of AWS are read for named regions alone: their
    file has some 450 MB a region. The others need one, from the environment or from
    the file of the provider's SDKs; it is never stored or shown:

    \b
    gcp      GOOGLE_API_KEY
    alibaba  ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET,
             or ~/.alibabacloud/credentials
    huawei   HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK, or ~/.huaweicloud/credentials
    tencent  TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY,
             or ~/.tencentcloud/credentials

    What came is kept as a dated file in cloudgauge/prices of your data folder, whole
    or not at all; the shipped sheets and older files are never touched.
    """
    with exit_codes():
        from cloudgauge.catalog.price_overlay import FOLDER_NAME
        from cloudgauge.pricefeed.fetching import Waiting
        from cloudgauge.pricefeed.hosts import Site
        from cloudgauge.settings.user_data import user_data_folder
        from cloudgauge.workflow.refreshing import (
            RefreshChoice,
            RefreshMeans,
            refresh_prices,
        )

        out = Output(format=format, path=output, quiet=quiet)
        choice = RefreshChoice(
            provider=provider.value,
            region_ids=tuple(region or ()),
            site=Site(site.value),
            folder=user_data_folder(os.environ) / FOLDER_NAME,
            dry_run=dry_run,
        )
        means = RefreshMeans(
            waiting=Waiting(
                now_s=time.monotonic,
                today=lambda: datetime.now(UTC),
                sleep=time.sleep,
            ),
            tell=out.say,
            environment=os.environ,
            home=Path.home(),
        )
        out.show(refresh_prices(choice, means))


def register(app: typer.Typer) -> None:
    """Add the command to those of the price sheets."""
    app.command("refresh")(refresh_command)
