"""The bill of a month: demands into lines, each with its price row, tier by tier."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext

from cloudgauge.billing.amount import EXACT, money, total
from cloudgauge.billing.choice import PriceBook, candidates, main_currency, pick
from cloudgauge.billing.demand import Demand, demands_of
from cloudgauge.billing.workload import Workload
from cloudgauge.model.price import Money
from cloudgauge.model.tariff import Allowance, Charge, Pool, Tariff

_Use = tuple[Demand, Tariff]
_Taken = tuple[Allowance, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """What an allowance takes off a line before tiers are applied.

    Attributes:
        quantity: Units of the line's tariff, above 0.
    """

    allowance: Allowance
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of a line that lies in one tier.

    Attributes:
        start: Where the tier begins.
        quantity: Units of the tariff, above 0.
        price: Of one; None where the vendor's price for so much is not known.
        cost: None with the price.
    """

    start: Decimal
    quantity: Decimal
    price: Decimal | None
    cost: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one charge comes to, with everything needed to trace it.

    Attributes:
        region_ids: Where it is used; several where the vendor adds them up.
        demands: What is used, at least one.
        tariff: The price that applies; None where there is none.
        quantity: Units of the tariff that are left after the gifts, those in a free
            tier among them; None without a tariff.
        gifts: What allowances take off; none where there is no allowance.
        parts: By tier, in order; none where an allowance took all.
        why_not: Why there is no price for it or for part of it; "" otherwise.
    """

    region_ids: tuple[str, ...]
    charge: Charge
    demands: tuple[Demand, ...]
    tariff: Tariff | None = None
    quantity: Decimal | None = None
    gifts: tuple[Gift, ...] = ()
    parts: tuple[Part, ...] = ()
    why_not: str = ""

    @property
    def known(self) -> Money | None:
        """What the parts with a price come to; None without a tariff."""
        if self.tariff is None:
            return None
        costs = [part.cost for part in self.parts if part.cost is not None]
        return total(costs, self.tariff.currency)

    @property
    def cost(self) -> Money | None:
        """What it comes to; None unless all of it has a price."""
        return None if self.why_not else self.known


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A month of a workload in one region, or in several that run together.

    Attributes:
        region_ids: One, or all that run together.
        lines: In the order of charges.
    """

    region_ids: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def currencies(self) -> tuple[str, ...]:
        """In which anything is billed, in order; none where nothing has a price."""
        return tuple(
            sorted({line.tariff.currency for line in self.lines if line.tariff})
        )

    def known(self, currency: str, *charges: Charge) -> Money:
        """What all known prices in a currency come to.

        Args:
            currency: Which; nothing is converted.
            charges: Only these; none for all.
        """
        found = (line.known for line in self._of(charges))
        same = [one for one in found if one is not None and one.currency == currency]
        return total(same, currency)

    def unknown(self, *charges: Charge) -> tuple[Line, ...]:
        """The lines that have no price, or none for part of them."""
        return tuple(line for line in self._of(charges) if line.why_not)

    def total(self, *charges: Charge) -> Money | None:
        """What it comes to; None where anything is unknown, or currencies differ."""
        if self.unknown(*charges):
            return None
        costs = [line.known for line in self._of(charges)]
        currencies = {cost.currency for cost in costs if cost is not None}
        return self.known(currencies.pop(), *charges) if len(currencies) == 1 else None

    def _of(self, charges: tuple[Charge, ...]) -> Iterator[Line]:
        return (line for line in self.lines if not charges or line.charge in charges)


def bill_of(
    workload: Workload,
    region_ids: tuple[str, ...],
    book: PriceBook,
    *,
    currency: str | None = None,
) -> Bill:
    """Work out a month's bill of one account for each provider.

    Volumes are added up over what the vendor adds them up: a region, or all that
    run together. An allowance is given once over all of them, to the regions in the
    order in which they are named, and there to the traffic in its order.

    Args:
        workload: What runs in each of the regions.
        region_ids: One region, or those that run together; at least one.
        book: All prices.
        currency: Which of a vendor's currencies to read; None for the one in which
            most has a price. Nothing is converted.
    """
    lines: list[Line] = []
    uses: list[_Use] = []
    for region_id in region_ids:
        found = [
            (demand, candidates(demand, book))
            for demand in demands_of(workload, region_id)
        ]
        fitting = [tariffs for _, tariffs in found if not isinstance(tariffs, str)]
        main = main_currency(fitting, currency)
        for demand, tariffs in found:
            if isinstance(tariffs, str):
                lines.append(_unpriced(demand, tariffs))
            else:
                uses.append((demand, pick(tariffs, main)))
    lines.extend(_priced(uses, book.allowances))
    order = list(Charge)
    lines.sort(
        key=lambda line: (
            order.index(line.charge),
            region_ids.index(line.region_ids[0]),
        )
    )
    return Bill(region_ids=region_ids, lines=tuple(lines))


