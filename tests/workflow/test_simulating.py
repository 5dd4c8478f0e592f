"""The private network as a user asks for it."""

import sys
from pathlib import Path

import pytest

from cloudgauge.errors import WorldError
from cloudgauge.model.run import Vantage
from cloudgauge.workflow.simulating import WorldRequest, describe_world, run_command
from cloudgauge.world.truth import read_truth
from tests.world.small_disk import run_beside_small_disk

_SCENARIOS = Path(__file__).parents[2] / "benchmarks" / "scenarios"


def test_every_shipped_scenario_fits_the_catalogue() -> None:
    files = sorted(_SCENARIOS.glob("*.toml"))
    assert [file.stem for file in files] == ["bad-day", "calm", "shaped"]
    for file in files:
        assert "\nschema = 1\n" in file.read_text(encoding="utf-8")
        document = describe_world(WorldRequest(scenario_file=file))
        assert document.kind == "world"
        assert file.stem in document.provenance[0]


def test_the_world_is_shown_region_by_region_with_what_misbehaves() -> None:
    request = WorldRequest(scenario_file=_SCENARIOS / "bad-day.toml")
    document = describe_world(request)
    names = [column.name for column in document.tables[0].columns]
    rows = {
        str(row[0]): dict(zip(names, row, strict=True))
        for row in document.tables[0].rows
    }
    assert "berlin (52.52, 13.40)" in document.title
    assert rows["aws/ap-southeast-1"]["rtt_ms"] == 320
    assert rows["aws/eu-north-1"]["conduct"] == "reset (0.3)"
    assert rows["huawei/tr-west-1"]["conduct"] == "resolve nxdomain"
    assert rows["huawei/tr-west-1"]["ipv4"] is None
    assert str(rows["huawei/eu-west-101"]["ipv4"]).count(" ") == 3
    assert rows["aws/eu-west-3"]["conduct"] == "status 500"
    assert rows["gcp/europe-west3"]["conduct"] == "syn-drops 1"
    assert rows["alibaba/eu-west-1"]["conduct"] == "honest"
    assert rows["aws/ap-east-1"]["conduct"] == "moved to aws/us-west-2"
    assert rows["gcp/southamerica-east1"]["conduct"] == (
        "anycast, here from gcp/europe-west3"
    )
    # As far as where they are played, not as where they claim to be.
    assert (
        rows["gcp/southamerica-east1"]["distance_km"]
        == (rows["gcp/europe-west3"]["distance_km"])
    )
    assert rows["aws/ap-east-1"]["distance_km"] == rows["aws/us-west-2"]["distance_km"]


def test_distance_follows_the_vantage_that_was_asked_for() -> None:
    sydney = Vantage(name="sydney", latitude_deg=-33.87, longitude_deg=151.21)
    document = describe_world(WorldRequest(vantage=sydney))
    rtt_ms = {row[0]: row[3] for row in document.tables[0].rows}
    here, there = rtt_ms["aws/ap-southeast-2"], rtt_ms["aws/eu-west-2"]
    assert isinstance(here, float)
    assert isinstance(there, float)
    assert here < 10
    assert there > 200


@pytest.mark.private_network
def test_any_command_runs_inside_and_its_truth_is_kept(tmp_path: Path) -> None:
    script = (
        "import urllib.request, urllib.error\n"
        "try:\n"
        "    urllib.request.urlopen('https://s3.eu-central-1.amazonaws.com/ping')\n"
        "except urllib.error.HTTPError as exc:\n"
        "    raise SystemExit(exc.code - 400) from exc\n"
    )
    code = run_command(
        [sys.executable, "-W", "ignore", "-c", script],
        WorldRequest(),
        truth=tmp_path / "truth",
    )
    assert code in (0, 3)
    (truth,) = read_truth(tmp_path / "truth").exchanges
    assert truth.first_byte_ns is not None
    # Singapore to Frankfurt is 10,300 km: 103 ms there and back in straight fibre.
    assert truth.first_byte_ns > 100e6


def _claiming(result_set: Path) -> list[str]:
    """A command that claims the truth for a result set and does nothing else."""
    script = (
        "import json, os, pathlib, sys; "
        "world = json.loads(pathlib.Path(os.environ['CLOUDGAUGE_WORLD'], 'world.json')"
        ".read_text()); "
        "pathlib.Path(world['claim_file']).write_text(sys.argv[1])"
    )
    return [sys.executable, "-c", script, str(result_set)]


@pytest.mark.private_network
def test_the_truth_of_a_claimed_result_set_lies_beside_it(tmp_path: Path) -> None:
    assert run_command(_claiming(tmp_path / "set"), WorldRequest()) == 0
    (truth,) = tmp_path.iterdir()
    assert truth.name == "set.truth"
    names = {path.name for path in truth.iterdir()}
    assert names == {"packets.bin", "exchanges.bin", "sites.json", "world.json"}


@pytest.mark.private_network
def test_a_truth_that_is_there_already_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "set.truth").mkdir()
    (tmp_path / "set.truth" / "packets.bin").write_bytes(b"old")
    with pytest.raises(WorldError, match=r"the truth cannot be kept: .* not empty$"):
        run_command(_claiming(tmp_path / "set"), WorldRequest())
    (kept,) = tmp_path.rglob("*.bin")
    assert kept.read_bytes() == b"old"


_KEEP = """
import sys
from pathlib import Path
from cloudgauge.errors import WorldError
from cloudgauge.workflow.simulating import WorldRequest, run_command
from tests.workflow.test_simulating import _claiming
disk = Path(sys.argv[1])
try:
    run_command(_claiming(disk / "set"), WorldRequest())
except WorldError as exc:
    print(exc)
print(*disk.iterdir())
"""


@pytest.mark.private_network
def test_a_truth_for_which_there_is_no_room_leaves_no_half_of_itself(
    tmp_path: Path,
) -> None:
    told = run_beside_small_disk("64k", tmp_path, [_KEEP, str(tmp_path)])
    assert told.stderr == ""
    assert told.stdout.splitlines() == [
        f"the truth cannot be kept: {tmp_path / 'set.truth'}: the disk is full",
        "",
    ]
