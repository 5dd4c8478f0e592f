"""Downloads in the private network, as a program inside it sees them."""

import json
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.model.target import Target
from cloudgauge.world.answer import ENDLESS_LIMIT_BYTES
from cloudgauge.world.description import SITES_NAME
from cloudgauge.world.pouring import poured
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from cloudgauge.world.site import Site, sites_from_json
from cloudgauge.world.truth import TruthTable, read_truth
from tests.world.places import FRANKFURT, place

pytestmark = pytest.mark.private_network

HERE = Path(__file__).parent
_OBJECT_BYTES = 3_000_017
_SMALL_BYTES = 100_001
_OSAKA = (34.69, 135.50)
_FAULTS = (
    "truncate",
    "stall-body",
    "slow-body",
    "endless-body",
    "gzip-body",
    "portal",
    "close",
)
_SCENARIO = f"""
schema = 1
name = "downloads"
[[vantage]]
name = "frankfurt"
latitude = {FRANKFURT[0]}
longitude = {FRANKFURT[1]}
[path]
object = "{_OBJECT_BYTES} B"
[[region]]
match = "lab/*"
rtt = "10ms"
[[region]]
match = "lab/small:agent"
object = "{_SMALL_BYTES} B"
[[region]]
match = "lab/missing"
status = 404
[[region]]
match = "lab/bucket"
object = "3 MB"
bandwidth_mbit_per_s = 80
burst = "2 MB"
sustained_mbit_per_s = 8
queue = "4s"
[[region]]
match = "away/x"
places = ["away/osaka"]
[[region]]
match = "away/y"
places = ["away/x", "away/osaka"]
""" + "".join(
    f'[[region]]\nmatch = "lab/{word}"\nfault = "{word}"\n' for word in _FAULTS
)
_CODES = ("honest", "small", "missing", "bucket", *_FAULTS)


def _agent(target: Target) -> Target:
    url = f"https://{target.endpoint.host}/agent"
    endpoint = replace(target.endpoint, service="agent", url=url, expect=(200,))
    return replace(target, endpoint=endpoint)


_AWAY = (
    place("osaka", provider="away", at=_OSAKA),
    place("x", provider="away"),
    place("y", provider="away"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the downloader said, and what really happened."""

    seen: dict[str, dict[str, Any]]
    truth: TruthTable
    sites: dict[str, Site]

    def of(self, code: str) -> dict[str, Any]:
        return self.seen[f"{code}.lab.example"]

    def answers(self, code: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.of(code)["answers"]
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("world")
    targets = [place(code) for code in _CODES]
    spec = WorldSpec(
        scenario=parse_scenario(_SCENARIO, where="scenario"),
        targets=(*targets, *_AWAY),
        objects=tuple(_agent(target) for target in (*targets, *_AWAY)),
    )
    names = [target.endpoint.host for target in spec.targets]
    faults = {"stall-body": "stall", "slow-body": "drip"}
    names = [f"{name}/{faults.get(name.split('.')[0], '')}" for name in names]
    answer = folder / "answer.json"
    script = f'"$0" "$@" > {answer}'
    outcome = run_in_world(
        ["sh", "-c", script, sys.executable, str(HERE / "downloading.py"), *names],
        spec=spec,
        truth=folder / "truth",
    )
    assert outcome.exit_code == 0
    seen = {row["host"]: row for row in json.loads(answer.read_text())}
    sites = sites_from_json((folder / "truth" / SITES_NAME).read_text())
    return Told(
        seen=seen,
        truth=read_truth(folder / "truth"),
        sites={site.host: site for site in sites},
    )


@pytest.mark.parametrize(
    ("code", "size_bytes"), [("honest", _OBJECT_BYTES), ("small", _SMALL_BYTES)]
)
def test_an_object_comes_whole_twice_on_one_connection_and_its_head_alone(
    told: Told, code: str, size_bytes: int
) -> None:
    assert told.of(code)["end"] == "done"
    head, *bodies = told.answers(code)
    assert head["headers"] == bodies[0]["headers"]
    assert head["headers"]["content-length"] == str(size_bytes)
    assert head["body_bytes"] == 0
    for body in bodies:
        assert (body["status"], body["body_bytes"]) == (200, size_bytes)
        assert body["sha256"] == sha256(poured(size_bytes)).hexdigest()


def test_truth_knows_when_an_answer_that_waited_for_its_turn_began(told: Told) -> None:
    seen = told.of("honest")
    truths = [
        told.truth.find(seen["remote"], seen["local_port"], exchange, seen["wall_ns"])
        for exchange in range(3)
    ]
    first_ns = [truth.first_byte_ns for truth in truths if truth is not None]
    assert len(first_ns) == 3
    # Never longer than what was measured; the second body waits for the first one.
    for truth_ns, answer in zip(first_ns, seen["answers"], strict=True):
        assert truth_ns is not None
        assert 10e6 <= truth_ns <= answer["first_byte_ns"]
    asked, waited = first_ns[1:]
    assert asked is not None
    assert waited is not None
    assert waited > asked


def test_a_missing_object_says_so(told: Told) -> None:
    assert [row["status"] for row in told.answers("missing")] == [404] * 3


@pytest.mark.parametrize(
    ("code", "end"), [("truncate", "SSLEOFError"), ("stall-body", "TimeoutError")]
)
def test_half_an_object_ends_or_stalls(told: Told, code: str, end: str) -> None:
    _, body = told.answers(code)
    assert told.of(code)["end"] == end
    assert body["headers"]["content-length"] == str(_OBJECT_BYTES)
    assert body["body_bytes"] == _OBJECT_BYTES // 2


def test_a_slow_object_comes_byte_by_byte(told: Told) -> None:
    _, body, *_ = told.answers("slow-body")
    assert body["headers"]["content-length"] == str(_OBJECT_BYTES)
    assert 1 <= body["body_bytes"] < 1000


def test_an_endless_object_has_no_length_and_is_cut_off_at_last(told: Told) -> None:
    head, body = told.answers("endless-body")
    assert "content-length" in head["headers"]
    assert "content-length" not in body["headers"]
    assert body["body_bytes"] == ENDLESS_LIMIT_BYTES
    assert told.of("endless-body")["end"] == "SSLEOFError"


def test_a_bomb_comes_packed_although_nobody_asked(told: Told) -> None:
    for answer in told.answers("gzip-body"):
        assert answer["headers"]["content-encoding"] == "gzip"
        assert int(answer["headers"]["content-length"]) < 100_000


def test_what_is_wrong_before_the_body_is_wrong_for_an_object_too(told: Told) -> None:
    (portal,) = told.answers("portal")[:1]
    assert portal["status"] == 302
    assert told.of("close")["end"] == "SSLEOFError"


def test_a_bucket_stretches_what_follows_its_burst(told: Told) -> None:
    # Two bodies of 3 MB: 2 MB at 80 Mbit/s, the rest at 8 Mbit/s takes 4 s.
    *_, last = told.answers("bucket")
    assert told.of("bucket")["end"] == "done"
    assert last["took_ns"] > 3.9e9


def test_a_moved_name_is_as_far_away_as_where_it_is_and_anycast_is_near(
    told: Told,
) -> None:
    # Frankfurt to Osaka is 9,250 km: 92 ms there and back in straight fibre.
    assert told.seen["osaka.away.example"]["rtt_us"] > 92_000
    assert told.seen["x.away.example"]["rtt_us"] > 92_000
    # Its nearest place is where another region is said to be, wherever that is played.
    site = told.sites["y.away.example"]
    assert site.places == ("away/x", "away/osaka")
    assert site.link.rtt_ns < 10e6
