"""Which object of which region is downloaded: `Catalog.select_objects`."""

from dataclasses import replace

import pytest

from cloudgauge.catalog.index import Catalog, ObjectChoice
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Partition, Selection, Target
from tests.catalog.test_index import CATALOG, REGIONS
from tests.model.test_target import ENDPOINT

AGENT = replace(ENDPOINT, service="agent", expect=(200,), primary=True)
BIG = replace(AGENT, service="big", primary=False)
OBJECTS = (
    Target(region=REGIONS[0], endpoint=AGENT),
    Target(region=REGIONS[1], endpoint=AGENT),
    Target(region=REGIONS[1], endpoint=BIG),
    Target(region=REGIONS[6], endpoint=replace(BIG, primary=True)),
)
WITH_OBJECTS = replace(CATALOG, objects=OBJECTS)


def ids(choice: ObjectChoice) -> list[str]:
    return [item.target_id for item in choice.objects]


def test_the_primary_object_of_every_region_that_is_on_and_who_has_none() -> None:
    choice = WITH_OBJECTS.select_objects(Selection())
    assert ids(choice) == ["acme/hongkong:agent", "other/mexico:big"]
    assert choice.objectless == ("acme/singapore", "other/bangkok")


def test_a_named_object_is_chosen_where_a_region_has_it() -> None:
    choice = WITH_OBJECTS.select_objects(Selection(service="big"))
    assert ids(choice) == ["acme/hongkong:big", "other/mexico:big"]
    assert choice.objectless == ("acme/singapore", "other/bangkok")


def test_regions_that_all_lack_objects_are_no_mistake() -> None:
    choice = WITH_OBJECTS.select_objects(Selection(countries=("TH",)))
    assert choice == ObjectChoice(objects=(), objectless=("other/bangkok",))
    assert CATALOG.select_objects(Selection(countries=("TH",))) == choice


def test_regions_are_chosen_as_for_latency() -> None:
    named = WITH_OBJECTS.select_objects(Selection(regions=("acme/beijing",)))
    assert ids(named) == ["acme/beijing:agent"]
    mainland = WITH_OBJECTS.select_objects(Selection(partitions=(Partition.CHINA,)))
    assert ids(mainland) == ["acme/beijing:agent"]
    with pytest.raises(ConfigError, match="is off by default"):
        WITH_OBJECTS.select_objects(Selection(countries=("CN",)))


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("agnet", 'selection: service: no service "agnet"; did you mean "agent"?'),
        # A service is no object, and an object is no service.
        (
            "log-service",
            'selection: service: no service "log-service"; want one of agent, big',
        ),
    ],
)
def test_an_object_that_no_region_has_names_the_nearest(
    service: str, message: str
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        WITH_OBJECTS.select_objects(Selection(service=service))
    assert str(caught.value) == message
    with pytest.raises(ConfigErrors, match='no service "agent"'):
        WITH_OBJECTS.select(Selection(service="agent"))


def test_where_nothing_has_objects_no_name_is_proposed() -> None:
    with pytest.raises(ConfigErrors) as caught:
        CATALOG.select_objects(Selection(service="agent"))
    assert str(caught.value) == 'selection: service: no service "agent"'


def test_a_mistake_is_told_where_it_was_written() -> None:
    with pytest.raises(ConfigErrors) as caught:
        WITH_OBJECTS.select_objects(
            Selection(areas=("gulv",)), lambda key: f"plan.toml: select.{key}"
        )
    assert str(caught.value).startswith('plan.toml: select.areas: no area "gulv"')


def test_objects_of_a_region_can_be_looked_up() -> None:
    found = WITH_OBJECTS.objects_of("acme/hongkong")
    assert [item.endpoint.service for item in found] == ["agent", "big"]
    assert WITH_OBJECTS.objects_of("other/bangkok") == ()
    assert WITH_OBJECTS.object_names == ("agent", "big")
    assert "agent" not in WITH_OBJECTS.services
    with pytest.raises(ConfigError, match='did you mean "acme/beijing"'):
        WITH_OBJECTS.objects_of("acme/bejing")


def test_a_catalogue_refuses_objects_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"^objects must be unique and in the order"):
        replace(CATALOG, objects=OBJECTS[::-1])
    with pytest.raises(ValueError, match=r"^an object must not have the id of a"):
        replace(CATALOG, objects=(Target(region=REGIONS[0], endpoint=ENDPOINT),))
    message = r"^every region that has objects must have exactly one primary object$"
    with pytest.raises(ValueError, match=message):
        replace(CATALOG, objects=OBJECTS[2:3])
    two = replace(BIG, primary=True)
    with pytest.raises(ValueError, match=message):
        replace(
            CATALOG, objects=(*OBJECTS[:2], Target(region=REGIONS[1], endpoint=two))
        )
    elsewhere = replace(REGIONS[0], code="elsewhere")
    with pytest.raises(ValueError, match=message):
        Catalog(
            regions=CATALOG.regions,
            targets=CATALOG.targets,
            objects=(Target(region=elsewhere, endpoint=AGENT),),
        )


def test_every_region_of_the_shipped_catalogue_is_on_one_side() -> None:
    catalog = load_catalog()
    choice = catalog.select_objects(Selection(off_by_default=True))
    having = [item.region.region_id for item in choice.objects]
    assert sorted([*having, *choice.objectless]) == [
        region.region_id
        for region in sorted(catalog.regions, key=lambda r: r.region_id)
    ]
    assert {item.region.provider for item in choice.objects} == {
        "alibaba",
        "aws",
        "huawei",
        "tencent",
    }
    assert len(having) == 91
    assert all(item.endpoint.expect == (200,) for item in catalog.objects)
