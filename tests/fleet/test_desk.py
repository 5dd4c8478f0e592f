"""What the scheduler answers to workers, right ones and wrong ones."""

import json
from pathlib import Path

import pytest

from cloudgauge import __version__
from cloudgauge.errors import ConfigError
from cloudgauge.fleet.clock_offset import ClockOffset
from cloudgauge.fleet.messages import Offer, State, Tidings, to_text
from cloudgauge.model.quantity import NS_PER_S
from tests.fleet.desks import OTHER_SEAT, SEAT, Setting, setting

TOKYO_SET = "20261122T180000Z-tokyo-0123abcd"


def let_in(here: Setting, name: str = "tokyo", seat: str = SEAT) -> None:
    assert here.desk.hello(name, here.hello(name, seat)).refused == ""
    assert here.desk.ready(name, seat, here.ready()).refused == ""


def test_a_worker_gets_the_pinned_plan_and_is_ready(tmp_path: Path) -> None:
    here = setting(tmp_path)

    welcome = here.desk.hello("tokyo", here.hello())
    accepted = here.desk.ready("tokyo", SEAT, here.ready())

    assert (welcome.campaign, welcome.pin) == (
        here.desk.terms.campaign,
        here.desk.terms.pin,
    )
    assert accepted.refused == ""
    place = here.desk.roster.places["tokyo"]
    assert here.desk.roster.state(place) is State.READY
    assert here.said == ['vantage "tokyo" is here, clock +0.0 ms ± 0.0 ms']


def test_another_version_is_refused_by_name_even_if_it_says_hello_otherwise(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path)
    strange = json.dumps({"tool_version": "9.9.9", "salutation": "good day"})

    welcome = here.desk.hello("tokyo", strange)

    assert welcome.final
    assert welcome.refused == (
        f'vantage "tokyo" runs cloudgauge 9.9.9, this campaign is of {__version__}: '
        "install the same version there"
    )
    roster = here.desk.roster
    assert roster.state(roster.places["tokyo"]) is State.REFUSED
    assert roster.waited_for() == ("frankfurt", "tokyo")


def test_another_plan_hash_is_refused_by_name(tmp_path: Path) -> None:
    here = setting(tmp_path)
    here.desk.hello("tokyo", here.hello())

    accepted = here.desk.ready("tokyo", SEAT, here.ready(plan_hash="f" * 64))

    assert accepted.final
    assert accepted.refused.startswith('vantage "tokyo" reads plan ffffffff of')
    assert not here.desk.roster.places["tokyo"].accepted


def test_a_second_worker_of_a_vantage_that_lives_is_refused(tmp_path: Path) -> None:
    here = setting(tmp_path)
    let_in(here)

    second = here.desk.hello("tokyo", here.hello(seat=OTHER_SEAT))
    here.desk.roster.joined("tokyo")
    third = here.desk.hello("tokyo", here.hello(seat=OTHER_SEAT))

    # Until the engine has it, the first may be the ghost of who comes now.
    assert (second.final, third.final) == (False, True)
    assert 'vantage "tokyo" has a worker that lives' in second.refused
    assert here.desk.roster.places["tokyo"].seat == SEAT
    told = here.desk.told("tokyo", OTHER_SEAT, to_text(Tidings(state=State.READY)))
    assert not told.known


def test_the_place_of_a_dead_worker_is_taken_at_once_and_of_a_silent_one_soon(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path)
    let_in(here)
    let_in(here, "frankfurt")
    here.desk.roster.joined("tokyo")
    here.now_s[0] += 1
    here.desk.roster.left("tokyo")

    assert here.desk.hello("tokyo", here.hello(seat=OTHER_SEAT)).refused == ""
    other = here.hello("frankfurt", OTHER_SEAT)
    assert here.desk.hello("frankfurt", other).refused
    here.now_s[0] += 15
    assert here.desk.hello("frankfurt", other).refused == ""


def test_the_same_worker_started_anew_has_its_place_at_once(tmp_path: Path) -> None:
    here = setting(tmp_path)
    let_in(here)

    let_in(here)

    assert here.desk.roster.places["tokyo"].accepted


def test_a_worker_speaks_for_the_vantage_of_its_certificate_alone(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path)

    welcome = here.desk.hello("frankfurt", here.hello("tokyo"))

    assert welcome.final
    assert welcome.refused == (
        'a worker says it is vantage "tokyo", its certificate is of "frankfurt"'
    )


