import pytest

from cloudgauge.analysis.comparison import Margin
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import ConfigError
from cloudgauge.workflow.question import Question, parse_margin, parse_weights


@pytest.mark.parametrize(
    ("text", "metric", "wanted"),
    [
        ("2ms", Metric.CONNECT, Margin(least=2.0, share=0.0)),
        ("1s", Metric.TLS, Margin(least=1000.0, share=0.0)),
        ("3%", Metric.CONNECT, Margin(least=0.0, share=0.03)),
        ("2ms, 3%,1ms,2%", Metric.CONNECT, Margin(least=2.0, share=0.03)),
        ("2.5Mbit/s,1%", Metric.THROUGHPUT, Margin(least=2.5, share=0.01)),
    ],
)
def test_a_margin_is_an_amount_a_share_or_both(
    text: str, metric: Metric, wanted: Margin
) -> None:
    assert parse_margin(text, metric) == wanted


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("3", Metric.CONNECT),
        ("", Metric.CONNECT),
        ("-1%", Metric.CONNECT),
        ("nan%", Metric.CONNECT),
        ("2Mbit/s", Metric.CONNECT),
        ("2ms", Metric.THROUGHPUT),
        ("xMbit/s", Metric.THROUGHPUT),
    ],
)
def test_what_is_no_margin_of_the_metric_is_refused(text: str, metric: Metric) -> None:
    with pytest.raises(ConfigError, match="--margin: want an amount such as 5") as told:
        parse_margin(text, metric)
    assert told.value.problem.endswith(f'got "{text}"')


def test_each_metric_has_a_margin_of_its_own() -> None:
    assert Question().margin_used == Margin(least=2.0, share=0.02)
    assert Question.of("throughput").margin_used == Margin(least=0.0, share=0.05)
    assert Question.of(margin="9ms").margin_used == Margin(least=9.0, share=0.0)


def test_a_metric_that_is_none_is_refused_with_those_that_are() -> None:
    told = 'want one of connect, tls, first-byte, throughput, got "ping"'
    with pytest.raises(ConfigError, match=told):
        Question.of("ping")


def test_weights_are_read_and_made_shares() -> None:
    assert parse_weights("a=1, b.c=0.5,d-e=0") == {"a": 1.0, "b.c": 0.5, "d-e": 0.0}
    found = Question.of(weights="a=1,b=3").weights_of(["a", "b"])
    assert found == {"a": 0.25, "b": 0.75}
    assert Question().weights_of(["a", "b"]) == {"a": 0.5, "b": 0.5}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a", 'want vantage=number, such as singapore=0.3, got "a"'),
        ("=1", 'want vantage=number, such as singapore=0.3, got "=1"'),
        ("a=-1", 'got "a=-1"'),
        ("a=inf", 'got "a=inf"'),
        ("a=1,a=2", 'vantage "a" is given twice'),
        ("a=0", "want at least one above 0"),
    ],
)
def test_what_are_no_weights_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse_weights(text)


def test_the_weights_of_the_vantages_that_are_there_may_not_all_be_nothing() -> None:
    question = Question.of(weights={"a": 0.0, "b": 0.0})
    with pytest.raises(ConfigError, match="want at least one above 0"):
        question.weights_of(["a", "b"])


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_from_python_are_held_to_the_same(weight: float) -> None:
    with pytest.raises(ConfigError, match='want a number of 0 or more for "a"'):
        Question.of(weights={"a": weight})
