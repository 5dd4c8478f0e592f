import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.cli.live_screen import Room, cut, screen_lines
from cloudgauge.workflow.live_figures import Figures, LivePlan, LiveRun

PLAN = LivePlan(
    name="made-up",
    rounds=30,
    visits=900,
    transfers=0,
    duration_s=600,
    transfer_s=0,
    target_ids=tuple(f"{p}/place-{n}:s" for p in ("aws", "gcp") for n in range(15)),
    prices={},
)
DOWNLOADS = replace(
    PLAN, transfers=4, transfer_s=10, prices={0: ("0.0000000001", "USD")}
)


def run_of(plan: LivePlan, rounds: int) -> LiveRun:
    """Fifteen regions of aws and fourteen of gcp answer; one never does."""
    run = LiveRun(plan)
    for _ in range(rounds):
        for place in range(30):
            if place == 29:
                run.visited(place, None, "connect-timeout")
            elif place % 10 == 3 and rounds > 1:
                run.visited(place, None, "refused")
            else:
                run.visited(place, 10_000 * (place + 1), "")
        run.received(12_345)
        run.round_done()
    return run


def pouring(plan: LivePlan, rounds: int) -> Figures:
    run = run_of(plan, rounds)
    run.pouring(0, 4, 10**8, 10**9)
    return run.figures()


# Made once, since it takes longer than to draw them.
FIGURES = [(pouring(PLAN, n), pouring(DOWNLOADS, n)) for n in range(4)]


def texts(figures: Figures, columns: int, rows: int = 24) -> list[str]:
    room = Room(columns=columns, rows=rows)
    return [line.text for line in screen_lines(figures, 61.0, room)]


def test_who_goes_on_is_shown_what_is_left_and_what_was_held() -> None:
    left = replace(PLAN, rounds=10, visits=300, duration_s=200, held=600)
    assert texts(run_of(left, 1).figures(), 80, 3) == [
        " 10%  2m19s left  round 2 of 10 left  [##----------------------]  made-up",
        "30 of 300 visits  1 failed  600 held before  12.3 kB received",
    ]


def test_a_terminal_of_80_columns_shows_all_that_matters() -> None:
    assert texts(run_of(PLAN, 8).figures(), 80, 15) == [
        " 27%  8m59s left  round 9 of 30  [######------------------]  made-up",
        "240 of 900 visits  32 failed  98.8 kB received",
        "provider  connect p50  95 % interval      lost   visits",
        "aws           79.9 ms  70.1 to 89.9      13.3%      120",
        "gcp          219.9 ms  210.0 to 249.9    13.3%      120",
        "failing",
        "aws/place-3                   8 of 8  refused",
        "aws/place-13                  8 of 8  refused",
        "gcp/place-8                   8 of 8  refused",
        "gcp/place-14                  8 of 8  connect-timeout",
        "slowest (2 of 26)",
        "gcp/place-13                289.8 ms  289.8 to 289.8    n 8",
        "gcp/place-12                280.1 ms  280.1 to 280.1    n 8",
        "Ctrl-C keeps what is measured",
    ]


@given(
    columns=st.integers(min_value=1, max_value=250),
    rows=st.integers(min_value=1, max_value=80),
    rounds=st.integers(min_value=0, max_value=3),
)
def test_no_frame_is_larger_than_its_terminal(
    columns: int, rows: int, rounds: int
) -> None:
    for figures in FIGURES[rounds]:
        lines = texts(figures, columns, rows)
        assert 1 <= len(lines) <= max(rows - 1, 1)
        assert all(len(line) <= max(columns - 1, 1) for line in lines)


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_at_every_usual_width_nothing_of_a_provider_is_cut(columns: int) -> None:
    lines = texts(run_of(PLAN, 8).figures(), columns)
    assert [line.split()[-1] for line in lines[2:5]] == ["visits", "120", "120"]
    assert lines[-1] == "Ctrl-C keeps what is measured"
    assert len(lines) == 23


def test_failing_targets_come_before_slow_ones_or_beside_them() -> None:
    figures = run_of(PLAN, 8).figures()
    narrow = texts(figures, 80)
    titles = [
        at for at, line in enumerate(narrow) if line[:7] in {"failing", "slowest"}
    ]
    assert len(titles) == 2
    assert narrow[titles[0]].startswith("failing")
    assert narrow[titles[0] + 1].endswith("8 of 8  refused")
    wide = texts(figures, 160)
    assert sum(line.startswith("failing") and "slowest" in line for line in wide) == 1


def test_the_smallest_terminals_have_what_matters_most() -> None:
    figures = run_of(PLAN, 2).figures()
    (only,) = texts(figures, 40, 2)
    assert only.startswith("  7%  8m59s left  round 3 of 30")
    assert texts(figures, 40, 4)[1].startswith("60 of 900 visits  8 failed")


def test_before_the_first_answer_there_is_a_head_and_a_hint() -> None:
    lines = texts(LiveRun(PLAN).figures(), 80)
    assert lines[1:] == [
        "0 of 900 visits  0 failed  0 B received",
        "Ctrl-C keeps what is measured",
    ]


def test_money_and_the_transfer_under_way_are_shown() -> None:
    run = LiveRun(DOWNLOADS)
    run.transferred(0, 3 * 10**9, "")
    run.transferred(1, 10**6, "")
    run.pouring(0, 4, 125_000_000, 10**9)
    _, counts, pouring, *_ = texts(run.figures(), 120)
    assert counts == (
        "0 of 900 visits  2 of 4 transfers  0 failed  3.13 GB received  0.32 USD  "
        "no price for 1 MB"
    )
    assert pouring == "aws/place-0 x4  1000.0 Mbit/s  1 of 10 s"
    run.pouring(0, 4, 0, 0)
    assert "aws/place-0 x4  idle round trips" in texts(run.figures(), 120)


def test_what_timed_out_most_of_the_time_is_said_so() -> None:
    run = LiveRun(PLAN)
    for _ in range(9):
        run.visited(0, None, "connect-timeout")
    run.visited(0, 10_000, "")
    assert "aws/place-0                timed out                    n 10" in texts(
        run.figures(), 80
    )


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_hostile_names_are_text_and_no_wider_than_their_room(
    text: str, width: int
) -> None:
    shown = cut(text, width)
    assert not {"\x1b", "\n", "\r", "\u202e"} & set(shown)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in shown)
    assert len(shown) + wide <= width


def test_a_plan_with_a_hostile_name_cannot_reach_the_terminal() -> None:
    run = LiveRun(replace(PLAN, name="\x1b[2J\u202e名前"))
    first = texts(run.figures(), 120)[0]
    assert first.endswith("\\x1b[2J\\u202e名前")
