"""A cloud of three regions with price sheets of its own, known to the last digit."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.catalog.target_files import (
    allowance,
    egress,
    endpoint,
    ipv4,
    machine,
    region,
    transfer,
    write,
)

HOME, AWAY, DEAR = "acme/home-1", "acme/away-1", "acme/dear-1"
ALL = [HOME, AWAY, DEAR]
GIB = 2**30
SHOP: Mapping[str, Any] = {
    "schema": 1,
    "name": "shop",
    "machine": [{"count": 2, "hours": 10}],
    "egress": [{"volume": "150 GiB"}],
}


def acme(folder: Path) -> Path:
    """The target file.

    At home an hour of a machine is 0.1 EUR and 0.4 for the big one; traffic is 0.5 a
    GB of 2^30, 0.25 from 100 on, 9 to mainland China; 100 GB are free over home and
    away. Away a machine is 0.2 EUR and traffic 0.5 to 1000 GB and not known beyond.
    At the dear one a machine is 0.7 CNY, and traffic has no price.
    """
    gib: Mapping[str, Any] = {"unit": "GB", "unit_bytes": GIB, "currency": "EUR"}
    return write(
        folder,
        *(
            part
            for one, country in zip(ALL, ("DE", "US", "CN"), strict=True)
            for part in (
                region(id=one, name=one.title(), country=country),
                endpoint(region=one, url=f"https://{one[5:]}.example.net/"),
            )
        ),
        machine(regions=[HOME], price="0.1"),
        machine(regions=[HOME], price="0.4", sku="acme.big", by_default=False),
        machine(regions=[AWAY], price="0.2", dated="2026-10-01"),
        machine(regions=[DEAR], price="0.7", currency="CNY"),
        ipv4(regions=[AWAY]),
        egress(regions=[HOME], price="0.5", tier_end=100, **gib),
        egress(regions=[HOME], price="0.25", tier_start=100, **gib),
        egress(regions=[HOME], price="9", receivers="mainland China", **gib),
        egress(regions=[HOME], price="7", route="fast", by_default=False, **gib),
        egress(regions=[AWAY], price="0.5", tier_end=1000, **gib),
        transfer(regions=[HOME], price="0.02", receivers="the Americas", **gib),
        transfer(
            regions=[HOME], price="0.01", destination="same-region-other-zone", **gib
        ),
        allowance(regions=[HOME, AWAY], unit_bytes=GIB),
        name="acme.toml",
    )
