from dataclasses import replace

import pytest

from cloudgauge.catalog.index import Catalog
from cloudgauge.catalog.loader import load_catalog
from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Partition, Region, RegionStatus, Selection, Target
from tests.model.test_target import ENDPOINT, REGION


def place(
    region_id: str,
    country: str,
    partition: Partition = Partition.PUBLIC,
    *,
    on_by_default: bool = True,
) -> Region:
    provider, _, code = region_id.partition("/")
    return replace(
        REGION,
        provider=provider,
        code=code,
        country=country,
        partition=partition,
        on_by_default=on_by_default,
    )


REGIONS = (
    place("acme/beijing", "CN", Partition.CHINA, on_by_default=False),
    place("acme/hongkong", "HK"),
    place("acme/singapore", "SG"),
    place("acme/singapore-2", "SG", on_by_default=False),
    place("other/bangkok", "TH"),
    place("other/capital", "US", Partition.GOVERNMENT, on_by_default=False),
    place("other/mexico", "MX"),
)
LOGS = replace(ENDPOINT, service="log-service", primary=False)


def make_catalog(regions: tuple[Region, ...] = REGIONS) -> Catalog:
    targets = [Target(region=region, endpoint=ENDPOINT) for region in regions]
    targets += [
        Target(region=region, endpoint=LOGS)
        for region in regions
        if region.provider == "acme"
    ]
    return Catalog(
        regions=regions,
        targets=tuple(sorted(targets, key=lambda target: target.target_id)),
    )


CATALOG = make_catalog()


def chosen(selection: Selection) -> list[str]:
    targets = CATALOG.select(selection)
    ids = [target.target_id for target in targets]
    assert ids == sorted(ids)
    return ids


def regions_of(selection: Selection) -> list[str]:
    return sorted(target.region.region_id for target in CATALOG.select(selection))


def test_by_default_the_primary_target_of_every_region_that_is_on() -> None:
    assert chosen(Selection()) == [
        "acme/hongkong:object-storage",
        "acme/singapore:object-storage",
        "other/bangkok:object-storage",
        "other/mexico:object-storage",
    ]


@pytest.mark.parametrize(
    ("selection", "regions"),
    [
        (Selection(providers=("other",)), ["other/bangkok", "other/mexico"]),
        (
            Selection(providers=("other", "acme"), countries=("SG", "TH")),
            ["acme/singapore", "other/bangkok"],
        ),
        (
            Selection(areas=("south-east-asia",)),
            ["acme/singapore", "other/bangkok"],
        ),
        (Selection(areas=("north-america",)), ["other/mexico"]),
        (Selection(areas=("latin-america",)), ["other/mexico"]),
        (Selection(areas=("mainland-china",)), ["acme/beijing"]),
        (
            Selection(areas=("mainland-china", "east-asia")),
            ["acme/beijing", "acme/hongkong"],
        ),
        (Selection(regions=("acme/beijing",)), ["acme/beijing"]),
        (
            Selection(regions=("acme/singapore*",)),
            ["acme/singapore", "acme/singapore-2"],
        ),
        (Selection(regions=("acme/singapore-?",)), ["acme/singapore-2"]),
        (Selection(partitions=(Partition.CHINA,)), ["acme/beijing"]),
        (Selection(partitions=(Partition.GOVERNMENT,)), ["other/capital"]),
        (
            Selection(partitions=(Partition.PUBLIC,), countries=("SG",)),
            ["acme/singapore", "acme/singapore-2"],
        ),
        (
            Selection(off_by_default=True, providers=("acme",)),
            ["acme/beijing", "acme/hongkong", "acme/singapore", "acme/singapore-2"],
        ),
        (Selection(off_by_default=True, countries=("CN",)), ["acme/beijing"]),
    ],
)
def test_a_selection_chooses(selection: Selection, regions: list[str]) -> None:
    assert regions_of(selection) == regions


