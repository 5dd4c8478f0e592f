from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from cloudgauge.catalog.tariffs import load_tariffs
from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.tariff import Charge
from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.pricefeed.hosts import Hosts, Site, hosts_of
from cloudgauge.report.document import Document
from cloudgauge.workflow.refreshing import (
    RefreshChoice,
    RefreshMeans,
    refresh_prices,
    standing,
)
from tests.fakes.price_server import Asked, PriceServer, Told, cut, told, zipped
from tests.pricefeed.payloads import (
    AWS_TIERS,
    HOURLY,
    Json,
    aws_file,
    aws_machine,
    aws_terms,
    aws_traffic,
    azure_machine,
    azure_page,
    azure_tiers,
)
from tests.pricefeed.waits import Waits

TRANSFER = aws_file((aws_traffic("X1"), aws_terms("X1", AWS_TIERS, unit="GB")))
MACHINES = aws_file(
    (
        aws_machine("X2", instanceType="m6i.large", memory="8 GiB"),
        aws_terms("X2", HOURLY, unit="Hrs"),
    )
)


def play_aws(asked: Asked) -> Told:
    root = "/offers/v1.0/aws"
    return {
        f"{root}/AWSDataTransfer/current/index.json": told(TRANSFER),
        f"{root}/AWSDataTransfer/current/us-east-1/index.json": told(TRANSFER),
        f"{root}/AmazonEC2/current/us-east-1/index.json": zipped(MACHINES),
    }.get(asked.path, told({}, 404))


def azure_items(asked: Asked) -> list[Json]:
    return azure_tiers() if "Bandwidth" in asked.target else [azure_machine()]


def refresh(
    folder: Path, provider: str, server: PriceServer, *region_ids: str
) -> Document:
    return refresh_prices(
        RefreshChoice(provider=provider, region_ids=region_ids, folder=folder),
        means_at(server.url),
    )


def means_at(url: str, environment: Mapping[str, str] | None = None) -> RefreshMeans:
    waits = Waits()
    return RefreshMeans(
        waiting=waits.waiting,
        tell=waits.told.append,
        environment=environment or {},
        home=Path("/nowhere"),
        hosts=Hosts(aws=url, azure=url),
    )


def rows_of(document: Document) -> list[tuple[object, ...]]:
    return [row[:11] for row in document.tables[0].rows]


def test_a_refresh_writes_a_dated_overlay_that_is_read_as_prices(
    tmp_path: Path,
) -> None:
    with PriceServer(play_aws) as server:
        document = refresh(tmp_path, "aws", server, "aws/us-east-1")

    (path,) = tmp_path.iterdir()
    assert path.name == "prices-aws-20261122T123045Z.toml"
    assert str(path) in document.title
    tariffs = load_tariffs(overlay=tmp_path)
    (egress,) = tariffs.of("aws/us-east-1", Charge.TO_INTERNET)
    (machine,) = tariffs.of("aws/us-east-1", Charge.MACHINE, sku="m6i.large")
    assert [f"{tier.price:f}" for tier in egress.tiers] == [
        "0.09",
        "0.085",
        "0.07",
        "0.05",
    ]
    assert (egress.unit, egress.unit_bytes) == ("GB", 2**30)
    assert (machine.sku, machine.by_default) == ("m6i.large", True)
    assert machine.tiers[0].price == Decimal("0.2956")
    assert str(path) in machine.row
    assert machine.provenance.sources[0].endswith(
        "/AmazonEC2/current/us-east-1/index.json (retrieved 2026-11-22)"
    )


def test_a_refresh_shows_old_and_new_price_and_per_cent(tmp_path: Path) -> None:
    old = load_tariffs().of("aws/us-east-1", Charge.MACHINE, sku="m6i.large")[0]
    price = old.tiers[0].price
    with PriceServer(play_aws) as server:
        document = refresh(tmp_path, "aws", server, "aws/us-east-1")

    changed = [row for row in rows_of(document) if row[0] == "changed"]
    per_cent = f"{(Decimal('0.2956') - price) / price * 100:+.1f}"
    assert changed == [
        (
            *("changed", "machine", "m6i.large", "aws/us-east-1", 1, "0", "hour"),
            *("USD", f"{price:f}", "0.2956", per_cent),
        )
    ]
    assert document.provenance[0].startswith("http://127.0.0.1:")


def test_without_a_named_region_aws_gives_traffic_alone_and_says_so(
    tmp_path: Path,
) -> None:
    with PriceServer(play_aws) as server:
        document = refresh(tmp_path, "aws", server)

    assert [asked.path for asked in server.asked] == [
        "/offers/v1.0/aws/AWSDataTransfer/current/index.json"
    ]
    assert document.notes[0].startswith("machines were left out")
    shipped = load_tariffs().of("aws/us-east-1", Charge.MACHINE)
    assert load_tariffs(overlay=tmp_path).of("aws/us-east-1", Charge.MACHINE) == shipped


