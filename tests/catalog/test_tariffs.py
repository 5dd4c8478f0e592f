from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cloudgauge.catalog.files import ReadFile, user_file
from cloudgauge.catalog.tariffs import Tariffs, build_tariffs, load_tariffs
from cloudgauge.errors import ConfigErrors
from cloudgauge.model.target import Confidence
from cloudgauge.model.tariff import Charge, Pool, Tier
from tests.catalog.price_overlays import overlay_text
from tests.catalog.target_files import (
    TomlValue,
    allowance,
    egress,
    endpoint,
    ipv4,
    machine,
    read,
    region,
    transfer,
    write,
)

HERE = "acme/rotterdam-1"
DELFT = region(id="acme/delft-1") + endpoint(
    region="acme/delft-1", url="https://delft.example.net/"
)
ACME = (region(), endpoint(), DELFT)


def tariffs_of(folder: Path, *rows: str) -> Tariffs:
    return build_tariffs((read(folder, *rows, *ACME),))


def tier(start: int, end: int | None, price: str) -> Tier:
    return Tier(
        start=Decimal(start),
        end=None if end is None else Decimal(end),
        price=Decimal(price),
    )


def test_tiers_become_one_tariff_that_names_each_of_its_rows(tmp_path: Path) -> None:
    found = tariffs_of(
        tmp_path,
        '[sources]\nlist = "our price list"\n',
        egress(tier_end=100, price="0", source=["list"], pool="account", note="Free."),
        egress(tier_end=5, route="premium", by_default=False),
        egress(
            tier_start=100,
            source=["a bill", "list"],
            confidence="low",
            dated="2026-08-01",
            checked="2026-11-20",
            pool="account",
            note="Free.",
        ),
    )
    plain, premium = found.of(HERE, Charge.TO_INTERNET)
    assert plain.row == f"{tmp_path / 'mine.toml'}: egress[0], egress[2]"
    assert plain.tiers == (tier(0, 100, "0"), tier(100, None, "0.09"))
    assert (plain.route, plain.by_default, plain.receivers) == ("default", True, "")
    assert (plain.currency, plain.unit, plain.unit_bytes) == ("EUR", "GB", 10**9)
    assert plain.pool is Pool.ACCOUNT
    assert plain.dated == date(2026, 8, 1)
    assert plain.provenance.checked == date(2026, 11, 20)
    assert plain.provenance.confidence is Confidence.LOW
    assert plain.provenance.sources == ("our price list", "a bill")
    assert plain.note == "Free."
    assert premium.tiers == (tier(0, 5, "0.09"),)
    assert premium.pool is Pool.REGION
    assert found.source_keys == {"our price list": "list"}


def test_a_machine_an_address_and_traffic_inside_become_tariffs(
    tmp_path: Path,
) -> None:
    found = tariffs_of(
        tmp_path,
        machine(memory_gib="3.75"),
        machine(sku="acme.small", by_default=False),
        ipv4(),
        transfer(receivers="acme/delft-1"),
        transfer(destination="same-region-other-zone"),
    )
    large, small = found.of(HERE, Charge.MACHINE)
    assert (large.sku, large.vcpus, large.memory_gib) == (
        *("acme.large", 2),
        Decimal("3.75"),
    )
    assert (large.unit, large.unit_bytes, large.route) == ("hour", 1, "")
    assert large.cost_of(Decimal(730)) == large.cost_of(Decimal("730.0"))
    assert not small.by_default
    (address,) = found.of(HERE, Charge.PUBLIC_IPV4)
    assert address.tiers == (tier(0, None, "0.005"),)
    assert address.by_default
    (across,) = found.of(HERE, Charge.TO_OTHER_REGION)
    assert across.receivers == "acme/delft-1"
    (zones,) = found.of(HERE, Charge.TO_OTHER_ZONE)
    assert zones.receivers == ""
    assert len(found.rows_of(HERE)) == 5
    assert found.rows_of("acme/delft-1") == ()


def test_what_is_asked_for_can_be_narrowed(tmp_path: Path) -> None:
    found = tariffs_of(
        tmp_path,
        egress(),
        egress(currency="USD"),
        egress(receivers="Australia"),
        egress(route="premium", by_default=False),
        machine(),
        machine(sku="acme.small", by_default=False),
    )
    internet = Charge.TO_INTERNET
    assert len(found.of(HERE, internet)) == 4
    assert len(found.of(HERE, internet, currency="EUR")) == 3
    assert len(found.of(HERE, internet, currency="EUR", route="default")) == 2
    (everywhere,) = found.of(
        HERE, internet, currency="EUR", route="default", receivers=""
    )
    assert everywhere.receivers == ""
    (small,) = found.of(HERE, Charge.MACHINE, sku="acme.small")
    assert small.sku == "acme.small"
    assert found.of(HERE, Charge.PUBLIC_IPV4) == ()


