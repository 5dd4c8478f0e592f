import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.terminal import draw
from cloudgauge.workflow.ranking import rank
from tests.workflow.two_vantages import two_vantages

RUNNER = CliRunner()
SETS = Path(__file__).parents[2] / "notebooks" / "data" / "private-four-vantages"


def test_rank_tells_the_places_at_every_vantage_and_over_all(tmp_path: Path) -> None:
    two_vantages(tmp_path)
    ended = RUNNER.invoke(app, ["rank", str(tmp_path), "--format", "json"])
    assert ended.exit_code == 0
    told = json.loads(ended.stdout)
    assert told["kind"] == "rank"
    rows = told["tables"]["ranking"]
    assert [row["vantage"] for row in rows] == ["all"] * 3 + ["here"] * 3 + [
        "there"
    ] * 3
    assert [row["rank"] for row in rows] == ["1", "2", "3"] * 3


def test_rank_of_some_regions_by_the_weights_of_users(tmp_path: Path) -> None:
    two_vantages(tmp_path)
    asked = ["rank", str(tmp_path), "--region", "a*s/*", "--region", "azure/*"]
    ended = RUNNER.invoke(app, [*asked, "--weights", "here=3,there=1", "-q"])
    assert ended.exit_code == 0
    assert "weighed here 0.75, there 0.25" in ended.stdout
    assert "alibaba" not in ended.stdout


def test_weights_of_vantages_that_are_not_there_end_with_2(tmp_path: Path) -> None:
    two_vantages(tmp_path)
    ended = RUNNER.invoke(app, ["rank", str(tmp_path), "--weights", "moon=1"])
    assert ended.exit_code == 2
    told = 'cloudgauge: --weights: no vantage "moon" here; want here, there\n'
    assert ended.stderr == told


@pytest.mark.parametrize("width", [80, 120, 200])
def test_a_ranking_fits_the_terminal_and_keeps_places_and_ties(
    tmp_path: Path, width: int
) -> None:
    text = draw(rank(two_vantages(tmp_path)).document(), width=width, styled=False)
    assert max(len(line) for line in text.splitlines()) <= width
    row = next(line for line in text.splitlines() if "aws/place-1" in line)
    assert row.split()[:4] == ["all", "1", "a", "aws/place-1"]
    # A point without its interval would claim too much.
    assert "no room for: high" not in text


def test_latency_is_held_against_the_cost_of_a_workload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    shop = tmp_path / "shop.toml"
    shop.write_text('schema = 1\nname = "shop"\n[[egress]]\nvolume = "5 TB"\n')
    asked = ["rank", str(SETS), "--cost", str(shop), "--quantile", "p95"]
    ended = RUNNER.invoke(app, [*asked, "--region", "a*", "--format", "json"])
    assert ended.exit_code == 0
    told = json.loads(ended.stdout)
    assert told["kind"] == "frontier"
    first = told["tables"]["frontier"][0]
    assert (first["on_frontier"], first["currency"]) == (True, "USD")
    assert first["p95_ms"] > 50
    # A million of 100 kB are 100 GB, of 2 MB 2000.
    assert Decimal(first["per_million_requests"]) == 100 * Decimal(first["per_gb"])
    sized = [*asked, "--answer-size", "2 MB", "--format", "json"]
    told = json.loads(RUNNER.invoke(app, sized).stdout)
    first = told["tables"]["frontier"][0]
    assert Decimal(first["per_million_requests"]) == 2000 * Decimal(first["per_gb"])
    assert any("a million answers of 2 MB each" in note for note in told["notes"])


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ("0 B", "want at least 1 B, got 0 B"),
        ("-1 kB", 'want a byte count such as "64 KiB" or "5 MB", got "-1 kB"'),
    ],
)
def test_an_answer_that_is_no_size_is_the_users_mistake(
    tmp_path: Path, size: str, told: str
) -> None:
    shop = tmp_path / "shop.toml"
    shop.write_text('schema = 1\nname = "shop"\n[[egress]]\nvolume = "5 TB"\n')
    asked = ["rank", str(SETS), "--cost", str(shop), "--answer-size", size]
    ended = RUNNER.invoke(app, asked)
    assert ended.exit_code == 2
    assert ended.stderr == f"cloudgauge: --answer-size: {told}\n"


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["--quantile", "p95"], "--quantile"),
        (["--fx", "CNY=7@2026-11-01"], "--fx"),
        (["--answer-size", "2 MB"], "--answer-size"),
        (["--targets", "mine.toml"], "--targets"),
    ],
)
def test_what_is_said_of_cost_wants_a_workload(words: list[str], option: str) -> None:
    ended = RUNNER.invoke(app, ["rank", str(SETS), *words])
    assert ended.exit_code == 2
    told = f"cloudgauge: {option}: says more of --cost, which is not there\n"
    assert ended.stderr == told
