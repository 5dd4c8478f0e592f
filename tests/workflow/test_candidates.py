"""What a live check asks: every endpoint and object of the chosen regions."""

from pathlib import Path

import pytest

from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError
from cloudgauge.model.target import Selection
from cloudgauge.workflow.candidates import Candidates, candidates_of
from tests.catalog.target_files import ENDPOINT, REGION, endpoint, region, row, write

_OTHER = "acme/delft-1"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Two regions of our own; one has an object, both an object storage."""
    assert REGION["id"] == ENDPOINT["region"]
    thing = row(
        "object", ENDPOINT, service=None, name="agent", url="https://o.example/a"
    )
    other = region(id=_OTHER, on_by_default=False)
    storage = endpoint(region=_OTHER, url="https://delft.example/")
    api = endpoint(service="our-api", primary=False, url="https://api.example/")
    return load_catalog(
        (write(tmp_path, region(), other, endpoint(), storage, api, thing),)
    )


def ids(candidates: Candidates) -> list[str]:
    return [target.target_id for target in candidates.everything]


def test_all_endpoints_and_objects_of_a_region_are_asked(catalog: Catalog) -> None:
    found = candidates_of(catalog, Selection(regions=("acme/rotterdam-1",)))
    assert ids(found) == [
        "acme/rotterdam-1:agent",
        "acme/rotterdam-1:object-storage",
        "acme/rotterdam-1:our-api",
    ]
    assert [one.target_id for one in found.objects] == ["acme/rotterdam-1:agent"]


@pytest.mark.parametrize("service", ["agent", "our-api", "object-storage"])
def test_a_service_is_a_class_of_endpoint_or_the_name_of_an_object(
    catalog: Catalog, service: str
) -> None:
    found = candidates_of(catalog, Selection(providers=("acme",), service=service))
    assert ids(found) == [f"acme/rotterdam-1:{service}"]


def test_regions_that_are_off_by_default_are_asked_when_they_are_named(
    catalog: Catalog,
) -> None:
    everything = Selection(providers=("acme",), off_by_default=True)
    assert f"{_OTHER}:object-storage" in ids(candidates_of(catalog, everything))


def test_an_object_that_no_chosen_region_has_is_told(catalog: Catalog) -> None:
    nowhere = Selection(regions=(_OTHER,), service="agent")
    with pytest.raises(ConfigError) as caught:
        candidates_of(catalog, nowhere)
    assert str(caught.value) == (
        "--service: none of the regions that fit (1) has this service"
    )
    with pytest.raises(ConfigError, match='no service "agnet"'):
        candidates_of(catalog, Selection(service="agnet"))
