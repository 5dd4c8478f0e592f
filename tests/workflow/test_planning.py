from pathlib import Path

import pytest

from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError, LimitExceeded, MachineError
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Partition, RegionStatus, Selection
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.files import parse_plan, write_plan
from cloudgauge.report.document import Cell, Document
from cloudgauge.workflow.planning import (
    PlanChanges,
    PlanRequest,
    list_plans,
    load_plan_settings,
    new_plan,
    plan_for_run,
    save_plan,
    settings_for,
    show_plan,
)

ALL_SIX = {"alibaba", "aws", "azure", "gcp", "huawei", "tencent"}
# Countries that a plan asks for, and the providers that have a region there.
SHIPPED = {
    "africa": ({"EG", "ZA"}, {"aws", "azure", "gcp", "huawei"}),
    "europe": ({"DE", "FR", "GB"}, ALL_SIX),
    "gulf": ({"AE", "BH", "QA", "SA"}, ALL_SIX),
    "japan-korea": ({"JP", "KR"}, ALL_SIX - {"huawei"}),
    "latin-america": ({"BR", "CL", "MX"}, ALL_SIX),
    "mainland-china-hong-kong": ({"CN", "HK"}, ALL_SIX),
    "south-east-asia": ({"ID", "MY", "PH", "SG", "TH"}, ALL_SIX),
    "us-coasts": ({"US"}, ALL_SIX - {"huawei"}),
    "world": ({"AU", "BR", "DE", "IN", "JP", "SG", "US", "ZA"}, ALL_SIX),
}
ROOT = Path(__file__).parents[2]
GULF = Selection(areas=("gulf",))


def rows(document: Document, table: str) -> tuple[tuple[Cell, ...], ...]:
    (found,) = [one for one in document.tables if one.name == table]
    return found.rows


def providers_of(plan: Plan) -> set[str]:
    return {target.region.provider for target in plan.targets}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_plan_covers_its_countries_on_every_cloud_that_is_there(
    name: str,
) -> None:
    countries, providers = SHIPPED[name]

    plan = plan_for_run(PlanRequest(plan=name))

    assert plan.name == name
    assert plan.question.endswith("?")
    assert countries <= {target.region.country for target in plan.targets}
    assert providers_of(plan) == providers
    assert {control.split("/")[0] for control in plan.controls} == providers
    assert plan.pacing.rounds >= 10
    assert 150 * NS_PER_S < plan.pacing.duration_ns < 600 * NS_PER_S


@pytest.mark.parametrize(
    ("name", "countries"),
    [
        ("japan-korea", {"JP", "KR"}),
        ("mainland-china-hong-kong", {"CN", "HK"}),
        ("south-east-asia", {"ID", "MY", "PH", "SG", "TH"}),
    ],
)
def test_shipped_plan_stays_in_its_countries(name: str, countries: set[str]) -> None:
    plan = plan_for_run(PlanRequest(plan=name))

    assert {target.region.country for target in plan.targets} == countries


def test_no_cloud_that_the_catalogue_has_in_a_plans_countries_is_forgotten() -> None:
    regions = load_catalog().regions
    for name, (countries, providers) in SHIPPED.items():
        there = {
            region.provider
            for region in regions
            if region.country in countries and region.on_by_default
        }
        assert there <= providers, name


def test_a_plan_with_regions_that_not_everyone_may_use_says_so() -> None:
    for name in SHIPPED:
        plan = plan_for_run(PlanRequest(plan=name))

        statuses = {target.region.status for target in plan.targets}
        closed = {RegionStatus.RESTRICTED, RegionStatus.SEPARATE, RegionStatus.CLOSING}
        says_so = "not open to everyone" in plan.question
        assert says_so != statuses.isdisjoint(closed), name


def test_every_shipped_plan_is_listed_with_its_question() -> None:
    document = list_plans()

    listed = rows(document, "plans")
    assert [row[0] for row in listed] == sorted([*SHIPPED, "throughput"])
    assert document.title == "10 plans; run one with: cloudgauge run NAME"
    (gulf,) = [row for row in listed if row[0] == "gulf"]
    assert gulf[2:] == (10, 0, 20, "5m")
    (throughput,) = [row for row in listed if row[0] == "throughput"]
    assert throughput[2:] == (0, 6, 3, "10m12s")


