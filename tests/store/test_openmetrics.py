import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.store.openmetrics import MetricNames, parse_metrics

NAMES = MetricNames(
    value='probe_http_duration_seconds{phase="connect"}',
    success="probe_success",
    milliseconds=False,
)
A, B = 'instance="https://a.example/"', 'instance="https://b.example/"'
TEXT = f"""\
# HELP probe_success Displays whether or not the probe was a success
# TYPE probe_success gauge
probe_success{{{A},job="bb"}} 1 1768478400.5
probe_success{{{B},job="bb"}} 0 1768478400.5
probe_http_duration_seconds{{{A},job="bb",phase="connect"}} 0.02 1768478400.5
probe_http_duration_seconds{{{A},job="bb",phase="tls"}} 0.04 1768478400.5
probe_http_duration_seconds{{phase="connect",job="bb",{B},}} 0 1768478400.5

another_metric 7
# EOF
"""


def test_value_and_success_of_one_scrape_are_a_row() -> None:
    table = parse_metrics(TEXT, "bb.txt", NAMES)
    assert table.columns == (
        "time",
        "instance",
        "job",
        'probe_http_duration_seconds{phase="connect"}',
        "probe_success",
    )
    assert [row.cells for row in table.rows] == [
        ("1768478400.5", "https://a.example/", "bb", "0.02", "1"),
        ("1768478400.5", "https://b.example/", "bb", "0", "0"),
    ]
    assert [row.where for row in table.rows] == ["line 3", "line 4"]


def test_prometheus_has_its_times_in_milliseconds() -> None:
    names = MetricNames(value="rtt", success=None, milliseconds=True)
    (row,) = parse_metrics("rtt 0.5 1768478400123", "bb.txt", names).rows
    assert row.cells == ("1768478400.123", "0.5")


def test_a_sample_without_a_time_has_none() -> None:
    names = MetricNames(value="rtt", success=None, milliseconds=True)
    (row,) = parse_metrics("rtt 0.5", "bb.txt", names).rows
    assert row.cells == ("", "0.5")


def test_labels_are_read_with_their_escapes() -> None:
    names = MetricNames(value="rtt", success=None, milliseconds=False)
    text = r'rtt{a="x\"y\\z\n",b="{,}"} 1 1'
    (row,) = parse_metrics(text, "bb.txt", names).rows
    assert row.cells == ("1", 'x"y\\z\n', "{,}", "1")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "bb.txt: has no sample of rtt"),
        ("other 1 1\n", "bb.txt: has no sample of rtt"),
        ("rtt\n", "line 1: is no sample of a metric"),
        ('rtt{a="1} 1 1\n', "line 1: is no sample of a metric"),
        ("rtt 1 noon\n", 'line 1: its time "noon" is no number'),
        ("rtt 1 1\nrtt 2 1\n", "line 2: rtt was said of this time and target already"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(text: str, wanted: str) -> None:
    names = MetricNames(value="rtt", success=None, milliseconds=False)
    with pytest.raises(ConfigError, match=wanted):
        parse_metrics(text, "bb.txt", names)


def test_a_metric_that_cannot_be_is_refused() -> None:
    names = MetricNames(value="rtt{", success=None, milliseconds=False)
    with pytest.raises(ConfigError, match="want a metric such as"):
        parse_metrics(TEXT, "bb.txt", names)
