"""``cloudgauge targets check --live`` as its user knows it, in the private network."""

import csv
import io
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from cloudgauge.catalog.evidence import Network
from cloudgauge.catalog.evidence_files import read_evidence
from tests.catalog.target_files import ENDPOINT, endpoint, region, row, write

pytestmark = pytest.mark.private_network

_LIMIT_S = 300
_HOLDS, _FAILS, _UNKNOWN = "holds", "does not hold", "not known"
# Rows of our own, checked long ago: who knows what day it is where this runs.
_ENDPOINTS = {
    "fine": (_HOLDS, "answered", ""),
    "gone": (_FAILS, "name-not-found", ""),
    "moved": (_FAILS, "unexpected-status", ""),
    "refuses": (_FAILS, "refused", ""),
    "resets": (_UNKNOWN, "reset", ""),
}
_OBJECTS = {
    "agent": (_HOLDS, "answered", "40000000"),
    "leaflet": (_FAILS, "object-too-small", "1000000"),
    "lost": (_FAILS, "unexpected-status", ""),
}
_EXPECTED = {
    f"acme/rotterdam-1:{name}": wanted
    for name, wanted in sorted((_ENDPOINTS | _OBJECTS).items())
}
_CONDUCT = {
    "gone": 'resolve = "nxdomain"',
    "moved": "status = 500",
    "refuses": 'fault = "refuse"',
    "resets": 'fault = "reset"',
    "leaflet": 'object = "1 MB"',
    "lost": "status = 404",
}
_SCENARIO = (
    'name = "some disappoint"\n[[region]]\nmatch = "*"\nrtt = "5ms"\n'
    + "".join(
        f'[[region]]\nmatch = "acme/rotterdam-1:{name}"\n{conduct}\n'
        for name, conduct in _CONDUCT.items()
    )
)


def write_targets(folder: Path) -> Path:
    """A target file of one region, each of its rows on a host of its own."""
    known = {"checked": "2020-01-01", "confidence": "medium"}
    rows = [
        endpoint(
            service=name,
            url=f"https://{name}.rotterdam.example.net/",
            primary=name == "fine",
            **known,
        )
        for name in _ENDPOINTS
    ]
    rows += [
        row(
            "object",
            ENDPOINT,
            service=None,
            name=name,
            url=f"https://{name}.rotterdam.example.net/{name}.rpm",
            primary=name == "agent",
            **known,
        )
        for name in _OBJECTS
    ]
    return write(folder, region(checked="2020-01-01"), *rows)


def environment(data: Path) -> dict[str, str]:
    private = {"CLOUDGAUGE_WORLD", "SSL_CERT_FILE", "SSL_CERT_DIR"}
    kept = {key: value for key, value in os.environ.items() if key not in private}
    return kept | {"XDG_DATA_HOME": str(data)}


