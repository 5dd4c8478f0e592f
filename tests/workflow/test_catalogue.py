from datetime import date
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, ConfigErrors
from cloudgauge.model.target import Selection
from cloudgauge.report.document import Document, Table
from cloudgauge.workflow.catalogue import check_targets, list_targets, show_region
from tests.catalog.target_files import download, endpoint, region, write

TODAY = date(2026, 11, 22)
NO_DOWNLOAD_NOTE = (
    "no throughput target: nothing public of 5 MB or more is known there; a file of "
    "your own (--targets) can name an object"
)


def column(table: Table, name: str) -> list[object]:
    index = [column.name for column in table.columns].index(name)
    return [row[index] for row in table.rows]


def facts(document: Document) -> dict[object, object]:
    table = document.tables[0]
    return {row[0]: row[1] for row in table.rows}


def test_a_list_without_wishes_is_what_a_run_would_measure() -> None:
    document = list_targets(Selection())
    assert document.title == "172 targets in 172 regions of 6 providers"
    (table,) = document.tables
    assert set(column(table, "on_by_default")) == {True}
    ids = column(table, "region")
    assert ids == sorted(ids, key=str)


def test_a_list_shows_host_reach_and_confidence_of_each_target() -> None:
    document = list_targets(Selection(regions=("gcp/europe-west2",)))
    assert document.title == "1 target in 1 region of 1 provider"
    assert document.tables[0].rows == (
        (
            "gcp/europe-west2",
            "pattern",
            "no throughput target",
            "object-storage",
            "storage.europe-west2.rep.googleapis.com",
            "London",
            "GB",
            "open",
            "in-region",
            "public",
            True,
        ),
    )
    assert document.notes == (
        'confidence "pattern": the host follows a documented rule; this very name '
        "was not seen in a source",
        NO_DOWNLOAD_NOTE,
    )


def test_a_list_names_what_a_throughput_run_would_download() -> None:
    document = list_targets(Selection(countries=("IE", "JP"), providers=("aws",)))
    (table,) = document.tables
    assert dict(
        zip(column(table, "region"), column(table, "download"), strict=True)
    ) == {
        "aws/ap-northeast-1": "ecs-init",
        "aws/ap-northeast-3": "ssm-agent",
        "aws/eu-west-1": "ecs-init",
    }
    assert not any("throughput" in note for note in document.notes)


def test_a_list_explains_an_edge_and_an_unknown_end() -> None:
    gcping = list_targets(Selection(service="gcping"))
    assert gcping.notes == (
        'reach "edge": connections end at an edge near the vantage, not in the region',
        NO_DOWNLOAD_NOTE,
    )
    identity = list_targets(Selection(service="identity-api"))
    assert identity.notes == (
        'reach "unknown": where its connections end was not verified',
        NO_DOWNLOAD_NOTE,
    )


def test_a_list_of_well_known_targets_needs_no_explanation() -> None:
    document = list_targets(Selection(regions=("aws/eu-west-1",)))
    assert document.notes == ()


def test_a_region_is_shown_with_all_endpoints_notes_sources_and_dates() -> None:
    document = show_region("alibaba/ap-southeast-5")
    assert document.title == (
        "alibaba/ap-southeast-5: Indonesia (Jakarta), Alibaba Cloud"
    )
    told = facts(document)
    assert told["areas"] == "south-east-asia"
    assert told["latitude_deg"] == "-6.21"
    assert told["zones"] == "3"
    assert told["on_by_default"] is True
    assert told["checked"] == "2026-11-22"
    endpoints = document.tables[1]
    assert column(endpoints, "service") == [
        "compute-api",
        "log-service",
        "object-storage",
    ]
    assert column(endpoints, "primary") == [False, False, True]
    assert column(endpoints, "expect")[2] == "403"
    assert column(endpoints, "expect")[0] == "any below 500"
    assert document.notes[0] == (
        "compute-api: Control plane; whether it is in the region is not proven."
    )
    assert any(line.startswith("object-storage: ") for line in document.provenance)
    assert any(line.startswith("region: ") for line in document.provenance)
    assert document.notes[-1] == (
        "the shipped rows were read from documents and public code; no host was "
        "contacted"
    )


