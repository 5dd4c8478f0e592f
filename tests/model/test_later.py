"""What older versions wrote keeps its spelling, and so its hash."""

from dataclasses import dataclass

from cloudgauge.model.later import later
from cloudgauge.planning.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    name: str
    note: str = ""
    uncertainty_km: float = later(60.0)


def test_a_field_that_came_later_is_left_out_while_it_has_its_default() -> None:
    assert to_plain(_Thing(name="a")) == {"name": "a", "note": ""}


def test_a_field_that_came_later_is_written_once_it_says_something() -> None:
    assert to_plain(_Thing(name="a", uncertainty_km=5.0))["uncertainty_km"] == 5.0


def test_what_an_older_version_wrote_is_read_with_the_default() -> None:
    old = {"name": "a", "note": ""}
    assert from_plain(_Thing, old, "a.json") == _Thing(name="a")
