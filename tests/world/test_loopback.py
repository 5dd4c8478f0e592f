"""The world of a machine on which no network namespace can be made."""

import json
import sys
from pathlib import Path

from cloudgauge.world.description import LOOPBACK_LIMITS, Means, read_world
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from cloudgauge.world.truth import read_truth
from tests.world.places import place

_SCRIPT = Path(__file__).parent / "visiting_pointers.py"
_SCENARIO = """
name = "small"
[[region]]
match = "lab/near"
rtt = "25ms"
[[region]]
match = "lab/refuse"
fault = "refuse"
[[region]]
match = "lab/untrusted"
fault = "certificate-unknown"
rtt = "5ms"
"""


def test_loopback_servers_delay_their_answers_and_say_what_they_cannot_show(
    tmp_path: Path,
) -> None:
    answer = tmp_path / "answer.json"
    targets = tuple(place(code) for code in ("near", "refuse", "untrusted"))
    outcome = run_in_world(
        [sys.executable, str(_SCRIPT), str(answer)],
        spec=WorldSpec(
            scenario=parse_scenario(_SCENARIO, where="scenario"),
            targets=targets,
            means=Means.LOOPBACK,
        ),
        truth=tmp_path / "truth",
        loopback_allowed=True,
    )
    assert outcome.exit_code == 0
    assert outcome.means is Means.LOOPBACK
    assert outcome.claim == tmp_path / "set"
    near, refused, untrusted = json.loads(answer.read_text())
    assert near["status"] == 403
    assert near["first_byte_ns"] >= 25e6
    assert refused["error"] == "ConnectionRefusedError"
    assert untrusted["error"] == "SSLCertVerificationError"

    world = read_world(tmp_path / "truth")
    assert world.simulation.means == "loopback"
    assert world.simulation.limits == LOOPBACK_LIMITS
    assert world.prefixes == ("127.0.0.0/8",)
    assert [row.port for row in world.pointers] == [443, 443, 443]

    truth = read_truth(tmp_path / "truth").find(
        near["remote"], near["local_port"], 0, near["wall_ns"]
    )
    assert truth is not None
    assert truth.first_byte_ns is not None
    assert 25e6 <= truth.first_byte_ns <= near["first_byte_ns"]
