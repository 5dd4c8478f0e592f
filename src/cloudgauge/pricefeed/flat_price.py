"""A price without tiers, as Alibaba, Huawei and Tencent answer for one thing."""

from decimal import Decimal

from cloudgauge.model.tariff import Charge, Tariff, Tier
from cloudgauge.pricefeed.answer import Machine, NotAPrice, Source


def flat_price(
    price: Decimal,
    currency: str,
    of: Machine | str,
    region_id: str,
    source: Source,
) -> Tariff:
    """Make a tariff of an hour of a machine, or of a GB to the Internet by a route.

    Args:
        price: Of one; 0 stands for "unknown" in these interfaces, never for free.
        currency: As the answer has it, or as the account's site bills.
        of: A machine, or the vendor's word for the route of traffic.
        region_id: Of which it is the price.
        source: Where it is from.

    Raises:
        NotAPrice: The price is 0, or there is no currency.
    """
    if not price:
        msg = "has a price of 0, which stands for unknown"
        raise NotAPrice(msg)
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        msg = "has no currency"
        raise NotAPrice(msg)
    machine = of if isinstance(of, Machine) else None
    return Tariff(
        row=f"{source.url}: {machine.sku if machine else of} in {region_id}",
        charge=Charge.MACHINE if machine else Charge.TO_INTERNET,
        region_ids=(region_id,),
        currency=currency,
        unit="hour" if machine else "GB",
        unit_bytes=1 if machine else 10**9,
        tiers=(Tier(start=Decimal(0), end=None, price=price),),
        route="" if isinstance(of, Machine) else of,
        by_default=machine is None,
        sku=machine.sku if machine else "",
        vcpus=machine.vcpus if machine else None,
        memory_gib=machine.memory_gib if machine else None,
        dated=source.retrieved,
        provenance=source.provenance,
    )
