from datetime import date
from decimal import Decimal

import pytest

from cloudgauge.model.target import Confidence
from cloudgauge.model.tariff import Charge, Tariff
from cloudgauge.pricefeed.answer import AnswerError, Skip
from cloudgauge.pricefeed.aws import parse_price_file
from tests.pricefeed.payloads import (
    AWS_TIERS,
    HOURLY,
    SOURCE,
    Json,
    aws_file,
    aws_machine,
    aws_terms,
    aws_traffic,
    wanted,
)

WANTED = wanted("aws", "us-east-1", "eu-west-1", machines=("i7ie.large",))


def parse(text: bytes) -> tuple[tuple[Tariff, ...], tuple[Skip, ...]]:
    pieces = (text[start : start + 100] for start in range(0, len(text), 100))
    return parse_price_file(pieces, SOURCE, WANTED)


def prices(*tariffs: Tariff) -> list[str]:
    return [f"{tier.price:f}" for tariff in tariffs for tier in tariff.tiers]


def reasons(skips: tuple[Skip, ...]) -> list[str]:
    return [skip.reason for skip in skips]


def test_tiers_out_of_order_come_out_in_order_and_the_last_has_no_end() -> None:
    (tariff,), skipped = parse(
        aws_file((aws_traffic("X1"), aws_terms("X1", AWS_TIERS, unit="GB")))
    )

    starts = [f"{tier.start:f}" for tier in tariff.tiers]
    assert starts == ["0", "10240", "51200", "153600"]
    assert tariff.tiers[-1].end is None
    assert prices(tariff) == ["0.09", "0.085", "0.07", "0.05"]
    assert (tariff.charge, tariff.region_ids) == (
        Charge.TO_INTERNET,
        ("aws/us-east-1",),
    )
    assert (tariff.currency, tariff.route, tariff.by_default) == (
        "USD",
        "default",
        True,
    )
    assert skipped == ()


def test_a_price_says_where_it_is_from_and_when_the_file_was_published() -> None:
    (tariff,), _ = parse(
        aws_file((aws_traffic("X1"), aws_terms("X1", AWS_TIERS, unit="GB")))
    )

    assert tariff.dated == date(2026, 9, 16)
    assert tariff.row == "https://prices.example/answer: X1"
    assert tariff.provenance.confidence is Confidence.HIGH
    assert tariff.provenance.sources == (
        "https://prices.example/answer (retrieved 2026-11-22)",
    )


def test_what_aws_calls_gb_is_metered_in_gib() -> None:
    (tariff,), _ = parse(
        aws_file((aws_traffic("X1"), aws_terms("X1", AWS_TIERS, unit="GB")))
    )

    assert (tariff.unit, tariff.unit_bytes) == ("GB", 2**30)
    # 1024 units less the account's 100 are 83.16 USD; the allowance is not a tier.
    cost = tariff.cost_of(Decimal(924))
    assert cost is not None
    assert cost.amount == Decimal("83.16")


def test_of_rows_that_differ_in_tenancy_or_capacity_one_survives() -> None:
    dear = (("0", "Inf", "0.3251600000"),)
    free = (("0", "Inf", "0.0000000000"),)
    (tariff,), skipped = parse(
        aws_file(
            (
                aws_machine("X1", tenancy="Dedicated"),
                aws_terms("X1", dear, unit="Hrs"),
            ),
            (
                aws_machine("X2", capacitystatus="UnusedCapacityReservation"),
                aws_terms("X2", free, unit="Hrs"),
            ),
            (aws_machine("X3"), aws_terms("X3", HOURLY, unit="Hrs")),
            (
                aws_machine("X4", operatingSystem="Windows"),
                aws_terms("X4", dear, unit="Hrs"),
            ),
            (
                aws_machine("X5", preInstalledSw="SQL Std"),
                aws_terms("X5", dear, unit="Hrs"),
            ),
            (aws_machine("X6", marketoption="Spot"), None),
        )
    )

    assert prices(tariff) == ["0.2956"]
    assert (tariff.sku, tariff.vcpus) == ("i7ie.large", 2)
    assert tariff.memory_gib == 16
    assert (tariff.unit, tariff.unit_bytes) == ("hour", 1)
    assert skipped == ()


def test_two_prices_of_one_machine_that_nothing_tells_apart_are_none() -> None:
    other = (("0", "Inf", "0.3000000000"),)
    tariffs, skipped = parse(
        aws_file(
            (aws_machine("X1"), aws_terms("X1", HOURLY, unit="Hrs")),
            (aws_machine("X2"), aws_terms("X2", other, unit="Hrs")),
        )
    )

    assert tariffs == ()
    assert reasons(skipped) == ["two rows of one thing have different prices"]


