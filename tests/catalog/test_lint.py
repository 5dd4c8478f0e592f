from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.files import ReadFile, shipped_files
from cloudgauge.catalog.lint import errors_in, notes_on
from cloudgauge.errors import ConfigError
from tests.catalog.target_files import endpoint, read, region

TODAY = date(2026, 11, 22)
RULE = (
    '[rules.usual]\nhost = "storage.{code}.example.net"\nsays = "so"\n'
    'source = "a page"\n'
)


def told(*files: ReadFile) -> list[str]:
    return [_short(error) for error in errors_in(files)]


def noted(*files: ReadFile, today: date = TODAY) -> list[str]:
    return [_short(error) for error in notes_on(files, today)]


def _short(error: ConfigError) -> str:
    return f"{Path(error.where).name}: {error.problem}"


def test_rows_that_fit_one_another_have_no_errors_and_no_notes(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint())
    assert told(file) == []
    assert noted(file) == []


def test_a_region_twice_names_both_places(tmp_path: Path) -> None:
    first = read(tmp_path, region(), endpoint(), name="first.toml")
    second = read(tmp_path, region(name="Again"), name="second.toml")
    assert told(first, second) == [
        'second.toml: region[0].id: "acme/rotterdam-1" stands already at '
        f"{first.where}: region[0].id"
    ]


def test_a_service_twice_in_a_region_names_both_places(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(), endpoint(primary=False))
    assert told(file) == [
        'mine.toml: endpoint[1].service: "acme/rotterdam-1:object-storage" stands '
        f"already at {file.where}: endpoint[0].service"
    ]


def test_an_endpoint_of_no_region_names_the_nearest(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        region(),
        endpoint(),
        endpoint(region="acme/roterdam-1", service="log-service", primary=False),
        endpoint(
            region="zzz/qq", service="log-service", primary=False, url="https://b/"
        ),
    )
    assert told(file)[:1] == [
        'mine.toml: endpoint[1].region: no region "acme/roterdam-1"; '
        'did you mean "acme/rotterdam-1"?'
    ]
    assert 'mine.toml: endpoint[2].region: no region "zzz/qq"' in told(file)


def test_a_region_without_endpoint_is_told(tmp_path: Path) -> None:
    assert told(read(tmp_path, region())) == [
        "mine.toml: region[0].id: acme/rotterdam-1 has no endpoint"
    ]


def test_a_region_without_primary_endpoint_is_told(tmp_path: Path) -> None:
    assert told(read(tmp_path, region(), endpoint(primary=None))) == [
        "mine.toml: region[0].id: acme/rotterdam-1 has no primary endpoint; "
        "mark one with primary = true"
    ]


def test_a_region_has_no_more_than_one_primary_endpoint(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(), endpoint(service="log-service"))
    assert told(file) == [
        "mine.toml: endpoint[1].primary: acme/rotterdam-1 has its primary endpoint "
        f"at {file.where}: endpoint[0].primary"
    ]


def test_an_edge_cannot_stand_for_a_region(tmp_path: Path) -> None:
    assert told(read(tmp_path, region(), endpoint(reach="edge"))) == [
        "mine.toml: endpoint[0].primary: an endpoint at the edge cannot stand for "
        "its region"
    ]


def test_one_host_cannot_be_in_two_regions(tmp_path: Path) -> None:
    other = "acme/delft-1"
    file = read(
        tmp_path, region(), endpoint(), region(id=other), endpoint(region=other)
    )
    assert told(file) == [
        "mine.toml: endpoint[1].url: storage.rotterdam-1.example.net cannot be in "
        f"acme/delft-1 and in acme/rotterdam-1, as {file.where}: endpoint[0].url has it"
    ]
    edge = endpoint(region=other, reach="unknown")
    assert told(read(tmp_path, region(), endpoint(), region(id=other), edge)) == []


def test_a_host_known_by_its_pattern_alone_names_its_rule(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint(confidence="pattern"))
    assert told(file) == [
        "mine.toml: endpoint[0].rule: a host known by its pattern alone must name "
        "its rule"
    ]


def test_a_host_known_by_its_rule_alone_is_a_pattern_until_a_live_check(
    tmp_path: Path,
) -> None:
    row = endpoint(rule="usual", source=None, confidence="medium")
    assert told(read(tmp_path, RULE, region(), row)) == [
        'mine.toml: endpoint[0].confidence: want "pattern", or what a live check '
        'found, got "medium": nothing but rule "usual" speaks for it'
    ]
    for seen in ("high", "low"):
        row = endpoint(rule="usual", source=None, confidence=seen)
        assert told(read(tmp_path, RULE, region(), row)) == []
    marked = endpoint(rule="usual", source=None, confidence="pattern")
    assert told(read(tmp_path, RULE, region(), marked)) == []


def test_a_host_that_breaks_its_rule_is_told(tmp_path: Path) -> None:
    file = read(
        tmp_path, RULE, region(), endpoint(rule="usual", url="https://a.example.net/")
    )
    assert told(file) == [
        'mine.toml: endpoint[0].url: want the host "storage.rotterdam-1.example.net" '
        'by rule "usual", got "a.example.net"'
    ]


