import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.cli.app import app
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import Simulation, Vantage
from cloudgauge.model.sample import Sample
from cloudgauge.model.target import Reach, Region, Selection, Target
from cloudgauge.report.document import Cell, Document
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal
from cloudgauge.workflow.locating import locate_targets
from tests.store.synthetic import make_outcome, make_plan, make_run_info, make_samples

SINGAPORE = Vantage(
    name="singapore", latitude_deg=1.35, longitude_deg=103.82, uncertainty_km=10
)
FRANKFURT = Vantage(name="frankfurt", latitude_deg=50.11, longitude_deg=8.68)
CATALOG = load_catalog()
IDS = ("aws/ap-southeast-1", "aws/eu-central-1", "gcp/europe-west3", "gcp/us-east4")
TARGETS = CATALOG.select(Selection(regions=IDS))
PLAN = replace(make_plan(rounds=3), targets=TARGETS, controls=())
Places = dict[str, tuple[float, float]]
# In fibre, and by no straight way.
MS_PER_KM = 1.6 / 99.93


def samples(vantage: Vantage, places: Places, plan: Plan = PLAN) -> Iterator[Sample]:
    """Answers from where each endpoint is, or from the vantage itself where None."""
    at = {one.target_id: places.get(one.region.region_id) for one in plan.targets}
    assert vantage.latitude_deg is not None
    assert vantage.longitude_deg is not None
    for sample in make_samples(plan, failing=0):
        place = at[sample.slot.target_id]
        assert sample.kernel is not None
        km = 0.0
        if place is not None:
            km = great_circle_km(vantage.latitude_deg, vantage.longitude_deg, *place)
        rtt_us = round((km * MS_PER_KM + 0.3) * 1e3) + sample.slot.round_index
        yield replace(
            sample,
            kernel=replace(
                sample.kernel, connect_rtt_us=None if sample.exchange else rtt_us
            ),
            connection=replace(sample.connection, remote_address="203.0.113.7"),
        )


def place_of(region_id: str) -> tuple[float, float]:
    region = CATALOG.region(region_id)
    return region.latitude_deg, region.longitude_deg


HONEST: Places = {region_id: place_of(region_id) for region_id in IDS}


def keep(
    parent: Path, vantage: Vantage, places: Places | None = None, plan: Plan = PLAN
) -> Path:
    info = replace(make_run_info(plan), vantage=vantage)
    if vantage.name == "simulated":
        simulation = Simulation(means="tun", scenario="s", scenario_hash="0", seed=1)
        info = replace(info, simulation=simulation)
    if vantage.name == "loopback":
        limits = "connects are not delayed"
        simulation = Simulation(
            means="loopback", scenario="s", scenario_hash="0", seed=1, limits=limits
        )
        info = replace(info, simulation=simulation)
    folder = new_folder(parent, info)
    # A vantage that does not say where it is still is somewhere.
    seat = vantage if vantage.latitude_deg is not None else SINGAPORE
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, plan) as journal:
            for sample in samples(seat, HONEST if places is None else places, plan):
                journal.append(sample)
            journal.finish(make_outcome(plan))
        seal(lock)
    return folder


def answers(document: Document, name: str) -> dict[Cell, Cell]:
    (table,) = document.tables
    place = [column.name for column in table.columns].index(name)
    return {row[0]: row[place] for row in table.rows}


def region_answers(document: Document, name: str) -> dict[str, Cell]:
    return {
        str(target).split(":")[0]: cell
        for target, cell in answers(document, name).items()
    }


def test_honest_endpoints_are_confirmed_or_possible(tmp_path: Path) -> None:
    folders = [keep(tmp_path, vantage) for vantage in (SINGAPORE, FRANKFURT)]
    document = locate_targets(folders)
    verdicts = region_answers(document, "verdict")
    assert set(verdicts) == set(IDS)
    assert set(verdicts.values()) <= {"confirmed", "possible"}
    assert verdicts["gcp/europe-west3"] == "confirmed"
    # How far Malaysia's region may be from its coordinates is as far as Singapore.
    assert verdicts["aws/ap-southeast-1"] == "possible"
    assert document.title.startswith(
        "4 endpoints from 2 vantages: 0 refuted, 0 anycast"
    )
    assert region_answers(document, "vantage")["aws/eu-central-1"] == "frankfurt"
    assert region_answers(document, "city")["gcp/europe-west3"] == "Frankfurt"
    assert "50 km assumed for frankfurt" in " ".join(document.notes)
    assert "singapore)" not in " ".join(document.notes)


