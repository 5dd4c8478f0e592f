"""What a workload uses in a region, as the vendor would name it: no price yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cloudgauge.billing.workload import Addresses, Machines, Traffic, Workload
from cloudgauge.model.tariff import Charge


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One thing that is used in one region in a month.

    Attributes:
        amount: Machine hours, address hours or bytes; above 0.
        count: How many machines or addresses; 0 for traffic.
        sku: The machine that is asked for; "" for the comparable one.
        route: The route that is asked for; "" for the one taken by default.
        receivers: Words for where the receivers are, the narrowest first.
    """

    region_id: str
    charge: Charge
    amount: Decimal
    count: int = 0
    sku: str = ""
    route: str = ""
    receivers: tuple[str, ...] = ()


def demands_of(workload: Workload, region_id: str) -> Iterator[Demand]:
    """What a workload uses in a region, in the order of its description.

    Traffic from a region to itself is none, and is left out.
    """
    for machines in workload.machines:
        if _is_in(region_id, machines):
            yield Demand(
                region_id=region_id,
                charge=Charge.MACHINE,
                amount=machines.count * machines.hours,
                count=machines.count,
                sku=_by_provider(machines.skus, region_id),
            )
    for addresses in workload.addresses:
        if _is_in(region_id, addresses):
            yield Demand(
                region_id=region_id,
                charge=Charge.PUBLIC_IPV4,
                amount=addresses.count * addresses.hours,
                count=addresses.count,
            )
    for traffic in workload.traffic:
        if _is_in(region_id, traffic) and traffic.to_region != region_id:
            yield _traffic(workload, region_id, traffic)


def _traffic(workload: Workload, region_id: str, traffic: Traffic) -> Demand:
    charge = Charge.TO_INTERNET
    if traffic.to_zones:
        charge = Charge.TO_OTHER_ZONE
    elif traffic.to_region and provider_of(traffic.to_region) == provider_of(region_id):
        charge = Charge.TO_OTHER_REGION
    words = (traffic.to_region, *traffic.receivers)
    route = workload.routes.get(provider_of(region_id), "")
    return Demand(
        region_id=region_id,
        charge=charge,
        amount=Decimal(traffic.volume_bytes),
        route=route if charge is Charge.TO_INTERNET else "",
        receivers=tuple(word for word in words if word),
    )


def internet_traffic(
    workload: Workload, region_id: str, volume_bytes: int
) -> tuple[Traffic, ...]:
    """Another volume to the same receivers, in the workload's proportion.

    To whole bytes; what is left over goes to the first. None where the workload has
    no traffic to the Internet out of the region.

    Args:
        workload: Whose receivers and proportion.
        region_id: Out of which region.
        volume_bytes: In all, > 0.
    """
    found = [
        demand
        for demand in demands_of(workload, region_id)
        if demand.charge is Charge.TO_INTERNET
    ]
    whole = sum(int(demand.amount) for demand in found)
    shares = [int(demand.amount) * volume_bytes // whole for demand in found]
    shares[:1] = [volume_bytes - sum(shares[1:])] if shares else []
    return tuple(
        Traffic(volume_bytes=share, receivers=demand.receivers)
        for share, demand in zip(shares, found, strict=True)
        if share
    )


def provider_of(region_id: str) -> str:
    """The provider in ``provider/code``."""
    return region_id.partition("/")[0]


def _by_provider(skus: Mapping[str, str], region_id: str) -> str:
    return skus.get(provider_of(region_id), skus.get("", ""))


def _is_in(region_id: str, item: Machines | Addresses | Traffic) -> bool:
    return not item.regions or region_id in item.regions
