from pathlib import Path

from benchmarks.stores.__main__ import main


def test_the_table_has_both_ways_of_each_shape_with_the_goal(tmp_path: Path) -> None:
    output = tmp_path / "RESULTS.md"
    assert main(["--goes", "1", "--megabytes", "40", "--output", str(output)]) == 0
    lines = output.read_text().splitlines()
    assert lines[0] == "# Push and pull beside the bare client"
    assert lines[2].startswith("1 goes of each, one side first and then the other; ")
    assert [line.split(" | ")[:2] for line in lines[6:]] == [
        ["| 40 x 1 MB", "push"],
        ["| 40 x 1 MB", "pull"],
        ["| 1 x 40 MB", "push"],
        ["| 1 x 40 MB", "pull"],
    ]
    assert all("| ≥ 0.8 " in line for line in lines[6:])
