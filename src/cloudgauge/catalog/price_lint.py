"""What is wrong between price rows: tiers that do not follow one another."""

from collections.abc import Iterable, Iterator

from cloudgauge.catalog.files import Place
from cloudgauge.catalog.rows import EgressRow, TargetFile
from cloudgauge.errors import ConfigError

_Rows = Iterable[tuple[Place, EgressRow, TargetFile]]


def broken_tiers(rows: _Rows) -> Iterator[ConfigError]:
    """Find tiers that end before they start, overlap, leave a gap or stand twice.

    The tiers of one price follow one another in the order of the file. The user's
    own prices are a sheet of their own beside the shipped ones. A row is told once,
    however many regions it is for.
    """
    last: dict[tuple[str | bool, ...], tuple[Place, EgressRow]] = {}
    for place, row, _ in rows:
        if row.tier_end is not None and row.tier_end <= row.tier_start:
            problem = f"want more than tier_start {row.tier_start}, got {row.tier_end}"
            yield ConfigError(place.key("tier_end"), problem)
        problems = []
        for region_id in row.regions:
            key = _price_of(region_id, place, row)
            if key in last:
                problems.append(_misfit(region_id, *last[key], row))
            last[key] = (place, row)
        told = next((problem for problem in problems if problem), None)
        if told:
            yield ConfigError(place.key("tier_start"), told)


def _price_of(region_id: str, place: Place, row: EgressRow) -> tuple[str | bool, ...]:
    own = place.file.provider is None
    names = (row.destination, row.receivers, row.route, row.currency)
    return (own, region_id, *names)


def _misfit(
    region_id: str, place: Place, before: EgressRow, row: EgressRow
) -> str | None:
    if before.tier_end is None:
        return f"{region_id} has its last tier already at {place.key('tier_start')}"
    if row.tier_start != before.tier_end:
        return (
            f"want {before.tier_end}, where the tier of {region_id} at "
            f"{place.key('tier_end')} ends, got {row.tier_start}"
        )
    if row.unit != before.unit:
        return f"want the unit {before.unit} of the tier before it, got {row.unit}"
    return None
