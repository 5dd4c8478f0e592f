"""The notebooks are as they should be kept; running them is nbmake's."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cloudgauge

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")
# What an analyst has beside the package.
MODULES = {"cloudgauge", "datetime", "pandas", "pathlib", "tempfile", "tomllib"}

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """The cells, all or of one kind."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if kind in (None, cell["cell_type"])]


def text_of(path: Path, kind: str) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in cells_of(path, kind))


def strange_names(source: str) -> Iterator[str]:
    """What code uses that is not public, or defines that belongs into the package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield f"defines {node.name}"
        elif isinstance(node, ast.Lambda):
            yield "defines a lambda"
        elif isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
            yield from (f"imports {name}" for name in sorted(names - MODULES))
        elif isinstance(node, ast.ImportFrom):
            if node.module not in MODULES - {"cloudgauge"}:
                yield f"imports from {node.module}"
        elif isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr.startswith("_"):
                yield f"uses {node.attr}"
            elif owner == "cg" and node.attr not in cloudgauge.__all__:
                yield f"uses cg.{node.attr}"


def test_there_are_six_notebooks_in_order() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"0{at}" for at in range(1, 7)]


@every_notebook
def test_a_notebook_is_kept_without_what_a_run_leaves(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    book = json.loads(text)

    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    assert set(book["metadata"]) == {"kernelspec", "language_info"}
    for cell in cells_of(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert cell["metadata"] == {}
    # As nbformat writes it, so that saving without a change changes nothing.
    assert text == json.dumps(book, indent=1, ensure_ascii=False) + "\n"


@every_notebook
def test_cells_have_ids_that_people_can_read_each_once(path: Path) -> None:
    ids = [cell["id"] for cell in cells_of(path)]

    assert len(set(ids)) == len(ids)
    assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", one)] == []


@every_notebook
def test_code_uses_public_names_and_defines_no_function(path: Path) -> None:
    sources = ["".join(cell["source"]) for cell in cells_of(path, "code")]

    assert len(sources) > 5
    assert [name for source in sources for name in strange_names(source)] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import cloudgauge as cg\ncg.load('x').frame()", []),
        ("import cloudgauge.workflow", ["imports cloudgauge.workflow"]),
        ("from cloudgauge.stats import pairs", ["imports from cloudgauge.stats"]),
        ("from cloudgauge import load", ["imports from cloudgauge"]),
        ("import altair", ["imports altair"]),
        ("cg.workflow", ["uses cg.workflow"]),
        ("x._repr_html_()", ["uses _repr_html_"]),
        ("def f():\n    return 1", ["defines f"]),
        ("f = lambda x: x", ["defines a lambda"]),
    ],
)
def test_names_that_are_not_public_are_found(source: str, found: list[str]) -> None:
    assert list(strange_names(source)) == found


@every_notebook
def test_a_notebook_says_its_question_its_data_and_what_not_to_conclude(
    path: Path,
) -> None:
    first = "".join(cells_of(path)[0]["source"])
    last = "".join(cells_of(path)[-1]["source"])

    assert first.startswith("# ")
    for words in ("**The question.**", "**The data.**", "\n> "):
        assert words in first
    assert re.search(r"in a private network|Nobody measured these", first)
    assert "## What not to conclude" in last
    assert "Nothing about" in last


@every_notebook
def test_a_notebook_shows_tables_and_pictures(path: Path) -> None:
    code = text_of(path, "code")

    assert len(re.findall(r"\.plot\(", code)) >= 3
    assert "cg.rank(" in code


@every_notebook
def test_the_readme_names_each_notebook_and_its_data(path: Path) -> None:
    (row,) = [line for line in README.splitlines() if f"]({path.name})" in line]
    opened = set(re.findall(r'"data/([\w.-]+)"', text_of(path, "code")))

    assert opened
    assert set(re.findall(r"`([\w.-]+)`", row)) == opened


def test_the_readme_names_no_notebook_that_is_not_there() -> None:
    named = re.findall(r"\]\((\d[\w.-]+\.ipynb)\)", README)

    assert named == [path.name for path in NOTEBOOKS]
