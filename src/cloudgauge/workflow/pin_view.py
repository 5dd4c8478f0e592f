"""A pinned plan as a document: what it sends, who takes part, and when."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from cloudgauge.catalog.prices import load_egress_prices
from cloudgauge.errors import ConfigError
from cloudgauge.model.campaign import Pin
from cloudgauge.model.price import EgressPrice
from cloudgauge.model.quantity import format_duration
from cloudgauge.model.target import Selection
from cloudgauge.planning.pin import campaign_of
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.workflow.pinning import read_pin
from cloudgauge.workflow.plan_changes import NO_CHANGES
from cloudgauge.workflow.plan_view import plan_document
from cloudgauge.workflow.planning import PlanRequest
from cloudgauge.workflow.results_view import utc_text


def show_pin(request: PlanRequest) -> Document:
    """Say what a pinned plan would send, who is to take part, and when.

    Args:
        request: Whose plan is the path of a pinned one; nothing of it can be changed.

    Raises:
        ConfigError: It is no pinned plan, was changed, or something else was asked
            for beside it.
        LimitExceeded: Its plan would pass its own ceilings.
    """
    where = str(request.plan)
    if request.selection != Selection() or request.target_files:
        raise ConfigError(where, "has its targets in it; choose none beside it")
    if request.changes != NO_CHANGES:
        problem = "is pinned, the same at every vantage; no option changes it"
        raise ConfigError(where, problem)
    return pin_document(read_pin(Path(where)), load_egress_prices(()).prices)


def pin_document(pin: Pin, prices: tuple[EgressPrice, ...] = ()) -> Document:
    """Say what a pinned plan sends, who takes part, and when.

    Args:
        pin: What is to be shown.
        prices: As `plan_document` has them.
    """
    shown = plan_document(pin.plan, prices)
    who = f"at {len(pin.vantages)} vantages" if pin.vantages else "at each vantage"
    return replace(
        shown,
        title=f"{shown.title}, {who}",
        tables=(_campaign_table(pin), *_vantage_tables(pin), *shown.tables),
        notes=(*_notes(pin), *shown.notes),
        provenance=(
            *shown.provenance,
            f"catalogue rows {pin.catalogue_hash}",
            f"campaign {campaign_of(pin)}",
        ),
    )


def _campaign_table(pin: Pin) -> Table:
    return Table(
        name="campaign",
        title="the campaign",
        columns=(Column(name="fact", label="what"), Column(name="value", label="")),
        rows=tuple(_facts(pin)),
    )


def _facts(pin: Pin) -> Iterator[tuple[str, str]]:
    plan = pin.plan
    yield "pinned", f"{utc_text(pin.pinned_wall_ns)}, by cloudgauge {pin.tool_version}"
    start_ns = pin.start_wall_ns
    if start_ns is None:
        yield "starts", "when each vantage is ready"
    else:
        yield "starts", utc_text(start_ns)
        yield "ends", utc_text(start_ns + plan.duration_ns)
    yield "parts", _parts(pin)
    yield "cells", f"{plan.visit_count:,} at each vantage"


def _parts(pin: Pin) -> str:
    rounds, of = pin.plan.pacing.rounds, pin.part_rounds
    if of is None or of >= rounds:
        return "one, with all rounds"
    whole, rest = divmod(rounds, of)
    each = format_duration(of * pin.plan.round_span_ns)
    last = f"; the last has {rest}" if rest else ""
    noun = "round" if of == 1 else "rounds"
    return f"{whole + bool(rest)} parts of {of} {noun}, {each} each{last}"


_COLUMNS = (
    Column(name="vantage", label="vantage"),
    Column(name="city", label="city"),
    Column(name="country", label="country"),
    Column(name="latitude_deg", label="latitude", scale=Scale.PLAIN),
    Column(name="longitude_deg", label="longitude", scale=Scale.PLAIN),
    Column(name="network_type", label="network"),
    Column(name="cloud_region", label="cloud region"),
)


def _vantage_tables(pin: Pin) -> tuple[Table, ...]:
    if not pin.vantages:
        return ()
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.name,
            one.city,
            one.country,
            one.latitude_deg,
            one.longitude_deg,
            one.network_type,
            one.cloud_region,
        )
        for one in pin.vantages
    )
    table = Table(
        name="vantages", title="who is to take part", columns=_COLUMNS, rows=rows
    )
    return (table,)


def _notes(pin: Pin) -> Iterator[str]:
    if not pin.vantages:
        yield "no vantage is named: who comes takes part, and nobody can be missing"
    placeless = [one.name for one in pin.vantages if one.latitude_deg is None]
    if placeless:
        named = ", ".join(placeless)
        yield f"no coordinates, so nothing is held against light: {named}"
