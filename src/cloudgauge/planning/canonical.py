"""One spelling for a plan and its targets, so that a hash names them."""

import hashlib
from dataclasses import dataclass

from cloudgauge.errors import ConfigError
from cloudgauge.model.later import later
from cloudgauge.model.plan import Plan
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.target import Target
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlanFile:
    schema: int
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class _TargetsFile:
    schema: int
    targets: tuple[Target, ...]
    objects: tuple[Target, ...] = later(())
    egress_prices: tuple[EgressPrice, ...] = later(())


def plan_hash(plan: Plan) -> str:
    """SHA-256 of `plan_to_json`, hexadecimal: equal plans, and only they, share it."""
    return hashlib.sha256(plan_to_json(plan).encode("ascii")).hexdigest()


def plan_to_json(plan: Plan) -> str:
    """Write a plan, targets included, in its one spelling, ASCII."""
    return canonical_json(to_plain(_PlanFile(schema=SCHEMA_VERSION, plan=plan)))


def plan_from_json(text: str, where: str) -> Plan:
    """Read what `plan_to_json` wrote; *where* names its origin in messages.

    Raises:
        ConfigError: The text is not JSON, or not a plan.
    """
    table = parse_json_table(text, where)
    _check_schema(table.get("schema"), where)
    return from_plain(_PlanFile, table, where).plan


def targets_to_json(
    targets: tuple[Target, ...],
    objects: tuple[Target, ...] = (),
    egress_prices: tuple[EgressPrice, ...] = (),
) -> str:
    """Write catalogue rows, and the prices used, in their one spelling, ASCII."""
    rows = _TargetsFile(
        schema=SCHEMA_VERSION,
        targets=targets,
        objects=objects,
        egress_prices=egress_prices,
    )
    return canonical_json(to_plain(rows))


def _check_schema(found: object, where: str) -> None:
    if found != SCHEMA_VERSION:
        key = f"{where}: schema"
        raise ConfigError(key, f"want {SCHEMA_VERSION}, the one this version reads")
