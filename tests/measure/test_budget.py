from dataclasses import replace
from decimal import Decimal

import pytest

from cloudgauge.measure.budget import Budget, Use
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Plan, ProbeKind, Slot
from cloudgauge.model.price import Money, parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind
from cloudgauge.planning.schedule import slots
from cloudgauge.planning.traffic import (
    seen_bytes,
    seen_transfer_down_bytes,
    seen_transfer_up_bytes,
    transfer_down_bytes,
    transfer_requests,
    transfer_up_bytes,
    visit_down_bytes,
    visit_up_bytes,
)
from tests.fakes.plans import download_plan, object_in, price_of, targets_of
from tests.fakes.probing import bin_of, sample_of

SPEC = DownloadSpec(streams=(8,), transfer_bytes=10 * 10**6)
PLAN = download_plan(
    [object_in("aws", "one")], targets=targets_of(aws=1), download=SPEC
)
MOST_REQUESTS = transfer_requests(SPEC, 8)
MOST_DOWN_BYTES = transfer_down_bytes(SPEC, 8)
MOST_BYTES = transfer_up_bytes(SPEC, 8) + MOST_DOWN_BYTES


def slot_of(kind: ProbeKind, plan: Plan = PLAN) -> Slot:
    return next(slot for slot in slots(plan) if slot.kind is kind)


TRANSFER_COST = MOST_DOWN_BYTES * Decimal("0.10") / 10**9
TRANSFER = slot_of(ProbeKind.DOWNLOAD)
VISIT = slot_of(ProbeKind.LATENCY)


def capped(ceilings: Ceilings) -> Budget:
    """The budget of a plan whose object costs 0.10 USD a GB."""
    prices = (price_of("aws/one", "0.10 USD"),)
    return Budget(replace(PLAN, ceilings=ceilings, egress_prices=prices))


def poured(bins: int = 3) -> Use:
    """A transfer of a megabyte and one answer a bin, looked at twice."""
    use = Use(TRANSFER)
    use.take(sample_of(TRANSFER, 0, exchange=1))
    for index in range(bins):
        use.take(bin_of(TRANSFER, index))
    use.take(sample_of(TRANSFER, 0, exchange=2))
    use.take(sample_of(TRANSFER, 0, body_bytes=bins * 10**6))
    return use


def test_a_visits_use_is_its_exchanges_and_bodies() -> None:
    use = Use(VISIT)
    for exchange in range(3):
        use.take(sample_of(VISIT, 0, exchange=exchange, body_bytes=100))
    use.take(sample_of(VISIT, 0, exchange=3, body_bytes=None))

    assert use.requests == 4
    assert use.traffic_bytes == seen_bytes(4, 300)
    assert use.down_bytes == 0


def test_a_transfers_use_is_its_bins_and_its_small_requests() -> None:
    use = poured(bins=3)

    # One more warmed the connection of the small ones.
    assert use.requests == 3 + 2 + 1
    assert use.down_bytes == seen_transfer_down_bytes(8, 6, 3 * 10**6)
    up_bytes = seen_transfer_up_bytes(8, 6, 3 * 10**6)
    assert use.traffic_bytes == up_bytes + use.down_bytes


def test_each_connection_of_small_requests_was_warmed() -> None:
    use = Use(TRANSFER)
    for exchange, port in enumerate([4001, 4001, 4002], start=1):
        sample = sample_of(TRANSFER, 0, exchange=exchange)
        connection = replace(sample.connection, local_port=port)
        use.take(replace(sample, connection=connection))

    assert use.requests == 3 + 2


def test_a_transfer_that_failed_at_once_tried_one_request() -> None:
    use = Use(TRANSFER)
    use.take(sample_of(TRANSFER, 0, failure=FailureKind.REFUSED, body_bytes=None))

    assert use.requests == 1


def test_what_was_never_tried_used_nothing() -> None:
    for slot in (VISIT, TRANSFER):
        use = Use(slot)
        assert (use.requests, use.traffic_bytes, use.down_bytes) == (0, 0, 0)


