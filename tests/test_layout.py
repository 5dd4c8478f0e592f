import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "cloudgauge"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 40
# Names that say nothing gather what belongs elsewhere.
EMPTY_NAMES = {"util", "utils", "helpers", "common", "misc", "base", "core", "manager"}
WAIVER = re.compile(r"# (?:noqa\b(?::[ A-Z0-9,]+)?|type: ignore(?:\[[\w, -]+\])?)")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def functions_of(source: str) -> Iterator[Function]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node


def line_count(function: Function, *, of_signature: bool) -> int:
    """Lines of a function but for its docstring, which may be as long as it needs."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    begin = function.lineno if of_signature else first.lineno
    return (function.end_lineno or 0) - begin + 1 - docstring


def waivers_without_reason(source: str) -> Iterator[int]:
    """Numbers of lines that waive a rule and say why neither there nor just above."""
    above = ""
    for number, line in enumerate(source.splitlines(), start=1):
        found = WAIVER.search(line)
        silent = found and not line[found.end() :].strip(" -#")
        if silent and not above.strip().startswith("#"):
            yield number
        above = line


def test_no_module_is_long() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}

    assert len(lengths) > 90
    assert {
        name: length
        for name, length in lengths.items()
        if length > MOST_LINES_OF_A_MODULE
    } == {}


def test_no_function_is_long() -> None:
    # A command's signature is its options, one a line: in cli only bodies count.
    lengths = {
        f"{name_of(path)}:{function.lineno} {function.name}": line_count(
            function, of_signature=path.parent != PACKAGE / "cli"
        )
        for path in MODULES
        for function in functions_of(path.read_text())
    }

    assert len(lengths) > 800
    assert {
        name: length
        for name, length in lengths.items()
        if length > MOST_LINES_OF_A_FUNCTION
    } == {}


def test_lines_of_a_function_are_counted_without_its_docstring() -> None:
    lines = (
        "def f(",
        "    a,",
        "):",
        '    """Say.',
        "",
        '    """',
        "    b = a",
        "    b",
    )
    source = "\n".join(lines)
    (function,) = functions_of(source)

    assert line_count(function, of_signature=True) == 5
    assert line_count(function, of_signature=False) == 2


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        name_of(path)
        for path in PACKAGE.rglob("*")
        if path.stem.strip("_") in EMPTY_NAMES
    ] == []


def test_the_architecture_names_every_package_on_its_floor() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(r"^\| \d+ \| `(\w+)` \|", text, re.MULTILINE)

    floors = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | {"errors"}
    assert sorted(named) == sorted(floors)


def test_every_waiver_of_a_rule_says_why() -> None:
    assert [
        f"{name_of(path)}:{number}"
        for path in MODULES
        for number in waivers_without_reason(path.read_text())
    ] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import a  # noqa: E501", [1]),
        ("import a  # noqa", [1]),
        ("import a  # type: ignore[no-any, x-y]", [1]),
        ("# Why.\n\nimport a  # noqa: E501", [3]),
        ("import a  # noqa: E501  it is long", []),
        ("import a  # noqa: E501, F401 - it is long", []),
        ("import a  # type: ignore[x]  # has no types", []),
        ("# It is long.\nimport a  # noqa: E501", []),
    ],
)
def test_a_waiver_without_a_reason_is_found(source: str, lines: list[int]) -> None:
    assert list(waivers_without_reason(source)) == lines


def test_the_lock_pins_each_requirement_by_hash_and_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text()
    requirements = re.split(r"\n(?=\S)", text.strip())

    assert "://" not in text
    assert len(requirements) > 40
    pinned = re.compile(
        r"[a-z0-9.-]+==\S+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+"
    )
    assert [one for one in requirements if not pinned.fullmatch(one)] == []
