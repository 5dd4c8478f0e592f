"""Verdicts on the places of endpoints as a table, with the evidence for each."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from cloudgauge.analysis.location import Evidence, Located, Verdict
from cloudgauge.analysis.places import MARGIN_MS, VANTAGE_UNCERTAINTY_KM
from cloudgauge.model.target import Reach, Region, Target
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.store.resultset import ResultSet

_ORDER = tuple(Verdict)
# From so many refuted endpoints on it is likelier that the vantage is misplaced.
_LEAST_REFUTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was looked at.

    Attributes:
        opened: Each of a vantage with coordinates.
        targets: By id, those that were asked for.
    """

    opened: tuple[ResultSet, ...]
    targets: Mapping[str, Target]

    def vantage_name(self, evidence: Evidence) -> str:
        """Whose evidence it is."""
        return self.opened[evidence.vantage].manifest.run.vantage.name

    def moved(self) -> Mapping[str, ResultSet]:
        """Targets of whose place sets say different things, and whose word is taken."""
        places: dict[str, set[tuple[float, float, float]]] = defaultdict(set)
        last: dict[str, ResultSet] = {}
        for result in self.opened:
            for target in result.rows_used:
                places[target.target_id].add(_place(target.region))
                last[target.target_id] = result
        several = {name for name, found in places.items() if len(found) > 1}
        return {name: last[name] for name in sorted(several & self.targets.keys())}


def _place(region: Region) -> tuple[float, float, float]:
    return region.latitude_deg, region.longitude_deg, region.uncertainty_km


def location_document(search: Search, located: Sequence[Located]) -> Document:
    """Verdicts, those first that somebody has to act upon."""
    groups = _groups(search, located)
    counts = Counter(one.verdict for one, _ in groups)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
    names = {result.manifest.run.vantage.name for result in search.opened}
    return Document(
        kind="targets-locate",
        title=f"{_endpoints(len(search.targets))} from {_vantages(names)}: {told}",
        tables=(_table(search, groups),),
        notes=tuple(_notes(search, groups)),
        provenance=tuple(
            f"{result.folder}: run {result.manifest.run.run_id}"
            for result in search.opened
        ),
    )


def _groups(search: Search, located: Sequence[Located]) -> list[tuple[Located, int]]:
    """One of each endpoint's addresses with the same answer, and how many they are."""
    unseen = search.targets.keys() - {one.target_id for one in located}
    everything = [
        *located,
        *(
            Located(
                target_id=target_id,
                address="",
                claimed=search.targets[target_id].region,
                verdict=Verdict.UNKNOWN,
            )
            for target_id in unseen
        ),
    ]

    def answer(one: Located) -> tuple[int, str, str]:
        nearest = "" if one.nearest is None else one.nearest.region_id
        return _ORDER.index(one.verdict), one.target_id, nearest

    groups = []
    for _, same in groupby(sorted(everything, key=answer), key=answer):
        members = list(same)
        addresses = sum(bool(one.address) for one in members)
        groups.append((min(members, key=_reach_km), addresses))
    return groups


def _reach_km(one: Located) -> float:
    """How much the evidence leaves open: the smallest disc says most."""
    return float("inf") if one.evidence is None else one.evidence.disc_km


_COLUMNS = (
    # What has no room on a narrow terminal is left out from the end.
    Column(name="target", label="target"),
    Column(name="verdict", label="verdict"),
    Column(name="vantage", label="vantage"),
    Column(name="rtt_ms", label="RTT", scale=Scale.MILLISECONDS),
    Column(name="disc_km", label="disc km", scale=Scale.COUNT),
    Column(name="distance_km", label="claimed km", scale=Scale.COUNT),
    Column(name="nearest_region", label="nearest that fits"),
    Column(name="note", label="note"),
    Column(name="regions_fitting", label="regions fit", scale=Scale.COUNT),
    Column(name="inflation", label="RTT / bound", scale=Scale.PLAIN),
    Column(name="city", label="claimed city"),
    Column(name="address", label="address"),
    Column(name="addresses", label="addresses", scale=Scale.COUNT),
)


def _table(search: Search, groups: Sequence[tuple[Located, int]]) -> Table:
    return Table(
        name="endpoints",
        title="",
        columns=_COLUMNS,
        rows=tuple(_row(search, one, addresses) for one, addresses in groups),
    )


