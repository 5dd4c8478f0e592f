"""What is said of a run beside its samples, and its form in manifest.json."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.later import later
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, RunOutcome
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.canonical import plan_from_json, plan_hash, plan_to_json
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)
from cloudgauge.store.schema import SCHEMA_VERSION

# The catalogue of six clouds makes a manifest of half a megabyte.
JSON_LIMIT_BYTES = 64 * 1024 * 1024
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """How many samples failed in one way, at least 1."""

    kind: FailureKind
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a set holds.

    Attributes:
        samples: Exchanges, failed ones too.
        visits: Slots that have at least one sample, transfers too.
        failures: In the order of their kinds' names; kinds that never came are
            left out.
        bins: Of transfers; 0 in sets of version 1.
    """

    samples: int
    visits: int
    failures: tuple[FailureCount, ...]
    bins: int = later(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that is known of a run but its samples.

    Attributes:
        outcome: None only while the run is alive, never in a file.
    """

    run: RunInfo
    plan: Plan
    counts: Counts
    outcome: RunOutcome | None
    schema_version: int = SCHEMA_VERSION

    @property
    def planned_rounds(self) -> int:
        """Rounds that there were to be; of a part, those it is of."""
        part = self.run.part
        return self.plan.pacing.rounds if part is None else part.rounds

    @property
    def planned_visits(self) -> int:
        """Visits and transfers that there were to be; of a part, its own."""
        part = self.run.part
        return self.plan.visit_count if part is None else part.slots


def to_json(manifest: Manifest) -> str:
    """Write a manifest: ASCII, keys sorted, the plan in its one spelling."""
    parts = {
        "counts": _lines(to_plain(manifest.counts)),
        "outcome": _lines(to_plain(manifest.outcome)),
        # Large, and for programs: it has one line.
        "plan": plan_to_json(manifest.plan),
        "run": _lines(to_plain(manifest.run)),
        "schema_version": str(manifest.schema_version),
    }
    body = ",\n".join(f'"{key}": {text}' for key, text in parts.items())
    return f"{{\n{body}\n}}\n"


def from_json(text: str, where: str) -> Manifest:
    """Read a manifest of any version up to ours; *where* names it in messages.

    Raises:
        StoreError: It is no manifest, contradicts itself or is of a later version.
    """
    with_version: Mapping[str, Any] = _checked(lambda: parse_json_table(text, where))
    version = with_version.get("schema_version")
    if type(version) is not int or version < 1:
        raise StoreError(where, "has no schema_version")
    if version > SCHEMA_VERSION:
        problem = (
            f"is of schema version {version}, and this cloudgauge reads up to "
            f"{SCHEMA_VERSION}: a newer one is needed"
        )
        raise StoreError(where, problem)
    return _read(with_version, version, where)


def _lines(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, indent=1, allow_nan=False)


def value_from_json(kind: type[_Made], text: str, where: str) -> _Made:
    """Read one value, such as a `RunInfo`, that `to_plain` made a table of.

    Raises:
        StoreError: The text is no such value.
    """
    return _checked(lambda: from_plain(kind, parse_json_table(text, where), where))


def checked_plan(text: str, run: RunInfo, where: str) -> Plan:
    """Read a run's plan.

    Raises:
        StoreError: The text is no plan, or not the one that the run names.
    """
    try:
        plan, named = _plan_and_hash(text)
    except ConfigError:
        # Said again, with where it stands.
        _checked(lambda: plan_from_json(text, where))
        raise
    if named != run.plan_hash:
        raise StoreError(where, "the plan is not the one whose hash the run names")
    return plan


# The sets of several vantages, or parts, have one plan, which may be large.
@lru_cache(maxsize=4)
def _plan_and_hash(text: str) -> tuple[Plan, str]:
    plan = plan_from_json(text, "plan")
    return plan, plan_hash(plan)


def _read(table: Mapping[str, Any], version: int, where: str) -> Manifest:
    # Versions 1 and 2 differ only in fields that are left out while they have their
    # defaults.
    wanted = {"schema_version", "run", "outcome", "counts", "plan"}
    if table.keys() != wanted:
        odd = ", ".join(sorted(wanted ^ table.keys()))
        raise StoreError(where, f"keys missing or unknown: {odd}")

    def part(kind: type[_Made], key: str) -> _Made:
        return _checked(lambda: from_plain(kind, table[key], f"{where}: {key}"))

    run = part(RunInfo, "run")
    plan_text = _checked(lambda: canonical_json(table["plan"]))
    return Manifest(
        run=run,
        plan=checked_plan(plan_text, run, f"{where}: plan"),
        counts=part(Counts, "counts"),
        outcome=part(RunOutcome, "outcome"),
        schema_version=version,
    )


def _checked(read: Callable[[], _Made]) -> _Made:
    """What *read* gives; what it refuses is not the user's mistake but the set's."""
    try:
        return read()
    except ConfigError as exc:
        raise StoreError(exc.where, exc.problem) from exc