def cloudgauge(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in *folder*, the user's data in ``data`` there."""
    return subprocess.run(
        [sys.executable, "-m", "cloudgauge", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_LIMIT_S,
        env=environment(folder / "data"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    folder: Path
    ended: subprocess.CompletedProcess[str]

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "data").rglob("*.toml"))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    folder = tmp_path_factory.mktemp("live")
    (folder / "s.toml").write_text(_SCENARIO)
    write_targets(folder)
    ended = cloudgauge(
        folder,
        *("targets", "check", "--live", "--world", "--scenario", "s.toml"),
        *("--targets", "mine.toml", "--provider", "acme", "--timeout", "30s"),
        *("--fail-on", "partial", "--format", "csv", "--verbose"),
    )
    return Checked(folder=folder, ended=ended)


def test_each_row_is_told_by_what_became_of_it(checked: Checked) -> None:
    assert checked.ended.returncode == 3, checked.ended.stderr
    rows = list(csv.DictReader(io.StringIO(checked.ended.stdout)))
    told = {row["target"]: (row["row"], row["outcome"]) for row in rows}
    assert told == {name: wanted[:2] for name, wanted in _EXPECTED.items()}
    assert {row["target"]: row["size_bytes"] for row in rows} == {
        name: size for name, (_, _, size) in _EXPECTED.items()
    }
    honest = next(row for row in rows if row["target"].endswith(":agent"))
    assert honest["tls_version"] == "TLSv1.3"
    assert float(honest["connect_rtt_ms"]) >= 5
    assert honest["address"] in honest["all_addresses"].split()
    assert len(honest["all_addresses"].split()) == 2


def test_progress_and_failures_are_told_on_stderr(checked: Checked) -> None:
    err = checked.ended.stderr
    assert "asking 8 targets, once each: about " in err
    assert "acme/rotterdam-1:lost: unexpected-status: status 404" in err
    (file,) = checked.files
    assert f"evidence: {file}" in err
    assert "not as their rows say: acme/rotterdam-1:gone, " in err


def test_the_evidence_is_kept_in_the_users_data_as_of_a_private_network(
    checked: Checked,
) -> None:
    (file,) = checked.files
    assert file.parent == checked.folder / "data" / "cloudgauge" / "evidence"
    assert re.fullmatch(r"evidence-\d{8}T\d{6}Z\.toml", file.name)
    evidence = read_evidence(file, today=date.max)
    assert evidence.network is Network.PRIVATE
    assert (evidence.vantage, evidence.country) == ("singapore", "SG")
    holds = {True: _HOLDS, False: _FAILS, None: _UNKNOWN}
    assert {one.target_id: holds[one.holds] for one in evidence.findings} == {
        name: row for name, (row, _, _) in _EXPECTED.items()
    }
    assert {one.families for one in evidence.findings} == {0, 2}
    assert "198.18" not in file.read_text(encoding="utf-8")


def test_it_counts_in_the_private_network_and_never_in_the_real_one(
    checked: Checked,
) -> None:
    mine = ("--targets", "mine.toml")
    show = ("targets", "show", "acme/rotterdam-1", "--format", "json", *mine)
    real = cloudgauge(checked.folder, *show)
    inside = cloudgauge(
        checked.folder, "world", "--", sys.executable, "-m", "cloudgauge", *show
    )
    assert real.returncode == inside.returncode == 0, inside.stderr
    assert "live checks" not in real.stdout
    assert "when checked on" not in real.stdout
    assert "unexpected-status (status 500) when checked on" in inside.stdout
    evidence = str(checked.files[0])
    folded = cloudgauge(
        checked.folder, "targets", "fold", evidence, "--into", "mine.toml"
    )
    assert folded.returncode == 2
    assert 'network: is "private"' in folded.stderr


_DARK = 'name = "dark"\n[[region]]\nmatch = "*"\nfault = "refuse"\n'


def test_where_nothing_answers_the_exit_code_is_4(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(_DARK)
    ended = cloudgauge(
        tmp_path,
        *("targets", "check", "--live", "--world", "--scenario", "s.toml", "-6"),
        *("--region", "gcp/me-central1", "--evidence", "here"),
    )
    assert ended.returncode == 4, ended.stderr
    assert "nothing answered" in ended.stderr
    assert "0 hold, 0 do not, 2 not known" in ended.stdout
    assert len(list((tmp_path / "here").iterdir())) == 1
    assert not (tmp_path / "data").exists()


def test_ctrl_c_ends_it_and_keeps_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(_DARK)
    command = [sys.executable, "-m", "cloudgauge"]
    process = subprocess.Popen(
        [
            *(*command, "world", "--scenario", "s.toml", "--"),
            *(*command, "targets", "check", "--live", "--provider", "aws", "-v"),
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        env=environment(tmp_path / "data"),
    )
    assert process.stderr is not None
    # All of it takes a minute; the first failure is told at once.
    while "refused" not in (line := process.stderr.readline()):
        assert line, "it ended before anything was asked"
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=_LIMIT_S)
    assert process.returncode == 130, err
    assert "interrupted; what was found is kept" in err
    (file,) = (tmp_path / "data").rglob("*.toml")
    assert 1 <= len(read_evidence(file, today=date.max).findings) < 100
