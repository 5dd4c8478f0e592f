import json
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge import __version__
from cloudgauge.errors import ConfigError, LimitExceeded, MachineError
from cloudgauge.model.plan import Ceilings
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Selection
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.pin import new_pin
from cloudgauge.workflow.pin_view import pin_document, show_pin
from cloudgauge.workflow.pinning import (
    PinTerms,
    is_pin,
    part_rounds_of,
    pin_plan,
    read_pin,
    save_pin,
    start_of,
)
from cloudgauge.workflow.plan_changes import PlanChanges
from cloudgauge.workflow.planning import PlanRequest, plan_for_run
from tests.fakes.plans import plan_of, target

# 2026-11-22T12:00:00.5Z
NOW_NS = 1_795_348_800 * NS_PER_S + NS_PER_S // 2
GULF = PlanRequest(
    selection=Selection(areas=("gulf",)),
    changes=PlanChanges(rounds=24, duration_ns=24 * 3_600 * NS_PER_S),
)
TOKYO = """name = "tokyo"
city = "Tokyo"
country = "JP"
latitude = 35.68
longitude = 139.77
"""


def test_a_pinned_plan_reads_back_as_the_plan_that_was_asked_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "tokyo.toml").write_text(TOKYO)
    terms = PinTerms(
        vantages=(str(tmp_path / "tokyo.toml"), "lab"), start="+90s", part="5h"
    )

    pin = pin_plan(GULF, terms, pinned_wall_ns=NOW_NS)
    save_pin(pin, tmp_path / "gulf.json")

    assert read_pin(tmp_path / "gulf.json") == pin
    assert pin.plan == plan_for_run(GULF)
    assert pin.plan_hash == plan_hash(pin.plan)
    assert pin.tool_version == __version__
    assert pin.pinned_wall_ns == NOW_NS
    assert [one.name for one in pin.vantages] == ["lab", "tokyo"]
    assert pin.vantages[1].latitude_deg == 35.68
    assert pin.start_wall_ns == 1_795_348_891 * NS_PER_S
    assert pin.part_rounds == 5


def test_a_pin_without_terms_is_for_whoever_comes_whenever_they_are_ready() -> None:
    pin = pin_plan(GULF, pinned_wall_ns=NOW_NS)

    assert (pin.vantages, pin.start_wall_ns, pin.part_rounds) == ((), None, None)


def test_equal_requests_at_one_instant_are_one_campaign() -> None:
    assert pin_plan(GULF, pinned_wall_ns=1) == pin_plan(GULF, pinned_wall_ns=1)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("asia.json", True), ("asia.toml", False), ("asia", False), (None, False)],
)
def test_a_pinned_plan_is_known_by_its_name(name: str | None, is_one: bool) -> None:  # noqa: FBT001  a parameter of the test
    assert is_pin(name) is is_one


@pytest.mark.parametrize(
    ("text", "start_s"),
    [
        ("2026-11-22T12:00:01Z", 1_795_348_801),
        ("2026-11-22T21:30+09:00", 1_795_350_600),
        ("+30m", 1_795_350_601),
    ],
)
def test_a_start_is_a_time_with_its_zone_or_from_now(text: str, start_s: int) -> None:
    assert start_of(text, now_ns=NOW_NS) == start_s * NS_PER_S


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tomorrow", '--start: want a time with its zone, such as .*, got "tomorrow"'),
        ("+soon", r'--start: want a time with its zone, such as .*, got "\+soon"'),
        ("2026-11-22T13:00", '--start: want .*:00", which names no zone'),
        (
            "2026-11-22T12:00:00Z",
            '--start: "2026-11-22T12:00:00Z" is past: it is 2026-11-22T12:00:00Z',
        ),
    ],
)
def test_a_start_that_cannot_be_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=f"^{told}$"):
        start_of(text, now_ns=NOW_NS)


PLAN = plan_of([target("aws", "one")])  # rounds of 18 s


