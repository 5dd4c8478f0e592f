import json
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, Vantage
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.planning.files import parse_plan
from cloudgauge.report.page import (
    Code,
    Facts,
    Page,
    PageTable,
    Part,
    Picture,
    Points,
    Words,
)
from cloudgauge.workflow.reporting import ReportRequest, report_page, write_report
from cloudgauge.workflow.results import load
from tests.report.pages import MARKUP, hostile_plan, keep_hostile, run_at
from tests.store.synthetic import make_plan
from tests.workflow.two_vantages import kept, run_from, samples_with, two_vantages


def parts(page: Page, name: str) -> tuple[Part, ...]:
    found = [section.parts for section in page.sections if section.name == name]
    return found[0] if found else ()


def words(page: Page, name: str) -> str:
    return " ".join(
        line
        for part in parts(page, name)
        if isinstance(part, Words | Points)
        for line in part.lines
    )


def pictures(page: Page, name: str) -> list[Picture]:
    return [part for part in parts(page, name) if isinstance(part, Picture)]


def table(page: Page, name: str, at: int = 0) -> PageTable:
    found = [part for part in parts(page, name) if isinstance(part, PageTable)]
    return found[at]


def one_set(parent: Path, plan: Plan, info: RunInfo | None = None) -> Page:
    means = {target.target_id: 50.0 for target in plan.targets}
    run = info or run_from("here", plan=plan)
    folder = kept(parent, run, samples_with(means, seed=1, plan=plan), plan=plan)
    return report_page(load(folder))


def failing(parent: Path, kind: FailureKind) -> Page:
    plan = make_plan(targets=3, rounds=8, warm_requests=0)

    def fail(sample: Sample) -> Sample:
        return replace(sample, failure=kind, kernel=None)

    means = {target.target_id: 50.0 for target in plan.targets}
    samples = samples_with(means, seed=1, plan=plan, change=fail)
    run = run_from("here", plan=plan)
    return report_page(load(kept(parent, run, samples, plan=plan)))


def test_two_vantages_have_an_answer_each_and_one_over_both(tmp_path: Path) -> None:
    page = report_page(two_vantages(tmp_path))
    assert page.vantages == ("all vantages", "here", "there")
    told = {
        part.vantage: part.lines[0]
        for part in parts(page, "answer")
        if isinstance(part, Words)
    }
    assert told["here"].startswith("From here, alibaba/place-1 at ")
    assert told["there"].startswith("From there, aws/place-1 at ")
    assert told["all vantages"].startswith("Over all vantages, aws/place-1 at ")
    assert "flip" in words(page, "answer")
    assert "Burst: " in words(page, "answer")
    assert {one.vantage for one in pictures(page, "ranking")} == set(page.vantages)


def test_every_row_of_the_ranking_can_be_found_from_the_map(tmp_path: Path) -> None:
    page = report_page(two_vantages(tmp_path))
    ranking = table(page, "ranking")
    assert ranking.is_landing
    assert {subject.anchor for subject in ranking.subjects} == {
        f"region-{provider}-place-1" for provider in ("alibaba", "aws", "azure")
    }
    spec = pictures(page, "map")[0].figure.spec
    assert spec is not None
    drawn = json.dumps(spec["datasets"])
    assert all(f'"#{subject.anchor}"' in drawn for subject in ranking.subjects)


def test_where_all_failed_it_says_so_in_place_of_answer_and_picture(
    tmp_path: Path,
) -> None:
    page = failing(tmp_path, FailureKind.REFUSED)
    assert words(page, "answer") == (
        "There is no answer: no visit was answered, so nothing can be ranked."
    )
    (drawn,) = pictures(page, "map")
    assert drawn.figure.spec is None
    assert drawn.figure.why_not
    assert words(page, "ranking").startswith("No ranking: ")
    failures = table(page, "failures").table
    assert {row[3] for row in failures.rows} == {"refused"}
    assert {row[5] for row in failures.rows} == {1.0}


def test_of_a_set_without_a_sample_nothing_is_claimed(tmp_path: Path) -> None:
    plan = make_plan(targets=3, rounds=1, warm_requests=1)
    folder = kept(tmp_path, run_from("here", plan=plan), [], plan=plan)
    page = report_page(load(folder))
    assert words(page, "failures") == "There is no sample, so nothing failed."
    assert words(page, "answer").startswith("There is no answer")
    (picture,) = pictures(page, "map")
    assert picture.figure.spec is None
    (asked,) = (one for one in parts(page, "asked") if isinstance(one, Facts))
    told = dict(asked.pairs)["plan"]
    assert "3 targets, 1 warm request a visit" in told
    assert "; 1 round of " in told