def test_a_service_is_chosen_where_a_region_has_it() -> None:
    assert chosen(Selection(service="log-service")) == [
        "acme/hongkong:log-service",
        "acme/singapore:log-service",
    ]


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            Selection(providers=("acne",)),
            'selection: providers: no provider "acne"; did you mean "acme"?',
        ),
        (
            Selection(providers=("zzz",)),
            'selection: providers: no provider "zzz"; want one of acme, other',
        ),
        (
            Selection(areas=("south-east-asai",)),
            'selection: areas: no area "south-east-asai"; '
            'did you mean "south-east-asia"?',
        ),
        (
            Selection(regions=("acme/singapor",)),
            'selection: regions: no region "acme/singapor"; '
            'did you mean "acme/singapore"?',
        ),
        (
            Selection(regions=("acme/ACME*",)),
            'selection: regions: no region "acme/ACME*"; want one of acme/beijing, '
            "acme/hongkong, acme/singapore, acme/singapore-2, other/bangkok, "
            "other/capital, other/mexico",
        ),
        (
            Selection(countries=("XX",)),
            'selection: countries: no country "XX"; want one of CN, HK, MX, SG, TH, US',
        ),
        (
            Selection(service="object-store"),
            'selection: service: no service "object-store"; '
            'did you mean "object-storage"?',
        ),
        (
            Selection(countries=("CN",)),
            "selection: every region that fits (1) is off by default: name it, its "
            "partition, or ask for all",
        ),
        (
            Selection(providers=("acme",), countries=("TH",)),
            "selection: no region is all of what was asked for",
        ),
        (
            Selection(providers=("other",), service="log-service"),
            "selection: none of the regions that fit (2) has this service",
        ),
    ],
)
def test_a_selection_of_nothing_says_why(selection: Selection, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CATALOG.select(selection)
    assert str(caught.value) == message


def test_all_unknown_names_of_a_selection_are_told_at_once() -> None:
    selection = Selection(providers=("acne",), areas=("gulv",), service="x")
    with pytest.raises(ConfigErrors) as caught:
        CATALOG.select(selection)
    assert [error.where for error in caught.value.errors] == [
        "selection: providers",
        "selection: areas",
        "selection: service",
    ]


def test_regions_and_their_targets_can_be_looked_up() -> None:
    assert CATALOG.region("acme/beijing") is REGIONS[0]
    services = [t.endpoint.service for t in CATALOG.targets_of("acme/beijing")]
    assert services == ["log-service", "object-storage"]
    assert CATALOG.providers == ("acme", "other")
    assert CATALOG.services == ("log-service", "object-storage")


@pytest.mark.parametrize("look_up", ["region", "targets_of"])
def test_looking_up_an_unknown_region_names_the_nearest(look_up: str) -> None:
    with pytest.raises(ConfigError) as caught:
        getattr(CATALOG, look_up)("acme/bejing")
    assert str(caught.value) == (
        'selection: regions: no region "acme/bejing"; did you mean "acme/beijing"?'
    )


def test_a_catalogue_refuses_duplicates_and_disorder() -> None:
    with pytest.raises(ValueError, match=r"^regions must be unique and in the order"):
        replace(CATALOG, regions=REGIONS[::-1])
    with pytest.raises(ValueError, match=r"^targets must be unique and in the order"):
        replace(CATALOG, targets=CATALOG.targets[:1] + CATALOG.targets)


def test_a_catalogue_refuses_a_region_without_one_primary_target() -> None:
    message = r"^every region must have exactly one primary target$"
    with pytest.raises(ValueError, match=message):
        Catalog(regions=REGIONS[:2], targets=())
    second = replace(LOGS, primary=True)
    target = Target(region=REGIONS[0], endpoint=ENDPOINT)
    with pytest.raises(ValueError, match=message):
        Catalog(
            regions=REGIONS[:1],
            targets=(Target(region=REGIONS[0], endpoint=second), target),
        )


def test_mainland_china_is_chosen_whole_from_the_shipped_catalogue() -> None:
    catalog = load_catalog()
    targets = catalog.select(Selection(areas=("mainland-china",)))
    assert {target.region.country for target in targets} == {"CN"}
    assert {target.region.provider for target in targets} == {
        "alibaba",
        "aws",
        "azure",
        "huawei",
        "tencent",
    }
    assert not any(target.region.on_by_default for target in targets)


def test_no_region_that_is_restricted_is_measured_by_default() -> None:
    for target in load_catalog().select(Selection()):
        assert target.region.partition is Partition.PUBLIC
        assert target.region.status in {
            RegionStatus.OPEN,
            RegionStatus.OPT_IN,
            RegionStatus.DISRUPTED,
        }