def test_run_that_names_nothing_measures_every_region_that_is_on_by_default() -> None:
    plan = plan_for_run(PlanRequest())

    on = [region for region in load_catalog().regions if region.on_by_default]
    assert len(plan.targets) == len(on) > 150
    assert plan.pacing.rounds == 10
    assert plan.pacing.duration_ns == 180 * NS_PER_S


def test_selection_makes_a_plan_named_after_it() -> None:
    selection = Selection(
        providers=("aws",),
        areas=("gulf",),
        regions=("aws/me-*",),
        countries=("AE",),
        partitions=(Partition.PUBLIC,),
        service="object-storage",
    )

    plan = plan_for_run(PlanRequest(selection=selection))

    assert plan.name == "aws-gulf-aws-me---ae-public-object-storage"
    assert [target.region.region_id for target in plan.targets] == ["aws/me-central-1"]


@pytest.mark.parametrize(
    ("selection", "name"),
    [
        (Selection(off_by_default=True), "all"),
        (Selection(regions=("*",)), "selection"),
        (Selection(regions=("aws/*",) * 20), ("aws---" * 11)[:64].strip("-")),
    ],
)
def test_plan_of_any_selection_has_a_proper_name(
    selection: Selection, name: str
) -> None:
    assert settings_for(PlanRequest(selection=selection)).name == name


def test_file_of_the_users_own_is_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('schema = 1\nname = "mine"\n[select]\nareas = ["gulf"]\n')

    assert load_plan_settings(str(path)).name == "mine"


def test_existing_file_is_preferred_to_a_shipped_plan_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gulf").write_text('schema = 1\nname = "mine"\n')
    monkeypatch.chdir(tmp_path)

    assert load_plan_settings("gulf").name == "mine"
    assert load_plan_settings("africa").name == "africa"


def test_plan_of_the_readme_has_every_key_that_a_plan_may_have() -> None:
    readme = (ROOT / "benchmarks/plans/README.md").read_text()
    text = readme.split("```toml\n")[1].split("```")[0]

    # Of the three times at most two may be given, as the text itself says.
    settings = parse_plan(text.replace('duration = "3m"', ""), "README.md")

    assert settings.download is not None
    assert settings.ceilings.cost is not None
    written = write_plan(settings).splitlines()
    keys = {line.split(" = ")[0] for line in written if " = " in line}
    assert {line.split(" = ")[0] for line in text.splitlines() if " = " in line} == (
        keys | {"off_by_default", "duration"}
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "south-east-asa",
            "south-east-asa: no such file, and no plan of that name is shipped; did "
            'you mean "south-east-asia"?',
        ),
        ("zzz", "zzz: no such file, and no plan of that name is shipped"),
        ("no/such", "no/such: cannot be read: No such file or directory"),
        ("no.toml", "no.toml: cannot be read: No such file or directory"),
    ],
)
def test_plan_that_is_not_there_is_refused(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_plan_settings(name)

    assert str(caught.value) == message


def test_names_that_nothing_has_are_told_by_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(
        'schema = 1\nname = "my"\n[select]\nproviders = ["asw"]\nareas = ["gulv"]\n'
        'regions = ["aws/nowhere-1"]\ncountries = ["de"]\nservice = "object-stor"\n'
    )

    with pytest.raises(ConfigError) as caught:
        plan_for_run(PlanRequest(plan=str(path)))

    lines = str(caught.value).splitlines()
    assert lines[0] == (
        f'{path}: select.providers: no provider "asw"; did you mean "aws"?'
    )
    keys = ("providers", "areas", "countries", "service", "regions")
    assert [line.split(": ")[:2] for line in lines] == [
        [str(path), f"select.{key}"] for key in keys
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[select]\nproviders = ["gcp"]\ncountries = ["CN"]',
            "select: no region is all of what was asked for",
        ),
        (
            'controls = ["x"]\n[select]\nareas = ["gulf"]',
            'controls: "x" is no target of this plan',
        ),
    ],
)
def test_plan_file_that_comes_to_nothing_is_named(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "my.toml"
    path.write_text(f'schema = 1\nname = "my"\n{text}\n')

    with pytest.raises(ConfigError) as caught:
        plan_for_run(PlanRequest(plan=str(path)))

    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("selection", "option"),
    [
        (Selection(providers=("asw",)), "--provider"),
        (Selection(areas=("gulv",)), "--area"),
        (Selection(regions=("aws/nowhere-1",)), "--region"),
        (Selection(countries=("XX",)), "--country"),
        (Selection(service="object-stor"), "--service"),
        (Selection(providers=("gcp",), countries=("CN",)), "selection"),
    ],
)
def test_names_that_nothing_has_are_told_by_option(
    selection: Selection, option: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        plan_for_run(PlanRequest(selection=selection))

    assert caught.value.where == option


def test_plan_and_selection_together_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        plan_for_run(PlanRequest(plan="gulf", selection=GULF))

    assert str(caught.value) == (
        "plan gulf: has a selection of its own; give one or the other"
    )


def test_plan_beyond_a_ceiling_is_refused_before_a_packet_leaves() -> None:
    with pytest.raises(LimitExceeded, match="visits_per_s_provider: "):
        plan_for_run(PlanRequest(changes=PlanChanges(duration_ns=5 * NS_PER_S)))


def test_new_plan_reads_back_as_what_was_asked(tmp_path: Path) -> None:
    request = PlanRequest(selection=GULF, changes=PlanChanges(rounds=7))
    path = tmp_path / "mine.toml"

    save_plan(new_plan(request, name="mine", question="which?"), path)

    settings = parse_plan(path.read_text(), str(path))
    assert (settings.name, settings.question) == ("mine", "which?")
    assert (settings.rounds, settings.selection) == (7, GULF)


def test_new_plan_keeps_name_and_question_if_none_are_given() -> None:
    settings = parse_plan(
        new_plan(PlanRequest(plan="gulf"), name=None, question=""), ""
    )

    assert settings == load_plan_settings("gulf")


def test_new_plan_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("precious")

    with pytest.raises(ConfigError, match="is there already; choose another name"):
        save_plan("text", path)

    assert path.read_text() == "precious"


def test_new_plan_in_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="cannot be written: No such file"):
        save_plan("text", tmp_path / "no" / "mine.toml")


