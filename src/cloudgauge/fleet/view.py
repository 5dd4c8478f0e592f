"""A fleet as tables: how it stands, and what came of it."""

from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.finishing import CampaignEnd, VantageEnd
from cloudgauge.fleet.standing import Standing, VantageStanding
from cloudgauge.report.document import Cell, Column, Document, Scale, Table

_NS_PER_MS = 1e6

_STANDING = (
    Column(name="vantage", label="vantage"),
    Column(name="state", label="state"),
    Column(name="rounds", label="rounds", scale=Scale.COUNT),
    Column(name="cells", label="cells", scale=Scale.COUNT),
    Column(name="failures", label="failures", scale=Scale.COUNT),
    Column(name="parts_delivered", label="parts", scale=Scale.COUNT),
    Column(name="clock_ahead_ms", label="clock ahead", scale=Scale.MILLISECONDS),
    Column(name="clock_uncertainty_ms", label="±", scale=Scale.MILLISECONDS),
    Column(name="heard_ago_s", label="heard, s ago", scale=Scale.PLAIN),
    Column(name="version", label="version"),
)
_END = (
    Column(name="vantage", label="vantage"),
    Column(name="fate", label="came"),
    Column(name="cells_planned", label="cells planned", scale=Scale.COUNT),
    Column(name="cells_held", label="held", scale=Scale.COUNT),
    Column(name="cells_lacking", label="lacking", scale=Scale.COUNT),
    Column(name="cells_twice", label="twice", scale=Scale.COUNT),
    Column(name="sets", label="parts", scale=Scale.COUNT),
    Column(name="clock_ahead_ms", label="clock ahead", scale=Scale.MILLISECONDS),
    Column(name="clock_uncertainty_ms", label="±", scale=Scale.MILLISECONDS),
    Column(name="why", label="why"),
)


def standing_document(standing: Standing) -> Document:
    """Show how a campaign stands."""
    measuring = sum(one.state == "measuring" for one in standing.vantages)
    count = len(standing.vantages)
    return Document(
        kind="fleet-status",
        title=f"campaign {standing.campaign[:8]}, plan {standing.plan} "
        f"{standing.plan_hash[:8]}: {measuring} of {count} vantages measuring, "
        f"{standing.rounds:,} rounds of {standing.cells // standing.rounds:,} cells",
        tables=(
            Table(
                name="vantages",
                title="",
                columns=_STANDING,
                rows=tuple(_standing_row(one) for one in standing.vantages),
            ),
        ),
        notes=tuple(
            f"{one.vantage}: {one.note}" for one in standing.vantages if one.note
        ),
    )


def _standing_row(one: VantageStanding) -> tuple[Cell, ...]:
    return (
        one.vantage,
        one.state.value,
        one.rounds,
        one.cells,
        one.failures,
        one.delivered,
        *_clock(one.clock),
        None if one.heard_ago_s is None else round(one.heard_ago_s, 1),
        one.tool_version or None,
    )


def _clock(clock: ClockOffset | None) -> tuple[Cell, Cell]:
    if clock is None:
        return None, None
    return clock.ahead_ns / _NS_PER_MS, clock.uncertainty_ns / _NS_PER_MS


def end_document(end: CampaignEnd) -> Document:
    """Show what came of a campaign."""
    complete = sum(one.fate == "complete" for one in end.vantages)
    where = f"merged and verified in {end.merged}"
    if end.merged is None:
        where = f"not merged; parts are in {end.staging}"
    return Document(
        kind="fleet-campaign",
        title=f"campaign {end.campaign[:8]}, plan {end.pin.plan.name} "
        f"{end.pin.plan_hash[:8]}: {complete} of {len(end.vantages)} vantages "
        f"complete, {where}",
        tables=(
            Table(
                name="vantages",
                title="",
                columns=_END,
                rows=tuple(_end_row(one) for one in end.vantages),
            ),
        ),
        notes=end.notes,
    )


def _end_row(one: VantageEnd) -> tuple[Cell, ...]:
    cells = one.cells
    return (
        cells.vantage,
        one.fate.value,
        cells.planned,
        cells.held,
        cells.lacking,
        cells.twice,
        cells.sets,
        *_clock(one.place.clock),
        one.why or None,
    )