def test_a_moved_endpoint_is_refuted_with_the_evidence(tmp_path: Path) -> None:
    places = HONEST | {"gcp/us-east4": place_of("gcp/asia-southeast1")}
    folders = [keep(tmp_path, vantage, places) for vantage in (SINGAPORE, FRANKFURT)]
    document = locate_targets(folders)
    (table,) = document.tables
    first = dict(zip((c.name for c in table.columns), table.rows[0], strict=True))
    assert str(first["target"]).startswith("gcp/us-east4:")
    assert first["verdict"] == "refuted"
    assert first["vantage"] == "singapore"
    assert first["nearest_region"] == "gcp/asia-southeast1"
    assert first["note"] == "proof"
    assert first["address"] == "203.0.113.7"
    assert isinstance(first["disc_km"], int)
    assert isinstance(first["distance_km"], int)
    assert first["disc_km"] < 400
    assert first["distance_km"] > 15_000
    assert any(note.startswith('"proof": not even light') for note in document.notes)


def test_an_anycast_endpoint_is_recognised(tmp_path: Path) -> None:
    places = {key: at for key, at in HONEST.items() if key != "gcp/us-east4"}
    folders = [keep(tmp_path, vantage, places) for vantage in (SINGAPORE, FRANKFURT)]
    document = locate_targets(folders)
    assert region_answers(document, "verdict")["gcp/us-east4"] == "anycast"
    note = str(region_answers(document, "note")["gcp/us-east4"])
    assert note == "and 0.3 ms from frankfurt: no place is near to both; proof"


def test_a_known_edge_is_marked_as_one(tmp_path: Path) -> None:
    def as_edge(one: Target) -> Target:
        return replace(one, endpoint=replace(one.endpoint, reach=Reach.EDGE))

    plan = replace(PLAN, targets=tuple(as_edge(one) for one in PLAN.targets))
    folders = [keep(tmp_path, vantage, {}, plan) for vantage in (SINGAPORE, FRANKFURT)]
    document = locate_targets(folders)
    assert set(answers(document, "verdict").values()) == {"anycast"}
    assert all("known as an edge" in str(c) for c in answers(document, "note").values())


def test_sets_that_do_not_agree_where_a_region_is_are_told(tmp_path: Path) -> None:
    first, *others = PLAN.targets
    region = replace(first.region, latitude_deg=first.region.latitude_deg + 1)
    plan = replace(PLAN, targets=(replace(first, region=region), *others))
    folders = [keep(tmp_path, SINGAPORE), keep(tmp_path, FRANKFURT, plan=plan)]
    told = f"{first.target_id}: the sets do not agree where its region is; the place in"
    for given in (folders, folders[::-1]):
        notes = [note for note in locate_targets(given).notes if "do not agree" in note]
        last = given[-1].name
        assert notes == [f"{told} the one that was given last, {last}, is taken"]
    assert "do not agree" not in " ".join(locate_targets(folders[:1]).notes)
    gcp = locate_targets(folders, providers=("gcp",))
    assert "do not agree" not in " ".join(gcp.notes)


def test_one_vantage_says_what_it_cannot_tell(tmp_path: Path) -> None:
    document = locate_targets([keep(tmp_path, SINGAPORE)])
    assert document.title.startswith("4 endpoints from vantage singapore")
    assert any(note.startswith("one vantage has one disc") for note in document.notes)


def test_a_vantage_that_refutes_nearly_all_is_doubted_itself(tmp_path: Path) -> None:
    lying = replace(SINGAPORE, latitude_deg=-33.9, longitude_deg=151.2, name="sydney")
    folder = keep(tmp_path, lying, dict.fromkeys(IDS, (-33.9, 151.2)))
    document = locate_targets([folder])
    assert document.notes[0] == (
        "4 of 4 endpoints do not fit vantage sydney: its own coordinates may be wrong, "
        "or a proxy answers there"
    )


