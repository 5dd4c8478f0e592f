"""How long a stream may say nothing."""

import pytest

from cloudgauge.measure.answers import Answers
from cloudgauge.measure.failure import ProbeFailed
from cloudgauge.measure.silence import Silence
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.sample import FailureKind as Kind
from tests.fakes.object_server import REQUEST, SIZE, head_bytes

TIMEOUT_NS = 2 * NS_PER_S


@pytest.fixture
def silence() -> Silence:
    made = Silence(TIMEOUT_NS)
    made.begin(NS_PER_S)
    return made


@pytest.fixture
def answers() -> Answers:
    return Answers(REQUEST)


def begin(answers: Answers) -> None:
    answers.feed(memoryview(head_bytes()), wall_ns=0)


def kind_of(silence: Silence, at_s: float, answers: Answers) -> tuple[Kind, str]:
    with pytest.raises(ProbeFailed) as caught:
        silence.check(round(at_s * NS_PER_S), answers)
    return caught.value.kind, str(caught.value)


def test_an_answer_may_take_the_time_out_and_no_longer(
    silence: Silence, answers: Answers
) -> None:
    silence.check(3 * NS_PER_S - 1, answers)
    assert kind_of(silence, 3, answers) == (
        Kind.RESPONSE_TIMEOUT,
        "no answer in time",
    )


def test_a_body_must_bring_so_much_in_each_time_out(
    silence: Silence, answers: Answers
) -> None:
    begin(answers)
    silence.check(2 * NS_PER_S, answers)  # its head is progress
    silence.check(4 * NS_PER_S - 1, answers)
    answers.skip(10_000)
    silence.check(4 * NS_PER_S, answers)
    answers.skip(9_999)
    silence.check(6 * NS_PER_S - 1, answers)
    assert kind_of(silence, 6, answers) == (
        Kind.STALLED,
        "9999 bytes in 2s, want at least 10000",
    )


def test_a_body_that_comes_steadily_is_never_silent(
    silence: Silence, answers: Answers
) -> None:
    begin(answers)
    for at_s in range(1, 40):
        answers.skip(6_000)
        silence.check(at_s * NS_PER_S, answers)


def test_the_next_answer_may_be_awaited_as_long_as_the_first(
    silence: Silence, answers: Answers
) -> None:
    begin(answers)
    answers.skip(SIZE)
    silence.check(5 * NS_PER_S, answers)
    silence.check(7 * NS_PER_S - 1, answers)
    assert kind_of(silence, 7, answers)[0] is Kind.RESPONSE_TIMEOUT


def test_at_the_end_next_to_nothing_is_a_failure(
    silence: Silence, answers: Answers
) -> None:
    with pytest.raises(ProbeFailed, match="no answer in time"):
        silence.check_whole(2 * NS_PER_S, answers)
    begin(answers)
    answers.skip(9_999)
    with pytest.raises(ProbeFailed, match="9999 bytes in 1s, want at least 10000"):
        silence.check_whole(2 * NS_PER_S, answers)
    answers.skip(1)
    silence.check_whole(2 * NS_PER_S, answers)
