import re
from datetime import timedelta
from email.utils import format_datetime

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.pricefeed.fetching import Ask
from tests.fakes.price_server import PriceServer, Told, cut, in_turn, told, zipped
from tests.pricefeed.waits import NOW, Waits

ROWS = {"rows": list(range(5000))}
WHOLE = told(ROWS).body


def fetched(
    *answers: Told, waits: Waits | None = None, limit_bytes: int = 2**20
) -> bytes:
    waits = waits or Waits()
    with PriceServer(in_turn(*answers)) as server, waits.fetcher() as fetcher:
        ask = Ask(url=f"{server.url}/prices", limit_bytes=limit_bytes)
        return fetcher.body(ask)


def test_an_answer_comes_whole() -> None:
    assert fetched(told(ROWS)) == WHOLE


def test_a_compressed_answer_comes_whole() -> None:
    assert fetched(zipped(ROWS)) == WHOLE


def test_after_429_it_waits_as_long_as_it_was_told_and_asks_again() -> None:
    waits = Waits()

    assert fetched(told({}, 429, Retry_After="7"), told(ROWS), waits=waits) == WHOLE
    assert waits.slept_s == [7.0]
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/prices: waiting 7 s before asking again",
        waits.told[0],
    )


def test_retry_after_may_be_a_date() -> None:
    waits = Waits()
    when = format_datetime(NOW + timedelta(seconds=9), usegmt=True)

    assert fetched(told({}, 503, Retry_After=when), told(ROWS), waits=waits) == WHOLE
    assert waits.slept_s == [9.0]


@pytest.mark.parametrize("header", ["", "soon", "-5", "\u00b2"])
def test_a_429_that_does_not_say_how_long_costs_a_minute(header: str) -> None:
    waits = Waits()
    headers = {"Retry-After": header} if header.isascii() else {}
    busy = Told(body=b"", status=429, headers=headers)

    assert fetched(busy, told(ROWS), waits=waits) == WHOLE
    assert waits.slept_s == [60.0]


def test_who_asks_to_wait_for_an_hour_is_not_waited_for() -> None:
    waits = Waits()

    with pytest.raises(AnswerError, match="asks to wait 3600 s; try again after that"):
        fetched(told({}, 429, Retry_After="3600"), waits=waits)
    assert waits.slept_s == []


def test_a_server_that_fails_is_asked_four_times_and_no_more() -> None:
    waits = Waits()

    with pytest.raises(AnswerError, match="/prices: answers with status 503, 4 times"):
        fetched(told({}, 503), waits=waits)
    assert waits.slept_s == [2.0, 4.0, 8.0]


def test_a_body_shorter_than_its_length_is_named_with_its_url() -> None:
    with pytest.raises(
        AnswerError, match=r"^http://127.*/prices: the answer is cut off in the middle$"
    ):
        fetched(cut(ROWS, 2000))


def test_a_compressed_body_that_is_cut_is_named_with_its_url() -> None:
    with pytest.raises(
        AnswerError, match=r"/prices: .* cut off in the middle of its compression"
    ):
        fetched(zipped(ROWS, lost_bytes=20))


def test_a_compression_that_is_none_is_refused() -> None:
    answer = Told(body=b"not gzip", headers={"Content-Encoding": "gzip"})

    with pytest.raises(AnswerError, match="compression is broken"):
        fetched(answer)


def test_an_encoding_that_nobody_asked_for_is_refused() -> None:
    answer = Told(body=b"x", headers={"Content-Encoding": "br"})

    with pytest.raises(AnswerError, match="an encoding that was not asked for"):
        fetched(answer)


def test_an_answer_longer_than_its_limit_is_not_read_to_its_end() -> None:
    with pytest.raises(AnswerError, match="longer than 1 MiB"):
        fetched(told(b"x" * (2**20 + 1)))


def test_a_small_answer_that_swells_is_not_decompressed_to_its_end() -> None:
    with pytest.raises(AnswerError, match="longer than 1 MiB"):
        fetched(zipped(b"0" * (2**26)))


def test_an_answer_that_trickles_is_given_up() -> None:
    with pytest.raises(AnswerError, match="takes longer than 120 s"):
        fetched(told(ROWS), waits=Waits(tick_s=121.0))


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_the_users_to_mend(status: int) -> None:
    with pytest.raises(
        ConfigError, match=rf"refuses the key: status {status} \(Gone\)"
    ):
        fetched(told({"message": "secret-of-yours is no key", "Code": "Gone"}, status))


@pytest.mark.parametrize("status", [301, 404, 418])
def test_another_status_is_no_answer(status: int) -> None:
    with pytest.raises(AnswerError, match=f"answers with status {status}, want 200"):
        fetched(told({}, status, Location="http://127.0.0.1:1/elsewhere"))


def test_a_host_that_nobody_listens_on_is_tried_and_named() -> None:
    waits = Waits()
    with PriceServer(in_turn(told(ROWS))) as server:
        url = f"{server.url}/prices"

    with (
        waits.fetcher() as fetcher,
        pytest.raises(AnswerError, match="/prices: cannot be reached"),
    ):
        fetcher.body(Ask(url=url))
    assert waits.slept_s == [2.0, 4.0, 8.0]


def test_each_try_is_signed_anew() -> None:
    count = 0

    def sign(ask: Ask) -> Ask:
        nonlocal count
        count += 1
        return Ask(url=ask.url, headers={"Authorization": f"try {count}"})

    answers = in_turn(told({}, 500), told(ROWS))
    with PriceServer(answers) as server, Waits().fetcher() as fetcher:
        fetcher.body(Ask(url=f"{server.url}/prices"), sign=sign)
    assert [one.headers["authorization"] for one in server.asked] == ["try 1", "try 2"]


def test_long_work_says_how_far_it_is() -> None:
    waits = Waits()
    piece = told(b" " * (33 * 2**20))

    fetched(piece, waits=waits, limit_bytes=2**26)
    assert [line.rpartition(": ")[2] for line in waits.told] == ["32 MiB read"]