def test_the_same_price_that_stands_twice_is_one() -> None:
    tariffs, skipped = parse(
        aws_file(
            (aws_machine("X1"), aws_terms("X1", HOURLY, unit="Hrs")),
            (aws_machine("X2"), aws_terms("X2", HOURLY, unit="Hrs")),
        )
    )

    assert len(tariffs) == 1
    assert skipped == ()


def test_a_local_zone_is_not_mixed_with_its_region() -> None:
    zone = {"fromLocationType": "AWS Local Zone"}
    dear = (("0", "Inf", "0.1900000000"),)
    (tariff,), skipped = parse(
        aws_file(
            (aws_traffic("X1", **zone), aws_terms("X1", dear, unit="GB")),
            (aws_traffic("X2"), aws_terms("X2", AWS_TIERS, unit="GB")),
        )
    )

    assert prices(tariff)[0] == "0.09"
    assert skipped == (
        Skip(reason="leaves a Local Zone, not a region", count=1, example="X1"),
    )


def test_a_price_in_yuan_alone_stays_in_yuan() -> None:
    terms = aws_terms("X1", AWS_TIERS, unit="GB", currency="CNY")
    (tariff,), _ = parse(aws_file((aws_traffic("X1"), terms)))

    assert tariff.currency == "CNY"


def test_a_sku_without_terms_is_skipped_and_counted() -> None:
    tariffs, skipped = parse(aws_file((aws_traffic("X1"), None)))

    assert tariffs == ()
    assert skipped == (Skip(reason="has no on-demand terms", count=1, example="X1"),)


def test_reserved_terms_are_no_on_demand_price() -> None:
    terms: Json = {"X1.38NPMPTW36": {"priceDimensions": {}}}
    tariffs, skipped = parse(aws_file((aws_machine("X1"), terms)))

    assert tariffs == ()
    assert reasons(skipped) == ["has no on-demand price"]


@pytest.mark.parametrize(
    ("tiers", "reason"),
    [
        (
            (("0", "10240", "0.09"), ("51200", "Inf", "0.07")),
            "its tiers have a gap or overlap",
        ),
        (
            (("0", "10240", "0.09"), ("5000", "Inf", "0.07")),
            "its tiers have a gap or overlap",
        ),
        ((("0", "10240", "0.09"),), "its tiers have a gap or overlap"),
        ((("100", "Inf", "0.09"),), "no tier begins at 0"),
        (
            (("0", "10", "0.09"), ("0", "Inf", "0.07")),
            "two prices for one tier",
        ),
        ((("0", "Inf", "0.0000000000"),), "the price is 0 in every tier"),
        ((("0", "Inf", "-0.01"),), "a number is missing or unreadable"),
        ((("0", "Inf", "1e5"),), "a number is missing or unreadable"),
        ((("0", "Inf", "1000000"),), "a price is out of all bounds"),
        ((("0", "Inf", "0.0000000000001"),), "a price has more than 12 decimals"),
        (
            (("0", "0.5", "0.09"), ("0.5", "Inf", "0.07")),
            "a tier begins at a fraction of a unit",
        ),
    ],
)
def test_tiers_that_are_no_price_say_why(
    tiers: tuple[tuple[str, str, str], ...], reason: str
) -> None:
    tariffs, skipped = parse(
        aws_file((aws_traffic("X1"), aws_terms("X1", tiers, unit="GB")))
    )

    assert tariffs == ()
    assert reasons(skipped) == [reason]


def test_another_unit_is_no_price_for_a_gb() -> None:
    tariffs, skipped = parse(
        aws_file((aws_traffic("X1"), aws_terms("X1", AWS_TIERS, unit="TB")))
    )

    assert tariffs == ()
    assert reasons(skipped) == ['is billed by "TB", not by the hour or GB']


def test_traffic_between_regions_names_the_other_one() -> None:
    to = {
        "transferType": "InterRegion Outbound",
        "toLocation": "Europe (Ireland)",
        "toLocationType": "AWS Region",
    }
    flat = (("0", "Inf", "0.0200000000"),)
    terms = aws_terms("X1", flat, unit="GB")
    unknown = aws_terms("X2", flat, unit="GB")
    (tariff,), skipped = parse(
        aws_file(
            (aws_traffic("X1", **to, toRegionCode="eu-west-1"), terms),
            (aws_traffic("X2", **to, toRegionCode="mars-1"), unknown),
        )
    )

    assert (tariff.charge, tariff.receivers) == (
        Charge.TO_OTHER_REGION,
        "aws/eu-west-1",
    )
    assert reasons(skipped) == ["goes to a region that the catalogue lacks"]


def test_traffic_to_another_zone_is_charged_on_both_sides() -> None:
    row = aws_traffic("X1", transferType="IntraRegion", toLocation="the same")
    flat = (("0", "Inf", "0.0100000000"),)
    (tariff,), _ = parse(aws_file((row, aws_terms("X1", flat, unit="GB"))))

    assert tariff.charge is Charge.TO_OTHER_ZONE
    assert prices(tariff) == ["0.02"]
    assert tariff.note == "Charged on each side: the sum of both."


