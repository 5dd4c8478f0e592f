from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import Any

import pytest

from cloudgauge.model.target import (
    Confidence,
    Endpoint,
    Partition,
    Provenance,
    Reach,
    Region,
    RegionStatus,
    Selection,
    Target,
    check_slug,
)

PROVENANCE = Provenance(
    sources=("a page",), checked=date(2026, 11, 22), confidence=Confidence.HIGH
)
REGION = Region(
    provider="acme",
    code="rotterdam-1",
    name="Rotterdam",
    city="Rotterdam",
    country="NL",
    latitude_deg=51.92,
    longitude_deg=4.48,
    partition=Partition.PUBLIC,
    status=RegionStatus.OPEN,
    zones=3,
    on_by_default=True,
    provenance=PROVENANCE,
)
ENDPOINT = Endpoint(
    service="object-storage",
    url="https://Storage.Example.NET/health?deep=0",
    expect=(200, 403),
    reach=Reach.IN_REGION,
    primary=True,
    provenance=PROVENANCE,
)


@pytest.mark.parametrize("text", ["a", "eu-west-1", "9a", "a--b"])
def test_a_slug_is_lower_case_letters_digits_and_inner_hyphens(text: str) -> None:
    check_slug("code", text)


@pytest.mark.parametrize("text", ["", "-a", "a-", "A", "a_b", "a b", "ä", "a/b", "a\n"])
def test_any_other_name_is_refused_by_what_it_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"^code must be lower-case letters"):
        check_slug("code", text)


def test_a_target_is_named_by_provider_region_and_service() -> None:
    target = Target(region=REGION, endpoint=ENDPOINT)
    assert REGION.region_id == "acme/rotterdam-1"
    assert target.target_id == "acme/rotterdam-1:object-storage"


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        REGION.code = "other"  # type: ignore[misc]  # this is what is tested


@pytest.mark.parametrize("sources", [(), ("",), ("a page", "")])
def test_a_row_without_a_source_is_refused(sources: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^sources must name at least one source"):
        replace(PROVENANCE, sources=sources)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"provider": "Acme"}, 'provider must be lower-case .*, got "Acme"'),
        ({"code": ""}, 'code must be lower-case .*, got ""'),
        ({"country": "nl"}, 'country must be two capital letters, got "nl"'),
        ({"country": "NLD"}, 'country must be two capital letters, got "NLD"'),
        ({"latitude_deg": 90.1}, r"latitude_deg must be in \[-90, 90\], got 90.1"),
        ({"latitude_deg": -90.1}, r"latitude_deg must be in \[-90, 90\], got -90.1"),
        ({"latitude_deg": float("nan")}, r"latitude_deg must be in .*, got nan"),
        ({"longitude_deg": 181.0}, r"longitude_deg must be in \[-180, 180\], got 181"),
        ({"longitude_deg": -181.0}, r"longitude_deg must be in .*, got -181"),
        ({"zones": -1}, "zones must be >= 0, got -1"),
        ({"uncertainty_km": 0.0}, r"uncertainty_km must be in \(0, 20000\], got 0"),
    ],
)
def test_a_region_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(REGION, **change)


@pytest.mark.parametrize("zones", [None, 0, 12])
def test_zones_may_be_unknown_or_none(zones: int | None) -> None:
    assert replace(REGION, zones=zones).zones == zones


def test_an_endpoint_knows_host_port_and_path() -> None:
    assert ENDPOINT.host == "storage.example.net"
    assert ENDPOINT.port == 443
    assert ENDPOINT.path == "/health?deep=0"
    plain = replace(ENDPOINT, url="https://example.net:8443")
    assert (plain.host, plain.port, plain.path) == ("example.net", 8443, "/")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"service": "Object Storage"}, "service must be lower-case letters"),
        ({"url": "http://example.net/"}, "url must be https with a host"),
        ({"url": "https:///path"}, "url must be https with a host"),
        (
            {"url": "https://a.example:0/"},
            "url must be https with a host and a sane port",
        ),
        (
            {"url": "https://a.example:70000/"},
            "url must be https with a host and a sane port",
        ),
        (
            {"url": "https://a.example:x/"},
            "url must be https with a host and a sane port",
        ),
        ({"url": "https://me@example.net/"}, "url must have no user, password"),
        ({"url": "https://:pw@example.net/"}, "url must have no user, password"),
        ({"url": "https://example.net/#top"}, "url must have no user, password"),
        ({"expect": (99,)}, r"expect must hold HTTP statuses, got \[99\]"),
        ({"expect": (200, 600)}, r"expect must hold HTTP statuses, got \[200, 600\]"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(ENDPOINT, **change)


def test_only_the_statuses_of_its_row_are_an_endpoints_answer() -> None:
    assert ENDPOINT.expects(200)
    assert ENDPOINT.expects(403)
    assert not ENDPOINT.expects(302)


def test_without_statuses_any_answer_below_500_is_the_endpoints() -> None:
    anything = replace(ENDPOINT, expect=())
    assert anything.expects(302)
    assert anything.expects(499)
    assert not anything.expects(500)


def test_an_empty_selection_chooses_nothing_away() -> None:
    assert Selection() == Selection(
        providers=(),
        areas=(),
        regions=(),
        countries=(),
        partitions=(),
        service=None,
        off_by_default=False,
    )
