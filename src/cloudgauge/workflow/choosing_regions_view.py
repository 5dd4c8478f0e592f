"""Chosen regions as tables: whom each serves, how sure it is, what it costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from cloudgauge.analysis.placing import (
    Effort,
    Loosening,
    Placed,
    ServedUser,
)
from cloudgauge.model.price import Money
from cloudgauge.placement.problem import Objective
from cloudgauge.placement.relief import Loosened
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.report.html import to_html
from cloudgauge.report.render import to_markdown
from cloudgauge.stats.summary import Estimate
from cloudgauge.workflow.choosing_regions_prices import Month
from cloudgauge.workflow.choosing_regions_wish import Wish
from cloudgauge.workflow.choosing_regions_words import choice_notes, quantile_text
from cloudgauge.workflow.costing_lines import plain
from cloudgauge.workflow.standing_notes import open_end

_OPTIONS = {
    Loosened.BUDGET: "--budget",
    Loosened.SHARE: "--share",
    Loosened.WITHIN: "--within",
    Loosened.GROUPS: "--providers",
    Loosened.APART: "--replication",
    Loosened.MOST: "-k",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A region that could not be chosen, and why."""

    region_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Choices:
    """The regions that were chosen; in a notebook it shows itself as tables.

    Attributes:
        candidates: Ids of the regions that could be chosen.
        placed: What was found; without a choice where no set keeps all limits.
        months: Of the chosen regions, each by itself with all traffic, or why it has
            no price; none without a workload.
        billed: All chosen regions together, each with its users' share of the
            traffic; the reason if it has no price; None without a workload.
        draws_vantages: Whether vantages were drawn anew, too, not rounds alone.
        currency: Of all amounts; None without a workload.
        doubts: About the sets themselves.
        provenance: Where the figures come from, one line a set.
    """

    wish: Wish
    effort: Effort
    candidates: tuple[str, ...]
    placed: Placed
    months: Mapping[str, Month | str]
    billed: Money | str | None
    left_out: tuple[LeftOut, ...]
    draws_vantages: bool
    currency: str | None
    doubts: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Ids of the chosen regions; none where no set keeps all limits."""
        return self.placed.regions

    def document(self) -> Document:
        """As tables: regions, users, how it was chosen, what was left out."""
        tables = [_regions(self), _users(self), _choice(self)]
        if self.placed.loosenings:
            tables.insert(0, _loosenings(self))
        if self.left_out:
            tables.append(_left_out(self))
        return Document(
            kind="choose",
            title=_title(self),
            tables=tuple(table for table in tables if table.rows),
            notes=(*self.doubts, *choice_notes(self)),
            provenance=self.provenance,
        )

    def __str__(self) -> str:
        return to_markdown(self.document())

    def __repr__(self) -> str:
        return f"<Choices: {_title(self)}>"

    def _repr_html_(self) -> str:
        return to_html(self.document())


def _title(found: Choices) -> str:
    count = len(found.candidates)
    of = f"of {count} that can be chosen"
    if not found.regions:
        return f"no regions {of} keep all limits"
    noun = "region" if len(found.regions) == 1 else "regions"
    users = len(found.placed.users)
    served = "1 vantage's users" if users == 1 else f"the users of {users} vantages"
    return f"{len(found.regions)} {noun} {of}, for {served}"


def _regions(found: Choices) -> Table:
    columns = [
        Column(name="region", label="region"),
        Column(name="users", label="serves"),
        Column(name="users_share", label="of users", scale=Scale.RATIO),
        Column(name="drawn_share", label="chosen in draws", scale=Scale.RATIO),
        Column(name="fixed_a_month", label="fixed", scale=Scale.MONEY),
        Column(name="traffic_a_month", label="all traffic", scale=Scale.MONEY),
        Column(name="currency", label="currency"),
        Column(name="priced", label="prices of"),
    ]
    # Without a workload nothing has a cost.
    count = len(columns) if found.currency else 4
    return Table(
        name="regions",
        title="",
        columns=tuple(columns[:count]),
        rows=tuple(_region(found, one)[:count] for one in found.regions),
    )


def _region(found: Choices, region_id: str) -> tuple[Cell, ...]:
    own = [user for user in found.placed.users if user.region_id == region_id]
    known = found.months.get(region_id, "")
    month = None if isinstance(known, str) else known
    return (
        region_id,
        ", ".join(user.name for user in own) or None,
        sum(user.weight for user in own),
        found.placed.chosen_share.get(region_id, 0.0),
        plain(month.fixed.amount) if month else None,
        plain(month.traffic.amount) if month else None,
        found.currency,
        (known if isinstance(known, str) else known.dated) or None,
    )


def _users(found: Choices) -> Table:
    name = quantile_text(found.wish.quantile)
    columns = [
        Column(name="user", label="user"),
        Column(name="weight", label="weight", scale=Scale.RATIO),
        Column(name="region", label="served by"),
        *_interval_columns(name),
    ]
    within = found.wish.within
    if within is not None:
        at = quantile_text(within.quantile)
        # The promise may be about the same quantile: two columns have two names.
        columns += _interval_columns(at, prefix="promise_")
        columns.append(Column(name="kept", label="kept"))
    return Table(
        name="users",
        title="",
        columns=tuple(columns),
        rows=tuple(_user(found, user) for user in found.placed.users),
    )


def _interval_columns(name: str, prefix: str = "") -> list[Column]:
    key = name.replace(".", "_")
    return [
        Column(name=f"{prefix}{key}_ms", label=name, scale=Scale.MILLISECONDS),
        Column(name=f"{prefix}{key}_low_ms", label="low", scale=Scale.MILLISECONDS),
        Column(name=f"{prefix}{key}_high_ms", label="high", scale=Scale.MILLISECONDS),
    ]


def _user(found: Choices, user: ServedUser) -> tuple[Cell, ...]:
    row: tuple[Cell, ...] = (
        user.name,
        user.weight,
        user.region_id,
        *_ends(user.latency),
    )
    within = found.wish.within
    if within is None or user.promised is None:
        return row
    return (*row, *_ends(user.promised), kept_text(user.promised, within.limit_ms))


def _ends(estimate: Estimate) -> tuple[float | None, ...]:
    ends = (estimate.point, estimate.low, estimate.high)
    return tuple(open_end(end) for end in ends)


def kept_text(promised: Estimate, limit_ms: float) -> str:
    """Whether a promise is kept, and whether the interval shows it."""
    word = "yes" if promised.point <= limit_ms else "no"
    shown = promised.high <= limit_ms or promised.low > limit_ms
    return word if shown else f"{word}, not shown"


def _choice(found: Choices) -> Table:
    """One row for programs; people read the same in the notes."""
    choice, stable = found.placed.choice, found.placed.stability
    is_cost = found.wish.objective is Objective.COST
    billed = None
    if isinstance(found.billed, Money):
        billed = plain(found.billed.amount)
    cells: tuple[tuple[Column, Cell], ...] = ()
    if choice is not None:
        cells = (
            (Column(name="objective", label="for"), found.wish.objective.value),
            (_number("value", "value"), choice.value),
            (Column(name="unit", label="unit"), found.currency if is_cost else "ms"),
            (_number("bound", "bound"), choice.bound),
            (Column(name="gap", label="gap", scale=Scale.RATIO), choice.gap),
            (Column(name="proof", label="proof"), choice.means.value),
            (Column(name="sets", label="sets", scale=Scale.COUNT), choice.set_count),
            (
                Column(name="draws", label="draws", scale=Scale.COUNT),
                stable.draws if stable else None,
            ),
            (_share("same_share", "same"), stable.same_share if stable else None),
            (_share("broken_share", "broken"), stable.broken_share if stable else None),
            (_number("regret_95", "regret 95 %"), stable.regret if stable else None),
            (Column(name="billed_a_month", label="billed", scale=Scale.MONEY), billed),
        )
    return Table(
        name="choice",
        title="",
        columns=tuple(column for column, _ in cells),
        rows=(tuple(cell for _, cell in cells),) if cells else (),
    )


def _number(name: str, label: str) -> Column:
    return Column(name=name, label=label, scale=Scale.PLAIN)


def _share(name: str, label: str) -> Column:
    return Column(name=name, label=label, scale=Scale.RATIO)


def _loosenings(found: Choices) -> Table:
    return Table(
        name="would_do",
        title="",
        columns=(
            Column(name="limit", label="limit"),
            Column(name="to", label="would have to be"),
            Column(name="regions", label="then"),
            Column(name="is_least", label="no less would do"),
        ),
        rows=tuple(
            (
                _OPTIONS[one.limit],
                _to_text(found, one),
                ", ".join(one.regions),
                one.is_least,
            )
            for one in found.placed.loosenings
        ),
    )


def _to_text(found: Choices, one: Loosening) -> str:
    if one.limit is Loosened.BUDGET:
        return f"{one.to:.2f} {found.currency}"
    if one.limit is Loosened.SHARE:
        return f"{100 * one.to:.4g}%"
    if one.limit in {Loosened.WITHIN, Loosened.APART}:
        return f"{one.to:.3f} ms"
    return f"{one.to:.0f}"


def _left_out(found: Choices) -> Table:
    return Table(
        name="left_out",
        title="not among those that can be chosen",
        columns=(
            Column(name="region", label="region"),
            Column(name="why", label="why"),
        ),
        rows=tuple((one.region_id, one.why) for one in found.left_out),
    )
