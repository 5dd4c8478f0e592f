"""The public names, and that importing them loads nothing heavy."""

import json
import subprocess
import sys

import pytest

import cloudgauge

_HEAVY = (
    "pandas",
    "numpy",
    "scipy",
    "pyarrow",
    "httpx",
    "pydantic",
    "typer",
    "asyncio",
)


def loaded_after(code: str) -> list[str]:
    told = (
        f"{code}\nimport json, sys\n"
        f"print(json.dumps([n for n in {_HEAVY!r} if n in sys.modules]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", told],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    loaded: list[str] = json.loads(ended.stdout)
    return loaded


def test_importing_the_package_loads_no_library() -> None:
    assert loaded_after("import cloudgauge; dir(cloudgauge)") == []


def test_loading_results_needs_no_pandas_until_a_frame_is_asked_for() -> None:
    loaded = loaded_after("import cloudgauge; cloudgauge.load")
    assert not {"pandas", "scipy", "httpx"} & set(loaded)


def test_every_public_name_is_there_and_is_listed_once_in_order() -> None:
    assert sorted(set(cloudgauge.__all__)) == list(cloudgauge.__all__)
    for name in cloudgauge.__all__:
        assert getattr(cloudgauge, name) is not None
        assert name in dir(cloudgauge)


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = cloudgauge.nothing
