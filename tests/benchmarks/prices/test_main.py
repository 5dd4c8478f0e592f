import json
from pathlib import Path

import pytest

from benchmarks.prices.__main__ import main
from benchmarks.prices.made_up_file import write_regional_file


def test_the_made_up_file_is_json_of_about_the_size_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "index.json"
    size_bytes = write_regional_file(path, 2_000_000)

    whole = json.loads(path.read_text())
    assert 0.9 < size_bytes / 2_000_000 < 1.1
    assert set(whole["terms"]) == {"OnDemand", "Reserved"}
    assert whole["products"].keys() == whole["terms"]["OnDemand"].keys()


def test_both_readers_are_in_the_table_and_ours_finds_the_wanted_machines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--size-bytes", "6000000"]) == 0

    _, _, ours, peer, goal = capsys.readouterr().out.splitlines()
    assert ours.startswith("cloudgauge, streamed")
    assert ours.split()[-1] == "2"
    assert peer.startswith("json.load")
    assert goal.endswith(": met")