def test_what_was_not_seen_twice_is_unknown(tmp_path: Path) -> None:
    plan = replace(PLAN, pacing=replace(PLAN.pacing, rounds=1))
    document = locate_targets([keep(tmp_path, SINGAPORE, plan=plan)])
    assert set(answers(document, "verdict").values()) == {"unknown"}
    notes = set(answers(document, "note").values())
    assert notes == {"fewer than two round trips by the kernel"}
    assert any(note.endswith("take two rounds or more") for note in document.notes)


def test_a_simulated_network_is_the_first_thing_said(tmp_path: Path) -> None:
    folder = keep(tmp_path, replace(SINGAPORE, name="simulated"))
    document = locate_targets([folder, keep(tmp_path, FRANKFURT)])
    assert document.notes[0] == (
        "1 of 2 sets: simulated network: says nothing of the real endpoints"
    )
    assert locate_targets([folder]).notes[0].startswith("simulated network: says")


def test_only_the_providers_that_are_named_are_judged(tmp_path: Path) -> None:
    folder = keep(tmp_path, SINGAPORE)
    document = locate_targets([folder], providers=("gcp",))
    assert set(region_answers(document, "verdict")) == set(IDS[2:])
    with pytest.raises(
        ConfigError, match=r'--provider: no provider "gpc"; did you mean "gcp"'
    ):
        locate_targets([folder], providers=("gpc",))
    with pytest.raises(
        ConfigError, match="--provider: no endpoint of huawei is in these sets"
    ):
        locate_targets([folder], providers=("huawei",))


def test_every_vantage_without_coordinates_is_named(tmp_path: Path) -> None:
    folders = [keep(tmp_path, Vantage(name=name)) for name in ("lab", "office")]
    with pytest.raises(ConfigError) as caught:
        locate_targets([*folders, keep(tmp_path, SINGAPORE)])
    assert str(caught.value) == (
        f'{folders[0]}: its vantage "lab" has no coordinates; give latitude and '
        "longitude in vantage.toml where it measures, and measure again\n"
        f'{folders[1]}: its vantage "office" has no coordinates; give latitude and '
        "longitude in vantage.toml where it measures, and measure again"
    )


def test_a_path_without_a_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no result set"):
        locate_targets([tmp_path])


def test_a_region_that_no_catalogue_knows_is_judged_by_its_sets_own_row(
    tmp_path: Path,
) -> None:
    plan = make_plan(targets=2, rounds=3)
    region: Region = plan.targets[0].region
    at = (region.latitude_deg, region.longitude_deg)
    places = {one.region.region_id: at for one in plan.targets}
    document = locate_targets([keep(tmp_path, SINGAPORE, places, plan)])
    assert set(answers(document, "verdict").values()) == {"possible"}


def test_the_command_writes_json_and_exits_2_for_a_vantage_without_a_place(
    tmp_path: Path,
) -> None:
    runner = CliRunner()
    folder = str(keep(tmp_path, SINGAPORE))
    told = runner.invoke(
        app, ["targets", "locate", folder, "--provider", "aws", "--format", "json"]
    )
    assert told.exit_code == 0, told.stderr
    value = json.loads(told.stdout)
    assert value["kind"] == "targets-locate"
    assert [row["verdict"] for row in value["tables"]["endpoints"]]
    placeless = str(keep(tmp_path, Vantage(name="lab")))
    told = runner.invoke(app, ["targets", "locate", folder, placeless])
    assert told.exit_code == 2
    assert placeless in told.stderr
    assert told.stdout == ""


def test_round_trips_that_a_simulation_does_not_play_place_nobody(
    tmp_path: Path,
) -> None:
    folder = keep(tmp_path, replace(SINGAPORE, name="loopback"))
    with pytest.raises(ConfigError, match="say nothing of places: connects are not"):
        locate_targets([folder])
