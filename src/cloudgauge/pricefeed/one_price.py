"""One price of each thing, whatever an answer repeats."""

from collections.abc import Iterable

from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.answer import Skips


def one_each(tariffs: Iterable[Tariff], skips: Skips) -> tuple[Tariff, ...]:
    """One price of each thing: two that differ are none, since nobody knows which."""
    found: dict[tuple[object, ...], list[Tariff]] = {}
    for one in tariffs:
        key = (
            one.charge,
            one.region_ids,
            one.currency,
            one.route,
            one.receivers,
            one.sku,
        )
        found.setdefault(key, []).append(one)
    for same in found.values():
        if any(one.tiers != same[0].tiers for one in same):
            name = same[0].row.rpartition(": ")[2]
            skips.add("two rows of one thing have different prices", name)
    return tuple(
        same[0]
        for same in found.values()
        if all(one.tiers == same[0].tiers for one in same)
    )
