"""The private network as the programs inside it see it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from errno import ECONNREFUSED, EHOSTUNREACH
from pathlib import Path
from typing import Any

import pytest

from cloudgauge.errors import ConfigError, WorldError
from cloudgauge.world.description import Means
from cloudgauge.world.packet_log import PACKETS_NAME, PacketRecord, read_packets
from cloudgauge.world.scenario import Scenario
from cloudgauge.world.scenario_file import parse_scenario
from cloudgauge.world.session import WorldSpec, run_in_world
from cloudgauge.world.site import remote_id_of
from cloudgauge.world.truth import TruthTable, line_lateness_ns, read_truth
from tests.world.places import place

pytestmark = pytest.mark.private_network

HERE = Path(__file__).parent
_PATIENCE_S = 120
_FAULTS = (
    "refuse",
    "unreachable",
    "blackhole",
    "tls-stall",
    "tls-reset",
    "tls-garbage",
    "certificate-name",
    "certificate-expired",
    "certificate-unknown",
    "stall",
    "reset",
    "close",
    "garbage",
    "throttle",
    "unavailable",
    "portal",
    "truncate",
    "stall-body",
    "slow-body",
    "endless-body",
)
# Where nothing comes from whom, so that a visitor waits there for a short time only.
_SILENT = {
    "blackhole": "connect",
    "tls-stall": "tls",
    "stall": "answer",
    "stall-body": "body",
    "slow-body": "drip",
}
_RESOLUTIONS = ("nxdomain", "fail", "silent", "no-address", "private")
_SCENARIO = """
name = "all that can happen"
[[region]]
match = "lab/*"
rtt = "20ms"
[[region]]
match = "lab/near"
rtt = "8ms"
[[region]]
match = "lab/far"
rtt = "150ms"
addresses = 3
[[region]]
match = "lab/old"
rtt = "30ms"
tls = "1.2"
[[region]]
match = "lab/lost-syn"
syn_drops = 1
[[region]]
match = "lab/thinking"
think = "60ms"
[[region]]
match = "lab/narrow"
bandwidth_mbit_per_s = 2
body = "60 kB"
queue = "2s"
[[region]]
match = "lab/throttle"
retry_after = "30s"
""" + "".join(
    f'[[region]]\nmatch = "lab/{word}"\n{key} = "{word}"\n'
    for key, words in (("fault", _FAULTS), ("resolve", _RESOLUTIONS))
    for word in words
)
_CODES = ("near", "far", "old", "lost-syn", "thinking", "narrow")
_TARGETS = tuple(place(code) for code in (*_CODES, *_FAULTS, *_RESOLUTIONS))


def _spec(means: Means | None = None) -> WorldSpec:
    return WorldSpec(
        scenario=parse_scenario(_SCENARIO, where="scenario"),
        targets=_TARGETS,
        means=means,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the visitor said, and what really happened."""

    visits: dict[str, dict[str, Any]]
    truth: TruthTable
    lateness_ns: list[int]
    packets: list[PacketRecord]

    def held_ns(self, remote: str, port: int) -> list[int]:
        """How long the line meant to hold each packet of a connection."""
        return [
            packet.due_ns - packet.in_ns
            for packet in self.packets
            if (packet.remote_id, packet.client_port) == (remote_id_of(remote), port)
        ]

    def of(self, code: str, family: str = "4") -> dict[str, Any]:
        return self.visits[f"{code}.lab.example/{family}"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("world")
    names = [f"{target.endpoint.host}/4" for target in _TARGETS]
    names += [
        f"{code}.lab.example/6" for code in ("near", "far", "refuse", "unreachable")
    ]
    asked = [f"{name}/{_SILENT.get(name.split('.')[0], '')}" for name in names]
    answer = folder / "answer.json"
    script = f'"$0" "$@" > {answer}'
    outcome = run_in_world(
        ["sh", "-c", script, sys.executable, str(HERE / "visiting.py"), *asked],
        spec=_spec(),
        truth=folder / "truth",
    )
    assert outcome.exit_code == 0
    visits = json.loads(answer.read_text())
    return Told(
        visits=dict(zip(names, visits, strict=True)),
        truth=read_truth(folder / "truth"),
        lateness_ns=line_lateness_ns(folder / "truth"),
        packets=list(read_packets(folder / "truth" / PACKETS_NAME)),
    )


@pytest.mark.parametrize("family", ["4", "6"])
@pytest.mark.parametrize(("code", "rtt_ms"), [("near", 8), ("far", 150)])
def test_the_kernel_sees_the_round_trip_of_the_scenario(
    told: Told, code: str, rtt_ms: int, family: str
) -> None:
    seen = told.of(code, family)
    assert seen["stage"] == "done"
    assert seen["status"] == 403
    assert (":" in seen["remote"]) == (family == "6")
    # Never shorter; longer by what a busy machine adds, which has no bound.
    assert rtt_ms * 1000 <= seen["rtt_us"]
    # But the line itself meant to hold it for half of that, there as well as back.
    held_ns = told.held_ns(seen["remote"], seen["local_port"])
    assert set(held_ns) == {rtt_ms * 500_000}


def test_handshake_and_first_byte_take_a_round_trip_each_and_tls_1_2_one_more(
    told: Told,
) -> None:
    for code, rtt_ns, trips, version in (
        ("far", 150e6, 1, "TLSv1.3"),
        ("old", 30e6, 2, "TLSv1.2"),
    ):
        seen = told.of(code)
        assert seen["tls"] == version
        assert seen["tls_ns"] >= trips * rtt_ns
        assert all(first_ns >= rtt_ns for first_ns in seen["first_byte_ns"])


def test_truth_is_just_below_what_an_honest_prober_measures(told: Told) -> None:
    errors_ns = []
    for code, family in (("near", "4"), ("near", "6"), ("far", "4"), ("old", "4")):
        seen = told.of(code, family)
        for exchange, measured_ns in enumerate(seen["first_byte_ns"]):
            truth = told.truth.find(
                seen["remote"], seen["local_port"], exchange, seen["wall_ns"]
            )
            assert truth is not None
            assert truth.first_byte_ns is not None
            errors_ns.append(measured_ns - truth.first_byte_ns)
            if exchange == 0:
                assert truth.syn_rtt_ns == truth.connect_ns
                assert truth.syn_rtt_ns is not None
                assert truth.tls_ns is not None
                errors_ns.append(seen["tls_ns"] - truth.tls_ns)
                # The kernel counts in microseconds and rounds down.
                errors_ns.append(seen["rtt_us"] * 1000 + 1000 - truth.syn_rtt_ns)
    assert min(errors_ns) >= 0
    # Whatever else this machine does: some of them are near the truth.
    assert sorted(errors_ns)[len(errors_ns) // 4] < 50e6


def test_truth_of_a_thinking_server_has_its_thinking_in_it(told: Told) -> None:
    seen = told.of("thinking")
    truth = told.truth.find(seen["remote"], seen["local_port"], 1, seen["wall_ns"])
    assert truth is not None
    assert truth.first_byte_ns is not None
    assert truth.first_byte_ns >= 80e6


def test_a_lost_syn_is_sent_again_and_known_to_the_truth(told: Told) -> None:
    seen = told.of("lost-syn")
    assert seen["stage"] == "done"
    assert seen["retransmits"] >= 1
    truth = told.truth.find(seen["remote"], seen["local_port"], 0, seen["wall_ns"])
    assert truth is not None
    assert truth.connect_ns is not None
    assert truth.syn_rtt_ns is not None
    assert truth.syn_rtt_ns >= 20e6
    assert truth.connect_ns - truth.syn_rtt_ns > 0.9e9


def test_bandwidth_stretches_a_body(told: Told) -> None:
    seen = told.of("narrow")
    assert seen["stage"] == "done"
    # Three bodies of 60 kB at 2 Mbit/s take 0.72 s; each first byte waits for its
    # turn behind nothing, so only the whole is long.
    last = told.truth.find(seen["remote"], seen["local_port"], 2, seen["wall_ns"])
    assert last is not None
    assert last.began_wall_ns - seen["wall_ns"] > 0.48e9


def test_packets_leave_the_line_no_earlier_than_due(told: Told) -> None:
    assert len(told.lateness_ns) > 300
    # The wall clock is read beside the monotonic one, a little after it.
    assert told.lateness_ns[0] > -1e6


@pytest.mark.parametrize(
    ("code", "stage", "error"),
    [
        ("nxdomain", "resolve", "gaierror"),
        ("fail", "resolve", "gaierror"),
        ("silent", "resolve", "gaierror"),
        ("no-address", "resolve", "gaierror"),
        ("blackhole", "connect", "TimeoutError"),
        ("tls-stall", "tls", "TimeoutError"),
        ("tls-reset", "tls", "ConnectionResetError"),
        ("tls-garbage", "tls", "SSLError"),
        ("certificate-name", "tls", "SSLCertVerificationError"),
        ("certificate-expired", "tls", "SSLCertVerificationError"),
        ("certificate-unknown", "tls", "SSLCertVerificationError"),
        ("stall", "answer", "TimeoutError"),
        ("close", "answer", "SSLEOFError"),
        ("stall-body", "body", "TimeoutError"),
        ("truncate", "body", "SSLEOFError"),
    ],
)
def test_each_fault_shows_where_it_is_meant_to(
    told: Told, code: str, stage: str, error: str
) -> None:
    seen = told.of(code)
    assert (seen["stage"], seen["error"]) == (stage, error)


@pytest.mark.parametrize("family", ["4", "6"])
@pytest.mark.parametrize(
    ("code", "number"), [("refuse", ECONNREFUSED), ("unreachable", EHOSTUNREACH)]
)
def test_the_kernel_says_refused_and_unreachable(
    told: Told, code: str, number: int, family: str
) -> None:
    assert told.of(code, family)["errno"] == number


def test_a_reset_comes_as_a_reset(told: Told) -> None:
    # Python's TLS shows one that follows session tickets as an end.
    seen = told.of("reset")
    assert seen["stage"] == "answer"
    assert seen["error"] in {"ConnectionResetError", "SSLEOFError"}


def test_answers_are_wrong_in_the_ways_that_were_asked_for(told: Told) -> None:
    assert told.of("throttle")["status"] == 429
    assert told.of("throttle")["retry_after"] == "30"
    assert told.of("unavailable")["status"] == 503
    assert told.of("portal")["status"] == 302
    assert "no HTTP" in told.of("garbage")["garbage"]
    assert told.of("endless-body")["missing_bytes"] > 2**39
    assert told.of("slow-body")["slow"] is True
    assert told.of("private")["addresses"] == ["10.20.30.40"]


def test_a_name_may_have_several_addresses(told: Told) -> None:
    assert len(told.of("far")["addresses"]) == 3


def test_the_world_leaves_no_process_and_no_folder_behind(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    # A child that outlives its parent, as a daemon would.
    script = f"sleep 300 & echo $! > {pid_file}; echo $CLOUDGAUGE_WORLD >> {pid_file}"
    outcome = run_in_world(
        ["sh", "-c", f"{script}; exit 9"], spec=_spec(), truth=tmp_path / "truth"
    )
    assert outcome.exit_code == 9
    pid, folder = pid_file.read_text().split()
    assert not Path("/proc", pid).exists()
    assert not Path(folder).exists()
    assert not list(_processes_that_name(folder))


def _processes_that_name(folder: str) -> Iterator[str]:
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if folder in command.read_text(errors="replace"):
                yield command.parent.name


def test_nothing_of_the_outside_can_be_reached(tmp_path: Path) -> None:
    script = (
        "import errno, socket, sys; "
        "number = socket.socket().connect_ex(('192.0.2.1', 443)); "
        "sys.exit(number != errno.ENETUNREACH)"
    )
    outcome = run_in_world(
        [sys.executable, "-W", "ignore", "-c", script],
        spec=_spec(),
        truth=tmp_path / "truth",
    )
    assert outcome.exit_code == 0


def test_a_signal_ends_the_command_as_it_would_outside(tmp_path: Path) -> None:
    outcome = run_in_world(
        ["sh", "-c", "kill -TERM $$"], spec=_spec(), truth=tmp_path / "truth"
    )
    assert outcome.exit_code == 128 + signal.SIGTERM


@contextlib.contextmanager
def _outside(
    command: list[str], truth: Path, *, before: tuple[str, ...] = (), **streams: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Ask for a world in a process of its own, so that a signal hits only that."""
    code = (
        "import json, sys; from pathlib import Path; "
        "from tests.world.test_session import _spec; "
        "from cloudgauge.world.session import run_in_world; "
        "truth, *command = sys.argv[1:]; "
        "outcome = run_in_world(command, spec=_spec(), truth=Path(truth)); "
        "sys.exit(outcome.exit_code)"
    )
    with subprocess.Popen(
        [*before, sys.executable, "-c", code, str(truth), *command],
        cwd=HERE.parents[1],
        **streams,
    ) as process:
        # A signal that goes astray must fail the test, not hold it for ever.
        watchdog = threading.Timer(_PATIENCE_S, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()


# Counts each SIGINT, however close they come; ends half a second after the last.
# Signals that wait at the same time become one, so it asks to be run before others.
_COUNTING = """
import contextlib, os, signal, sys
with contextlib.suppress(OSError):
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
print("started", flush=True)
count = 0
while signal.sigtimedwait({signal.SIGINT}, 0.5 if count else 300):
    count += 1
print("interrupts:", count, flush=True)
sys.exit(5)
"""


def test_an_interrupt_reaches_the_command_once_and_it_may_take_its_time(
    tmp_path: Path,
) -> None:
    with _outside(
        [sys.executable, "-c", _COUNTING], tmp_path / "truth", stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == b"interrupts: 1\n"
    assert process.returncode == 5


def test_ctrl_c_in_a_terminal_reaches_the_command_once(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    with (
        open(ours, "r+b", buffering=0) as terminal,  # noqa: PTH123  a descriptor
        _outside(
            [sys.executable, "-c", _COUNTING],
            tmp_path / "truth",
            before=("/usr/bin/setsid", "-c", "-w"),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process,
    ):
        os.close(theirs)
        told = b""
        while b"started\r\n" not in told:
            told += terminal.read(1024)
        terminal.write(b"\x03")
        # A terminal hands over a line piece by piece: read to the line's end.
        while not re.search(rb"interrupts: \d+\r\n", told):
            told += terminal.read(1024)
        assert process.wait(_PATIENCE_S) == 5
    assert b"interrupts: 1\r\n" in told


def test_the_command_ends_when_whoever_asked_for_the_world_is_killed(
    tmp_path: Path,
) -> None:
    with _outside(
        ["sh", "-c", "echo $$; exec sleep 300"],
        tmp_path / "truth",
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
        # The end of the pipe: nobody of the world holds it any more.
        assert process.stdout.read() == b""
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.01)
    return True


def test_a_line_that_dies_ends_the_command_and_is_told(tmp_path: Path) -> None:
    script = (
        "import os, signal, time; from pathlib import Path\n"
        "folder = os.environ['CLOUDGAUGE_WORLD']\n"
        "for path in Path('/proc').glob('[0-9]*/cmdline'):\n"
        "    words = path.read_text().split(chr(0))\n"
        "    if folder in words and 'line' in words:\n"
        "        os.kill(int(path.parent.name), signal.SIGKILL)\n"
        "time.sleep(300)\n"
    )
    with pytest.raises(WorldError, match="network's line died while it was used"):
        run_in_world(
            [sys.executable, "-c", script], spec=_spec(), truth=tmp_path / "truth"
        )


def test_a_command_that_does_not_exist_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no-such-command: cannot be run: No such"):
        run_in_world(["no-such-command"], spec=_spec(), truth=tmp_path / "truth")


def test_loopback_servers_carry_no_command_that_does_not_know_them(
    tmp_path: Path,
) -> None:
    with pytest.raises(WorldError, match="loopback servers cannot carry any command"):
        run_in_world(
            ["true"], spec=_spec(means=Means.LOOPBACK), truth=tmp_path / "truth"
        )


def test_the_default_scenario_is_placed_in_singapore() -> None:
    spec = WorldSpec(scenario=Scenario(), targets=_TARGETS, seed=7)
    assert spec.vantage.name == "singapore"
    assert spec.seeded.seed == 7
