import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.calibration import Calibration, DownloadCeiling, PhaseError
from cloudgauge.model.plan import Plan
from cloudgauge.model.price import EgressPrice, Money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Simulation, Vantage
from cloudgauge.model.sample import ClockKind, FailureKind
from cloudgauge.model.target import Confidence, Provenance
from cloudgauge.store.manifest import (
    Counts,
    FailureCount,
    Manifest,
    from_json,
    to_json,
)
from tests.store.synthetic import make_outcome, make_plan, make_run_info
from tests.store.transfers import make_download_plan

CALIBRATION = Calibration(
    made_wall_ns=1_768_000_000 * NS_PER_S,
    tool_version="0.1.0",
    machine="x86_64, 2 processors",
    means="tun",
    errors=(
        PhaseError(
            phase="connect",
            clock=ClockKind.KERNEL,
            targets=1,
            delay_ns=None,
            count=500,
            low_ns=-1_000,
            median_ns=90_000,
            high_ns=400_000,
        ),
    ),
    ceilings=(DownloadCeiling(tls=True, streams=8, bytes_per_s=600_000_000),),
)


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


def make_priced_plan() -> Plan:
    """A plan of downloads under a ceiling of cost."""
    provenance = Provenance(
        sources=("made up",), checked=date(2026, 1, 1), confidence=Confidence.HIGH
    )
    price = EgressPrice(
        region_id="aws/place-1",
        price=Money(amount=Decimal("0.09"), currency="USD"),
        unit="GB",
        dated=date(2026, 1, 1),
        provenance=provenance,
    )
    cost = Money(amount=Decimal("2.50"), currency="USD")
    plan = make_download_plan()
    return replace(
        plan, egress_prices=(price,), ceilings=replace(plan.ceilings, cost=cost)
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


def test_downloads_prices_and_the_calibration_are_read_back_equal() -> None:
    plan = make_priced_plan()
    info = replace(
        make_run_info(plan),
        calibration=CALIBRATION,
        vantage=Vantage(
            name="lab", latitude_deg=1.0, longitude_deg=104.0, uncertainty_km=25.0
        ),
    )
    manifest = replace(
        make_manifest(),
        run=info,
        plan=plan,
        counts=Counts(samples=1, visits=1, failures=(), bins=3),
    )
    text = to_json(manifest)
    assert from_json(text, "manifest.json") == manifest
    plain = json.loads(text)
    assert plain["plan"]["plan"]["ceilings"]["cost"]["amount"] == "2.5"
    assert plain["run"]["calibration"]["errors"][0]["delay_ns"] is None


def test_what_came_later_is_left_out_where_it_is_as_before() -> None:
    plain = json.loads(to_json(make_manifest()))
    assert plain["schema_version"] == 2
    assert plain["counts"].keys() == {"samples", "visits", "failures"}
    assert "calibration" not in plain["run"]
    assert "uncertainty_km" not in plain["run"]["vantage"]
    assert not plain["plan"]["plan"].keys() & {"objects", "download", "objectless"}


def test_a_manifest_of_version_1_keeps_its_version() -> None:
    manifest = from_json(changed(schema_version=1), "manifest.json")
    assert manifest == replace(make_manifest(), schema_version=1)


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
