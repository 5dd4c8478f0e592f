"""Every way to fail, played by the private network and named by the real prober."""

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from cloudgauge.model.sample import FailureKind
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from cloudgauge.world.truth import TruthTable, read_truth
from tests.integration.failing_world import (
    CASES,
    DOWNLOADS,
    HELD_BACK,
    OBJECTS,
    SCENARIO,
    TARGETS,
)

pytestmark = pytest.mark.private_network


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    rows: list[dict[str, Any]]
    truth: TruthTable

    def of(self, code: str, round_index: int) -> list[dict[str, Any]]:
        return [
            row
            for row in self.rows
            if (row["code"], row["round"]) == (code, round_index)
        ]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    folder = tmp_path_factory.mktemp("failing")
    output = folder / "samples.json"
    module = "tests.integration.failing_world"
    outcome = run_in_world(
        [sys.executable, "-m", module, str(output)],
        spec=WorldSpec(
            scenario=parse_scenario(SCENARIO, where="scenario"),
            targets=TARGETS,
            objects=OBJECTS,
        ),
        truth=folder / "truth",
    )
    assert outcome.exit_code == 0
    return Seen(rows=json.loads(output.read_text()), truth=read_truth(folder / "truth"))


@pytest.mark.parametrize("code", CASES)
def test_a_failure_is_called_by_its_name(seen: Seen, code: str) -> None:
    wanted = CASES[code][1]
    first = seen.of(code, 0)
    assert [row["failure"] for row in first][-1] == wanted, first
    assert len(first) == (2 if wanted is None else 1)


@pytest.mark.parametrize("code", DOWNLOADS)
def test_a_failed_download_is_called_by_its_name_and_the_next_goes_on(
    seen: Seen, code: str
) -> None:
    (row,) = seen.of(code, 0)
    assert row["failure"] == DOWNLOADS[code][1], row
    # What was read is bounded: by the transfer's bytes, and what was on its way.
    assert (row["body_bytes"] or 0) < 30e6


def test_a_download_that_goes_well_is_as_long_as_was_asked_for(seen: Seen) -> None:
    for code in ("whole", "after-all"):
        (row,) = seen.of(code, 0)
        assert row["body_bytes"] >= 5e6


@pytest.mark.parametrize("code", HELD_BACK)
def test_a_host_that_asked_for_rest_is_held_back(seen: Seen, code: str) -> None:
    assert [row["failure"] for row in seen.of(code, 1)] == [FailureKind.HELD_BACK]


def test_the_cases_leave_no_kind_of_failure_out() -> None:
    cases = (*CASES.values(), *DOWNLOADS.values())
    played = {kind for _, kind in cases} | {FailureKind.HELD_BACK}
    assert played - {None} == set(FailureKind)


def test_a_lost_syn_is_tagged_and_is_no_failure(seen: Seen) -> None:
    row = seen.of("lost-syn", 0)[0]
    assert row["syn_retransmits"] == 1
    assert seen.of("honest", 0)[0]["syn_retransmits"] == 0


def test_what_the_prober_measures_is_never_less_than_the_truth(seen: Seen) -> None:
    compared = 0
    for row in seen.rows:
        if row["failure"] is not None or row["kind"] != "latency":
            continue
        truth = seen.truth.find(
            row["remote"], row["local_port"], row["exchange"], row["wall_ns"]
        )
        assert truth is not None
        assert truth.first_byte_ns is not None
        assert row["first_byte_ns"] >= truth.first_byte_ns >= 30e6
        # After a lost SYN the kernel has the peer's echoed stamps only, in whole
        # milliseconds; otherwise it counts in microseconds and rounds down.
        if row["exchange"] == 0 and not row["syn_retransmits"]:
            assert truth.syn_rtt_ns is not None
            assert row["connect_rtt_us"] * 1000 + 1000 >= truth.syn_rtt_ns
        compared += 1
    assert compared == 16
