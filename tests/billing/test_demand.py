from decimal import Decimal

from cloudgauge.billing.demand import Demand, demands_of, internet_traffic
from cloudgauge.billing.workload import Addresses, Machines, Traffic, Workload
from cloudgauge.model.tariff import Charge


def test_machines_and_addresses_are_counted_in_hours() -> None:
    workload = Workload(
        name="shop",
        machines=(
            Machines(count=3, hours=Decimal(10), skus={"aws": "m7i.large", "": "big"}),
            Machines(count=1, skus={"gcp": "e2"}, regions=("aws/eu-west-1",)),
            Machines(count=1, regions=("gcp/europe-west1",)),
        ),
        addresses=(Addresses(count=2), Addresses(count=1, regions=("gcp/x",))),
    )
    assert list(demands_of(workload, "aws/eu-west-1")) == [
        Demand(
            region_id="aws/eu-west-1",
            charge=Charge.MACHINE,
            amount=Decimal(30),
            count=3,
            sku="m7i.large",
        ),
        Demand(
            region_id="aws/eu-west-1",
            charge=Charge.MACHINE,
            amount=Decimal(730),
            count=1,
        ),
        Demand(
            region_id="aws/eu-west-1",
            charge=Charge.PUBLIC_IPV4,
            amount=Decimal(1460),
            count=2,
        ),
    ]
    skus = [one.sku for one in demands_of(workload, "gcp/europe-west1")]
    assert skus == ["big", "", ""]


def test_traffic_is_what_its_way_makes_it() -> None:
    workload = Workload(
        name="traffic",
        traffic=(
            Traffic(volume_bytes=1, receivers=("mainland-china",)),
            Traffic(volume_bytes=2, to_region="aws/eu-west-1", receivers=("europe",)),
            Traffic(volume_bytes=3, to_zones=True),
        ),
        routes={"gcp": "standard-tier"},
    )

    def found(region_id: str) -> list[tuple[Charge, int, tuple[str, ...], str]]:
        return [
            (one.charge, int(one.amount), one.receivers, one.route)
            for one in demands_of(workload, region_id)
        ]

    assert found("aws/us-east-1") == [
        (Charge.TO_INTERNET, 1, ("mainland-china",), ""),
        (Charge.TO_OTHER_REGION, 2, ("aws/eu-west-1", "europe"), ""),
        (Charge.TO_OTHER_ZONE, 3, (), ""),
    ]
    # To another vendor's region it goes over the Internet, by the route asked for.
    assert found("gcp/us-central1") == [
        (Charge.TO_INTERNET, 1, ("mainland-china",), "standard-tier"),
        (Charge.TO_INTERNET, 2, ("aws/eu-west-1", "europe"), "standard-tier"),
        (Charge.TO_OTHER_ZONE, 3, (), ""),
    ]
    assert [one[1] for one in found("aws/eu-west-1")] == [1, 3]


def test_another_volume_goes_to_the_same_receivers_in_the_same_proportion() -> None:
    workload = Workload(
        name="readers",
        machines=(Machines(count=1),),
        traffic=(
            Traffic(volume_bytes=100),
            Traffic(volume_bytes=200, receivers=("mainland-china",)),
            Traffic(volume_bytes=1, to_region="gcp/us-central1"),
            Traffic(volume_bytes=500, to_zones=True),
        ),
    )
    found = internet_traffic(workload, "aws/us-east-1", 1_000)
    assert found == (
        Traffic(volume_bytes=333, receivers=()),
        Traffic(volume_bytes=664, receivers=("mainland-china",)),
        Traffic(volume_bytes=3, receivers=("gcp/us-central1",)),
    )
    few = internet_traffic(workload, "aws/us-east-1", 2)
    assert few == (
        Traffic(volume_bytes=1),
        Traffic(volume_bytes=1, receivers=("mainland-china",)),
    )
    inside = Workload(name="inside", traffic=(Traffic(volume_bytes=1, to_zones=True),))
    assert internet_traffic(inside, "aws/us-east-1", 10) == ()
