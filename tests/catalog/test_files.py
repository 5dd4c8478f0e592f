import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import cloudgauge
from cloudgauge.catalog.files import OPTIONAL_NAMES, SHIPPED_NAMES, shipped_files
from cloudgauge.catalog.geography import areas_of, great_circle_km
from cloudgauge.catalog.loader import build_catalog, load_catalog
from cloudgauge.catalog.prices import build_egress_prices
from cloudgauge.model.target import (
    PROVIDER_NAMES,
    Confidence,
    Partition,
    Reach,
    Region,
    RegionStatus,
)
from tests.catalog.target_files import read

TARGETS = Path(__file__).parents[2] / "targets"
CATALOG = load_catalog()


def test_every_provider_ships_its_files_in_order() -> None:
    assert [file.where for file in shipped_files()] == [
        f"targets/{provider}/{name}"
        for provider in sorted(PROVIDER_NAMES)
        for name in (*SHIPPED_NAMES, *OPTIONAL_NAMES)
        if name != "objects.toml" or provider not in {"azure", "gcp"}
    ]


@pytest.mark.parametrize(
    ("provider", "regions", "on_by_default", "targets"),
    [
        ("alibaba", 40, 18, 118),
        ("aws", 39, 34, 234),
        ("azure", 71, 49, 265),
        ("gcp", 43, 43, 86),
        ("huawei", 37, 14, 98),
        ("tencent", 24, 14, 67),
    ],
)
def test_as_many_regions_and_targets_as_the_sources_name(
    provider: str, regions: int, on_by_default: int, targets: int
) -> None:
    mine = [region for region in CATALOG.regions if region.provider == provider]
    assert len(mine) == regions
    assert sum(region.on_by_default for region in mine) == on_by_default
    of_mine = [t for t in CATALOG.targets if t.region.provider == provider]
    assert len(of_mine) == targets


@pytest.mark.parametrize(
    ("region_id", "city"),
    [
        ("alibaba/ap-southeast-1", "Singapore"),
        ("huawei/ap-southeast-1", "Hong Kong"),
        ("aws/ap-southeast-1", "Singapore"),
        ("alibaba/me-east-1", "Dubai"),
        ("huawei/me-east-1", "Riyadh"),
        ("alibaba/eu-west-2", "Paris"),
        ("aws/eu-west-2", "London"),
        ("huawei/la-south-2", "Santiago"),
        ("tencent/me-saudi-arabia", "Riyadh"),
    ],
)
def test_a_code_is_where_its_own_provider_says(region_id: str, city: str) -> None:
    assert CATALOG.region(region_id).city == city


def test_every_shipped_region_is_in_an_area() -> None:
    assert [
        region.region_id for region in CATALOG.regions if not areas_of(region)
    ] == []


def test_on_by_default_is_what_the_readme_says() -> None:
    usual = {RegionStatus.OPEN, RegionStatus.OPT_IN, RegionStatus.DISRUPTED}
    for region in CATALOG.regions:
        wanted = region.partition is Partition.PUBLIC and region.status in usual
        assert region.on_by_default == wanted, region.region_id


def test_only_mainland_regions_are_in_the_partition_china() -> None:
    for region in CATALOG.regions:
        is_mainland = region.country == "CN"
        assert (region.partition is Partition.CHINA) == is_mainland, region.region_id


def test_the_primary_endpoint_is_object_storage_where_it_can_be() -> None:
    services = Counter(
        (target.region.provider, target.endpoint.service)
        for target in CATALOG.targets
        if target.endpoint.primary
    )
    assert services == {
        ("alibaba", "object-storage"): 39,
        ("alibaba", "compute-api"): 1,
        ("aws", "object-storage"): 39,
        ("azure", "resource-manager"): 60,
        ("azure", "metrics-query"): 7,
        ("azure", "text-to-speech"): 4,
        ("gcp", "object-storage"): 43,
        ("huawei", "object-storage"): 34,
        ("huawei", "compute-api"): 3,
        ("tencent", "object-storage"): 24,
    }


def test_a_primary_endpoint_that_is_no_object_storage_says_why() -> None:
    for target in CATALOG.targets:
        if target.endpoint.primary and target.endpoint.service != "object-storage":
            assert "primary endpoint" in target.endpoint.note, target.target_id


def test_a_volunteers_account_says_so_and_is_never_primary() -> None:
    guests = [t for t in CATALOG.targets if t.endpoint.service.startswith("azurespeed")]
    assert len(guests) == 120
    for target in guests:
        assert "third party" in target.endpoint.note
        assert not target.endpoint.primary


def test_no_edge_and_no_global_name_is_primary() -> None:
    for target in CATALOG.targets:
        if target.endpoint.primary:
            assert target.endpoint.reach is not Reach.EDGE
            assert "accelerate" not in target.endpoint.host
            assert target.endpoint.host not in {
                "s3.amazonaws.com",
                "management.azure.com",
                "storage.googleapis.com",
            }


def test_a_name_that_nobody_saw_promises_no_status() -> None:
    for target in CATALOG.targets:
        if target.endpoint.provenance.confidence is Confidence.PATTERN:
            assert target.endpoint.expect == (), target.target_id