def _row(search: Search, one: Located, addresses: int) -> tuple[Cell, ...]:
    evidence, inflation = one.evidence, None
    if evidence is not None and evidence.inflation is not None:
        inflation = round(evidence.inflation, 2)
    return (
        one.target_id,
        one.verdict.value,
        None if evidence is None else search.vantage_name(evidence),
        None if evidence is None else evidence.rtt_ms,
        None if evidence is None else round(evidence.disc_km),
        None if evidence is None else round(evidence.distance_km),
        None if one.nearest is None else one.nearest.region_id,
        _note(search, one) or None,
        None if evidence is None else one.fitting,
        inflation,
        one.claimed.city,
        one.address or None,
        addresses,
    )


def _note(search: Search, one: Located) -> str:
    parts = []
    if one.verdict is Verdict.UNKNOWN:
        parts.append(
            "fewer than two round trips by the kernel" if one.address else "no answer"
        )
    if one.against is not None:
        name = search.vantage_name(one.against)
        parts.append(
            f"and {one.against.rtt_ms:.1f} ms from {name}: no place is near to both"
        )
    if one.verdict in {Verdict.REFUTED, Verdict.ANYCAST}:
        parts.append("proof" if one.is_proof else "by fibre, not by vacuum")
    if search.targets[one.target_id].endpoint.reach is Reach.EDGE:
        parts.append("known as an edge")
    return "; ".join(parts)


def _notes(search: Search, groups: Sequence[tuple[Located, int]]) -> Iterator[str]:
    simulated = sum(
        result.manifest.run.simulation is not None for result in search.opened
    )
    if simulated:
        count = len(search.opened)
        which = "" if simulated == count else f"{simulated} of {count} sets: "
        yield f"{which}simulated network: says nothing of the real endpoints"
    for target_id, result in search.moved().items():
        yield (
            f"{target_id}: the sets do not agree where its region is; the place in the "
            f"one that was given last, {result.folder.name}, is taken"
        )
    yield from _of_vantages(search, groups)
    verdicts = {one.verdict for one, _ in groups}
    if verdicts & {Verdict.REFUTED, Verdict.ANYCAST}:
        yield (
            '"proof": not even light in vacuum could have come so far and back; "by '
            'fibre": light in straight fibre could not, radio or hollow fibre might'
        )
    yield (
        "disc: how far an answer within the RTT (second smallest of the kernel's "
        f"connects, {MARGIN_MS:g} ms allowed for) can have come from in fibre; beyond "
        "it, the uncertainty of region and vantage is allowed for" + _assumed(search)
    )
    if any(one.verdict is Verdict.UNKNOWN and one.address for one, _ in groups):
        yield (
            '"unknown": a vantage counts from two round trips to an address on; take '
            "two rounds or more"
        )
    if Verdict.POSSIBLE in verdicts:
        yield (
            '"possible": other regions of that provider fit as well; a vantage nearer '
            "to the claimed one tells them apart"
        )


def _of_vantages(
    search: Search, groups: Sequence[tuple[Located, int]]
) -> Iterator[str]:
    """Doubts about vantages: they are judged by the same light."""
    refuted = Counter(
        search.vantage_name(one.evidence)
        for one, _ in groups
        if one.verdict is Verdict.REFUTED and one.evidence is not None
    )
    judged = sum(one.verdict is not Verdict.UNKNOWN for one, _ in groups)
    for name, count in sorted(refuted.items()):
        if count >= _LEAST_REFUTED and 2 * count > judged:
            yield (
                f"{count} of {judged} endpoints do not fit vantage {name}: its own "
                "coordinates may be wrong, or a proxy answers there"
            )
    if len({result.manifest.run.vantage.name for result in search.opened}) == 1:
        yield (
            "one vantage has one disc: anycast cannot be told with it, and seldom "
            "which of several regions it is"
        )


def _assumed(search: Search) -> str:
    vantages = [result.manifest.run.vantage for result in search.opened]
    names = sorted({v.name for v in vantages if v.uncertainty_km is None})
    if not names:
        return ""
    return f" ({VANTAGE_UNCERTAINTY_KM:g} km assumed for {', '.join(names)})"


def _endpoints(count: int) -> str:
    return f"{count:,} endpoint" if count == 1 else f"{count:,} endpoints"


def _vantages(names: set[str]) -> str:
    return f"vantage {min(names)}" if len(names) == 1 else f"{len(names)} vantages"
