import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.store.ping_log import parse_ping

HEAD = "PING host.example (203.0.113.7) 56(84) bytes of data.\n"


def answer(seq: int, ms: str, *, at: str = "1768478400.500000", more: str = "") -> str:
    return (
        f"[{at}] 64 bytes from host.example (203.0.113.7): icmp_seq={seq} ttl=240 "
        f"time={ms} ms{more}\n"
    )


def rows(text: str) -> list[tuple[str, ...]]:
    return [row.cells for row in parse_ping(text, "ping.log").rows]


def test_the_time_of_an_answer_is_that_of_its_send() -> None:
    found = rows(HEAD + answer(1, "20.5"))
    assert found == [("1768478400.479500", "host.example", "20.5 ms", "true", "")]


def test_a_number_that_ping_said_was_not_answered_is_a_failure() -> None:
    text = HEAD + answer(1, "20") + "[1768478402.0] no answer yet for icmp_seq=2\n"
    assert rows(text)[1] == ("1768478402.0", "host.example", "", "false", "")


def test_an_unreachable_network_is_a_failure() -> None:
    text = (
        HEAD
        + answer(1, "20")
        + "[1768478402.0] From 203.0.113.1 icmp_seq=2 Destination Host Unreachable\n"
    )
    assert rows(text)[1][2:] == ("", "false", "unreachable")


def test_a_late_answer_counts_though_ping_gave_up_on_it() -> None:
    text = (
        HEAD
        + "[1768478401.0] no answer yet for icmp_seq=1\n"
        + answer(1, "1500", at="1768478401.5")
    )
    assert rows(text) == [("1768478400.0", "host.example", "1500 ms", "true", "")]


def test_an_answer_that_came_twice_counts_once_and_is_told() -> None:
    text = HEAD + answer(1, "20") + answer(1, "31", more=" (DUP!)")
    table = parse_ping(text, "ping.log")
    assert [row.cells[2] for row in table.rows] == ["20 ms"]
    assert table.notes == ("answers that came again, of which the first counts: 1",)


def test_numbers_that_ping_never_spoke_of_again_are_failures_in_their_place() -> None:
    text = (
        HEAD
        + answer(2, "0", at="1768478402.0")
        + answer(5, "0", at="1768478405.0")
        + "--- host.example ping statistics ---\n"
        + "7 packets transmitted, 2 received, 71% packet loss, time 6000ms\n"
    )
    found = rows(text)
    assert [float(time) - 1768478400 for time, *_ in found] == [1, 2, 3, 4, 5, 6, 7]
    assert [cells[3] for cells in found] == [
        "false",
        "true",
        "false",
        "false",
        "true",
        "false",
        "false",
    ]


def test_numbers_go_on_after_65535() -> None:
    text = HEAD + "".join(
        answer(seq % 65_536, "1", at=f"{1768478400 + seq}.5")
        for seq in range(65_530, 65_540)
    )
    # ping begins with 1: whatever was before these got no answer.
    found = rows(text)
    assert len(found) == 65_539
    assert [cells[3] for cells in found] == ["false"] * 65_529 + ["true"] * 10


def test_an_answer_over_ipv6_is_read() -> None:
    text = (
        "PING host.example(2001:db8::7 (2001:db8::7)) 56 data bytes\n"
        "[1768478400.5] 64 bytes from 2001:db8::7: icmp_seq=1 ttl=57 time=9.1 ms\n"
    )
    assert rows(text)[0][1:3] == ("host.example", "9.1 ms")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "line 1: is no log of ping"),
        (HEAD, "line 1: is no log of ping"),
        (answer(1, "20"), "line 1: is no log of ping"),
        (
            HEAD + answer(1, "20").removeprefix("[1768478400.500000] "),
            "line 2: has no time; let ping write them with -D",
        ),
        (HEAD + answer(1, "20") + HEAD, "line 3: a second ping begins here"),
        (
            HEAD + answer(1, "20") + "9999999999 packets transmitted, 1 received\n",
            "speaks of 1 numbers of 9999999999",
        ),
    ],
)
def test_what_is_no_log_of_one_ping_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(ConfigError, match=wanted):
        parse_ping(text, "ping.log")


def failures(text: str) -> list[str]:
    return [cells[4] for cells in rows(text)]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Destination Host Unreachable", "unreachable"),
        ("Destination Net Unreachable", "unreachable"),
        ("Packet filtered", "unreachable"),
        ("Time to live exceeded", "unreachable"),
        ("Frag needed and DF set (mtu = 1400)", "unreachable"),
        ("Source Quench", ""),
    ],
)
def test_what_a_router_said_is_the_kind_of_failure(said: str, kind: str) -> None:
    text = HEAD + answer(1, "20")
    text += f"[1768478402.0] From 203.0.113.1 icmp_seq=2 {said}\n"
    assert failures(text) == ["", kind]
    later = "[1768478403.0] no answer yet for icmp_seq=2\n"
    assert failures(text + later) == ["", kind]


def test_what_could_not_be_sent_did_not_time_out() -> None:
    text = (
        HEAD
        + answer(1, "20")
        + "ping: sendmsg: Network is unreachable\n"
        + "[1768478402.0] no answer yet for icmp_seq=2\n"
        + "ping: sendmsg: Operation not permitted\n"
        + "[1768478403.0] no answer yet for icmp_seq=3\n"
        + answer(4, "20", at="1768478404.5")
        + "ping: sendmsg: Network is down\n"
    )
    assert failures(text) == ["", "unreachable", "own-machine", "", "unreachable"]
    quiet = text.replace("no answer yet for icmp_seq", "nothing")
    assert failures(quiet) == ["", "unreachable", "own-machine", "", "unreachable"]


def test_a_name_without_an_address_is_no_timeout() -> None:
    text = "[1768478402.0] ping: host.example: Name or service not known\n"
    assert rows(text) == [
        ("1768478402.0", "host.example", "", "false", "name-not-found")
    ]
    later = text.replace(
        "Name or service not known", "Temporary failure in name resolution"
    )
    assert failures(later) == ["resolver-failed"]


def test_a_name_without_an_address_at_no_known_time_is_refused() -> None:
    text = "ping: host.example: Name or service not known\n"
    wanted = "line 1: ping found no address for host.example .* and says not when"
    with pytest.raises(ConfigError, match=wanted):
        rows(text)
    assert failures("ping: WARNING: odd\n" + HEAD + answer(1, "20")) == [""]