def test_other_regions_and_destinations_are_passed_over_in_silence() -> None:
    terms = [aws_terms(f"X{n}", AWS_TIERS, unit="GB") for n in range(3)]
    tariffs, skipped = parse(
        aws_file(
            (aws_traffic("X0", fromRegionCode="sa-east-1"), terms[0]),
            (aws_traffic("X1", toLocation="Amazon CloudFront"), terms[1]),
            (aws_traffic("X2", transferType="AWS Inbound"), terms[2]),
        )
    )

    assert (tariffs, skipped) == ((), ())


def test_a_machine_that_hides_its_memory_is_skipped() -> None:
    row = aws_machine("X1", memory="lots")
    tariffs, skipped = parse(aws_file((row, aws_terms("X1", HOURLY, unit="Hrs"))))

    assert tariffs == ()
    assert reasons(skipped) == ["does not say its vcpu and memory"]


def test_memory_above_a_thousand_has_a_comma() -> None:
    row = aws_machine("X1", memory="1,952 GiB")
    (tariff,), _ = parse(aws_file((row, aws_terms("X1", HOURLY, unit="Hrs"))))

    assert tariff.memory_gib == 1952


@pytest.mark.parametrize("kept", [1, 40, 500, -300, -1])
def test_a_file_cut_anywhere_is_refused_with_its_url(kept: int) -> None:
    text = aws_file((aws_traffic("X1"), aws_terms("X1", AWS_TIERS, unit="GB")))

    with pytest.raises(
        AnswerError, match=r"https://prices\.example/answer: .* cut off"
    ):
        parse(text[:kept])


def test_an_answer_of_another_kind_is_refused() -> None:
    with pytest.raises(AnswerError, match="neither products nor terms"):
        parse(b'{"message": "Forbidden"}')


def test_traffic_to_a_local_zone_is_not_traffic_to_its_region() -> None:
    row = aws_traffic(
        "X1",
        transferType="InterRegion Outbound",
        toLocationType="AWS Local Zone",
        toRegionCode="eu-west-1",
    )
    terms = aws_terms("X1", (("0", "Inf", "0.02"),), unit="GB")
    tariffs, skipped = parse(aws_file((row, terms)))

    assert tariffs == ()
    assert reasons(skipped) == ["goes to a Local Zone, not to a region"]


@pytest.mark.parametrize(
    ("prices_of_unit", "reason"),
    [
        ({"EUR": "0.1", "CNY": "0.7"}, "has no one currency"),
        ({}, "has no one currency"),
        ({"yuan": "0.7"}, "has no one currency"),
        ("0.1", "has no price for a unit"),
        ({"USD": None}, "a number is missing or unreadable"),
    ],
)
def test_a_price_in_no_one_currency_says_so(
    prices_of_unit: object, reason: str
) -> None:
    terms = aws_terms("X1", HOURLY, unit="Hrs")
    (dimension,) = terms["X1.JRTCKXETXF"]["priceDimensions"].values()
    dimension["pricePerUnit"] = prices_of_unit
    tariffs, skipped = parse(aws_file((aws_machine("X1"), terms)))

    assert tariffs == ()
    assert reasons(skipped) == [reason]


def test_dollars_go_before_another_currency_beside_them() -> None:
    terms = aws_terms("X1", HOURLY, unit="Hrs")
    (dimension,) = terms["X1.JRTCKXETXF"]["priceDimensions"].values()
    dimension["pricePerUnit"]["CNY"] = "2.1"
    (tariff,), _ = parse(aws_file((aws_machine("X1"), terms)))

    assert (tariff.currency, prices(tariff)) == ("USD", ["0.2956"])


def test_a_machine_has_no_tiers() -> None:
    tiers = (("0", "100", "0.3"), ("100", "Inf", "0.2"))
    tariffs, skipped = parse(
        aws_file((aws_machine("X1"), aws_terms("X1", tiers, unit="Hrs")))
    )

    assert tariffs == ()
    assert reasons(skipped) == ["has tiers, which a machine has not"]


def test_rows_of_another_shape_are_skipped_and_said() -> None:
    bare = {"sku": "X1", "productFamily": "Data Transfer"}
    terms = aws_terms("X2", HOURLY, unit="Hrs")
    terms["X2.JRTCKXETXF"]["priceDimensions"] = {"X2.A": "0.1"}
    tariffs, skipped = parse(aws_file((bare, None), (aws_machine("X2"), terms)))

    assert tariffs == ()
    assert sorted(reasons(skipped)) == [
        "has a price that is no object",
        "has no attributes",
    ]


def test_a_file_that_was_published_on_no_day_is_refused() -> None:
    text = aws_file((aws_traffic("X1"), None)).replace(b"2026-09-16T", b"yesterday ")

    with pytest.raises(AnswerError, match="publicationDate is no date"):
        parse(text)
