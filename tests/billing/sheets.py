"""Price sheets of a vendor that is not there, and prices of real ones as they were."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from cloudgauge.model.target import Confidence, Provenance
from cloudgauge.model.tariff import Allowance, Charge, Pool, Tariff, Tier

DATED = date(2026, 9, 16)
PROVENANCE = Provenance(
    sources=("a price list",), checked=date(2026, 11, 22), confidence=Confidence.HIGH
)


@dataclass(frozen=True)
class Book:
    """A price book of a few rows."""

    tariffs: tuple[Tariff, ...] = ()
    allowances: tuple[Allowance, ...] = ()

    def of(self, region_id: str, charge: Charge) -> tuple[Tariff, ...]:
        return tuple(
            tariff
            for tariff in self.tariffs
            if region_id in tariff.region_ids and tariff.charge is charge
        )


def tiers(*steps: tuple[str, str], end: str | None = None) -> tuple[Tier, ...]:
    """Tiers from their starts and prices."""
    ends = [*(start for start, _ in steps[1:]), end]
    return tuple(
        Tier(
            start=Decimal(start),
            end=None if stop is None else Decimal(stop),
            price=Decimal(price),
        )
        for (start, price), stop in zip(steps, ends, strict=True)
    )


def traffic(
    *region_ids: str,
    steps: tuple[tuple[str, str], ...] = (("0", "0.1"),),
    end: str | None = None,
    charge: Charge = Charge.TO_INTERNET,
    **more: Any,
) -> Tariff:
    """A price of traffic; a GB is 2^30 bytes."""
    settings: dict[str, Any] = {
        "row": f"prices.toml: egress {' '.join(region_ids)}",
        "currency": "USD",
        "unit": "GB",
        "unit_bytes": 2**30,
        "dated": DATED,
        "provenance": PROVENANCE,
    }
    return Tariff(
        charge=charge,
        region_ids=region_ids,
        tiers=tiers(*steps, end=end),
        **(settings | more),
    )


def hourly(
    *region_ids: str, price: str, charge: Charge = Charge.MACHINE, **more: Any
) -> Tariff:
    """A price of an hour."""
    settings: dict[str, Any] = {
        "row": f"prices.toml: {charge} {' '.join(region_ids)} {price}",
        "unit": "hour",
        "unit_bytes": 1,
    }
    return traffic(
        *region_ids, steps=(("0", price),), charge=charge, **(settings | more)
    )


def allowance(*region_ids: str, gb: str, **more: Any) -> Allowance:
    """So many GB of 2^30 bytes free."""
    settings: dict[str, Any] = {
        "row": "prices.toml: allowance[0]",
        "unit": "GB",
        "unit_bytes": 2**30,
        "dated": DATED,
        "provenance": PROVENANCE,
    }
    return Allowance(
        region_ids=region_ids,
        volume=Decimal(gb),
        **(settings | more),
    )


AWS_US = traffic(
    "aws/us-east-1",
    steps=(("0", "0.09"), ("10240", "0.085"), ("51200", "0.07"), ("153600", "0.05")),
    route="default",
)
AWS_BR = traffic(
    "aws/sa-east-1",
    steps=(("0", "0.15"), ("10240", "0.138"), ("51200", "0.126"), ("153600", "0.114")),
    route="default",
)
AWS_FREE = allowance("aws/us-east-1", "aws/sa-east-1", gb="100")
AZURE_US = traffic(
    "azure/eastus",
    steps=(("0", "0"), ("100", "0.087"), ("10335", "0.083")),
    pool=Pool.ACCOUNT,
)
GCP_US = traffic(
    "gcp/us-central1",
    steps=(("0", "0"), ("200", "0.085"), ("10240", "0.065")),
    unit="GiB",
    route="standard-tier",
)
ALIBABA_CN = traffic("alibaba/cn-hangzhou", steps=(("0", "0.123"),), route="bgp")
ALL = Book((AWS_US, AWS_BR, AZURE_US, GCP_US, ALIBABA_CN), (AWS_FREE,))
