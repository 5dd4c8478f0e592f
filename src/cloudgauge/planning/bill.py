"""What a plan's downloads would cost whoever pays for what leaves a region.

The owner of a public object pays for it, not who downloads it; the same bytes out of
one's own account would cost this. Bytes are the most that a transfer may receive,
with everything below HTTP; prices those of the dearest tier.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from cloudgauge.errors import LimitExceeded
from cloudgauge.model.plan import Plan
from cloudgauge.model.price import EgressPrice, Money
from cloudgauge.planning.traffic import transfer_down_bytes

# Where a region has prices in several currencies and nobody said which is wanted.
_USUAL_CURRENCY = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The most that a plan's downloads may cost.

    Attributes:
        sums: One for each currency that occurs, in the order of their codes.
        unpriced: Regions whose price is not known, in the order of their ids.
    """

    sums: tuple[Money, ...]
    unpriced: tuple[str, ...]


def price_for(
    plan: Plan, region_id: str, currency: str | None = None
) -> EgressPrice | None:
    """What a region's bytes cost, in *currency* or else in what is usual."""
    prices = (one for one in plan.egress_prices if one.region_id == region_id)
    found = {one.price.currency: one for one in prices}
    if currency is not None:
        return found.get(currency)
    return found.get(_USUAL_CURRENCY) or next(iter(found.values()), None)


def _bytes_of_an_object(plan: Plan) -> int:
    """The most that one object's transfers receive over the whole run."""
    if plan.download is None:
        return 0
    each_round = sum(
        transfer_down_bytes(plan.download, streams) for streams in plan.download.streams
    )
    return each_round * len(plan.download.families) * plan.pacing.rounds


def foreseen_bill(plan: Plan, currency: str | None = None) -> Bill:
    """Foresee what a plan's downloads cost, by the prices that the plan holds."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    unpriced = set()
    for one in plan.objects:
        region_id = one.region.region_id
        price = price_for(plan, region_id, currency)
        if price is None:
            unpriced.add(region_id)
        else:
            cost = price.of(_bytes_of_an_object(plan))
            sums[cost.currency] += cost.amount
    return Bill(
        sums=tuple(Money(amount=sums[code], currency=code) for code in sorted(sums)),
        unpriced=tuple(sorted(unpriced)),
    )


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


def _unpriced(ceiling: Money, bill: Bill) -> str:
    providers = sorted({name.split("/")[0] for name in bill.unpriced})
    files = ", ".join(f"targets/{name}/prices.toml" for name in providers)
    return (
        f"no price for {', '.join(bill.unpriced)} in {ceiling.currency}, which the "
        f"ceiling of {ceiling} is in: {files} has no [[egress]] row of internet for "
        "it; add the row with --targets FILE, choose regions that have one, or drop "
        "ceilings.cost"
    )


def shown_sum(money: Money) -> str:
    """An amount for people: to the hundredth, rounded up."""
    hundredths = money.amount.quantize(Decimal("0.01"), rounding=ROUND_CEILING)
    return f"{hundredths:,} {money.currency}"
