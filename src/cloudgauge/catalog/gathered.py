"""All rows of all files that fit their schema, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from cloudgauge.catalog.files import (
    Place,
    ReadFile,
    endpoint_rows,
    object_rows,
    price_rows,
    region_rows,
)
from cloudgauge.catalog.price_rows import PriceRow
from cloudgauge.catalog.rows import (
    EndpointRow,
    ObjectRow,
    RegionRow,
    TargetFile,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredRows:
    """All rows that fit their schema, and what other files claim.

    Attributes:
        claimed_ids: Regions that files with errors name all the same.
        all_known: Whether every file could be read so far.
    """

    regions: tuple[tuple[Place, RegionRow, TargetFile], ...]
    endpoints: tuple[tuple[Place, EndpointRow, TargetFile], ...]
    objects: tuple[tuple[Place, ObjectRow, TargetFile], ...]
    prices: tuple[tuple[Place, PriceRow, TargetFile], ...]
    claimed_ids: frozenset[str]
    all_known: bool

    @property
    def hosted(self) -> tuple[tuple[Place, EndpointRow | ObjectRow, TargetFile], ...]:
        """Endpoints and objects: whatever has a URL in a region."""
        return (*self.endpoints, *self.objects)

    @property
    def region_keys(self) -> Iterator[tuple[Place, str, str]]:
        """Every key that names a region, with what it names."""
        for place, row, _ in self.hosted:
            yield place, "region", row.region
        for place, price, _ in self.prices:
            for index, region_id in enumerate(price.regions):
                yield place, f"regions[{index}]", region_id


def gather(files: tuple[ReadFile, ...]) -> GatheredRows:
    """Take every row of every file that fits, with its place."""
    return GatheredRows(
        regions=tuple(region_rows(files)),
        endpoints=tuple(endpoint_rows(files)),
        objects=tuple(object_rows(files)),
        prices=tuple(price_rows(files)),
        claimed_ids=frozenset().union(*(file.claimed_ids or () for file in files)),
        all_known=all(file.claimed_ids is not None for file in files),
    )


def host_of(row: EndpointRow | ObjectRow) -> str:
    """The host in a row's URL, lower case."""
    return urlsplit(row.url).hostname or ""