def test_an_unknown_rule_names_the_nearest(tmp_path: Path) -> None:
    file = read(tmp_path, RULE, region(), endpoint(rule="usal"))
    assert told(file) == [
        'mine.toml: endpoint[0].rule: no rule "usal" in [rules] of this file; '
        'did you mean "usual"?'
    ]


def test_a_key_that_no_source_has_is_told_and_a_source_in_full_is_not(
    tmp_path: Path,
) -> None:
    text = '[sources]\nbotocore = "boto/botocore@0e6e240"\n'
    file = read(
        tmp_path,
        text,
        region(source=["botocore", "https://a.example/page"]),
        endpoint(source=["a page", "botocor"]),
    )
    assert told(file) == [
        'mine.toml: endpoint[0].source[1]: no source "botocor" in [sources] of this '
        'file; did you mean "botocore"?'
    ]


def test_a_row_needs_a_source(tmp_path: Path) -> None:
    file = read(tmp_path, region(source=[]), endpoint(source=None))
    assert told(file) == [
        "mine.toml: region[0].source: want at least one source",
        "mine.toml: endpoint[0].source: want at least one source",
    ]


def test_a_row_of_another_provider_is_in_the_wrong_folder(tmp_path: Path) -> None:
    file = read(tmp_path, region(), endpoint())
    in_folder = ReadFile(
        where="targets/aws/regions.toml", provider="aws", table=file.table
    )
    assert told(in_folder) == [
        'regions.toml: region[0].id: want "aws/…" in this folder, got '
        '"acme/rotterdam-1"',
        'regions.toml: endpoint[0].region: want "aws/…" in this folder, got '
        '"acme/rotterdam-1"',
    ]


def test_a_file_that_does_not_fit_is_told_for_that_alone(tmp_path: Path) -> None:
    regions = read(tmp_path, region(latitude=99), name="regions.toml")
    endpoints = read(tmp_path, endpoint(), name="endpoints.toml")
    assert told(regions, endpoints) == [
        "regions.toml: region[0].latitude: input should be less than or equal to 90, "
        "got 99"
    ]
    good = read(tmp_path, region(), name="regions.toml")
    bad = read(tmp_path, endpoint(reach=None), name="endpoints.toml")
    assert told(good, bad) == ["endpoints.toml: endpoint[0].reach: is missing"]


def test_a_file_that_cannot_be_read_hides_no_other_mistake(tmp_path: Path) -> None:
    broken = read(tmp_path, "this is = = not TOML", name="broken.toml")
    file = read(tmp_path, region(), endpoint(service="x"), endpoint(service="x"))
    found = told(broken, file)
    assert found[0].startswith("broken.toml: is not TOML: ")
    assert len(found) == 3


def test_mistakes_are_told_in_the_order_of_the_files(tmp_path: Path) -> None:
    first = read(tmp_path, region(id="a/one-1", source=[]), name="zz.toml")
    second = read(tmp_path, region(id="a/two-1", source=[]), name="aa.toml")
    files = [line.partition(":")[0] for line in told(first, second)]
    assert files == ["zz.toml", "zz.toml", "aa.toml", "aa.toml"]


@pytest.mark.parametrize(
    ("checked", "note"),
    [
        ("2025-11-22", []),
        (
            "2025-11-21",
            ["mine.toml: region[0].checked: has not been checked since 2025-11-21"],
        ),
    ],
)
def test_a_row_that_nobody_checked_for_a_year_is_noted(
    tmp_path: Path, checked: str, note: list[str]
) -> None:
    assert noted(read(tmp_path, region(checked=checked), endpoint())) == note


def test_many_old_rows_are_one_note_by_the_oldest(tmp_path: Path) -> None:
    file = read(
        tmp_path,
        region(),
        endpoint(checked="2024-05-05"),
        endpoint(service="log-service", primary=False, checked="2024-05-01"),
        endpoint(service="compute-api", primary=False, checked="2024-05-09"),
    )
    assert noted(file) == [
        "mine.toml: endpoint[1].checked: has not been checked since 2024-05-01, as "
        "have 2 other rows"
    ]


def test_what_no_row_uses_is_noted(tmp_path: Path) -> None:
    file = read(tmp_path, '[sources]\nidle = "a page"\n', RULE, region(), endpoint())
    assert noted(file) == [
        "mine.toml: sources.idle: no row cites it",
        "mine.toml: rules.usual: no row follows it",
    ]


def test_a_country_in_no_area_is_noted(tmp_path: Path) -> None:
    assert noted(read(tmp_path, region(country="AQ"), endpoint())) == [
        'mine.toml: region[0].country: "AQ" is in no area, so no area selects '
        "acme/rotterdam-1"
    ]


def test_a_file_that_does_not_fit_has_no_notes(tmp_path: Path) -> None:
    assert noted(read(tmp_path, region(latitude=99))) == []


def test_the_shipped_files_are_clean() -> None:
    files = shipped_files()
    assert told(*files) == []
    assert noted(*files) == []