def test_regions_of_one_city_are_near_one_another() -> None:
    first: dict[tuple[str, str], Region] = {}
    for region in CATALOG.regions:
        city = (region.city, region.country)
        other = first.setdefault(city, region)
        apart_km = great_circle_km(
            region.latitude_deg,
            region.longitude_deg,
            other.latitude_deg,
            other.longitude_deg,
        )
        # Azure names a state where others name a city.
        assert apart_km < 150, f"{region.region_id} and {other.region_id}"


@pytest.mark.parametrize("path", sorted(TARGETS.glob("*/*.toml")), ids=str)
def test_rows_stand_in_the_order_of_their_ids(path: Path) -> None:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    regions = [row["id"] for row in table.get("region", [])]
    assert regions == sorted(regions)
    endpoints = [(row["region"], row["service"]) for row in table.get("endpoint", [])]
    assert endpoints == sorted(endpoints)
    objects = [(row["region"], row["name"]) for row in table.get("object", [])]
    assert objects == sorted(objects)
    prices = [
        (row["regions"], row["route"], row.get("receivers", ""), row["currency"])
        for row in table.get("egress", [])
    ]
    assert prices == sorted(prices)
    assert all(regions == sorted(regions) for regions, *_ in prices)
    assert list(table["sources"]) == sorted(table["sources"])


def test_the_readmes_example_is_a_good_file(tmp_path: Path) -> None:
    text = (TARGETS / "README.md").read_text(encoding="utf-8")
    own = text[text.index("## Your own targets") :]
    example = own.partition("```toml\n")[2].partition("```")[0]
    catalog = build_catalog((read(tmp_path, example),))
    assert catalog.providers == ("acme",)
    assert catalog.object_names == ("thirty-megabytes",)
    prices = build_egress_prices((read(tmp_path, example),))
    assert [str(price.price) for price in prices.prices] == ["0.02 EUR"]


def test_the_readme_tells_of_every_class_of_endpoint() -> None:
    text = (TARGETS / "README.md").read_text(encoding="utf-8")
    missing = [service for service in CATALOG.services if f"`{service}`" not in text]
    assert missing == []


def test_the_readme_tells_of_every_object() -> None:
    text = (TARGETS / "README.md").read_text(encoding="utf-8")
    missing = [name for name in CATALOG.object_names if f"`{name}`" not in text]
    assert missing == []


def where_a_copy_finds_its_catalogue(package: Path) -> str:
    """Copy the package to a folder of its own, and ask it there what it ships."""
    shutil.copytree(
        Path(cloudgauge.__file__).parent,
        package / "cloudgauge",
        ignore=shutil.ignore_patterns("__pycache__"),
        dirs_exist_ok=True,
    )
    program = (
        "import cloudgauge\n"
        "from cloudgauge.catalog.loader import load_catalog\n"
        "from cloudgauge.errors import MachineError\n"
        "try:\n"
        "    print(len(load_catalog().regions), cloudgauge.__file__)\n"
        "except MachineError as exc:\n"
        "    print(exc, cloudgauge.__file__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=True,
    )
    said, _, place = done.stdout.strip().rpartition(" ")
    assert Path(place).is_relative_to(package)
    return said


def test_an_installed_package_finds_the_catalogue_inside_itself(
    tmp_path: Path,
) -> None:
    package = tmp_path / "site-packages"
    shutil.copytree(TARGETS, package / "cloudgauge" / "_targets")
    assert where_a_copy_finds_its_catalogue(package) == str(len(CATALOG.regions))


def test_an_installation_without_catalogue_says_so(tmp_path: Path) -> None:
    said = where_a_copy_finds_its_catalogue(tmp_path / "a" / "site-packages")
    assert said == "this installation of cloudgauge has no catalogue; install it again"


def test_every_region_of_a_doubtful_place_says_how_far_it_may_be() -> None:
    doubtful = [
        region.region_id
        for region in CATALOG.regions
        if region.provenance.confidence is Confidence.LOW
        and region.uncertainty_km <= 60
    ]
    assert doubtful == []
    wide = [region for region in CATALOG.regions if region.uncertainty_km > 60]
    assert len(wide) == 34
    assert all(region.note for region in wide)


def test_the_primary_object_is_the_best_known() -> None:
    rank = [Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW, Confidence.PATTERN]
    worse = []
    for item in CATALOG.objects:
        (primary,) = (
            other
            for other in CATALOG.objects_of(item.region.region_id)
            if other.endpoint.primary
        )
        known = [rank.index(t.endpoint.provenance.confidence) for t in (primary, item)]
        if known[0] > known[1]:
            worse.append(item.target_id)
    # An installer of several MB may be too small; the bundle beside it is not.
    assert worse == ["huawei/cn-southwest-2:uniagent"]


def test_no_shipped_object_is_a_volunteers_or_at_the_edge() -> None:
    assert {item.endpoint.reach for item in CATALOG.objects} == {Reach.IN_REGION}
    assert {item.region.provider for item in CATALOG.objects} == {
        "alibaba",
        "aws",
        "huawei",
        "tencent",
    }
    assert all(item.endpoint.note for item in CATALOG.objects)
