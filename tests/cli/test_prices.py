import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.catalog.price_overlays import overlay_text
from tests.catalog.target_files import egress, endpoint, region, write


def prices(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cloudgauge", "prices", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=os.environ | {"XDG_DATA_HOME": str(home)},
    )


def test_prices_of_an_area_are_listed(tmp_path: Path) -> None:
    ended = prices(tmp_path, "list", "--area", "gulf", "--currency", "usd")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("prices of 8 of 10 regions\n")
    assert "0.1177" in ended.stdout
    assert "huawei/me-east-1" in ended.stdout


def test_every_price_of_a_charge_is_listed_for_programs(tmp_path: Path) -> None:
    ended = prices(
        *(tmp_path, "list", "--charge", "to-internet", "--provider", "gcp"),
        *("--region", "gcp/us-central1", "--format", "csv"),
    )
    assert ended.returncode == 0, ended.stderr
    rows = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert {row["receivers"] for row in rows} == {
        *("", "Australia", "mainland China", "the Americas")
    }
    assert all(row["row"].startswith("targets/gcp/prices.toml: ") for row in rows)


def test_a_region_is_shown_with_every_price(tmp_path: Path) -> None:
    ended = prices(tmp_path, "show", "alibaba/cn-shenzhen", "--format", "json")
    assert ended.returncode == 0, ended.stderr
    tables = json.loads(ended.stdout)["tables"]
    assert [row["price"] for row in tables["tiers"]] == ["0.8", "0.75", "0.7", "0.65"]
    assert tables["allowances"][0]["volume"] == "20"
    assert prices(tmp_path, "show", "alibaba/cn-shenzen").returncode == 2


def test_refreshed_prices_of_the_users_data_folder_count(tmp_path: Path) -> None:
    folder = tmp_path / "cloudgauge" / "prices"
    folder.mkdir(parents=True)
    row = egress(regions=["aws/us-east-1"], currency="USD", price="0.07")
    (folder / "prices-aws.toml").write_text(overlay_text(row), encoding="utf-8")
    arguments = ("list", "--charge", "to-internet", "--region", "aws/us-east-1")
    ended = prices(tmp_path, *arguments, "--format", "jsonl")
    (found,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (found["price"], found["sheet"]) == ("0.07", "refreshed")


def test_a_user_without_a_home_has_the_shipped_prices() -> None:
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"HOME", "XDG_DATA_HOME", "USERPROFILE"}
    }
    ended = subprocess.run(
        [sys.executable, "-m", "cloudgauge", "prices", "check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("0 errors in 359 price rows of 6 sheets")


def test_a_sheet_with_errors_exits_2_and_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, region(), endpoint(), egress(tier_start=7, price="90"))
    ended = prices(tmp_path, "check", str(path))
    assert ended.returncode == 2
    assert ended.stdout.startswith("1 error in 360 price rows of 7 sheets")
    assert "egress[0].tier_start" in ended.stdout
    listed = prices(tmp_path, "list", "--targets", str(path))
    assert listed.returncode == 2
    assert listed.stdout == ""
    assert f"{path}: egress[0].tier_start: the first tier of" in listed.stderr
