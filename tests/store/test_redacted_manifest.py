import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.analysis.places import VANTAGE_UNCERTAINTY_KM
from cloudgauge.catalog.geography import great_circle_km
from cloudgauge.model.calibration import Calibration, PhaseError
from cloudgauge.model.redaction import Redaction
from cloudgauge.model.run import Environment, Imported, Package, Vantage
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.manifest import Counts, Manifest, from_json, to_json
from cloudgauge.store.redactable import COORDINATES, DEFAULT, REDACTABLE, Treatment
from cloudgauge.store.redacted_manifest import Wishes, redacted_manifest
from tests.store.synthetic import make_outcome, make_plan, make_run_info
from tests.store.transfers import make_download_plan

PLAN = make_plan()
MADE = Redaction(
    redacted_wall_ns=1,
    tool_version="0.1.0",
    fields=("x",),
    original_sha256="a" * 64,
)
ERROR = PhaseError(
    phase="connect",
    clock=ClockKind.KERNEL,
    targets=1,
    delay_ns=None,
    count=9,
    low_ns=-1,
    median_ns=0,
    high_ns=1,
)
CALIBRATION = Calibration(
    made_wall_ns=1,
    tool_version="0.1.0",
    machine="0123456789abcdef",
    means="tun",
    errors=(ERROR,),
    ceilings=(),
)
VANTAGE = Vantage(
    name="lab",
    city="Ulm",
    country="DE",
    latitude_deg=48.4011,
    longitude_deg=9.9876,
    network_type="office",
    asn=64_500,
    cloud_region="aws/eu-central-1",
    uncertainty_km=2.0,
)
ALL = frozenset(one.name for one in REDACTABLE if one.treatment is not Treatment.STAYS)
MANIFEST = Manifest(
    run=replace(make_run_info(PLAN), vantage=VANTAGE, calibration=CALIBRATION),
    plan=PLAN,
    counts=Counts(samples=0, visits=0, failures=()),
    outcome=replace(make_outcome(PLAN), detail="/home/ada: the disk is full"),
    schema_version=1,
)


def copy(
    wishes: Wishes,
    environment: Environment | None = None,
    imported: Imported | None = None,
) -> Manifest:
    run = replace(
        MANIFEST.run,
        environment=environment or MANIFEST.run.environment,
        imported=imported,
    )
    made = redacted_manifest(replace(MANIFEST, run=run), wishes, MADE)
    assert from_json(to_json(made), "manifest.json") == made
    return made


def test_by_default_what_identifies_goes_and_what_was_said_for_the_analysis_stays() -> (
    None
):
    made = copy(Wishes(fields=DEFAULT))

    assert made.run.redacted == MADE
    assert made.run.vantage == VANTAGE
    assert made.outcome == make_outcome(PLAN)
    assert made.run.calibration == replace(CALIBRATION, machine="unknown")
    assert (made.plan, made.counts, made.run.run_id) == (
        PLAN,
        MANIFEST.counts,
        MANIFEST.run.run_id,
    )
    assert made.schema_version == 2