@pytest.mark.parametrize(
    ("enough", "less", "told"),
    [
        (
            Ceilings(requests=MOST_REQUESTS),
            Ceilings(requests=MOST_REQUESTS - 1),
            f"reached the ceiling of {MOST_REQUESTS - 1} requests",
        ),
        (
            Ceilings(traffic_bytes=MOST_BYTES),
            Ceilings(traffic_bytes=MOST_BYTES - 1),
            "reached the ceiling of 11 MB",
        ),
        (
            Ceilings(cost=price_of("aws/one", "0.10 USD").of(MOST_DOWN_BYTES)),
            Ceilings(cost=price_of("aws/one", "0.10 USD").of(MOST_DOWN_BYTES - 1)),
            "reached the ceiling of 0.0010702199 USD",
        ),
        (
            Ceilings(duration_ns=TRANSFER.due_ns),
            Ceilings(duration_ns=TRANSFER.due_ns - 1),
            "reached the ceiling of 17s999ms999us999ns",
        ),
    ],
)
def test_a_transfer_begins_only_if_all_that_it_may_use_is_left(
    enough: Ceilings, less: Ceilings, told: str
) -> None:
    assert capped(enough).reached(TRANSFER, TRANSFER.due_ns) == ""
    assert capped(less).reached(TRANSFER, TRANSFER.due_ns) == told


def test_what_a_transfer_did_not_use_is_left_for_others() -> None:
    used = poured(bins=1)
    budget = capped(Ceilings(requests=MOST_REQUESTS + used.requests))

    budget.reserve(TRANSFER)
    assert budget.reached(TRANSFER, 0) != ""
    budget.settle(used)
    assert budget.reached(TRANSFER, 0) == ""


@pytest.mark.parametrize("hair", [0, 1])
def test_money_is_counted_as_bytes_come(hair: int) -> None:
    used = poured(bins=4)
    price = price_of("aws/one", "0.10 USD")
    both = price.of(used.down_bytes).amount + price.of(MOST_DOWN_BYTES).amount
    least = price.of(1).amount
    budget = capped(Ceilings(cost=Money(amount=both - hair * least, currency="USD")))

    budget.reserve(TRANSFER)
    budget.settle(used)

    assert (budget.reached(TRANSFER, 0) != "") == bool(hair)


def test_visits_cost_nothing() -> None:
    budget = capped(Ceilings(cost=parse_money("0 USD")))

    assert budget.reached(VISIT, 0) == ""
    assert budget.reached(TRANSFER, 0) == "reached the ceiling of 0 USD"


def test_without_a_ceiling_of_cost_prices_do_not_matter() -> None:
    assert Budget(PLAN).reached(TRANSFER, 0) == ""


def test_late_within_a_second_is_not_too_late() -> None:
    budget = capped(Ceilings(duration_ns=TRANSFER.due_ns))

    assert budget.reached(TRANSFER, TRANSFER.due_ns + NS_PER_S) == ""
    assert budget.reached(TRANSFER, TRANSFER.due_ns + NS_PER_S + 1) != ""


def test_what_an_earlier_start_has_done_counts_as_planned() -> None:
    probe = PLAN.probe
    requests = 2 * probe.requests_per_visit + MOST_REQUESTS
    fresh = capped(Ceilings(requests=requests + probe.requests_per_visit))
    fresh.carry(2, [TRANSFER])

    assert fresh.reached(VISIT, 0) == ""
    fresh.reserve(VISIT)
    assert fresh.reached(VISIT, 0).startswith("reached the ceiling of ")

    dear = Ceilings(cost=Money(amount=TRANSFER_COST, currency="USD"))
    budget = capped(dear)
    assert budget.reached(TRANSFER, 0) == ""
    budget.carry(0, [TRANSFER])
    assert budget.reached(TRANSFER, 0) == "reached the ceiling of " + str(dear.cost)


def test_bytes_of_an_earlier_start_count_as_planned() -> None:
    planned = visit_up_bytes(PLAN.probe) + visit_down_bytes(PLAN.probe)
    budget = capped(Ceilings(traffic_bytes=3 * planned))
    budget.carry(2, [])

    assert budget.reached(VISIT, 0) == ""
    budget.reserve(VISIT)
    assert budget.reached(VISIT, 0) != ""
