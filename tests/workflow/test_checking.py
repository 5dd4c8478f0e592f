"""A live check over real sockets on loopback, and the evidence it leaves."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.evidence import Network
from cloudgauge.catalog.evidence_files import read_evidence, read_evidence_in
from cloudgauge.errors import ConfigError, LimitExceeded, MachineError
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.model.plan import Ceilings, Plan
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Vantage
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.model.target import Family, Target
from cloudgauge.planning.schedule import slots
from cloudgauge.workflow.candidates import Candidates
from cloudgauge.workflow.checking import (
    CheckRequest,
    LiveCheck,
    check_live,
    plan_of_check,
)
from cloudgauge.workflow.reaching import Access
from tests.fakes.authority import Authority
from tests.fakes.plans import target, targets_of
from tests.fakes.server import FakeServer, Script, answer_bytes, answering, stalling

LARGE = answer_bytes(200, b"", length=30_000_000)
HONEST = answering(answer_bytes(403, b"no"))
CONTACT = "https://cloudgauge.example/contact"


@dataclass
class Watching:
    """Keeps what a watcher is told; interrupts after so many looks."""

    interrupt_after: int = 10**9
    plans: list[Plan] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    failures: list[FailureKind | None] = field(default_factory=list)

    def planned(self, plan: Plan) -> None:
        self.plans.append(plan)

    def looked(self, sample: Sample, *, done: int) -> None:
        self.done.append(done)
        self.failures.append(sample.failure)
        if done == self.interrupt_after:
            os.kill(os.getpid(), signal.SIGINT)


class Lab:
    """Servers on loopback under names of their own, and targets that lead to them."""

    def __init__(self, folder: Path) -> None:
        self._authority = Authority(folder)
        self._servers = ExitStack()
        self._folder = folder
        self._hosts: list[str] = []
        self.endpoints: list[Target] = []
        self.objects: list[Target] = []

    def close(self) -> None:
        self._servers.close()

    def add(self, code: str, script: Script | None, *, service: str = "") -> Target:
        """A target whose server follows a script; None for one that is not there."""
        host = f"{code}.aws.example"
        context = self._authority.server_context(host, "127.0.0.1")
        server = FakeServer(script or stalling, context)
        if script is not None:
            self._servers.enter_context(server)
        else:
            # Its port is known, and nobody listens on it any more.
            with server:
                pass
        self._hosts.append(f"127.0.0.1 {host}")
        made = target("aws", code)
        endpoint = replace(made.endpoint, url=f"https://{host}:{server.port}/path")
        if service:
            endpoint = replace(endpoint, service=service)
        made = replace(made, endpoint=endpoint)
        (self.objects if service else self.endpoints).append(made)
        return made

    def request(self, **changes: object) -> CheckRequest:
        hosts = self._folder / "hosts"
        hosts.write_text("\n".join(self._hosts))
        request = CheckRequest(
            candidates=Candidates(
                endpoints=tuple(self.endpoints), objects=tuple(self.objects)
            ),
            vantage=Vantage(name="lab", country="sg"),
            access=Access(
                trust=TrustSettings(ca_file=self._authority.ca_file),
                contact=CONTACT,
                hosts_file=hosts,
                private_allowed=True,
            ),
            folder=self._folder / "evidence",
            timeout_ns=2 * NS_PER_S,
        )
        return replace(request, **changes)  # type: ignore[arg-type]  # by name


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.close()


def check(request: CheckRequest) -> LiveCheck:
    return check_live(request, Watching())


def cells(live: LiveCheck, *names: str) -> dict[object, tuple[object, ...]]:
    """Some columns of the table of targets, by target."""
    table = live.document.tables[0]
    order = [column.name for column in table.columns]
    places = [order.index(name) for name in names]
    return {row[0]: tuple(row[place] for place in places) for row in table.rows}


def test_every_way_to_disappoint_is_told_and_kept(lab: Lab) -> None:
    lab.add("a-honest", HONEST)
    lab.add("b-gone", answering(answer_bytes(404, b"")))
    lab.add("c-refuses", None)
    lab.add("d-silent", stalling)
    lab.add("e-large", answering(LARGE), service="agent")
    lab.add("f-small", answering(answer_bytes(200, b"", length=9)), service="agent")
    lab.add("g-endless", answering(b"HTTP/1.1 200 OK\r\n\r\n"), service="agent")
    lab.add("h-moved", answering(answer_bytes(302, b"")), service="agent")
    watching = Watching()
    live = check_live(lab.request(), watching)

    assert sorted(watching.done) == list(range(1, 9))
    assert (
        live.document.title
        == "8 rows checked from lab, SG: 2 hold, 5 do not, 1 not known"
    )
    assert cells(live, "row", "outcome", "status", "size_bytes") == {
        "aws/a-honest:object-storage": ("holds", "answered", 403, None),
        "aws/b-gone:object-storage": ("does not hold", "unexpected-status", 404, None),
        "aws/c-refuses:object-storage": ("does not hold", "refused", None, None),
        "aws/d-silent:object-storage": ("not known", "response-timeout", None, None),
        "aws/e-large:agent": ("holds", "answered", 200, 30_000_000),
        "aws/f-small:agent": ("does not hold", "object-too-small", 200, 9),
        "aws/g-endless:agent": ("does not hold", "no-length", 200, None),
        "aws/h-moved:agent": ("does not hold", "unexpected-status", 302, None),
    }
    assert live.document.tables[1].rows == (("aws", 8, 2, 5, 1, 4),)
    assert live.answered == 6
    held = ("aws/a-honest:object-storage", "aws/e-large:agent")
    assert set(live.disappointing) == cells(live).keys() - set(held)
    assert live.evidence_file is not None
    kept = read_evidence(live.evidence_file, today=date.max)
    assert (kept.vantage, kept.country) == ("lab", "SG")
    assert {one.target_id: one.holds for one in kept.findings} == {
        name: {"holds": True, "does not hold": False}.get(str(row))
        for name, (row,) in cells(live, "row").items()
    }
    by_code = {one.target_id.split(":")[0]: one for one in kept.findings}
    assert by_code["aws/b-gone"].note == "status 404"
    assert by_code["aws/f-small"].size_bytes == 9
    assert by_code["aws/a-honest"].families == 1


def test_no_address_and_no_word_of_a_server_is_in_the_evidence(lab: Lab) -> None:
    location = "Location: https://login.example/203.0.113.77"
    lab.add("portal", answering(answer_bytes(302, b"", location)))
    live = check(lab.request())
    assert "203.0.113.77" in str(cells(live, "detail"))
    assert live.evidence_file is not None
    text = live.evidence_file.read_text()
    assert "203.0.113.77" not in text
    assert "127.0.0.1" not in text


def test_names_that_were_pointed_elsewhere_are_no_evidence_of_the_real_network(
    lab: Lab, tmp_path: Path
) -> None:
    made = lab.add("place", HONEST)
    live = check(lab.request())
    assert live.evidence_file is not None
    assert read_evidence(live.evidence_file, today=date.max).network is Network.PRIVATE
    assert "never counts in the real network" in live.document.notes[0]
    # Without a hosts file it is asked where it really is.
    url = made.endpoint.url.replace("place.aws.example", "127.0.0.1")
    there = replace(made, endpoint=replace(made.endpoint, url=url))
    request = lab.request(candidates=Candidates(endpoints=(there,), objects=()))
    access = replace(request.access, hosts_file=None)
    real = check(replace(request, access=access, folder=tmp_path / "real"))
    (evidence,) = read_evidence_in(tmp_path / "real", today=date.max)
    assert evidence.network is Network.REAL
    assert evidence.findings[0].holds is True
    assert real.document.notes == ()


def test_a_host_that_nobody_vouches_for_is_asked_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    lab.add("place", HONEST)
    stranger = Authority(tmp_path, name="Somebody")
    request = lab.request()
    access = replace(request.access, trust=TrustSettings(ca_file=stranger.ca_file))
    live = check(replace(request, access=access))
    # It is the only one: the way from here is as suspect as the row.
    assert cells(live, "row", "outcome") == {
        "aws/place:object-storage": ("not known", "tls-certificate")
    }
    refused = check(
        replace(request, access=replace(request.access, private_allowed=False))
    )
    assert cells(refused, "row", "outcome") == {
        "aws/place:object-storage": ("not known", "refused-by-policy")
    }
    assert refused.answered == 0


def test_an_interrupt_keeps_what_was_found(lab: Lab) -> None:
    # One host is asked once a second: when the first has answered, two are to come.
    made = lab.add("place", HONEST)
    services = [replace(made.endpoint, service=f"part-{n}") for n in range(3)]
    parts = tuple(replace(made, endpoint=endpoint) for endpoint in services)
    watching = Watching(interrupt_after=1)
    request = lab.request(candidates=Candidates(endpoints=parts, objects=()))
    live = check_live(request, watching)
    assert live.interrupted
    assert live.evidence_file is not None
    kept = read_evidence(live.evidence_file, today=date.max)
    assert 1 <= len(kept.findings) < 3
    assert len(watching.done) == len(kept.findings)


def test_mistakes_are_found_before_anything_is_sent(lab: Lab, tmp_path: Path) -> None:
    lab.add("place", HONEST)
    watching = Watching()
    request = lab.request()
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(MachineError, match="evidence cannot be kept there"):
        check_live(replace(request, folder=blocked / "evidence"), watching)
    access = replace(request.access, contact="no (contact)")
    with pytest.raises(ConfigError, match="--contact"):
        check_live(replace(request, access=access), watching)
    assert watching.plans == []
    assert not request.folder.exists()


def test_a_check_is_no_denser_than_any_run_may_be() -> None:
    shared = [target("gcp", f"place-{n}", host="all.gcp.example") for n in range(3)]
    endpoints = (*targets_of(aws=40, azure=3), *shared)
    request = CheckRequest(
        candidates=Candidates(endpoints=endpoints, objects=()),
        vantage=Vantage(name="lab"),
        access=Access(trust=TrustSettings(), contact=CONTACT),
        folder=Path("unused"),
        family=Family.IPV6,
    )
    plan = plan_of_check(request)
    assert plan.ceilings == Ceilings()
    assert plan.probe.requests_per_visit == 1
    due = list(slots(plan))
    assert len(due) == 46
    assert {slot.family for slot in due} == {Family.IPV6}
    for provider, least_apart_ns, together in (
        ("aws", NS_PER_S, 10),
        ("gcp", NS_PER_S, 1),
    ):
        times = [slot.due_ns for slot in due if slot.target_id.startswith(provider)]
        gaps = [
            later - now for now, later in zip(times, times[together:], strict=False)
        ]
        assert min(gaps) >= least_apart_ns


def test_more_than_a_run_may_ask_is_refused() -> None:
    crowd = tuple(
        target("aws", f"place-{number:05}", host="all.aws.example")
        for number in range(40_000)
    )
    request = CheckRequest(
        candidates=Candidates(endpoints=crowd, objects=()),
        vantage=Vantage(name="lab"),
        access=Access(trust=TrustSettings(), contact=CONTACT),
        folder=Path("unused"),
    )
    with pytest.raises(LimitExceeded, match=r"^(duration|traffic): "):
        plan_of_check(request)
