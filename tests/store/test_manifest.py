import json
from typing import Any

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.run import Simulation
from cloudgauge.model.sample import FailureKind
from cloudgauge.store.manifest import (
    Counts,
    FailureCount,
    Manifest,
    from_json,
    to_json,
)
from tests.store.synthetic import make_outcome, make_plan, make_run_info


def make_manifest() -> Manifest:
    plan = make_plan()
    return Manifest(
        run=make_run_info(plan),
        plan=plan,
        counts=Counts(
            samples=100,
            visits=21,
            failures=(FailureCount(kind=FailureKind.RESET, count=3),),
        ),
        outcome=make_outcome(plan),
    )


def changed(**parts: Any) -> str:
    table = json.loads(to_json(make_manifest()))
    for path, value in parts.items():
        *above, last = path.split("__")
        here = table
        for key in above:
            here = here[key]
        here[last] = value
    return json.dumps(table)


def test_a_manifest_is_read_back_equal() -> None:
    manifest = make_manifest()
    assert from_json(to_json(manifest), "manifest.json") == manifest


def test_a_simulated_network_is_read_back() -> None:
    simulation = Simulation(
        means="tun", scenario="fair", scenario_hash="0" * 64, seed=4
    )
    plain = json.loads(to_json(make_manifest()))
    plain["run"]["simulation"] = {
        "means": "tun",
        "scenario": "fair",
        "scenario_hash": "0" * 64,
        "seed": 4,
    }
    assert from_json(json.dumps(plain), "m").run.simulation == simulation


def test_a_later_version_is_refused_with_what_is_needed() -> None:
    with pytest.raises(StoreError) as caught:
        from_json(changed(schema_version=3), "manifest.json")
    assert str(caught.value) == (
        "manifest.json: is of schema version 3, and this cloudgauge reads up to 2: "
        "a newer one is needed"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not JSON"),
        ("[]", "want a JSON object"),
        ("{}", "has no schema_version"),
        (changed(schema_version="1"), "has no schema_version"),
        (changed(schema_version=True), "has no schema_version"),
        (changed(extra=1), "keys missing or unknown: extra"),
        (changed(counts__samples="many"), "counts.samples: want a whole number"),
        (changed(counts__failures=[{"kind": "bad luck", "count": 1}]), '"bad luck"'),
        (changed(run__vantage__name="../up"), "name must be 1 to 64 letters"),
        (changed(run__shell="rm"), "run.shell: unknown key"),
        (changed(outcome=None), "outcome: want an object"),
        (changed(plan__plan__seed=8), "the plan is not the one whose hash"),
        (changed(plan__schema=2), "want 1, the one this version reads"),
    ],
)
def test_what_is_no_manifest_is_refused(text: str, problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        from_json(text, "manifest.json")
    assert problem in str(caught.value)
    assert str(caught.value).startswith("manifest.json: ")
