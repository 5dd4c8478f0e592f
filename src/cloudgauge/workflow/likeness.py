"""In which ways result sets differ such that they should not pass for one; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from itertools import combinations

from cloudgauge.analysis.set_facts import SetFacts
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_MS
from cloudgauge.model.run import RunInfo
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.clock_problems import ClockReading, clock_problems, to_the_ms

_WORTH_TELLING_NS = 100 * NS_PER_MS


class Difference(StrEnum):
    """A way in which sets differ, and may only if the user says so."""

    SCHEMA = "schema"
    PLAN = "plan"
    METRIC = "metric"
    NETWORK = "network"
    VANTAGE = "vantage"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """One difference, said of the set that has it.

    Attributes:
        where: The set's folder, as the user named it.
        problem: One sentence.
    """

    difference: Difference
    where: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A set that is to be merged, and what its samples say of it."""

    result: ResultSet
    facts: SetFacts

    @property
    def run(self) -> RunInfo:
        """Its run."""
        return self.result.manifest.run

    @property
    def campaign(self) -> str | None:
        """Of which longer run it is a part; None for a run of its own."""
        return None if self.run.part is None else self.run.part.campaign

    @property
    def where(self) -> str:
        """Its folder, as the user named it."""
        return str(self.result.folder)

    @property
    def begins_ns(self) -> int:
        """First send by the wall clock of its start, UTC since 1970."""
        return self.run.started_wall_ns + self.facts.first_ns

    @property
    def ends_ns(self) -> int:
        """Last send likewise."""
        return self.run.started_wall_ns + self.facts.last_ns


def unlike(candidates: Sequence[Candidate], *, now_ns: int) -> tuple[Unlike, ...]:
    """Every difference of each set from the first one, in the order of the words.

    Args:
        candidates: At least one.
        now_ns: By the clock of this machine, UTC since 1970: what was measured later
            was measured by a clock that is ahead.
    """
    found = [
        one
        for candidate in candidates
        for one in (*_from(candidates[0], candidate), *_of_clock(candidate, now_ns))
    ]
    found += _of_vantages(candidates)
    order = list(Difference)
    return tuple(sorted(found, key=lambda one: order.index(one.difference)))


def clock_notes(candidates: Sequence[Candidate]) -> Iterator[str]:
    """What to know of the sets' clocks and times, that refuses nobody."""
    for one in candidates:
        facts = one.facts
        if facts.stepped or facts.moved_ns > _WORTH_TELLING_NS:
            moved = to_the_ms(facts.moved_ns)
            back = facts.backward_ns
            ran = f", ran backwards by {to_the_ms(back)}" if back else ""
            yield (
                f"{one.where}: its wall clock moved by {moved} against the monotonic "
                f"one{ran}, and stepped during {facts.stepped:,} exchanges"
            )
    for one, other in combinations(candidates, 2):
        together = one.begins_ns <= other.ends_ns and other.begins_ns <= one.ends_ns
        # The last visits of a part end when the next part has begun.
        apart = one.campaign is None or one.campaign != other.campaign
        if one.run.vantage.name == other.run.vantage.name and together and apart:
            yield (
                f"{one.where} and {other.where} were measured at the same time from "
                f"vantage {one.run.vantage.name}: one may have slowed the other"
            )
    yield from _of_overlap(candidates)


def _of_overlap(candidates: Sequence[Candidate]) -> Iterator[str]:
    spans: dict[str, tuple[int, int]] = {}
    for one in candidates:
        name = one.run.vantage.name
        begins_ns, ends_ns = spans.get(name, (one.begins_ns, one.ends_ns))
        spans[name] = min(begins_ns, one.begins_ns), max(ends_ns, one.ends_ns)
    if len(spans) < 2:
        return
    begin_ns = max(begins_ns for begins_ns, _ in spans.values())
    end_ns = min(ends_ns for _, ends_ns in spans.values())
    if begin_ns > end_ns:
        yield (
            "the vantages measured at different times: what differs between them may "
            "be the hour of the day"
        )
    yield (
        "how far the vantages' clocks were apart was not measured: times of two "
        "vantages are compared by what each machine's clock said"
    )


def _from(first: Candidate, one: Candidate) -> Iterator[Unlike]:
    def differs(difference: Difference, problem: str) -> Unlike:
        return Unlike(difference=difference, where=one.where, problem=problem)

    mine, its = first.result.manifest, one.result.manifest
    versions = its.schema_version, mine.schema_version
    if versions[0] != versions[1]:
        problem = f"is of schema version {versions[0]}, {first.where} of {versions[1]}"
        yield differs(Difference.SCHEMA, problem)
    if its.run.plan_hash != mine.run.plan_hash:
        parts = plan_differences(mine.plan, its.plan)
        verb = "differs" if len(parts) == 1 else "differ"
        problem = f"its plan is not that of {first.where}: {', '.join(parts)} {verb}"
        yield differs(Difference.PLAN, problem)
    measured = _measured(one), _measured(first)
    if measured[0] != measured[1]:
        problem = f"has {measured[0]}, {first.where} has {measured[1]}"
        yield differs(Difference.METRIC, problem)
    networks = _network(its.run), _network(mine.run)
    if networks[0] != networks[1]:
        problem = f"is of {networks[0]}, {first.where} of {networks[1]}"
        yield differs(Difference.NETWORK, problem)


def plan_differences(one: Plan, other: Plan) -> tuple[str, ...]:
    """The parts of two plans that are not the same, in the order of their fields."""
    return tuple(
        field.name
        for field in fields(Plan)
        if getattr(one, field.name) != getattr(other, field.name)
    )


def _measured(one: Candidate) -> str:
    """What the numbers of a set are."""
    imported = one.run.imported
    if imported is not None:
        return f'imported values, "{imported.measured}"'
    facts = one.facts
    clocks = {
        "kernel": "connect round trips by the kernel",
        "user": "connect times by the program",
        None: "no connect time",
    }
    latency = (clocks[facts.connect_clock],) if facts.has_latency else ()
    words = (*latency, *(("downloads",) if facts.has_downloads else ()))
    return " and ".join(words) or "no sample"


def _network(run: RunInfo) -> str:
    made = run.simulation
    if made is None:
        return "a real network"
    return f"a private one ({made.means}, {made.scenario} {made.scenario_hash[:8]})"


def _of_vantages(candidates: Sequence[Candidate]) -> Iterator[Unlike]:
    known: dict[str, Candidate] = {}
    for one in candidates:
        vantage = one.run.vantage
        first = known.setdefault(vantage.name, one)
        if first.run.vantage != vantage:
            yield Unlike(
                difference=Difference.VANTAGE,
                where=one.where,
                problem=f'describes vantage "{vantage.name}" in another way than '
                f"{first.where}",
            )


def _of_clock(one: Candidate, now_ns: int) -> Iterator[Unlike]:
    reading = ClockReading(
        started_wall_ns=one.run.started_wall_ns,
        ended_wall_ns=one.ends_ns,
        rows_checked=rows_checked(one.result.manifest),
        moved_ns=one.facts.moved_ns,
    )
    for problem in clock_problems(reading, now_ns=now_ns):
        yield Unlike(difference=Difference.CLOCK, where=one.where, problem=problem)


def rows_checked(manifest: Manifest) -> tuple[date, ...]:
    """When the rows of a set were checked; of an import nothing follows from that."""
    if manifest.run.imported is not None:
        return ()
    rows = (*manifest.plan.targets, *manifest.plan.objects)
    return tuple(row.endpoint.provenance.checked for row in rows)
