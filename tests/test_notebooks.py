"""Notebooks run from top to bottom, and are kept without what they showed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    # Neither the user's own settings nor their history.
    own = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    folders = {name: str(tmp_path / name) for name in (*own, "JUPYTER_RUNTIME_DIR")}
    before = _files_beside(path)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.executing", str(path)],
        cwd=ROOT,
        env=os.environ | folders,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert _files_beside(path) == before


def _files_beside(notebook: Path) -> dict[str, int]:
    """Every file of the notebooks, and when it was last written."""
    return {
        str(path): path.stat().st_mtime_ns
        for path in notebook.parent.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def results_in(notebook: dict[str, Any]) -> list[int]:
    """The numbers of the cells that hold what an execution left there."""
    return [
        number
        for number, cell in enumerate(notebook["cells"])
        if cell.get("outputs")
        or cell.get("execution_count") is not None
        or "execution" in cell["metadata"]
    ]


def test_no_notebook_holds_outputs_or_counts_of_executions() -> None:
    held = {
        str(path.relative_to(ROOT)): results_in(json.loads(path.read_text("utf-8")))
        for path in NOTEBOOKS
    }
    assert {path: cells for path, cells in held.items() if cells} == {}


def test_what_an_execution_leaves_is_found() -> None:
    clean: dict[str, Any] = {"metadata": {}, "outputs": [], "execution_count": None}
    cells = [
        clean,
        clean | {"outputs": [{"output_type": "stream"}]},
        {"metadata": {}},
        clean | {"execution_count": 1},
        clean | {"metadata": {"execution": {}}},
    ]
    assert results_in({"cells": cells}) == [1, 3, 4]
