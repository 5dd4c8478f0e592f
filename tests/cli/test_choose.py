import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from tests.catalog.target_files import egress, machine

RUNNER = CliRunner()
SETS = Path(__file__).parents[2] / "notebooks" / "data" / "private-four-vantages"
SHOP = """\
schema = 1
name = "shop"

[[machine]]
count = 2

[[egress]]
volume = "5 TB"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # No price but the shipped ones, whatever this user has refreshed.
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    file = tmp_path / "shop.toml"
    file.write_text(SHOP)
    return str(file)


def test_three_regions_are_chosen_from_four_vantages() -> None:
    asked = ["choose", str(SETS), "-k", "3", "--draws", "20", "--format", "json"]
    ended = RUNNER.invoke(app, asked)

    assert ended.exit_code == 0
    told = json.loads(ended.stdout)
    assert (told["kind"], told["schema_version"]) == ("choose", 1)
    # By the truth of the private network: no three serve these four cities better.
    assert [row["region"] for row in told["tables"]["regions"]] == [
        "alibaba/me-east-1",
        "gcp/asia-southeast1",
        "tencent/eu-frankfurt",
    ]
    assert told["tables"]["choice"][0]["sets"] == 364


def test_cost_is_got_down_within_a_promise_by_shipped_prices(shop: str) -> None:
    asked = ["choose", str(SETS), "-k", "1..3", "--for", "cost", "--workload", shop]
    more = ["--within", "60ms", "--share", "75%", "--draws", "20", "--format", "json"]
    ended = RUNNER.invoke(app, [*asked, *more])

    assert ended.exit_code == 0
    told = json.loads(ended.stdout)["tables"]
    assert told["choice"][0]["unit"] == "USD"
    kept = [user["kept"].startswith("yes") for user in told["users"]]
    assert sum(kept) >= 3
    assert "huawei/me-east-1" in {row["region"] for row in told["left_out"]}
    assert float(told["choice"][0]["billed_a_month"]) > 0


def test_where_no_set_will_do_the_exit_code_is_1_and_it_says_what_would() -> None:
    asked = ["choose", str(SETS), "-k", "1", "--within", "40ms", "--format", "json"]
    ended = RUNNER.invoke(app, asked)

    assert ended.exit_code == 1
    assert ended.stderr == "no set of regions keeps all limits\n"
    limits = [row["limit"] for row in json.loads(ended.stdout)["tables"]["would_do"]]
    assert limits == ["--share", "--within", "-k"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-k", "x"], 'cloudgauge: -k: want a count such as 3, 1..3 or 2.., got "x"\n'),
        (["-k", "1", "--share", "9%"], "cloudgauge: --share: says more of --within"),
        (["-k", "1", "--for", "cost"], "cloudgauge: --workload: is wanted: without it"),
        (["-k", "1", "--area", "moon"], 'cloudgauge: --area: no area "moon"; want one'),
        (["-k", "1", "--not-provider", "awz"], "cloudgauge: --not-provider: no prov"),
        (["-k", "2", "--replication", "9ms"], "cloudgauge: --replication: no set was"),
        (["-k", "1", "--targets", "x.toml"], "cloudgauge: --targets: brings prices"),
        (["-k", "15"], "cloudgauge: -k: wants 15 regions, and 14 can be chosen\n"),
    ],
)
def test_a_mistake_of_the_users_is_exit_2(words: list[str], message: str) -> None:
    ended = RUNNER.invoke(app, ["choose", str(SETS), *words])

    assert ended.exit_code == 2
    assert ended.stderr.startswith(message)


def test_residency_takes_country_codes_in_any_case() -> None:
    asked = ["choose", str(SETS), "-k", "1", "--country", "sg", "--not-provider", "aws"]
    more = ["--draws", "5", "--format", "csv", "--weights", "private-dubai=0"]
    ended = RUNNER.invoke(app, [*asked, *more])
    assert ended.exit_code == 2

    names = ("dubai", "frankfurt", "mumbai", "singapore")
    weights = ",".join(f"private-{name}=1" for name in names)
    ended = RUNNER.invoke(app, [*asked, *more[:-1], weights])
    assert ended.exit_code == 0
    assert ended.stdout.splitlines()[1].startswith("gcp/asia-southeast1,")


def test_prices_of_ones_own_are_chosen_by(shop: str, tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(
        egress(regions=["aws/ap-south-1"], currency="USD", price="0.001")
        + machine(regions=["aws/ap-south-1"], currency="USD", price="0.001")
    )
    asked = [str(SETS), "--targets", str(own), "--format", "json"]
    wish = ["-k", "1", "--for", "cost", "--workload", shop, "--draws", "5"]
    ended = RUNNER.invoke(app, ["choose", *asked, *wish])
    assert ended.exit_code == 0, ended.stderr
    (chosen,) = json.loads(ended.stdout)["tables"]["regions"]
    assert chosen["region"] == "aws/ap-south-1"

    ranked = RUNNER.invoke(app, ["rank", *asked, "--cost", shop])
    rows = json.loads(ranked.stdout)["tables"]["frontier"]
    (row,) = [row for row in rows if row["region"] == "aws/ap-south-1"]
    # 5 TB of 10^9 bytes a GB, and two machines for 730 hours.
    assert float(row["cost_a_month"]) < 5 + 2