@pytest.mark.parametrize(
    ("text", "rounds"), [("1", 1), ("60", 60), ("18s", 1), ("35s", 1), ("3m", 10)]
)
def test_a_part_is_so_many_rounds_or_the_whole_rounds_of_a_time(
    text: str, rounds: int
) -> None:
    assert part_rounds_of(text, PLAN) == rounds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0", '--part: want at least one round, which takes 18s, got "0"'),
        ("17s", '--part: want at least one round, which takes 18s, got "17s"'),
        ("often", "--part: want a number of rounds, such as 60, or a time, such as 1h"),
        ("-1", "--part: want a number of rounds"),
        ("٣", "--part: want a number of rounds"),
    ],
)
def test_a_part_that_cannot_be_is_refused(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        part_rounds_of(text, PLAN)
    assert str(caught.value).startswith(told)


def test_vantages_that_cannot_take_part_are_refused(tmp_path: Path) -> None:
    def refused(*names: str) -> str:
        with pytest.raises(ConfigError) as caught:
            pin_plan(GULF, PinTerms(vantages=names), pinned_wall_ns=NOW_NS)
        return str(caught.value)

    file = tmp_path / "tokyo.toml"
    file.write_text(TOKYO)
    twice = f'--vantage: "tokyo" is named twice, by tokyo and by {file}'
    assert refused("tokyo", str(file)) == twice
    assert refused("a/b").startswith("--vantage: name must be 1 to 64 letters, digits")
    missing = tmp_path / "none.toml"
    assert refused(str(missing)) == (
        f"{missing}: cannot be read: No such file or directory"
    )


def test_the_same_name_typed_twice_is_refused() -> None:
    terms = PinTerms(vantages=("lab", "lab"))
    with pytest.raises(ConfigError, match=r'^--vantage: "lab" is named twice'):
        pin_plan(GULF, terms, pinned_wall_ns=NOW_NS)


def test_a_pin_is_not_pinned_again() -> None:
    with pytest.raises(ConfigError, match=r"^asia\.json: is pinned already; pin the"):
        pin_plan(PlanRequest(plan="asia.json"), pinned_wall_ns=NOW_NS)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    pin = pin_plan(GULF, pinned_wall_ns=NOW_NS)
    path = tmp_path / "gulf.json"
    path.write_text("mine")

    with pytest.raises(ConfigError, match="is there already; choose another name"):
        save_pin(pin, path)

    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["gulf.json"]


def test_a_file_that_would_not_be_known_for_a_pin_is_refused(tmp_path: Path) -> None:
    pin = pin_plan(GULF, pinned_wall_ns=NOW_NS)
    with pytest.raises(ConfigError, match=r"gulf\.toml: want a name that ends with"):
        save_pin(pin, tmp_path / "gulf.toml")
    with pytest.raises(MachineError, match="its folder does not exist"):
        save_pin(pin, tmp_path / "none" / "gulf.json")


def test_a_pin_that_was_changed_or_would_pass_its_ceilings_is_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gulf.json"
    pin = pin_plan(GULF, pinned_wall_ns=NOW_NS)
    save_pin(pin, path)
    table = json.loads(path.read_text())
    table["pin"]["plan"]["seed"] = 99
    path.write_text(json.dumps(table))
    with pytest.raises(ConfigError, match="it was changed after it was pinned"):
        read_pin(path)

    path.unlink()
    greedy = replace(pin.plan, ceilings=Ceilings(requests=5))
    save_pin(new_pin(greedy, tool_version="0.1.0", pinned_wall_ns=1), path)
    with pytest.raises(LimitExceeded, match=r"^requests: "):
        read_pin(path)


def test_a_pin_is_shown_with_who_takes_part_and_when() -> None:
    pin = replace(
        pin_plan(GULF, PinTerms(part="5"), pinned_wall_ns=NOW_NS),
        vantages=(
            Vantage(name="lab"),
            Vantage(name="tokyo", latitude_deg=35.68, longitude_deg=139.77),
        ),
        start_wall_ns=NOW_NS,
    )
    shown = pin_document(pin)
    tables = {table.name: table for table in shown.tables}

    assert shown.kind == "plan-show"
    assert shown.title.endswith(" in 1d, at 2 vantages")
    assert {row[0]: row[1] for row in tables["campaign"].rows} == {
        "pinned": f"2026-11-22 12:00:00 UTC, by cloudgauge {__version__}",
        "starts": "2026-11-22 12:00:00 UTC",
        "ends": "2026-11-23 12:00:00 UTC",
        "parts": "5 parts of 5 rounds, 5h each; the last has 4",
        "cells": f"{pin.plan.visit_count} at each vantage",
    }
    assert [row[0] for row in tables["vantages"].rows] == ["lab", "tokyo"]
    assert "providers" in tables
    told = "no coordinates, so nothing is held against light: lab"
    assert shown.notes[0] == told


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (None, "one, with all rounds"),
        ("24", "one, with all rounds"),
        ("12", "2 parts of 12 rounds, 12h each"),
        ("1", "24 parts of 1 round, 1h each"),
    ],
)
def test_a_pin_for_whoever_comes_says_so(part: str | None, told: str) -> None:
    shown = pin_document(pin_plan(GULF, PinTerms(part=part), pinned_wall_ns=NOW_NS))
    facts = {row[0]: row[1] for row in shown.tables[0].rows}

    assert (facts["starts"], facts["parts"]) == ("when each vantage is ready", told)
    assert "ends" not in facts
    assert shown.tables[1].name == "providers"
    assert shown.notes[0].startswith("no vantage is named: who comes takes part")


def test_nothing_of_a_pin_can_be_changed_when_it_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "gulf.json"
    save_pin(pin_plan(GULF, pinned_wall_ns=NOW_NS), path)
    asked = PlanRequest(plan=str(path))

    assert show_pin(asked).kind == "plan-show"
    with pytest.raises(ConfigError, match="is pinned, the same at every vantage; no"):
        show_pin(replace(asked, changes=PlanChanges(rounds=2)))
    with pytest.raises(ConfigError, match="has its targets in it; choose none"):
        show_pin(replace(asked, selection=Selection(areas=("gulf",))))


def test_a_plan_that_is_not_pinned_is_told_how_it_would_be(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('schema = 1\nname = "x"\n')
    with pytest.raises(ConfigError, match=r"is not pinned: pin it with .* plan pin "):
        read_pin(plan)
