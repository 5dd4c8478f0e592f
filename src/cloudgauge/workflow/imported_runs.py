"""Observations of others as runs: a plan, its samples, and what is not known of it."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cloudgauge import __version__
from cloudgauge.catalog.index import Catalog
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.plan import Ceilings, Pacing, Plan, ProbeKind, ProbeSpec, Slot
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import (
    Environment,
    Imported,
    RunInfo,
    RunOutcome,
    StopReason,
    Vantage,
)
from cloudgauge.model.sample import ClockKind, Connection, Sample, Timings
from cloudgauge.model.target import (
    Confidence,
    Endpoint,
    Provenance,
    Reach,
    Region,
    Target,
)
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.settings.mapping_file import ForeignFormat, ImportMapping, Phase
from cloudgauge.settings.toml_file import nearest
from cloudgauge.store.imported import ImportedRun
from cloudgauge.workflow.observations import Observation

SERVICE = "imported"
# Nobody can have this name (RFC 6761): what was probed is not known.
_NO_URL = "https://imported.invalid/"
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where observations come from, and how they are to be read.

    Attributes:
        digest: SHA-256 of the source, hexadecimal.
    """

    name: str
    digest: str
    mapping: ImportMapping
    catalog: Catalog

    def region(self, name: str) -> Region:
        """The region that a target's name stands for.

        Raises:
            ConfigError: None does.
        """
        mapping = self.mapping
        region_id = mapping.targets.get(name, name)
        if name not in mapping.targets and mapping.provider is not None:
            region_id = f"{mapping.provider}/{name}"
        known = {region.region_id: region for region in self.catalog.regions}
        if region_id not in known:
            meant = nearest(region_id, known)
            hint = f'; did you mean "{meant}"?' if meant else ""
            problem = (
                f'target "{name}" is no region of the catalogue; name its region '
                f"under [targets] in the mapping{hint}"
            )
            raise ConfigError(self.name, problem)
        return known[region_id]

    def vantage(self, name: str) -> Vantage:
        """A vantage of that name; of a matrix it is a region, so its place is known.

        Raises:
            ConfigError: The name cannot be one.
        """
        try:
            vantage = Vantage(name=name.replace("/", "."))
        except ValueError as exc:
            where = f"{self.name}: vantage"
            raise ConfigError(where, str(exc)) from exc
        if self.mapping.format is not ForeignFormat.MATRIX:
            return vantage
        region = self.region(name)
        return replace(
            vantage,
            city=region.city,
            country=region.country,
            latitude_deg=region.latitude_deg,
            longitude_deg=region.longitude_deg,
            uncertainty_km=region.uncertainty_km,
            cloud_region=region.region_id,
        )


def imported_runs(
    origin: Origin, observations: Sequence[Observation]
) -> tuple[ImportedRun, ...]:
    """One run for each vantage, in the order of their names.

    The same source and mapping give the same runs.

    Raises:
        ConfigErrors: Targets are no regions of the catalogue.
    """
    by_vantage: dict[str, list[Observation]] = defaultdict(list)
    for one in observations:
        by_vantage[one.vantage].append(one)
    regions = _regions(origin, sorted({one.target for one in observations}))
    return tuple(
        _run(origin, origin.vantage(name), regions, sorted(found, key=_order))
        for name, found in sorted(by_vantage.items())
    )


def _order(one: Observation) -> tuple[int, str]:
    return one.wall_ns, one.target


def _regions(origin: Origin, names: Sequence[str]) -> dict[str, Region]:
    regions: dict[str, Region] = {}
    taken: dict[str, str] = {}
    errors = []
    for name in names:
        try:
            regions[name] = region = origin.region(name)
        except ConfigError as exc:
            errors.append(exc)
            continue
        other = taken.setdefault(region.region_id, name)
        if other != name:
            problem = (
                f'targets "{other}" and "{name}" both stand for {region.region_id}: '
                "import each alone"
            )
            errors.append(ConfigError(origin.name, problem))
    if errors:
        raise ConfigErrors(tuple(errors))
    return regions


def _run(
    origin: Origin,
    vantage: Vantage,
    regions: Mapping[str, Region],
    found: Sequence[Observation],
) -> ImportedRun:
    began_ns, ended_ns = found[0].wall_ns, found[-1].wall_ns
    targets = {
        name: _target(origin, regions[name], began_ns)
        for name in sorted({one.target for one in found})
    }
    numbers = _round_numbers(found)
    plan = _plan(
        origin.mapping, targets.values(), max(numbers) + 1, ended_ns - began_ns
    )
    seen = {(one.target, number) for one, number in zip(found, numbers, strict=True)}
    unseen = plan.visit_count - len(seen)
    lacking = f"the source has no value for {unseen} of {plan.visit_count} visits"
    run = _run_info(origin, vantage, plan, began_ns)
    return ImportedRun(
        run=run,
        plan=plan,
        outcome=RunOutcome(
            ended_wall_ns=ended_ns,
            complete=not unseen,
            stop_reason=StopReason.FINISHED,
            detail=lacking if unseen else "",
        ),
        samples=_samples(
            origin.mapping, run, targets, tuple(zip(found, numbers, strict=True))
        ),
    )