def test_regions_with_the_same_rows_share_a_tariff(tmp_path: Path) -> None:
    both = ["acme/rotterdam-1", "acme/delft-1"]
    found = tariffs_of(
        tmp_path,
        egress(regions=["acme/rotterdam-1", "acme/delft-1"], tier_end=100),
        egress(tier_start=100, price="0.05"),
        machine(regions=["acme/rotterdam-1", "acme/delft-1"]),
    )
    (here,) = found.of(HERE, Charge.TO_INTERNET)
    (there,) = found.of("acme/delft-1", Charge.TO_INTERNET)
    assert (len(here.tiers), len(there.tiers)) == (2, 1)
    # Nobody knows what lies past the last tier that is known.
    assert there.cost_of(Decimal(101)) is None
    (shared,) = found.of(HERE, Charge.MACHINE)
    assert set(shared.region_ids) == set(both)


def test_an_allowance_keeps_its_regions_and_routes(tmp_path: Path) -> None:
    found = tariffs_of(
        tmp_path,
        allowance(volume="0.5", unit_bytes=2**30, routes=["default"], note="Once."),
    )
    (given,) = found.allowances
    assert given.row.endswith("mine.toml: allowance[0]")
    assert (given.volume, given.unit, given.unit_bytes) == (
        *(Decimal("0.5"), "GB"),
        2**30,
    )
    assert (given.routes, given.region_ids, given.note) == (
        *(("default",), (HERE,)),
        "Once.",
    )
    assert given.dated == date(2026, 9, 1)
    assert found.allowances_of(HERE) == (given,)
    assert found.allowances_of("acme/delft-1") == ()


def test_an_own_price_speaks_alone_for_its_charge_region_and_currency(
    tmp_path: Path,
) -> None:
    own = write(
        tmp_path,
        egress(regions=["aws/us-east-1"], currency="USD", price="0.01"),
        machine(regions=["aws/us-east-1"]),
    )
    shipped, found = load_tariffs(), load_tariffs((own,))
    (mine,) = found.of("aws/us-east-1", Charge.TO_INTERNET)
    assert mine.tiers == (tier(0, None, "0.01"),)
    (east,) = found.of("aws/us-east-2", Charge.TO_INTERNET)
    assert "aws/us-east-1" not in east.region_ids
    assert east.tiers == shipped.of("aws/us-east-2", Charge.TO_INTERNET)[0].tiers
    # A machine in another currency stands beside those in USD.
    machines = found.of("aws/us-east-1", Charge.MACHINE)
    assert {one.currency for one in machines} == {"EUR", "USD"}
    assert found.refreshed == frozenset()


def test_a_refresh_takes_the_place_of_shipped_prices_and_is_marked(
    tmp_path: Path,
) -> None:
    us: dict[str, TomlValue] = {"regions": ["aws/us-east-1"], "currency": "USD"}
    older = overlay_text(
        egress(**us, price="0.08"), ipv4(**us), at="2026-10-01T00:00:00Z"
    )
    newer = overlay_text(egress(**us, price="0.07"), at="2026-11-01T00:00:00Z")
    # Names say nothing of the order: the time inside does.
    (tmp_path / "prices-aws-1.toml").write_text(newer, encoding="utf-8")
    (tmp_path / "prices-aws-2.toml").write_text(older, encoding="utf-8")
    (tmp_path / "notes.toml").write_text("not a sheet", encoding="utf-8")
    found = load_tariffs((), tmp_path)
    (one,) = found.of("aws/us-east-1", Charge.TO_INTERNET)
    assert one.row == f"{tmp_path / 'prices-aws-1.toml'}: egress[0]"
    assert one.tiers == (tier(0, None, "0.07"),)
    # What only the older one knows is still known.
    (address,) = found.of("aws/us-east-1", Charge.PUBLIC_IPV4)
    assert found.refreshed == {one.row, address.row}
    assert found.of("aws/us-east-2", Charge.TO_INTERNET)

    own = write(tmp_path, egress(**us, price="0.01"))
    (mine,) = load_tariffs((own,), tmp_path).of("aws/us-east-1", Charge.TO_INTERNET)
    assert mine.tiers == (tier(0, None, "0.01"),)


