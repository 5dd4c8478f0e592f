import pytest

from benchmarks.billing.__main__ import main


def test_the_table_names_every_figure_and_its_goal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert "regions; " in lines[0]
    assert [line.split(" | ")[0] for line in lines[4:]] == [
        "| sheets read and bills made",
        "| table of regions",
        "| table with every line",
        "| lines under the names of FOCUS",
    ]
    assert all("| ≤ 0.5 s |" in line for line in lines[4:])
