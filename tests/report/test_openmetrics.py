import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.report.escape import printable
from cloudgauge.report.openmetrics import (
    Family,
    Histogram,
    MetricKind,
    Number,
    escaped,
    seconds_text,
    to_openmetrics,
)
from tests.report.exposition import read_exposition, unescaped

RTT = Family(
    name="rtt_seconds",
    kind=MetricKind.HISTOGRAM,
    unit="seconds",
    about="Round trips.",
    histograms=(
        Histogram(
            labels=(("target", 'a"b'),),
            bounds=(0.001, 1.0),
            counts=(2, 0, 1),
            total="3.5",
        ),
    ),
)
FAILURES = Family(
    name="failures",
    kind=MetricKind.COUNTER,
    unit="",
    about="By kind.",
    numbers=(Number(labels=(), text="7"),),
)


def text_of(*families: Family) -> str:
    return "".join(f"{line}\n" for line in to_openmetrics(families))


def test_an_exposition_is_written_as_the_specification_has_it() -> None:
    assert text_of(RTT, FAILURES) == (
        "# TYPE rtt_seconds histogram\n"
        "# UNIT rtt_seconds seconds\n"
        "# HELP rtt_seconds Round trips.\n"
        'rtt_seconds_bucket{target="a\\"b",le="0.001"} 2\n'
        'rtt_seconds_bucket{target="a\\"b",le="1.0"} 2\n'
        'rtt_seconds_bucket{target="a\\"b",le="+Inf"} 3\n'
        'rtt_seconds_count{target="a\\"b"} 3\n'
        'rtt_seconds_sum{target="a\\"b"} 3.5\n'
        "# TYPE failures counter\n"
        "# HELP failures By kind.\n"
        "failures_total 7\n"
        "# EOF\n"
    )


def test_it_reads_back_by_the_grammar() -> None:
    read = read_exposition(text_of(RTT, FAILURES))
    assert read["failures"].numbers == {("failures_total", ()): 7}
    assert read["rtt_seconds"].numbers["rtt_seconds_count", (("target", 'a"b'),)] == 3


def test_a_family_without_a_number_is_left_out() -> None:
    empty = Family(name="x", kind=MetricKind.GAUGE, unit="", about="None.")
    assert text_of(empty) == "# EOF\n"


@given(st.text())
def test_any_text_is_one_label_that_reads_back(text: str) -> None:
    number = Number(labels=(("said", text),), text="1")
    family = Family(
        name="x", kind=MetricKind.GAUGE, unit="", about="Said.", numbers=(number,)
    )
    read = read_exposition(text_of(family))
    assert read["x"].numbers == {("x", (("said", printable(text)),)): 1}


@given(st.text())
def test_what_is_escaped_is_one_line_and_harmless(text: str) -> None:
    assert unescaped(escaped(text)) == printable(text)
    assert "\n" not in escaped(text)
    assert printable(escaped(text)) == escaped(text)


@given(st.integers(min_value=-(10**18), max_value=10**22))
def test_nanoseconds_are_exact_seconds(value_ns: int) -> None:
    whole, _, rest = seconds_text(value_ns).partition(".")
    assert int(whole + rest.ljust(9, "0")) == value_ns
    assert seconds_text(1_500_000_000) == "1.5"


def test_names_that_no_metric_can_have_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be called 'a b'"):
        Family(name="a b", kind=MetricKind.GAUGE, unit="", about="x")
    with pytest.raises(ValueError, match="rtt must end with its unit, seconds"):
        Family(name="rtt", kind=MetricKind.GAUGE, unit="seconds", about="x")
    wrong = Number(labels=(("a-b", ""),), text="1")
    family = Family(
        name="x", kind=MetricKind.GAUGE, unit="", about="x", numbers=(wrong,)
    )
    with pytest.raises(ValueError, match="a label cannot be called 'a-b'"):
        text_of(family)