def test_a_refresh_takes_no_price_away_of_which_it_says_nothing(
    tmp_path: Path,
) -> None:
    us: dict[str, TomlValue] = {"regions": ["gcp/us-central1"], "currency": "USD"}
    text = overlay_text(
        egress(**us, route="standard-tier", by_default=False, price="0.07"),
        machine(**us, sku="x9", by_default=False),
        provider="gcp",
    )
    (tmp_path / "prices-gcp.toml").write_text(text, encoding="utf-8")
    shipped, found = load_tariffs(), load_tariffs((), tmp_path)
    for charge, kept in ((Charge.TO_INTERNET, 3), (Charge.MACHINE, 1)):
        now = found.of("gcp/us-central1", charge)
        old = [one for one in now if one.row not in found.refreshed]
        assert len(old) >= kept
        assert len(now) == len(old) + 1
        before = {one.row: one for one in shipped.of("gcp/us-central1", charge)}
        # With the age and the default that they had.
        assert all(one.dated == before[one.row].dated for one in old)
        assert all(one.by_default == before[one.row].by_default for one in old)
    (standard,) = found.of("gcp/us-central1", Charge.TO_INTERNET, route="standard-tier")
    assert standard.tiers == (tier(0, None, "0.07"),)


def test_the_default_of_the_last_sheet_that_names_one_stands_alone(
    tmp_path: Path,
) -> None:
    us: dict[str, TomlValue] = {"regions": ["aws/us-east-1"], "currency": "USD"}
    text = overlay_text(
        egress(**us, route="new-way", by_default=True), machine(**us, sku="x9")
    )
    (tmp_path / "prices-aws.toml").write_text(text, encoding="utf-8")
    found = load_tariffs((), tmp_path)
    for charge in (Charge.TO_INTERNET, Charge.MACHINE):
        now = found.of("aws/us-east-1", charge, currency="USD")
        assert [one.row in found.refreshed for one in now if one.by_default] == [True]
        assert any(not one.by_default for one in now)
    # Elsewhere the shipped default stands.
    (east,) = found.of("aws/us-east-2", Charge.TO_INTERNET)
    assert east.by_default


def test_an_allowance_of_a_refresh_takes_the_place_of_the_shipped(
    tmp_path: Path,
) -> None:
    text = overlay_text(allowance(regions=["aws/us-east-1"], volume=200))
    (tmp_path / "prices-aws.toml").write_text(text, encoding="utf-8")
    found = load_tariffs((), tmp_path)
    (given,) = found.allowances_of("aws/us-east-1")
    assert given.volume == Decimal(200)
    assert given.row in found.refreshed
    # One allowance over all regions is not cut in pieces.
    assert found.allowances_of("aws/us-east-2") == ()
    assert found.allowances_of("alibaba/cn-hangzhou")


def test_a_folder_that_is_not_there_brings_nothing(tmp_path: Path) -> None:
    assert load_tariffs((), tmp_path / "prices") == load_tariffs()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((egress(tier_end=100), egress(tier_start=200)), r"egress\[1\].tier_start: w"),
        ((egress(tier_end=100), egress(tier_start=50)), r"egress\[1\].tier_start: wa"),
        ((egress(tier_start=5),), r"egress\[0\].tier_start: the first tier of acme/"),
        ((egress(), egress()), r"egress\[1\].tier_start: acme/rotterdam-1 has its la"),
        ((egress(regions=["acme/rom"]),), r"egress\[0\].regions\[0\]: no region"),
        ((machine(source=[]),), r"machine\[0\].source: want at least one source"),
        ((ipv4(dated=None),), r"ipv4\[0\].dated: is missing"),
        ((transfer(price=0.02),), r"transfer\[0\].price: want an exact price"),
    ],
)
def test_sheets_that_do_not_fit_are_refused_with_file_and_row(
    tmp_path: Path, rows: tuple[str, ...], told: str
) -> None:
    with pytest.raises(ConfigErrors, match=rf"mine\.toml: {told}"):
        tariffs_of(tmp_path, *rows)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file: ReadFile = user_file(
        write(tmp_path, *ACME, egress(tier_start=5), machine(), machine())
    )
    with pytest.raises(ConfigErrors) as caught:
        build_tariffs((file,))
    assert len(caught.value.errors) == 2
