import csv
import io
import json
import subprocess
import sys
from pathlib import Path

from tests.catalog.target_files import endpoint, region, write


def targets(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cloudgauge", "targets", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_filters_of_a_list_are_combined() -> None:
    ended = targets(
        *("list", "--provider", "aws", "--provider", "azure"),
        *("--area", "south-east-asia", "--country", "my", "--format", "csv"),
    )
    assert ended.returncode == 0, ended.stderr
    rows = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert [row["region"] for row in rows] == [
        "aws/ap-southeast-5",
        "azure/malaysiawest",
    ]
    assert rows[0]["confidence"] == "pattern"


def test_regions_that_are_off_by_default_are_listed_when_asked_for() -> None:
    everything = targets("list", "--all", "--format", "jsonl")
    government = targets("list", "--partition", "government", "--format", "jsonl")
    assert len(everything.stdout.splitlines()) >= 254
    assert "aws/us-gov-west-1" in government.stdout
    assert "aws/us-west-2" not in government.stdout


def test_a_service_of_every_region_is_listed() -> None:
    ended = targets("list", "--service", "log-service", "--format", "json")
    (table,) = json.loads(ended.stdout)["tables"].values()
    assert {row["service"] for row in table} == {"log-service"}


def test_a_name_that_nothing_has_exits_2_with_the_nearest() -> None:
    ended = targets("list", "--area", "gulv")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        'cloudgauge: --area: no area "gulv"; did you mean "gulf"?\n'
    )


def test_a_region_is_shown_with_every_endpoint() -> None:
    ended = targets("show", "azure/westeurope")
    assert ended.returncode == 0, ended.stderr
    assert "westeurope.management.azure.com" in ended.stdout
    assert "nearest like-for-like" in ended.stdout
    assert targets("show", "azure/westeurop").returncode == 2


def test_a_file_of_ones_own_is_listed_with_the_shipped(tmp_path: Path) -> None:
    path = write(tmp_path, region(), endpoint())
    ended = targets("list", "--targets", str(path), "--provider", "acme")
    assert ended.returncode == 0, ended.stderr
    assert "storage.rotterdam-1.example.net" in ended.stdout


def test_the_check_of_the_shipped_files_exits_0() -> None:
    ended = targets("check")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("0 errors, 0 notes in 22 files")


def test_a_check_tells_all_errors_and_exits_2(tmp_path: Path) -> None:
    path = write(tmp_path, region(latitude=99), endpoint(url="http://a.example/"))
    ended = targets("check", str(path), "--format", "csv")
    assert ended.returncode == 2
    rows = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert [(row["severity"], row["where"]) for row in rows] == [
        ("error", f"{path}: region[0].latitude"),
        ("error", f"{path}: endpoint[0].url"),
    ]


def test_a_check_writes_its_answer_where_it_is_told(tmp_path: Path) -> None:
    answer = tmp_path / "answer.md"
    ended = targets("check", "--format", "md", "--output", str(answer), "--quiet")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert "0 errors" in answer.read_text(encoding="utf-8")
