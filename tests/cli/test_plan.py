import json
import subprocess
import sys
from pathlib import Path

import pytest

from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.target import Family
from cloudgauge.planning.files import parse_plan


def plan(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cloudgauge", "plan", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_new_plan_goes_to_a_file_named_like_it(tmp_path: Path) -> None:
    path = tmp_path / "my-plan.toml"

    ended = plan(
        *("new", "--area", "gulf", "--provider", "aws", "-n", "12", "-t", "2s"),
        *("--warm", "1", "-4", "-6", "--rate", "5", "--seed", "3", "-o", str(path)),
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr == f"wrote {path}; run it with: cloudgauge run {path}\n"
    settings = parse_plan(path.read_text(), str(path))
    assert (settings.name, settings.rounds, settings.seed) == ("my-plan", 12, 3)
    assert settings.probe is not None
    assert settings.probe.warm_requests == 1
    assert len(settings.probe.families) == 2
    assert settings.ceilings.visits_per_s == 5
    again = plan("new", "--area", "gulf", "-o", str(path))
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_a_new_plan_without_a_file_is_printed_and_can_be_shown(tmp_path: Path) -> None:
    printed = plan("new", "--country", "sg", "--question", "how far?")
    path = tmp_path / "p.toml"
    path.write_text(printed.stdout)

    shown = plan("show", str(path), "--format", "json")

    assert shown.returncode == 0, shown.stderr
    facts = {
        row["fact"]: row["value"] for row in json.loads(shown.stdout)["tables"]["plan"]
    }
    assert facts["question"] == "how far?"


def test_a_selection_can_be_shown_before_it_is_run() -> None:
    ended = plan("show", "--area", "africa", "-d", "40s", "--format", "json")

    assert ended.returncode == 0, ended.stderr
    table = json.loads(ended.stdout)["tables"]["providers"]
    assert {row["provider"] for row in table} == {"aws", "azure", "gcp", "huawei"}


def test_the_shipped_plans_are_listed() -> None:
    ended = plan("list", "--format", "csv")

    assert ended.returncode == 0, ended.stderr
    assert 'gulf,"Which cloud serves the Emirates, Saudi Arabia' in ended.stdout


def test_options_of_downloads_make_a_plan_that_can_be_shown(tmp_path: Path) -> None:
    path = tmp_path / "fast.toml"

    ended = plan(
        *("new", "--region", "aws/ap-southeast-1", "--kind", "download", "-n", "2"),
        *("--streams", "2", "--streams", "16", "--transfer", "5s", "-t", "3s"),
        *("--transfer-bytes", "40 MB", "--traffic", "1 GB", "-6"),
        *("--max-cost", "0.50 USD", "-o", str(path)),
    )

    assert ended.returncode == 0, ended.stderr
    settings = parse_plan(path.read_text(), str(path))
    assert settings.probe is None
    assert settings.download == DownloadSpec(
        streams=(2, 16),
        transfer_ns=5 * NS_PER_S,
        transfer_bytes=40 * 10**6,
        timeout_ns=3 * NS_PER_S,
        families=(Family.IPV6,),
    )
    assert settings.ceilings.traffic_bytes == 10**9
    assert settings.ceilings.cost == parse_money("0.50 USD")
    shown = plan("show", str(path), "--format", "json")
    assert shown.returncode == 0, shown.stderr
    (row,) = json.loads(shown.stdout)["tables"]["downloads"]
    assert (row["provider"], row["objects"], row["transfers"]) == ("aws", 1, 4)
    assert row["cost"].endswith(" USD")


def test_both_kinds_can_be_asked_for_at_once() -> None:
    ended = plan(
        *("show", "--region", "aws/ap-southeast-1", "--format", "json", "-n", "1"),
        *("--kind", "latency", "--kind", "download"),
    )

    assert ended.returncode == 0, ended.stderr
    assert {"providers", "downloads"} <= set(json.loads(ended.stdout)["tables"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("--kind", "download", "--provider", "azure"),
            "plan azure: select: no throughput target: no region chosen has an object: "
            "azure/",
        ),
        (
            ("--streams", "4"),
            "--streams: is of another kind of probe; say --kind download as well",
        ),
        (
            ("throughput", "--warm", "4"),
            "--warm: is of another kind of probe; say --kind latency as well",
        ),
        (
            ("throughput", "--transfer-bytes", "much"),
            '--transfer-bytes: want a byte count such as "64 KiB" or "5 MB", '
            'got "much"',
        ),
        (
            ("throughput", "--max-cost", "5"),
            '--max-cost: want an amount such as "2.50 USD", got "5"',
        ),
        (
            ("throughput", "--max-cost", "5 CHF"),
            "cost: no price for ",
        ),
    ],
)
def test_a_download_that_cannot_be_planned_says_why(
    arguments: tuple[str, ...], told: str
) -> None:
    ended = plan("show", *arguments)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"cloudgauge: {told}")
    assert ended.stdout == ""


def test_mistakes_exit_2_and_say_what_to_do() -> None:
    slow = plan("show", "-t", "soon")
    dense = plan("show", "world", "-d", "5s")

    assert (slow.returncode, dense.returncode) == (2, 2)
    assert slow.stderr == (
        'cloudgauge: --timeout: want a duration such as "500ms" or "1m30s", '
        'got "soon"\n'
    )
    assert "need a round of at least" in dense.stderr
    assert "raise ceilings.visits_per_s_provider" in dense.stderr
    assert dense.stdout == ""
