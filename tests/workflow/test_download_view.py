from dataclasses import replace

import pytest

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, Pacing, Plan
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.report.document import Cell, Document
from cloudgauge.workflow.plan_view import plan_document
from cloudgauge.workflow.planning import PlanRequest, show_plan
from tests.fakes.plans import (
    download_plan,
    object_in,
    plan_of,
    price_of,
    targets_of,
)

SPEC = DownloadSpec(streams=(1, 8), transfer_bytes=100 * 10**6)
PLAN = replace(
    download_plan(
        [object_in("aws", "one"), object_in("aws", "two"), object_in("huawei", "x")],
        download=SPEC,
        pacing=Pacing(rounds=5, round_ns=18 * NS_PER_S),
    ),
    objectless=("azure/three", "gcp/four"),
    egress_prices=(price_of("aws/one", "0.10 USD"), price_of("aws/two", "0.20 USD")),
)


def rows(document: Document, table: str) -> tuple[tuple[Cell, ...], ...]:
    (found,) = [one for one in document.tables if one.name == table]
    return found.rows


def facts(plan: Plan) -> dict[Cell, Cell]:
    return {row[0]: row[1] for row in rows(plan_document(plan), "plan")}


def test_each_provider_has_its_transfers_seconds_bytes_and_money() -> None:
    found = rows(plan_document(PLAN), "downloads")

    # Two objects over one stream and over eight, five rounds of at most 10 s each:
    # 100 MB with 6 % around them and what the heads and connections take.
    down_bytes = 5 * (2 * 106_000_000 + 28_000 + 67_200 + (61 + 68) * 700)
    assert found == (
        ("aws", 2, 20, 200, 2 * down_bytes, "0.32 USD"),
        ("huawei", 1, 10, 100, down_bytes, "no price: huawei/x"),
    )


def test_a_provider_with_some_prices_shows_sum_and_what_lacks() -> None:
    plan = replace(PLAN, egress_prices=PLAN.egress_prices[:1])

    assert rows(plan_document(plan), "downloads")[0][5] == (
        "0.11 USD; no price: aws/two"
    )


def test_a_region_without_an_object_has_no_throughput_target() -> None:
    assert rows(plan_document(PLAN), "objectless") == (
        ("azure/three", "no throughput target"),
        ("gcp/four", "no throughput target"),
    )


def test_the_title_says_the_most_that_is_sent() -> None:
    document = plan_document(PLAN)

    assert document.title == (
        "made-up: 3 objects, 30 transfers, 1,935 requests, at most 3.27 GB in 9m30s"
    )
    assert [table.name for table in document.tables] == [
        "downloads",
        "objectless",
        "ceilings",
        "plan",
    ]


def test_the_notes_say_what_it_would_cost_and_where_nobody_knows() -> None:
    notes = plan_document(PLAN).notes

    assert "about 0.32 USD if you were billed for it; unknown for huawei/x" in notes
    known = replace(PLAN, objects=PLAN.objects[:2])
    assert "about 0.32 USD if you were billed for it" in plan_document(known).notes
    unknown = plan_document(replace(PLAN, egress_prices=()))
    assert not any(note.startswith("about") for note in unknown.notes)


def test_the_notes_say_who_pays_for_visits_and_how_much() -> None:
    plan = plan_of(targets_of(aws=1, gcp=1))
    aws, gcp = (one.region.region_id for one in plan.targets)
    before = (
        "what is sent enters the clouds, for which most charge nothing; what visits "
        "receive, about 46.4 kB, is paid by who owns the endpoints: "
    )

    some = plan_document(plan, (price_of(aws),)).notes
    both = plan_document(plan, (price_of(aws), price_of(gcp, "0.2 EUR"))).notes

    assert f"{before}no price is known if that were you" in plan_document(plan).notes
    assert f"{before}about 0.01 USD if that were you; unknown for {gcp}" in some
    assert f"{before}about 0.01 EUR + 0.01 USD if that were you" in both
    assert not any("is paid by" in note for note in plan_document(PLAN).notes)


def test_a_ceiling_of_cost_is_a_row_with_its_share() -> None:
    ceilings = Ceilings(cost=parse_money("0.80 USD"))
    plan = replace(PLAN, objects=PLAN.objects[:2], ceilings=ceilings)

    (cost,) = [row for row in rows(plan_document(plan), "ceilings") if row[0] == "cost"]

    _, currency, planned, allowed, share = cost
    assert (currency, allowed) == ("USD", 0.8)
    assert isinstance(planned, float)
    assert share == pytest.approx(planned / 0.8)
    assert 0.318 < planned < 0.32


def test_nothing_may_be_spent_has_no_share() -> None:
    plan = replace(PLAN, ceilings=Ceilings(cost=parse_money("0 USD")))

    rows_ = rows(plan_document(plan), "ceilings")

    assert [row[4] for row in rows_ if row[0] == "cost"] == [None]


def test_how_a_transfer_is_made_is_told() -> None:
    told = facts(PLAN)

    assert told["rounds"] == "5 of 1m54s"
    assert told["transfer"] == (
        "over 1 and 8 streams, at most 10s and 100 MB each; one at a time, beside "
        "nothing else"
    )
    assert told["round trips"] == (
        "every 400ms, for 4s before each transfer and during it"
    )
    assert told["transfer timeout"] == "5s for each wait"
    assert "visit" not in told


def test_one_stream_is_no_plural() -> None:
    one = replace(PLAN, download=DownloadSpec(streams=(1,)))

    assert str(facts(one)["transfer"]).startswith("over 1 stream, at most")
    single = replace(one, objects=one.objects[:1], pacing=Pacing(rounds=1, round_ns=1))
    assert plan_document(single).title.startswith("made-up: 1 object, 1 transfer, ")


def test_visits_and_transfers_share_a_round() -> None:
    plan = replace(PLAN, targets=targets_of(aws=2))
    document = plan_document(plan)

    assert document.title.startswith(
        "made-up: 2 targets, 10 visits, 3 objects, 30 transfers, 1,985 requests, "
    )
    assert facts(plan)["rounds"] == (
        "5 of 2m12s: visits for 18s, then transfers for 1m54s"
    )
    assert [table.name for table in document.tables][:2] == ["providers", "downloads"]


def test_a_plan_of_latency_says_nothing_of_downloads() -> None:
    document = plan_document(plan_of(targets_of(aws=2)))

    assert {"downloads", "objectless"}.isdisjoint(
        table.name for table in document.tables
    )
    assert "transfer" not in facts(plan_of(targets_of(aws=2)))
    assert not any("transfer" in note for note in document.notes)


def test_the_shipped_plan_of_throughput_tells_what_has_no_target() -> None:
    document = show_plan(PlanRequest(plan="throughput"))

    assert {row[0] for row in rows(document, "downloads")} == {
        "alibaba",
        "aws",
        "huawei",
    }
    assert {row[0] for row in rows(document, "objectless")} == {
        "tencent/ap-jakarta",
        "tencent/ap-singapore",
    }
