from cloudgauge.report.document import Column, Scale
from cloudgauge.report.scale import at_least_text, column_texts, heading


def _column(scale: Scale) -> Column:
    return Column(name="value", label="value", scale=scale)


def test_milliseconds_share_the_decimals_that_the_smallest_value_needs() -> None:
    texts = column_texts(_column(Scale.MILLISECONDS), [0.52, 151.25, None])
    assert texts == ["0.520", "151.250", "-"]


def test_milliseconds_never_claim_more_than_the_kernels_microsecond() -> None:
    assert column_texts(_column(Scale.MILLISECONDS), [0.0004]) == ["0.000"]


def test_what_rounds_to_nothing_has_no_sign() -> None:
    texts = column_texts(_column(Scale.MILLISECONDS), [-0.0001, -0.02])
    assert texts == ["0.000", "-0.020"]


def test_a_zero_or_an_infinity_does_not_decide_the_decimals() -> None:
    texts = column_texts(_column(Scale.MILLISECONDS), [0.0, 12.34, float("inf")])
    assert texts == ["0.0", "12.3", "inf"]


def test_every_scale_writes_absent_as_a_dash_and_truth_as_a_word() -> None:
    for scale in Scale:
        assert column_texts(_column(scale), [None, True, False]) == ["-", "yes", "no"]


def test_counts_ratios_and_bytes_are_written_for_people() -> None:
    assert column_texts(_column(Scale.COUNT), [1_234_567]) == ["1,234,567"]
    assert column_texts(_column(Scale.RATIO), [0.0125]) == ["1.25"]
    assert column_texts(_column(Scale.BYTES), [1_500_000]) == ["1.5 MB"]
    assert column_texts(_column(Scale.PLAIN), [7, 0.25]) == ["7", "0.25"]


def test_a_heading_carries_the_unit_of_its_scale() -> None:
    assert heading(_column(Scale.MILLISECONDS)) == "value ms"
    assert heading(_column(Scale.COUNT)) == "value"


def test_a_share_of_many_times_is_written_without_an_exponent() -> None:
    texts = column_texts(_column(Scale.RATIO), [13.764, -21.5, 0.0502923])
    assert texts == ["1,376", "-2,150", "5.03"]


def test_a_probability_says_no_more_than_that_it_is_small() -> None:
    texts = column_texts(_column(Scale.PROBABILITY), [0.00004, 0.001, 0.04567, 1.0])
    assert texts == ["<0.001", "0.001", "0.046", "1"]


def test_money_is_rounded_half_even_for_people_alone() -> None:
    texts = column_texts(_column(Scale.MONEY), ["1234.565", "0.125", "0.135", "7"])
    assert texts == ["1,234.56", "0.12", "0.14", "7.00"]
    assert column_texts(_column(Scale.MONEY), ["0", None]) == ["0.00", "-"]


def test_a_small_sum_of_money_is_not_shown_as_none() -> None:
    assert column_texts(_column(Scale.MONEY), ["0.00405"]) == ["0.0040"]
    assert at_least_text("0.5") == "at least 0.50"
