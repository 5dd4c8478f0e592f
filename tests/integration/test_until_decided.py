"""A run that stops when it is decided, in the private network."""

from pathlib import Path

import pytest

from cloudgauge.model.run import StopReason
from cloudgauge.store.resultset import ResultSet
from tests.integration.test_run import cloudgauge, plan_in

pytestmark = pytest.mark.private_network

# From Singapore the one is 2 ms away, the other 160 ms.
_NEAR, _FAR = "aws/ap-southeast-1", "gcp/europe-west3"
_PLAN = f"""
schema = 1
name = "near-or-far"
rounds = 100
round = "200ms"
controls = false
[select]
regions = ["{_NEAR}", "{_FAR}"]
[[probe]]
kind = "latency"
warm_requests = 0
timeout = "20s"
[ceilings]
visits_per_s_host = 20.0
visits_per_s_provider = 20.0
"""


def test_a_run_ends_when_one_region_is_shown_to_be_worse(tmp_path: Path) -> None:
    ended = cloudgauge(
        tmp_path,
        ["run", plan_in(tmp_path, _PLAN), "--world", "--until-decided", "--snapshot"],
    )
    assert ended.code == 0, ended.err
    assert "incomplete" not in ended.err

    outcome = ResultSet.open(ended.sets[0]).manifest.outcome
    assert outcome is not None
    assert outcome.stop_reason is StopReason.DECIDED
    assert outcome.decision is not None
    (left,) = outcome.decision.departures
    assert left.target_id.startswith(f"{_FAR}:")
    assert left.rounds < 100
    assert "note: measured until decided, a snapshot: 1 series" in ended.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--until-decided"], "--until-decided: the run is too short to cover three"),
        (["--snapshot"], "--snapshot: is of --until-decided; say that as well"),
    ],
)
def test_what_cannot_be_decided_is_refused_before_a_network_is_made(
    tmp_path: Path, options: list[str], told: str
) -> None:
    ended = cloudgauge(tmp_path, ["run", plan_in(tmp_path, _PLAN), "--world", *options])
    assert ended.code == 2
    assert told in ended.err
    assert "making a private network" not in ended.err
    assert ended.sets == ()