def test_a_vantage_that_the_campaign_does_not_name_is_refused(tmp_path: Path) -> None:
    here = setting(tmp_path)

    welcome = here.desk.hello("osaka", here.hello("osaka"))

    assert welcome.refused == (
        'the campaign names no vantage "osaka"; it names frankfurt, tokyo'
    )


def test_a_worker_that_measures_for_another_campaign_is_told_of_not_taken(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path)

    welcome = here.desk.hello("tokyo", here.hello(busy_with="c" * 32))

    assert not welcome.final
    assert 'vantage "tokyo" still measures for campaign cccccccc' in welcome.refused


@pytest.mark.parametrize("ahead_s", [300, -300])
def test_a_clock_five_minutes_off_is_named_and_refused_where_a_bound_is(
    tmp_path: Path, ahead_s: int
) -> None:
    here = setting(tmp_path, clock_bound_ns=60 * NS_PER_S)
    here.desk.hello("tokyo", here.hello())
    clock = ClockOffset(ahead_ns=ahead_s * NS_PER_S, uncertainty_ns=10**6)

    accepted = here.desk.ready("tokyo", SEAT, here.ready(clock))

    sign = "+" if ahead_s > 0 else "-"
    assert accepted.refused == (
        f'the clock of vantage "tokyo" is {sign}5m ± 1.0 ms from the scheduler\'s, 1m '
        "are allowed: set it"
    )
    assert here.desk.roster.places["tokyo"].clock == clock


def test_a_clock_within_its_uncertainty_of_the_bound_is_not_refused(
    tmp_path: Path,
) -> None:
    here = setting(tmp_path, clock_bound_ns=60 * NS_PER_S)
    here.desk.hello("tokyo", here.hello())
    clock = ClockOffset(ahead_ns=61 * NS_PER_S, uncertainty_ns=2 * NS_PER_S)

    assert here.desk.ready("tokyo", SEAT, here.ready(clock)).refused == ""


def test_what_a_vantage_tells_is_kept_and_it_hears_of_the_end(tmp_path: Path) -> None:
    here = setting(tmp_path)
    let_in(here)
    tidings = Tidings(state=State.MEASURING, cells=4, note="it rains")

    heard = here.desk.told("tokyo", SEAT, to_text(tidings))
    here.desk.over = True
    last = here.desk.told("tokyo", SEAT, to_text(tidings))

    assert (heard.known, heard.over, last.over) == (True, False, True)
    place = here.desk.roster.places["tokyo"]
    assert place.tidings == tidings
    assert place.dismissed
    # A line is said once, however often it comes.
    assert here.said.count('vantage "tokyo": it rains') == 1


def test_a_vantage_that_leaves_is_away_at_once(tmp_path: Path) -> None:
    here = setting(tmp_path)
    let_in(here)
    here.now_s[0] += 1

    here.desk.told("tokyo", SEAT, to_text(Tidings(state=State.LEAVING)))

    roster = here.desk.roster
    assert roster.state(roster.places["tokyo"]) is State.AWAY


def test_a_set_in_the_store_is_noted_and_not_asked_for(tmp_path: Path) -> None:
    here = setting(tmp_path)
    let_in(here)
    offer = Offer(name=TOKYO_SET, checksums_sha256="0" * 64, stored=True)

    assert here.desk.offered("tokyo", SEAT, to_text(offer)).held
    assert here.desk.stored == {TOKYO_SET}
    assert here.desk.offered("tokyo", OTHER_SEAT, to_text(offer)).refused
    # A worker tells of each once: a scheduler that is started anew knows it still.
    assert setting(tmp_path).desk.stored == {TOKYO_SET}


@pytest.mark.parametrize(
    "name", ["../20261122T180000Z-tokyo-1", "20261122T180000Z-frankfurt-1", ""]
)
def test_a_set_in_the_store_must_be_the_vantage_s_own(
    tmp_path: Path, name: str
) -> None:
    here = setting(tmp_path)
    let_in(here)
    offer = Offer(name=name, checksums_sha256="0" * 64, stored=True)

    asked = here.desk.offered("tokyo", SEAT, to_text(offer))

    assert asked.refused == f"{name!r}: is no name of a set of tokyo's"
    assert here.desk.stored == set()


def test_a_message_that_is_none_is_an_error_that_says_where(tmp_path: Path) -> None:
    here = setting(tmp_path)
    let_in(here)

    with pytest.raises(ConfigError, match="tidings: state: is missing"):
        here.desk.told("tokyo", SEAT, "{}")
    with pytest.raises(ConfigError, match="hello: is not JSON"):
        here.desk.hello("tokyo", "hello")
