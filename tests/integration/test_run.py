"""``cloudgauge run`` as its user knows it, inside the private network."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloudgauge.model.run import StopReason
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.verify import verify
from cloudgauge.world.truth import read_truth

pytestmark = pytest.mark.private_network

_LIMIT_S = 300
# Singapore six times, and Hong Kong, which Huawei calls ap-southeast-1.
_TARGETS = 7
_SMALL_PLAN = """
schema = 1
name = "small"
rounds = 3
round = "1s"
controls = false
[select]
regions = ["*/ap-southeast-1", "azure/southeastasia", "gcp/asia-southeast1",
  "tencent/ap-singapore", "huawei/ap-southeast-3"]
[[probe]]
kind = "latency"
timeout = "20s"
[ceilings]
visits_per_s_host = 10.0
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and the sets that it left."""

    code: int
    out: str
    err: str
    sets: tuple[Path, ...]


def cloudgauge(
    folder: Path, arguments: Sequence[str], wrapper: Sequence[str] = ()
) -> Ended:
    """Run the command line in *folder*, with its sets in ``results`` there."""
    ended = subprocess.run(
        [*wrapper, sys.executable, "-m", "cloudgauge", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
        env=_environment(),
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr, sets_in(folder))


def _environment() -> dict[str, str]:
    private = {"CLOUDGAUGE_WORLD", "SSL_CERT_FILE", "SSL_CERT_DIR"}
    return {key: value for key, value in os.environ.items() if key not in private}


def sets_in(folder: Path) -> tuple[Path, ...]:
    """The result sets in ``results``, the oldest first."""
    found = (folder / "results").glob("*Z-*")
    return tuple(sorted(path for path in found if path.suffix != ".truth"))


def plan_in(folder: Path, text: str = _SMALL_PLAN) -> str:
    """Write a plan file; its name."""
    (folder / "small.toml").write_text(text, encoding="utf-8")
    return "small.toml"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ended]:
    """A small run that went well, and its folder."""
    folder = tmp_path_factory.mktemp("measured")
    return folder, cloudgauge(
        folder, ["run", plan_in(folder), "--world", "--vantage", "lab"]
    )


def test_a_run_ends_with_its_table_and_its_verified_set(
    measured: tuple[Path, Ended],
) -> None:
    folder, ended = measured
    assert ended.code == 0, ended.err
    (result_set,) = ended.sets
    for provider in ("alibaba", "aws", "azure", "gcp", "huawei", "tencent"):
        assert f" {provider}/" in ended.out
    assert f"result set: results/{result_set.name}" in ended.err
    assert "round 3/3: " in ended.err
    verify(result_set)
    manifest = ResultSet.open(result_set).manifest
    assert manifest.run.vantage.name == "lab"
    assert manifest.run.simulation is not None
    assert manifest.run.simulation.means == "tun"
    assert manifest.outcome is not None
    assert manifest.outcome.complete
    assert folder.joinpath("results", f"{result_set.name}.truth").is_dir()


def test_what_was_measured_is_what_really_happened(
    measured: tuple[Path, Ended],
) -> None:
    (result_set,) = measured[1].sets
    truth = read_truth(result_set.with_name(f"{result_set.name}.truth"))
    names = (
        "remote_address",
        "local_port",
        "exchange",
        "connect_rtt_us",
        "first_byte_ns",
        "clock",
    )
    opened = ResultSet.open(result_set)
    started_ns = opened.manifest.run.started_wall_ns
    errors_ms = []
    for row in opened.table(names).to_pylist():
        real = truth.find(
            row["remote_address"], row["local_port"], row["exchange"], started_ns
        )
        assert real is not None
        assert real.first_byte_ns is not None
        error_ns = row["first_byte_ns"] - real.first_byte_ns
        # The wire cannot be slower than what was measured on it.
        assert error_ns > 0
        errors_ms.append(error_ns / 1e6)
        if row["connect_rtt_us"] is not None:
            assert real.syn_rtt_ns is not None
            assert row["connect_rtt_us"] * 1_000 > real.syn_rtt_ns - 1_000
    assert len(errors_ms) == 3 * _TARGETS * 5
    # Whatever else this machine does: a quarter of all exchanges is near the truth.
    assert sorted(errors_ms)[len(errors_ms) // 4] < 5


def test_a_rerun_has_the_same_plan_seed_and_targets(
    measured: tuple[Path, Ended], tmp_path: Path
) -> None:
    (first,) = measured[1].sets
    refused = cloudgauge(tmp_path, ["rerun", str(first), "--world"])
    assert refused.code == 2
    assert "say --raised-ceilings" in refused.err
    allowed = ["--raised-ceilings"]
    ended = cloudgauge(tmp_path, ["rerun", str(first), "--world", "-q", *allowed])
    assert ended.code == 0, ended.err
    assert ended.err == ""
    (second,) = ended.sets
    one, two = ResultSet.open(first).manifest, ResultSet.open(second).manifest
    assert one.plan == two.plan
    assert one.run.plan_hash == two.run.plan_hash
    assert one.run.run_id != two.run.run_id
    assert (first / "targets.json").read_bytes() == (
        second / "targets.json"
    ).read_bytes()


def test_show_gives_every_format_of_the_same_figures(
    measured: tuple[Path, Ended],
) -> None:
    folder, ended = measured
    (result_set,) = ended.sets
    answer = cloudgauge(folder, ["show", str(result_set), "--format", "json"])
    assert answer.code == 0
    tables = json.loads(answer.out)["tables"]
    assert len(tables["series"]) == _TARGETS
    csv = cloudgauge(folder, ["show", str(result_set), "--format", "csv"])
    assert len(csv.out.splitlines()) == 1 + _TARGETS


def test_a_changed_byte_is_exit_5_with_the_name_of_its_file(
    measured: tuple[Path, Ended], tmp_path: Path
) -> None:
    (result_set,) = measured[1].sets
    copy = tmp_path / result_set.name
    shutil.copytree(result_set, copy)
    (samples,) = (copy / "samples").iterdir()
    content = bytearray(samples.read_bytes())
    content[len(content) // 2] ^= 1
    samples.write_bytes(bytes(content))
    for command in ("verify", "show"):
        ended = cloudgauge(tmp_path, [command, str(copy)])
        assert ended.code == 5
        assert samples.name in ended.err


def test_without_any_network_every_target_fails_and_the_set_is_kept(
    tmp_path: Path,
) -> None:
    arguments = ["run", plan_in(tmp_path), "-n", "1", "-t", "1s"]
    ended = cloudgauge(tmp_path, arguments, ["unshare", "--map-root-user", "--net"])
    assert ended.code == 4, ended.err
    assert "nothing usable was measured: " in ended.err
    (result_set,) = ended.sets
    manifest = ResultSet.open(result_set).manifest
    assert manifest.outcome is not None
    assert manifest.outcome.complete
    assert sum(one.count for one in manifest.counts.failures) == _TARGETS


def test_an_interrupt_keeps_what_was_measured_and_marks_it(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, _SMALL_PLAN.replace("rounds = 3", "rounds = 60"))
    process = subprocess.Popen(
        [sys.executable, "-m", "cloudgauge", "run", plan, "--world"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
        # As a shell does it: Ctrl-C reaches the whole group.
        process_group=0,
    )
    limit_s = time.monotonic() + _LIMIT_S
    while not list(tmp_path.glob("results/*/journal.sqlite-wal")):
        assert time.monotonic() < limit_s
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1.5)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=_LIMIT_S)
    assert process.returncode == 130, err
    assert "the run is incomplete" in err
    (result_set,) = sets_in(tmp_path)
    outcome = ResultSet.open(result_set).manifest.outcome
    assert outcome is not None
    assert outcome.stop_reason is StopReason.INTERRUPTED
    assert not outcome.complete
    verify(result_set)


def test_a_target_that_never_answers_is_exit_3_only_if_asked_for(
    tmp_path: Path,
) -> None:
    scenario = tmp_path / "bad-day.toml"
    scenario.write_text(
        'name = "bad day"\n[[region]]\nmatch = "aws/*"\nfault = "refuse"\n',
        encoding="utf-8",
    )
    arguments = ["run", plan_in(tmp_path), "-n", "1", "--world", "-q"]
    arguments += ["--scenario", str(scenario)]
    assert cloudgauge(tmp_path, arguments).code == 0
    ended = cloudgauge(tmp_path, [*arguments, "--fail-on", "partial"])
    assert ended.code == 3
    assert "refused" in ended.out


def test_a_disk_that_is_full_is_exit_74_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    plan = plan_in(tmp_path)
    mount = "mount -t tmpfs -o size=64k none results"
    command = f'{mount} && "$@"; code=$?; umount results; exit $code'
    wrapper = ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c", command]
    ended = cloudgauge(tmp_path, ["run", plan, "-t", "1s", "-n", "1"], [*wrapper, "sh"])
    assert ended.code == 74, ended.err
    assert "disk is full" in ended.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sede = 1\n", 'small.toml: sede: unknown key; want one of .*mean "seed"'),
        ('rounds = "many"\n', 'small.toml: rounds: .*got "many"'),
    ],
)
def test_a_mistake_in_a_plan_is_exit_2_before_anything_is_sent(
    text: str, told: str, tmp_path: Path
) -> None:
    plan = plan_in(tmp_path, f'schema = 1\nname = "small"\n{text}')
    ended = cloudgauge(tmp_path, ["run", plan])
    assert ended.code == 2
    assert re.search(told, ended.err), ended.err
    assert ended.sets == ()


def test_options_of_the_private_network_never_reach_the_real_one(
    tmp_path: Path,
) -> None:
    arguments = ["run", plan_in(tmp_path), "--vantage-at", "1.3,103.8"]
    ended = cloudgauge(tmp_path, arguments)
    assert ended.code == 2
    told = "cloudgauge: --vantage-at: is of the private network; say --world as well\n"
    assert ended.err == told
    assert ended.sets == ()


def test_an_answer_that_cannot_be_written_is_told_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    arguments = ["run", plan_in(tmp_path), "-o", "none/answer.txt"]
    ended = cloudgauge(tmp_path, arguments)
    assert ended.code == 74
    assert "none/answer.txt: cannot be written" in ended.err
    assert ended.sets == ()


def test_verbose_tells_each_failure_and_its_reason(tmp_path: Path) -> None:
    arguments = ["run", plan_in(tmp_path), "-n", "1", "-t", "1s", "-v"]
    ended = cloudgauge(tmp_path, arguments, ["unshare", "--map-root-user", "--net"])
    assert ended.code == 4
    assert "round 1, aws/ap-southeast-1:object-storage (ipv4), exchange 0: " in (
        ended.err
    )


def test_a_plan_beyond_its_ceilings_is_refused_beforehand(tmp_path: Path) -> None:
    plan = plan_in(tmp_path, _SMALL_PLAN + "requests = 10\n")
    ended = cloudgauge(tmp_path, ["run", plan])
    assert ended.code == 2
    assert ended.err.startswith("cloudgauge: requests: ")
    assert ended.sets == ()
