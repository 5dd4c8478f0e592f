"""What stands below every table of conclusions: bursts, and the A/A controls."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from cloudgauge.analysis.controls import Controls
from cloudgauge.analysis.metric import Metric
from cloudgauge.report.document import Column, Scale
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.doubts import ending_doubts, network_doubts

_NAMED = 3
_NO_SAMPLE = "no sample: nothing of it is in any figure"


def sets_doubts(sets: Iterable[ResultSet]) -> tuple[str, ...]:
    """Doubts about sets as a whole, each once, with the folders that it is of."""
    found: dict[str, list[str]] = {}
    sources: dict[str, dict[str, str]] = {}
    count = 0
    for result in sets:
        count += 1
        manifest = result.manifest
        made = manifest.run.imported
        if made is not None:
            here = sources.setdefault(manifest.run.vantage.name, {})
            here[made.source_sha256] = made.source or "a frame"
        for doubt in (
            *network_doubts(manifest.run),
            *ending_doubts(manifest.outcome),
            *(() if manifest.counts.samples else (_NO_SAMPLE,)),
        ):
            found.setdefault(doubt, []).append(result.folder.name)
    return (
        *(
            doubt if len(names) == count else f"{', '.join(names)}: {doubt}"
            for doubt, names in found.items()
        ),
        *_several_sources(sources),
    )


def _several_sources(sources: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Say where several imports are taken as one, which their words alone say."""
    for vantage, names in sources.items():
        if len(names) > 1:
            yield (
                f"{len(names)} imports from vantage {vantage} are taken as one source, "
                f"since they say to have measured the same: {', '.join(names.values())}"
            )


def left_out(why: str, names: Iterable[str]) -> tuple[str, ...]:
    """One sentence on what was asked for and is in no row; none if nothing is."""
    known = sorted(set(names))
    if not known:
        return ()
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return (f"{why}: {', '.join(known[:_NAMED])}{more}",)


def objectless_in(sets: Iterable[ResultSet], metric: Metric) -> tuple[str, ...]:
    """Regions with nothing to download, as far as that is what was asked for."""
    if not metric.is_rate:
        return ()
    return tuple(
        region_id for result in sets for region_id in result.manifest.plan.objectless
    )


def without_object(
    objectless: Iterable[str], patterns: Sequence[str]
) -> tuple[str, ...]:
    """Name the regions that were meant and have nothing to download.

    Args:
        objectless: Of `objectless_in`.
        patterns: What was asked for; ``*`` and ``?`` match as in file names.
    """
    return left_out(
        "no throughput target, so in no row",
        (
            region_id
            for region_id in objectless
            if any(fnmatchcase(region_id, pattern) for pattern in patterns)
        ),
    )


def burst_note(bursts: Iterable[bool]) -> Iterator[str]:
    """Say that what is shown is of a burst, if some of it is."""
    if any(bursts):
        yield (
            "burst: fewer than three quarters of a day have two rounds or more; this "
            "says how it was in that time, and nothing of other hours or days"
        )


def controls_note(controls: Controls) -> str:
    """How often the A/A controls differ, in one sentence."""
    if not controls.tests:
        return "A/A: no control here, so nothing says how often equal things differ"
    differing = controls.differing
    named = f": {', '.join(differing[:_NAMED])}" if differing else ""
    more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
    return (
        f"A/A: {len(differing)} of {controls.tests} controls, each a target measured "
        f"as two, differ at 5 % (1 in 20 is expected){named}{more}"
    )


def short_names(target_ids: Iterable[str]) -> dict[str, str]:
    """What to call targets where there is little room: their region, if it has one."""
    ids = set(target_ids)
    regions = Counter(target_id.partition(":")[0] for target_id in ids)
    return {
        target_id: region if regions[region] == 1 else target_id
        for target_id in ids
        for region in (target_id.partition(":")[0],)
    }


def unit_of(metric: Metric) -> tuple[str, Scale]:
    """The end of the names of columns in a metric's unit, and how they are written."""
    if metric.is_rate:
        return "mbit_per_s", Scale.MEGABITS_PER_S
    return "ms", Scale.MILLISECONDS


def beyond_column(name: str, label: str) -> Column:
    """What a time of that name is beyond where timeouts reach it."""
    return Column(
        name=f"{name}_beyond_ms",
        label=f"{label} beyond",
        scale=Scale.MILLISECONDS,
        beyond=f"{name}_ms",
    )


def open_end(value: float) -> float | None:
    """A number, or None where it is infinite: nothing is known of that end."""
    return value if math.isfinite(value) else None