def _round_numbers(found: Sequence[Observation]) -> list[int]:
    """The round of each, from 0 without gaps; where none is named, its place."""
    # In the order of time: what numbers them need not count up.
    named = dict.fromkeys(one.round for one in found if one.round is not None)
    places = {number: place for place, number in enumerate(named)}
    counts: Counter[str] = Counter()
    numbers = []
    for one in found:
        if one.round is None:
            numbers.append(counts[one.target])
            counts[one.target] += 1
        else:
            numbers.append(places[one.round])
    return numbers


def _target(origin: Origin, region: Region, began_ns: int) -> Target:
    endpoint = Endpoint(
        service=SERVICE,
        url=_NO_URL,
        expect=(),
        reach=Reach.UNKNOWN,
        primary=True,
        provenance=Provenance(
            sources=(f"{origin.name} sha256:{origin.digest}",),
            checked=datetime.fromtimestamp(began_ns // NS_PER_S, tz=UTC).date(),
            confidence=Confidence.LOW,
        ),
        note=f"imported: {origin.mapping.measured}",
    )
    return Target(region=region, endpoint=endpoint)


def _plan(
    mapping: ImportMapping, targets: Iterable[Target], rounds: int, span_ns: int
) -> Plan:
    timeout_ns = mapping.timeout_ns
    probe = ProbeSpec(warm_requests=0, families=(mapping.family,))
    return Plan(
        name="imported",
        question="",
        seed=0,
        targets=tuple(sorted(targets, key=lambda target: target.target_id)),
        controls=(),
        probe=probe if timeout_ns is None else replace(probe, timeout_ns=timeout_ns),
        # Nothing was paced: rounds have the length that makes their sum the span.
        pacing=Pacing(rounds=rounds, round_ns=max(1, span_ns // rounds), jitter=0.0),
        ceilings=Ceilings(),
    )


def _run_info(origin: Origin, vantage: Vantage, plan: Plan, began_ns: int) -> RunInfo:
    mapping, hashed = origin.mapping, plan_hash(plan)
    facts = (origin.digest, vantage.name, hashed, mapping.phase.value)
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return RunInfo(
        # The same source read in the same way is the same run, and so a duplicate.
        run_id=digest[:32],
        plan_hash=hashed,
        tool_version=__version__,
        vantage=vantage,
        environment=Environment(
            python=_UNKNOWN,
            system=_UNKNOWN,
            machine=_UNKNOWN,
            cpu_count=0,
            event_loop=_UNKNOWN,
            trust_store=_UNKNOWN,
            packages=(),
        ),
        simulation=None,
        started_wall_ns=began_ns,
        imported=Imported(
            source=origin.name,
            source_sha256=origin.digest,
            measured=mapping.measured,
            rounds_given=mapping.columns.round is not None,
        ),
    )


def _samples(
    mapping: ImportMapping,
    run: RunInfo,
    targets: Mapping[str, Target],
    found: Sequence[tuple[Observation, int]],
) -> Iterator[Sample]:
    for seq, (one, number) in enumerate(found):
        at_ns = one.wall_ns - run.started_wall_ns
        failed = one.value_ns is None
        connect = mapping.phase is Phase.CONNECT
        yield Sample(
            slot=Slot(
                seq=seq,
                round_index=number,
                target_id=targets[one.target].target_id,
                replica=0,
                family=mapping.family,
                kind=ProbeKind.LATENCY,
                # There was no schedule: nothing is said to have been late.
                due_ns=at_ns,
            ),
            exchange=0,
            sent_ns=at_ns,
            wall_ns=one.wall_ns,
            timings=Timings(
                connect_ns=one.value_ns if connect else None,
                first_byte_ns=None if connect else one.value_ns,
            ),
            kernel=None,
            connection=Connection(),
            status=None,
            body_bytes=None,
            clock=None if connect or failed else ClockKind.USER,
            wall_stepped=False,
            loop_lag_ns=0,
            failure=(one.failure or mapping.failed_as) if failed else None,
            failure_detail="the source says that it failed" if failed else "",
        )