def _unpriced(demand: Demand, why_not: str) -> Line:
    return Line(
        region_ids=(demand.region_id,),
        charge=demand.charge,
        demands=(demand,),
        why_not=why_not,
    )


def _priced(uses: list[_Use], allowances: Iterable[Allowance]) -> Iterator[Line]:
    taken = _taken(uses, allowances)
    for pooled in _pools(uses):
        by_allowance: dict[str, list[_Taken]] = {}
        for allowance, amount in (one for number in pooled for one in taken[number]):
            by_allowance.setdefault(allowance.row, []).append((allowance, amount))
        yield _line([uses[number] for number in pooled], list(by_allowance.values()))


def _taken(
    uses: list[_Use], allowances: Iterable[Allowance]
) -> tuple[list[_Taken], ...]:
    """What each use gets free: of which allowance, and how many bytes."""
    taken: tuple[list[_Taken], ...] = tuple([] for _ in uses)
    paid = [demand.amount for demand, _ in uses]
    for allowance in allowances:
        with localcontext(EXACT):
            left = allowance.volume * allowance.unit_bytes
            for number, (demand, tariff) in enumerate(uses):
                amount = min(left, paid[number])
                if amount and _is_given(allowance, demand, tariff):
                    left -= amount
                    paid[number] -= amount
                    taken[number].append((allowance, amount))
    return taken


def _is_given(allowance: Allowance, demand: Demand, tariff: Tariff) -> bool:
    return (
        demand.charge is Charge.TO_INTERNET
        and demand.region_id in allowance.region_ids
        and (not allowance.routes or tariff.route in allowance.routes)
    )


def _pools(uses: list[_Use]) -> list[list[int]]:
    """Which uses the vendor adds up before tiers are applied."""
    pools: dict[tuple[str, ...], list[int]] = {}
    for number, (demand, tariff) in enumerate(uses):
        where = "" if tariff.pool is Pool.ACCOUNT else demand.region_id
        pools.setdefault((tariff.row, tariff.currency, where), []).append(number)
    return list(pools.values())


def _line(pooled: list[_Use], taken: list[list[_Taken]]) -> Line:
    demands = tuple(demand for demand, _ in pooled)
    tariff = pooled[0][1]
    with localcontext(EXACT):
        gifts = tuple(
            Gift(
                allowance=same[0][0],
                quantity=sum((amount for _, amount in same), Decimal(0))
                / tariff.unit_bytes,
            )
            for same in taken
        )
        used = sum((demand.amount for demand in demands), Decimal(0))
        free = sum((gift.quantity for gift in gifts), Decimal(0))
        quantity = used / tariff.unit_bytes - free
        parts = tuple(_parts(tariff, quantity))
    short = any(part.price is None for part in parts)
    end = tariff.tiers[-1].end
    return Line(
        region_ids=tuple(dict.fromkeys(demand.region_id for demand in demands)),
        charge=tariff.charge,
        demands=demands,
        tariff=tariff,
        quantity=quantity,
        gifts=gifts,
        parts=parts,
        why_not=f"no price above {end} {tariff.unit}" if short else "",
    )


def _parts(tariff: Tariff, quantity: Decimal) -> Iterator[Part]:
    for tier in tariff.tiers:
        end = quantity if tier.end is None else min(quantity, tier.end)
        if end > tier.start:
            amount = (end - tier.start) * tier.price
            yield Part(
                start=tier.start,
                quantity=end - tier.start,
                price=tier.price,
                cost=money(amount, tariff.currency),
            )
    last = tariff.tiers[-1].end
    if last is not None and quantity > last:
        yield Part(start=last, quantity=quantity - last, price=None, cost=None)
