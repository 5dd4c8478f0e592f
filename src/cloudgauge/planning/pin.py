"""Pinned plans: a file of one spelling, so that every vantage reads the same."""

import hashlib
from dataclasses import dataclass, replace

from cloudgauge.errors import ConfigError
from cloudgauge.model.campaign import Pin
from cloudgauge.model.plan import Plan
from cloudgauge.planning.canonical import plan_hash, targets_to_json
from cloudgauge.planning.plain import (
    canonical_json,
    from_plain,
    parse_json_table,
    to_plain,
)

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _PinFile:
    schema: int
    pin: Pin


def new_pin(plan: Plan, *, tool_version: str, pinned_wall_ns: int) -> Pin:
    """Freeze a plan, for whoever comes; `dataclasses.replace` says who and when."""
    return Pin(
        plan=plan,
        plan_hash=plan_hash(plan),
        tool_version=tool_version,
        catalogue_hash=catalogue_hash(plan),
        pinned_wall_ns=pinned_wall_ns,
    )


def catalogue_hash(plan: Plan) -> str:
    """SHA-256 of the catalogue rows and prices that a plan was made of."""
    rows = targets_to_json(plan.targets, plan.objects, plan.egress_prices)
    return hashlib.sha256(rows.encode("ascii")).hexdigest()


def pin_to_json(pin: Pin) -> str:
    """Write a pinned plan in its one spelling, ASCII."""
    return canonical_json(to_plain(_PinFile(schema=SCHEMA_VERSION, pin=pin)))


def campaign_of(pin: Pin) -> str:
    """What the campaign is called: 32 hexadecimal digits of the pin's SHA-256."""
    return hashlib.sha256(pin_to_json(pin).encode("ascii")).hexdigest()[:32]


def pin_from_json(text: str, where: str) -> Pin:
    """Read what `pin_to_json` wrote; *where* names its origin in messages.

    Raises:
        ConfigError: It is not JSON or no pinned plan, or was changed by hand.
    """
    table = parse_json_table(text, where)
    if table.get("schema") != SCHEMA_VERSION:
        key = f"{where}: schema"
        raise ConfigError(key, f"want {SCHEMA_VERSION}, the one this version reads")
    pin = from_plain(_PinFile, table, where).pin
    made = replace(
        pin, plan_hash=plan_hash(pin.plan), catalogue_hash=catalogue_hash(pin.plan)
    )
    if made != pin:
        problem = "does not fit its hashes: it was changed after it was pinned"
        raise ConfigError(where, problem)
    return pin
