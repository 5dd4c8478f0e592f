import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.report.figures.map_view import (
    Degrees,
    fanned,
    name_sides,
    view_of,
)
from cloudgauge.report.figures.world_map import world_map
from tests.report.figures.drawings import SINGAPORE, map_point

BANGKOK, MANILA, JAKARTA = (100.5, 13.75), (121.0, 14.6), (106.8, -6.2)
TOKYO, VIRGINIA, FRANKFURT = (139.7, 35.7), (-77.5, 39.0), (8.7, 50.1)
FIJI, HAWAII, AUCKLAND = (178.4, -18.1), (-157.9, 21.3), (174.8, -36.8)
PLACES = st.tuples(st.floats(-179.9, 179.9), st.floats(-60, 75))


def test_one_part_of_the_world_is_shown_alone() -> None:
    view = view_of([BANGKOK, MANILA, JAKARTA])
    assert not view.is_world
    assert 105 < view.middle_deg < 115
    assert view_of([TOKYO, VIRGINIA, FRANKFURT]).is_world


def test_a_part_of_the_world_may_lie_across_the_date_line() -> None:
    view = view_of([FIJI, HAWAII, AUCKLAND])
    assert not view.is_world
    x_fiji, x_hawaii = (view.place(one)[0] for one in (FIJI, HAWAII))
    assert 0 < x_fiji < x_hawaii < 1


def test_a_single_place_has_land_about_it() -> None:
    view = view_of([BANGKOK])
    assert view.place(BANGKOK) == pytest.approx((0.5, view.aspect / 2), abs=0.01)
    left, _ = view.place((BANGKOK[0] - 10, BANGKOK[1]))
    assert 0 < left < 0.5


@given(st.lists(PLACES, min_size=1, max_size=9))
def test_every_place_is_in_the_picture(places: list[Degrees]) -> None:
    view = view_of(places)
    assert 0.4 < view.aspect <= 0.71
    for place in places:
        x, y = view.place(place)
        assert 0 <= x <= 1
        assert 0 <= y <= view.aspect


def test_marks_of_one_city_stand_apart_and_others_where_they_are() -> None:
    view = view_of([BANGKOK, MANILA, JAKARTA])
    drawn = fanned([BANGKOK, JAKARTA, BANGKOK, BANGKOK], view)
    assert drawn[1] == JAKARTA
    spots = [view.place(drawn[at]) for at in (0, 2, 3)]
    middle = view.place(BANGKOK)
    assert all(0.008 < math.dist(one, middle) < 0.012 for one in spots)
    assert math.dist(spots[0], spots[1]) > 0.014


def test_marks_leave_room_for_the_star_of_their_city() -> None:
    view = view_of([BANGKOK, MANILA, JAKARTA])
    middle = view.place(BANGKOK)
    for one in fanned([BANGKOK, BANGKOK], view, [BANGKOK]):
        assert math.dist(view.place(one), middle) > 0.014


def test_names_of_close_stars_do_not_lie_on_one_another() -> None:
    near = [(100.0, 13.0), (101.5, 13.0), (100.7, 12.2), JAKARTA]
    view = view_of([*near, MANILA])
    sides = name_sides(near, ["vantage-one"] * 4, view)
    assert len(set(sides[:3])) == 3
    assert sides[3] == "above"


def test_a_name_at_the_edge_stands_inwards() -> None:
    view = view_of([BANGKOK, MANILA])
    assert name_sides(
        [BANGKOK, MANILA], ["a-name-of-very-many-letters-all"] * 2, view
    ) == [
        "right",
        "left",
    ]


def test_a_close_view_is_drawn_and_cut_off_at_its_edge() -> None:
    near = map_point(1, "singapore")
    figure = world_map([near], [SINGAPORE])
    assert figure.spec is not None
    assert "clip-path" in figure.svg("light", width_px=390)