@pytest.mark.parametrize(
    ("system", "left"),
    [
        ("Linux 6.18.44-corp-v657", "Linux 6.18"),
        ("Windows 11", "Windows"),
        ("Darwin 24.1.0", "Darwin 24.1"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_of_a_system_its_name_and_two_numbers_are_left(system: str, left: str) -> None:
    here = replace(MANIFEST.run.environment, system=system)
    assert copy(Wishes(fields=DEFAULT), here).run.environment.system == left


@pytest.mark.parametrize(
    ("roots", "left"),
    [
        ("certifi file cacert.pem (certificates: 9, sha256: 00ff)", "certifi"),
        ("system file ca-certificates.crt (certificates: 143)", "system"),
        ("file corp.pem (certificates: 1, sha256: 00ff)", "the user's own"),
        ("folder certs", "the user's own"),
        ("unknown", "unknown"),
    ],
)
def test_of_roots_their_kind_is_left(roots: str, left: str) -> None:
    here = replace(MANIFEST.run.environment, trust_store=roots)
    assert copy(Wishes(fields=DEFAULT), here).run.environment.trust_store == left


def test_all_that_may_go_can_go() -> None:
    imported = Imported(
        source="ada.csv", source_sha256="b" * 64, measured="ping", rounds_given=True
    )
    made = copy(Wishes(fields=ALL, vantage_name="a"), imported=imported)

    assert made.run.vantage == Vantage(name="a")
    assert made.run.environment == Environment(
        python="unknown",
        system="Linux 6.1",
        machine="unknown",
        cpu_count=0,
        event_loop="unknown",
        trust_store="certifi",
        packages=(),
    )
    assert made.run.calibration is None
    assert made.run.imported == replace(imported, source="a file")


def test_nothing_that_is_kept_is_changed() -> None:
    frame = Imported(source="", source_sha256="b" * 64, measured="x", rounds_given=True)
    here = replace(
        MANIFEST.run.environment, packages=(Package(name="httpx", version="1"),)
    )
    kept = copy(Wishes(fields=frozenset({"remote_address"})), here, frame)
    assert kept.run == replace(
        MANIFEST.run, environment=here, imported=frame, redacted=MADE
    )
    assert kept.outcome == MANIFEST.outcome
    # A frame has no name that could go.
    assert copy(Wishes(fields=DEFAULT), imported=frame).run.imported == frame


@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    within_km=st.floats(0.1, 5_000),
)
def test_coordinates_are_moved_by_no_more_than_is_said(
    latitude: float, longitude: float, within_km: float
) -> None:
    here = Vantage(name="lab", latitude_deg=latitude, longitude_deg=longitude)
    run = replace(MANIFEST.run, vantage=here)
    wishes = Wishes(fields=DEFAULT, within_km=within_km)
    moved = redacted_manifest(replace(MANIFEST, run=run), wishes, MADE).run.vantage

    assert moved.latitude_deg is not None
    assert moved.longitude_deg is not None
    far_km = great_circle_km(
        latitude, longitude, moved.latitude_deg, moved.longitude_deg
    )
    # Coordinates are rounded to 11 m; the Earth is no plane.
    assert far_km <= within_km * 1.02 + 0.02
    assert moved.uncertainty_km == math.ceil(VANTAGE_UNCERTAINTY_KM + within_km)


def test_places_near_one_another_become_one() -> None:
    def moved(latitude: float) -> Vantage:
        here = replace(VANTAGE, latitude_deg=latitude)
        run = replace(MANIFEST.run, vantage=here)
        wishes = Wishes(fields=DEFAULT, within_km=50)
        return redacted_manifest(replace(MANIFEST, run=run), wishes, MADE).run.vantage

    assert moved(48.4011) == moved(48.4012)
    assert moved(48.4).uncertainty_km == 52
    nowhere = Wishes(fields=DEFAULT | {COORDINATES}, within_km=50)
    assert copy(nowhere).run.vantage.latitude_deg is None


def test_a_vantage_without_a_place_gets_none() -> None:
    run = replace(MANIFEST.run, vantage=Vantage(name="lab"))
    wishes = Wishes(fields=DEFAULT, within_km=50)
    made = redacted_manifest(replace(MANIFEST, run=run), wishes, MADE)
    assert made.run.vantage == Vantage(name="lab")
    assert COORDINATES not in wishes.applied_to(replace(MANIFEST, run=run))


def test_only_what_a_set_can_have_is_said_to_be_taken_out() -> None:
    wishes = Wishes(fields=ALL, vantage_name="lab")
    bare = replace(MANIFEST, run=replace(MANIFEST.run, calibration=None))
    applied = wishes.applied_to(bare)

    assert not [name for name in applied if name.startswith(("bins.", "calibration"))]
    assert "imported.source" not in applied
    # It is called so already.
    assert "vantage.name" not in applied
    assert "calibration.machine" in wishes.applied_to(MANIFEST)
    downloads = replace(MANIFEST, plan=make_download_plan())
    assert "bins.receive_rtt_us" in wishes.applied_to(downloads)
    renamed = Wishes(fields=DEFAULT, vantage_name="a", within_km=9.0)
    assert {"vantage.name", COORDINATES} <= set(renamed.applied_to(MANIFEST))


def test_wishes_know_their_columns() -> None:
    wishes = Wishes(fields=frozenset({"rtt_us", "bins.receive_rtt_us", "files"}))
    assert wishes.columns == {"rtt_us"}
    assert wishes.bin_columns == {"receive_rtt_us"}
    assert not wishes.with_files
