from pathlib import Path

from cloudgauge.catalog.files import ReadFile
from cloudgauge.catalog.lint import errors_in
from tests.catalog.target_files import download, endpoint, read, region

OTHER = "https://storage.rotterdam-1.example.net/other.rpm"


def told(*files: ReadFile) -> list[str]:
    return [f"{Path(error.where).name}: {error.problem}" for error in errors_in(files)]


def test_an_object_twice_in_a_region_names_both_places(tmp_path: Path) -> None:
    file = read(
        tmp_path, region(), endpoint(), download(), download(primary=False, url=OTHER)
    )
    assert told(file) == [
        'mine.toml: object[1].name: "acme/rotterdam-1:agent" stands already at '
        f"{file.where}: object[0].name"
    ]


def test_an_object_has_not_the_name_of_an_endpoint(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(), download(name="object-storage"))
    assert told(file) == [
        'mine.toml: object[0].name: "acme/rotterdam-1:object-storage" stands already '
        f"at {file.where}: endpoint[0].service"
    ]


def test_an_object_of_no_region_names_the_nearest(tmp_path: Path) -> None:
    lost = download(region="acme/roterdam-1", url="https://lost.example.net/agent")
    file = read(tmp_path, region(), endpoint(), lost)
    assert told(file) == [
        'mine.toml: object[0].region: no region "acme/roterdam-1"; did you mean '
        '"acme/rotterdam-1"?'
    ]


def test_a_region_with_objects_has_one_primary_object(tmp_path: Path) -> None:
    none = read(
        tmp_path,
        region(),
        endpoint(),
        download(primary=False),
        download(name="other", primary=False, url=OTHER),
    )
    assert told(none) == [
        "mine.toml: object[0].primary: acme/rotterdam-1 has no primary object; mark "
        "one with primary = true"
    ]
    two = read(
        tmp_path, region(), endpoint(), download(), download(name="other", url=OTHER)
    )
    assert told(two) == [
        "mine.toml: object[1].primary: acme/rotterdam-1 has its primary object at "
        f"{two.where}: object[0].primary"
    ]


def test_an_own_primary_object_may_stand_beside_a_shipped_one(tmp_path: Path) -> None:
    mine = read(tmp_path, region(), endpoint(), download(name="other", url=OTHER))
    file = read(tmp_path, download(), name="objects.toml")
    shipped = ReadFile(
        where="targets/acme/objects.toml", provider="acme", table=file.table
    )
    assert told(shipped, mine) == []


def test_an_object_that_does_not_fit_hides_no_other_and_is_told_once(
    tmp_path: Path,
) -> None:
    good = read(tmp_path, region(), endpoint(), download(primary=False))
    bad = read(tmp_path, download(name="X"), name="bad.toml")
    assert told(good, bad) == [
        'bad.toml: object[0].name: want lower-case letters, digits and hyphens, got "X"'
    ]


def test_an_object_at_the_edge_cannot_stand_for_its_region(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(), download(reach="edge"))
    assert told(file) == [
        "mine.toml: object[0].primary: an object at the edge cannot stand for its "
        "region"
    ]
    aside = download(name="other", url=OTHER, reach="edge", primary=False)
    assert told(read(tmp_path, region(), endpoint(), download(), aside)) == []


def test_the_host_of_an_object_cannot_be_in_two_regions(tmp_path: Path) -> None:
    delft = "acme/delft-1"
    tables = (
        region(id=delft),
        endpoint(region=delft, url="https://delft.example.net/"),
        download(region=delft),
    )
    file = read(tmp_path, region(), endpoint(), *tables)
    assert told(file) == [
        "mine.toml: object[0].url: storage.rotterdam-1.example.net cannot be in "
        f"acme/delft-1 and in acme/rotterdam-1, as {file.where}: endpoint[0].url has it"
    ]
