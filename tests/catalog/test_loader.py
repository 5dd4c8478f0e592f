from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.files import user_file
from cloudgauge.catalog.loader import build_catalog, load_catalog
from cloudgauge.errors import ConfigErrors
from cloudgauge.model.target import (
    Confidence,
    Partition,
    Reach,
    RegionStatus,
    Selection,
)
from tests.catalog.target_files import download, endpoint, read, region, write

EU_WEST_1 = Selection(regions=("aws/eu-west-1",))


def test_rows_become_values(tmp_path: Path) -> None:
    catalog = build_catalog(
        (
            read(
                tmp_path,
                '[sources]\nours = "our own data centre"\n',
                '[rules.usual]\nhost = "storage.{code}.example.net"\n'
                'says = "all regions"\nsource = "a page"\n',
                region(zones=3, note="Small.", source=["ours"]),
                endpoint(
                    expect=[200, 403],
                    confidence="pattern",
                    rule="usual",
                    source=["a ticket"],
                ),
            ),
        )
    )
    (place,) = catalog.regions
    (target,) = catalog.targets
    assert place.region_id == "acme/rotterdam-1"
    assert (place.latitude_deg, place.longitude_deg) == (51.92, 4.48)
    assert place.partition is Partition.PUBLIC
    assert place.status is RegionStatus.OPEN
    assert place.zones == 3
    assert place.note == "Small."
    assert place.provenance.sources == ("our own data centre",)
    assert place.provenance.checked == date(2026, 11, 22)
    assert target.region is place
    assert target.target_id == "acme/rotterdam-1:object-storage"
    assert target.endpoint.expect == (200, 403)
    assert target.endpoint.reach is Reach.IN_REGION
    assert target.endpoint.primary
    assert target.endpoint.provenance.confidence is Confidence.PATTERN
    assert target.endpoint.provenance.sources == (
        "a ticket",
        "a page (rule storage.{code}.example.net: all regions)",
    )


def test_a_users_own_regions_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    shipped = load_catalog()
    catalog = load_catalog((write(tmp_path, region(), endpoint()),))
    assert len(catalog.regions) == len(shipped.regions) + 1
    assert "acme" in catalog.providers
    (own,) = catalog.targets_of("acme/rotterdam-1")
    assert own.endpoint.host == "storage.rotterdam-1.example.net"


def test_a_user_may_add_an_endpoint_to_a_shipped_region(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        endpoint(region="aws/eu-west-1", service="mine", primary=False),
    )
    targets = load_catalog((path,)).targets_of("aws/eu-west-1")
    assert "mine" in {target.endpoint.service for target in targets}


def test_a_user_may_not_say_again_what_is_shipped(tmp_path: Path) -> None:
    path = write(tmp_path, endpoint(region="aws/eu-west-1"))
    with pytest.raises(ConfigErrors) as caught:
        load_catalog((path,))
    message = str(caught.value)
    assert f'{path}: endpoint[0].service: "aws/eu-west-1:object-storage"' in message
    assert "stands already at targets/aws/endpoints.toml: endpoint[" in message
    assert f"{path}: endpoint[0].primary: aws/eu-west-1 has its primary" in message


def test_files_of_a_user_may_complete_one_another(tmp_path: Path) -> None:
    files = (
        write(tmp_path, endpoint(), name="endpoints.toml"),
        write(tmp_path, region(), name="regions.toml"),
    )
    assert load_catalog(files).region("acme/rotterdam-1").city == "Rotterdam"


