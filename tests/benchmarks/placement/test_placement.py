import pytest

from benchmarks.placement.__main__ import main
from benchmarks.placement.made_up import QUESTIONS, problem
from benchmarks.placement.peer import plain_p_median
from cloudgauge.placement.choice import choose


def test_the_peer_finds_the_same_as_the_choice() -> None:
    asked = problem("mean latency", seed=3, users=20, regions=15)
    choice = choose(asked, time_limit_s=60)
    plain = plain_p_median(asked, time_limit_s=60)
    assert choice is not None
    assert plain.value == pytest.approx(choice.value)
    assert plain.gap == 0


def test_the_table_has_a_row_a_question_and_a_line_of_the_peer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # How fast it is on this machine right now is for the table to say.
    main(["--users", "15", "--regions", "12", "--worlds", "1"])
    told = capsys.readouterr().out
    for question in QUESTIONS:
        assert f"\n| {question} |" in told
    assert "The plain formulation (scipy's milp)" in told
