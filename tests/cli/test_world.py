"""``cloudgauge world`` as typed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cloudgauge.cli.world import parse_vantage_at, world
from cloudgauge.errors import ConfigError
from cloudgauge.model.run import Vantage

_APP = typer.Typer(add_completion=False, rich_markup_mode=None)
_APP.command("world")(world)


def test_help_teaches_the_command_by_examples() -> None:
    told = CliRunner().invoke(_APP, ["--help"])
    assert told.exit_code == 0
    assert "cloudgauge world -- curl" in told.output
    assert "74 if there can be no such network" in told.output


def test_without_a_command_the_world_is_shown() -> None:
    told = CliRunner().invoke(
        _APP, ["--vantage-at", "-33.87,151.21", "--format", "json"]
    )
    assert told.exit_code == 0
    document = json.loads(told.stdout)
    assert "(-33.87, 151.21)" in document["title"]


@pytest.mark.private_network
@pytest.mark.parametrize(
    ("command", "code"),
    [(["sh", "-c", "exit 3"], 3), (["true"], 0), (["no-such-command"], 2)],
)
def test_the_exit_code_is_the_commands(command: list[str], code: int) -> None:
    assert CliRunner().invoke(_APP, ["--", *command]).exit_code == code


def test_a_mistake_in_a_scenario_is_exit_2_and_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("scenario") / "s.toml"
    file.write_text('name = "x"\n[[region]]\nmatch = "aws/*"\nfalt = "stall"\n')
    told = CliRunner().invoke(_APP, ["--scenario", str(file)])
    assert told.exit_code == 2
    assert "s.toml: region[0].falt: unknown key" in told.stderr
    assert 'did you mean "fault"?' in told.stderr


@pytest.mark.parametrize(
    ("text", "latitude_deg", "longitude_deg"),
    [("52.52,13.40", 52.52, 13.40), (" -33.9 , 18.4 ", -33.9, 18.4), ("0,0", 0, 0)],
)
def test_a_place_is_two_numbers(
    text: str, latitude_deg: float, longitude_deg: float
) -> None:
    vantage = parse_vantage_at(text)
    assert vantage is not None
    assert (vantage.latitude_deg, vantage.longitude_deg) == (
        latitude_deg,
        longitude_deg,
    )


def test_a_place_may_be_a_name_or_nothing() -> None:
    assert parse_vantage_at("berlin") == Vantage(name="berlin")
    assert parse_vantage_at(None) is None


@pytest.mark.parametrize("text", ["91,0", "1,2,3", "", "a b"])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--vantage-at: "):
        parse_vantage_at(text)


@pytest.mark.private_network
def test_a_world_outlives_the_shell_that_started_it(tmp_path: Path) -> None:
    done = tmp_path / "done"
    # What a shell does with `nohup cloudgauge world … &` and an `exit`.
    command = f'"{sys.executable}" -m cloudgauge world -- sh -c "sleep 2; touch {done}"'
    subprocess.run(
        ["/bin/sh", "-c", f"{command} >/dev/null 2>&1 &"], check=True, timeout=300
    )
    limit_s = time.monotonic() + 300
    while not done.exists():
        assert time.monotonic() < limit_s, "the command was ended with the shell"
        time.sleep(0.1)