def test_a_file_that_is_given_again_is_told_once(tmp_path: Path) -> None:
    path = write(tmp_path, region(), endpoint(), name="acme.toml")
    broken = write(tmp_path, region(id="acme/delft-1", source=[]), name="broken.toml")
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    missing = tmp_path / "none.toml"

    with pytest.raises(ConfigErrors) as caught:
        load_catalog((path, broken, link, missing, path, missing))

    assert [str(error) for error in caught.value.errors] == [
        f"{path}: is given twice",
        f"{broken}: region[0].source: want at least one source",
        f"{missing}: is given twice",
    ]


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ConfigErrors) as caught:
        load_catalog((path,))
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    first = write(tmp_path, region(latitude=99), endpoint(), name="first.toml")
    second = write(tmp_path, region(id="acme/delft-1", source=[]), name="second.toml")
    with pytest.raises(ConfigErrors) as caught:
        build_catalog((user_file(first), user_file(second)))
    assert [Path(error.where).name for error in caught.value.errors] == [
        "first.toml: region[0].latitude",
        "second.toml: region[0].id",
        "second.toml: region[0].source",
    ]


def test_targets_are_in_the_order_of_their_ids_whatever_the_files_order(
    tmp_path: Path,
) -> None:
    catalog = build_catalog(
        (
            read(
                tmp_path,
                region(id="acme/z-1"),
                endpoint(region="acme/z-1", url="https://z.example/"),
                region(id="acme/a-1"),
                endpoint(region="acme/a-1", url="https://a.example/"),
            ),
        )
    )
    assert [place.region_id for place in catalog.regions] == ["acme/a-1", "acme/z-1"]
    ids = [target.target_id for target in catalog.targets]
    assert ids == ["acme/a-1:object-storage", "acme/z-1:object-storage"]


def test_an_object_becomes_a_target_that_must_be_answered_200(tmp_path: Path) -> None:
    rule = (
        '[rules.agent]\nurl = "https://storage.{code}.example.net/agent.rpm"\n'
        'says = "all regions"\nsource = "a page"\n'
    )
    row = download(rule="agent", note="Some 30 MB.")
    (item,) = build_catalog((read(tmp_path, rule, region(), endpoint(), row),)).objects
    assert item.target_id == "acme/rotterdam-1:agent"
    assert item.endpoint.expect == (200,)
    assert item.endpoint.reach is Reach.IN_REGION
    assert item.endpoint.primary
    assert item.endpoint.note == "Some 30 MB."
    assert item.endpoint.provenance.sources == (
        "our own data centre",
        "a page (rule https://storage.{code}.example.net/agent.rpm: all regions)",
    )


def test_objects_are_no_targets_of_a_latency_run(tmp_path: Path) -> None:
    catalog = build_catalog((read(tmp_path, region(), endpoint(), download()),))
    assert catalog.services == ("object-storage",)
    assert catalog.object_names == ("agent",)
    assert [t.endpoint.service for t in catalog.targets] == ["object-storage"]


def test_a_users_primary_object_takes_the_place_of_the_shipped_one(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, download(region="aws/eu-west-1", name="mine"))
    objects = load_catalog((path,)).objects_of("aws/eu-west-1")
    primary = [item.endpoint.service for item in objects if item.endpoint.primary]
    assert primary == ["mine"]
    assert "ssm-agent" in {item.endpoint.service for item in objects}
    aside = write(
        tmp_path, download(region="aws/eu-west-1", name="mine", primary=False)
    )
    kept = load_catalog((aside,)).select_objects(EU_WEST_1)
    assert [item.endpoint.service for item in kept.objects] == ["ecs-init"]


def test_a_user_may_name_an_object_where_none_is_shipped(tmp_path: Path) -> None:
    path = write(tmp_path, download(region="gcp/europe-west2", name="mine"))
    choice = load_catalog((path,)).select_objects(
        Selection(regions=("gcp/europe-west2", "gcp/europe-west3"))
    )
    assert [item.target_id for item in choice.objects] == ["gcp/europe-west2:mine"]
    assert choice.objectless == ("gcp/europe-west3",)


def test_how_far_a_region_may_be_is_60_km_unless_the_row_says(tmp_path: Path) -> None:
    rows = (region(), endpoint())
    (place,) = build_catalog((read(tmp_path, *rows),)).regions
    assert place.uncertainty_km == 60
    rows = (region(uncertainty_km=350), endpoint())
    (place,) = build_catalog((read(tmp_path, *rows),)).regions
    assert place.uncertainty_km == 350