def test_new_plan_is_checked_before_it_is_written() -> None:
    changes = PlanChanges(rounds=10**6)

    with pytest.raises(LimitExceeded, match="requests: the plan sends"):
        new_plan(PlanRequest(selection=GULF, changes=changes), name=None, question="")
    with pytest.raises(ConfigError, match="plan new: name must be lower-case"):
        new_plan(PlanRequest(selection=GULF), name="Not so", question="")


def test_show_says_what_is_sent_and_how_much_of_each_ceiling_it_uses() -> None:
    document = show_plan(PlanRequest(plan="gulf"))

    assert document.kind == "plan-show"
    assert document.title == (
        "gulf: 10 targets, 320 visits, 1,600 requests, about 4.96 MB in 5m"
    )
    assert document.notes[0] == "nothing has been sent"
    # By the shipped sheets, which know no price of two of these regions.
    assert document.notes[1].endswith(
        "is paid by who owns the endpoints: about 0.01 USD if that were you; unknown "
        "for huawei/me-east-1, tencent/me-saudi-arabia"
    )
    aws = next(row for row in rows(document, "providers") if row[0] == "aws")
    assert aws[1:7] == (2, 60, 300, 0.2, 1, 10.0)
    assert str(aws[7]).startswith("aws/me-")
    ceilings = {row[0]: row[1:] for row in rows(document, "ceilings")}
    assert ceilings["requests"] == (None, 1600, 200_000, 0.008)
    assert ceilings["duration_s"][1:3] == (300, 86_400)
    assert ceilings["visits_per_s_provider"][0] in ALL_SIX
    assert ceilings["visits_per_s_host"][3] == pytest.approx(2 / 15)
    facts = {row[0]: row[1] for row in rows(document, "plan")}
    assert facts["rounds"] == "20 of 15s"
    assert facts["visit"] == "a cold request and 4 warm ones"
    assert plan_hash(plan_for_run(PlanRequest(plan="gulf"))) in document.provenance[0]