def test_a_machine_that_was_not_answered_for_still_stands_for_its_region() -> None:
    before = load_tariffs()
    (stood,) = (
        one for one in before.of("aws/us-east-1", Charge.MACHINE) if one.by_default
    )
    other = replace(stood, sku="m7i.large", region_ids=("aws/us-east-1",))
    assert [one.by_default for one in standing((other,), before)] == [False]
    both = standing((replace(stood, region_ids=("aws/us-east-1",)), other), before)
    assert [one.by_default for one in both] == [True, False]
    # In a currency without one, what came has to.
    yuan = replace(other, currency="CNY")
    assert [one.by_default for one in standing((yuan,), before)] == [True]


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "prices"
    choice = RefreshChoice(
        provider="aws", region_ids=("aws/us-east-1",), folder=folder, dry_run=True
    )
    with PriceServer(play_aws) as server:
        dry = refresh_prices(choice, means_at(server.url))
        wet = refresh_prices(replace(choice, dry_run=False), means_at(server.url))

    assert rows_of(dry) == rows_of(wet)
    assert "a dry run: nothing was written" in dry.notes
    assert len(list(folder.iterdir())) == 1


def test_the_second_of_two_equal_refreshes_changes_nothing(tmp_path: Path) -> None:
    with PriceServer(play_aws) as server:
        refresh(tmp_path, "aws", server, "aws/us-east-1")
        again = refresh(tmp_path, "aws", server, "aws/us-east-1")

    assert rows_of(again) == []


def test_a_refresh_that_fails_half_way_leaves_the_old_overlay_as_it_was(
    tmp_path: Path,
) -> None:
    with PriceServer(play_aws) as server:
        refresh(tmp_path, "aws", server, "aws/us-east-1")
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()

    def break_off(asked: Asked) -> Told:
        if "AmazonEC2" in asked.path:
            return cut(MACHINES, len(MACHINES) - 10)
        return play_aws(asked)

    with (
        PriceServer(break_off) as server,
        pytest.raises(
            AnswerError, match=r"AmazonEC2/current/us-east-1/index\.json: .* cut off"
        ),
    ):
        refresh(tmp_path, "aws", server, "aws/us-east-1")
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [before]


def test_azure_is_asked_page_after_page_to_the_end(tmp_path: Path) -> None:
    def play(asked: Asked) -> Told:
        items = azure_items(asked)
        if "Bandwidth" not in asked.target:
            return told(azure_page(items))
        if "$skip=2" in asked.target:
            return told(azure_page(items[2:]))
        link = f"{server.url}{asked.target}&$skip=2"
        return told(azure_page(items[:2], link))

    with PriceServer(play) as server:
        refresh(tmp_path, "azure", server, "azure/eastus")

    tariffs = load_tariffs(overlay=tmp_path)
    found = tariffs.of("azure/eastus", Charge.TO_INTERNET)
    (egress,) = (one for one in found if one.row in tariffs.refreshed)
    # What was not answered for is what it was.
    shipped = load_tariffs().of("azure/eastus", Charge.TO_INTERNET)
    (other,) = (one for one in shipped if one.route != egress.route)
    assert [one.tiers for one in found] == [egress.tiers, other.tiers]
    (machine,) = tariffs.of("azure/eastus", Charge.MACHINE)
    assert [f"{tier.price:f}" for tier in egress.tiers] == ["0", "0.087", "0.083"]
    assert machine.tiers[0].price == Decimal("0.096")
    assert all(
        "armRegionName%20eq%20%27eastus%27" in one.target for one in server.asked
    )


def test_a_next_page_on_another_host_is_refused(tmp_path: Path) -> None:
    def play(asked: Asked) -> Told:
        return told(azure_page(azure_items(asked), "https://evil.example/?$skip=3"))

    with (
        PriceServer(play) as server,
        pytest.raises(AnswerError, match="next page is on another host"),
    ):
        refresh(tmp_path, "azure", server)
    assert not list(tmp_path.iterdir())


def test_pages_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    def play(asked: Asked) -> Told:
        return told(azure_page(azure_items(asked), f"{server.url}{asked.target}"))

    with (
        PriceServer(play) as server,
        pytest.raises(AnswerError, match="its pages do not come to an end"),
    ):
        refresh(tmp_path, "azure", server)


def test_an_answer_without_one_usable_price_writes_nothing(tmp_path: Path) -> None:
    def play(_: Asked) -> Told:
        return told(azure_page([]))

    with (
        PriceServer(play) as server,
        pytest.raises(AnswerError, match="azure answered without one usable price"),
    ):
        refresh(tmp_path, "azure", server)
    assert not list(tmp_path.iterdir())


def test_a_region_that_is_not_the_providers_is_the_users_mistake(
    tmp_path: Path,
) -> None:
    with pytest.raises(ConfigError, match='did you mean "aws/us-east-1"'):
        refresh_prices(
            RefreshChoice(
                provider="aws", region_ids=("aws/us-east-11",), folder=tmp_path
            ),
            means_at("http://127.0.0.1:1"),
        )


def test_a_folder_that_cannot_be_made_is_said_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with (
        PriceServer(play_aws) as server,
        pytest.raises(MachineError, match="prices cannot be kept there"),
    ):
        refresh(tmp_path / "file" / "prices", "aws", server)


def test_the_china_site_has_hosts_and_a_currency_of_its_own() -> None:
    assert hosts_of(Site.CHINA).currency == "CNY"
    assert hosts_of(Site.INTERNATIONAL).currency == "USD"
