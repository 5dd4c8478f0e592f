from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloudgauge.cli.app import app
from cloudgauge.cli.monitor_options import Monitoring, TimeOrSize
from cloudgauge.errors import ConfigError
from tests.store.synthetic import make_plan


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--every", "1h"], "--every: is of --forever; say that as well"),
        (["--keep-size", "1GB"], "--keep-size: is of --forever; say that as well"),
        (["--no-metrics"], "--no-metrics: is of --forever; say that as well"),
        (
            ["--forever", "--every", "1h", "--every-size", "1MB"],
            "--every-size: a part ends by time or by size: leave out one",
        ),
        (["--forever", "--every", "often"], "--every: "),
        (["--forever", "--every-size", "many"], "--every-size: "),
        (["--forever", "--keep", "long"], "--keep: "),
        (["--forever", "--metrics", "localhost:1"], "--metrics: want an IP address"),
        (
            ["--forever", "--metrics", "127.0.0.1:1", "--no-metrics"],
            "--no-metrics: and --metrics exclude one another",
        ),
        (
            ["--forever", "--until-decided"],
            "--until-decided: has no meaning for a run that has no end",
        ),
        (
            ["--forever", "--fail-on", "partial"],
            "--fail-on: has no meaning for a run that has no end",
        ),
        (["--forever", "--every", "10d"], "requests: "),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_made(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    results = tmp_path / "results"
    command = ["run", "--area", "gulf", "--results", str(results), *arguments]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 2, ended.output
    assert said in ended.output
    assert not results.exists()


def test_a_part_is_of_whole_rounds_by_time_or_by_size() -> None:
    plan = make_plan(targets=6, rounds=3)
    assert Monitoring().part_rounds(plan) == 720
    assert Monitoring(part=TimeOrSize(time="1ms")).part_rounds(plan) == 1
    # Seven series of five exchanges, about 32 bytes each.
    by_size = Monitoring(part=TimeOrSize(size="1MB"))
    assert by_size.part_rounds(plan) == 10**6 // (7 * 5 * 32)
    assert Monitoring(part=TimeOrSize(size="1B")).part_rounds(plan) == 1


def test_the_bounds_are_those_that_help_states() -> None:
    bounds = Monitoring().bounds()
    assert bounds.keep_ns == 30 * 24 * 3_600 * 10**9
    assert bounds.keep_bytes == 10 * 10**9
    assert str(Monitoring().address()) == "127.0.0.1:9464"
    assert Monitoring(no_metrics=True).address() is None
    with pytest.raises(ConfigError, match="--keep-size: "):
        Monitoring(keep=TimeOrSize(size="x")).bounds()
