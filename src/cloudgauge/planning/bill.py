"""What a plan's bytes would cost whoever pays for what leaves a region.

The owner of a public object or endpoint pays for it, not who asks; the same bytes out
of one's own account would cost this. What enters a region is free at most vendors.
Bytes are the most that a transfer may receive, with everything below HTTP; prices
those of the dearest tier.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Plan
from cloudgauge.model.price import EgressPrice, Money
from cloudgauge.planning.traffic import transfer_down_bytes, visit_down_bytes

# Where a region has prices in several currencies and nobody said which is wanted.
_USUAL_CURRENCY = "USD"
# Of a long list in a sentence.
_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """The most that one object's downloads, or a target's answers, may cost in a run.

    Attributes:
        cost: None where the region's price is not known.
    """

    region_id: str
    down_bytes: int
    cost: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The most that downloads, or the answers to visits, may cost.

    Attributes:
        lines: One for each object or target, in the order of the plan.
    """

    lines: tuple[BillLine, ...]

    @property
    def sums(self) -> tuple[Money, ...]:
        """One for each currency that occurs, in the order of their codes."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.lines:
            if line.cost is not None:
                found[line.cost.currency] += line.cost.amount
        return tuple(Money(amount=found[code], currency=code) for code in sorted(found))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Regions whose price is not known, in the order of their ids."""
        found = {line.region_id for line in self.lines if line.cost is None}
        return tuple(sorted(found))


def price_for(
    plan: Plan, region_id: str, currency: str | None = None
) -> EgressPrice | None:
    """What a region's bytes cost, in *currency* or else in what is usual."""
    return _price_in(plan.egress_prices, region_id, currency)


def _price_in(
    prices: Iterable[EgressPrice], region_id: str, currency: str | None
) -> EgressPrice | None:
    found = {one.price.currency: one for one in prices if one.region_id == region_id}
    if currency is not None:
        return found.get(currency)
    return found.get(_USUAL_CURRENCY) or next(iter(found.values()), None)


def foreseen_bill(plan: Plan, currency: str | None = None) -> Bill:
    """Foresee what a plan's downloads cost, by the prices that the plan holds."""
    if plan.download is None:
        return Bill(lines=())
    down_bytes = sum(
        transfer_down_bytes(plan.download, streams) for streams in plan.download.streams
    )
    down_bytes *= len(plan.download.families) * plan.pacing.rounds
    lines = []
    for one in plan.objects:
        region_id = one.region.region_id
        price = price_for(plan, region_id, currency)
        cost = None if price is None else price.of(down_bytes)
        lines.append(BillLine(region_id=region_id, down_bytes=down_bytes, cost=cost))
    return Bill(lines=tuple(lines))


def visits_bill(plan: Plan, prices: Iterable[EgressPrice]) -> Bill:
    """Foresee what the answers to a plan's visits would cost who owns its endpoints.

    They are some kB each, so no ceiling of money counts them; one of bytes does.

    Args:
        plan: Whose own prices are those of its objects alone.
        prices: What is known of its targets' regions.
    """
    prices = tuple(prices)
    of_series = visit_down_bytes(plan.probe) * plan.pacing.rounds
    of_series *= len(plan.probe.families)
    lines = []
    for one in plan.targets:
        region_id = one.region.region_id
        # A control is visited as two.
        down_bytes = of_series * (2 if one.target_id in plan.controls else 1)
        price = _price_in(prices, region_id, None)
        cost = None if price is None else price.of(down_bytes)
        lines.append(BillLine(region_id=region_id, down_bytes=down_bytes, cost=cost))
    return Bill(lines=tuple(lines))


def check_cost(plan: Plan) -> None:
    """Refuse a plan that may cost more than its ceiling, or nobody knows what.

    Raises:
        LimitExceeded: Naming the rows that are missing, or both sums.
    """
    ceiling = plan.ceilings.cost
    if ceiling is None or plan.download is None:
        return
    bill = foreseen_bill(plan, ceiling.currency)
    if bill.unpriced:
        raise LimitExceeded(limit="cost", problem=_unpriced(ceiling, bill))
    (worst,) = bill.sums
    if worst.amount > ceiling.amount:
        problem = (
            f"the plan's downloads may cost {shown_sum(worst)}, the ceiling is "
            f"{ceiling}; take fewer rounds, regions or streams, smaller "
            "transfer_bytes, or raise ceilings.cost"
        )
        raise LimitExceeded(limit="cost", problem=problem)


def named(names: tuple[str, ...]) -> str:
    """Names for a message: the first few, and how many more."""
    most = _NAMED if len(names) > _NAMED + 1 else len(names)
    more = f" and {len(names) - most} more" if most < len(names) else ""
    return f"{', '.join(names[:most])}{more}"


def _unpriced(ceiling: Money, bill: Bill) -> str:
    providers = sorted({name.split("/")[0] for name in bill.unpriced})
    files = ", ".join(f"targets/{name}/prices.toml" for name in providers)
    return (
        f"no price for {named(bill.unpriced)} in {ceiling.currency}, which the "
        f"ceiling of {ceiling} is in: {files} has no [[egress]] row of internet for "
        "them; add one with --targets FILE, choose regions that have one, or drop "
        "ceilings.cost"
    )


def shown_sum(money: Money) -> str:
    """An amount for people: to the hundredth, rounded up."""
    hundredths = money.amount.quantize(Decimal("0.01"), rounding=ROUND_CEILING)
    return f"{hundredths:,} {money.currency}"