def test_where_all_timed_out_it_is_written_too(tmp_path: Path) -> None:
    page = failing(tmp_path, FailureKind.CONNECT_TIMEOUT)
    assert "no answer" in words(page, "answer")


def test_of_one_target_there_is_nothing_to_rank(tmp_path: Path) -> None:
    page = one_set(tmp_path, make_plan(targets=1, rounds=8, controls=0))
    (drawn,) = pictures(page, "ranking")
    assert drawn.figure.spec is None
    assert "alibaba/place-1" in words(page, "answer")
    assert page.vantages == ()


def test_a_vantage_without_coordinates_is_said_to_have_none(tmp_path: Path) -> None:
    plan = make_plan(targets=3, rounds=8)
    run = replace(run_from("here", plan=plan), vantage=Vantage(name="here"))
    page = one_set(tmp_path, plan, run)
    assert "Nobody said where here is" in pictures(page, "map")[0].figure.caption
    row = table(page, "asked").table.rows[0]
    assert row[0] == "here"
    assert set(row[1:]) == {None}


def test_without_downloads_the_page_says_no_throughput_target(tmp_path: Path) -> None:
    page = one_set(tmp_path, make_plan(targets=2, rounds=8))
    assert "no throughput target" in words(page, "throughput")
    assert words(page, "failures") == "Nothing failed."


def test_downloads_have_their_table_and_their_picture() -> None:
    data = Path(__file__).parents[2] / "notebooks" / "data" / "private-downloads"
    page = report_page(load(data))
    assert "there is no answer: no latency" in words(page, "answer").lower()
    assert "Mbit/s" in words(page, "answer")
    assert pictures(page, "throughput")[0].figure.spec is not None
    assert table(page, "throughput").table.rows


def test_the_plan_can_be_taken_from_the_page_and_run(tmp_path: Path) -> None:
    page = one_set(tmp_path, make_plan(targets=3, rounds=8))
    codes = [part for part in parts(page, "repeat") if isinstance(part, Code)]
    assert "cloudgauge rerun" in codes[0].text
    assert str(tmp_path) not in codes[0].text
    settings = parse_plan(codes[1].text, "page")
    assert settings.rounds == 8
    assert settings.selection.regions == (
        "alibaba/place-1",
        "aws/place-1",
        "azure/place-1",
    )


def test_hostile_names_are_text_in_markdown(tmp_path: Path) -> None:
    plan = hostile_plan(targets=4, rounds=8)
    sets = load(keep_hostile(tmp_path, run_at(plan, "here", run=1), plan, step_ms=5))
    path = tmp_path / "report.md"
    write_report(sets, ReportRequest(path=path, as_markdown=True), tell=print)
    text = path.read_text()
    assert "\n## Ranking\n" in text
    assert "### Connect on the map" in text
    # Code is indented, and so is no markup.
    code = [line for line in text.splitlines() if MARKUP[:8] in line]
    assert all(line.startswith("    ") for line in code)
    assert MARKUP.replace("<", "\\<").replace(">", "\\>") in text
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_file_that_is_there_is_kept_unless_it_may_be_replaced(tmp_path: Path) -> None:
    sets = two_vantages(tmp_path / "sets")
    path = tmp_path / "report.md"
    path.write_text("mine")
    request = ReportRequest(path=path, as_markdown=True)
    with pytest.raises(ConfigError, match=r"is there already; .* or say --force"):
        write_report(sets, request, tell=print)
    assert path.read_text() == "mine"
    told: list[str] = []
    size = write_report(sets, replace(request, overwrite=True), tell=told.append)
    assert size == len(path.read_bytes())
    assert told[0].startswith("reading ")
    assert told[-1] == "writing"
    assert not list(tmp_path.glob(".*"))


def test_a_folder_that_is_not_there_is_the_machines_fault(tmp_path: Path) -> None:
    sets = two_vantages(tmp_path / "sets")
    request = ReportRequest(path=tmp_path / "no" / "report.html")
    with pytest.raises(MachineError, match=r"cannot be written: .*no is no folder"):
        write_report(sets, request, tell=print)