def test_a_region_is_shown_with_its_objects_and_what_is_known_of_their_size() -> None:
    document = show_region("huawei/ap-southeast-3")
    objects = document.tables[2]
    assert objects.title == "objects to download"
    assert column(objects, "name") == ["apm-javaagent", "telescope", "uniagent"]
    assert column(objects, "primary") == [False, False, True]
    assert column(objects, "url")[2] == (
        "https://uniagent-ap-southeast-3.obs.ap-southeast-3.myhuaweicloud.com/package/"
        "install_amd64.exe"
    )
    told = "\n".join(document.notes)
    assert "uniagent: Size seen in no source" in told
    assert "an object's size is its Content-Length" in told
    assert 'confidence "pattern" of an object: its url follows' in told
    assert NO_DOWNLOAD_NOTE not in document.notes
    assert any(line.startswith("uniagent: ") for line in document.provenance)
    assert any(
        line.startswith("apm-javaagent: ") and "(rule https://apm2-javaagent-" in line
        for line in document.provenance
    )


def test_a_region_without_object_says_so_and_what_to_do() -> None:
    document = show_region("azure/uaenorth")
    assert [table.name for table in document.tables] == ["region", "endpoints"]
    assert NO_DOWNLOAD_NOTE in document.notes


def test_an_object_of_ones_own_is_shown_where_there_was_none(tmp_path: Path) -> None:
    path = write(tmp_path, download(region="azure/uaenorth"))
    document = show_region("azure/uaenorth", (path,))
    assert column(document.tables[2], "name") == ["agent"]
    (table,) = list_targets(Selection(regions=("azure/uaenorth",)), (path,)).tables
    assert column(table, "download") == ["agent"]


def test_a_region_is_shown_with_its_price_in_each_currency_and_its_sources() -> None:
    document = show_region("tencent/ap-guangzhou")
    assert facts(document)["egress"] == (
        "at most 0.8 CNY a GB (2026-10-09); at most 0.12 USD a GB (2021-01-01)"
    )
    cited = [line for line in document.provenance if line.startswith("egress in ")]
    assert [line.partition(":")[0] for line in cited] == [
        "egress in CNY",
        "egress in USD",
    ]


def test_a_region_is_shown_with_how_far_it_may_be_from_its_place() -> None:
    assert facts(show_region("aws/eu-west-1"))["uncertainty_km"] == "60"
    assert facts(show_region("azure/eastus"))["uncertainty_km"] == "350"


def test_what_is_not_known_of_a_region_is_absent(tmp_path: Path) -> None:
    path = write(tmp_path, region(country="AQ"), endpoint())
    document = show_region("acme/rotterdam-1", (path,))
    told = facts(document)
    assert told["zones"] is None
    assert told["areas"] is None
    assert told["note"] is None
    assert told["egress"] == "no price"
    assert told["provider"] == "acme"


def test_an_unknown_region_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match='did you mean "aws/eu-west-1"'):
        show_region("aws/eu-wst-1")


def test_a_users_file_that_is_wrong_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, region(latitude=99))
    with pytest.raises(ConfigErrors):
        list_targets(Selection(), (path,))


def test_the_shipped_files_pass_their_check() -> None:
    check = check_targets((), today=TODAY)
    assert check.error_count == 0
    assert check.document.title == (
        "0 errors, 0 notes in 22 files (254 regions, 868 endpoints, 253 objects, "
        "359 prices)"
    )
    assert check.document.tables[0].rows == ()


def test_a_check_tells_every_finding_with_its_place(tmp_path: Path) -> None:
    broken = write(tmp_path, region(latitude=99, zone=3), name="broken.toml")
    lonely = write(
        tmp_path,
        '[sources]\nidle = "a page"\n',
        region(id="acme/delft-1"),
        name="lonely.toml",
    )
    check = check_targets((broken, lonely), today=TODAY)
    assert check.error_count == 3
    assert check.document.title.startswith("3 errors, 1 note in 24 files")
    findings = check.document.tables[0].rows
    assert [(row[0], row[1]) for row in findings] == [
        ("error", f"{broken}: region[0].latitude"),
        ("error", f"{broken}: region[0].zone"),
        ("error", f"{lonely}: region[0].id"),
        ("note", f"{lonely}: sources.idle"),
    ]


def test_a_check_of_a_file_that_is_given_twice_says_just_that(tmp_path: Path) -> None:
    path = write(tmp_path, region(), endpoint())

    check = check_targets((path, path), today=TODAY)

    assert check.document.tables[0].rows == (("error", str(path), "is given twice"),)
    assert check.error_count == 1


def test_a_check_in_a_later_year_notes_each_file_once() -> None:
    check = check_targets((), today=date(2028, 1, 1))
    assert check.error_count == 0
    rows = check.document.tables[0].rows
    assert len(rows) == 22
    assert rows[1] == (
        "note",
        "targets/alibaba/endpoints.toml: endpoint[0].checked",
        "has not been checked since 2026-11-22, as have 117 other rows",
    )
