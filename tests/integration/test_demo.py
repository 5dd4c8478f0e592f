"""What a reader of the README does first."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.readme import BIN, LIMIT_S, REAL_WORLD, ROOT, in_shell

pytestmark = pytest.mark.private_network


def test_the_demo_ends_with_a_table_of_six_clouds_and_the_path_of_its_set(
    tmp_path: Path,
) -> None:
    recipe = in_shell("make -n demo", ROOT).stdout.strip().split("\n")[-1]
    ended = in_shell(recipe.replace(".venv/bin/", f"{BIN}/"), tmp_path)
    assert ended.returncode == 0, ended.stderr
    for provider in ("alibaba", "aws", "azure", "gcp", "huawei", "tencent"):
        assert f"\n {provider}/" in ended.stdout
    path = re.search(r"^result set: (\S+)$", ended.stderr, re.MULTILINE)
    assert path is not None
    assert (tmp_path / path[1] / "SHA256SUMS").is_file()


def _has_samples(folder: Path) -> bool:
    """Whether a run in *folder* has begun to keep what it measures."""
    for journal in folder.glob("results/*/journal.sqlite"):
        connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
        try:
            (count,) = connection.execute("SELECT count(*) FROM sample").fetchone()
        except sqlite3.OperationalError:
            return False  # it is being made
        finally:
            connection.close()
        return int(count) > 0
    return False


def test_the_run_in_the_real_world_starts_and_can_be_stopped(tmp_path: Path) -> None:
    # The real world is played by the private network, the reader's patience by us.
    (line,) = REAL_WORLD
    command = [str(BIN / "cloudgauge"), "world", "--"]
    process = subprocess.Popen(
        [*command, *line.replace(".venv/bin/", f"{BIN}/").split()],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    limit_s = time.monotonic() + LIMIT_S
    while not _has_samples(tmp_path):
        assert time.monotonic() < limit_s
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 130, err
    assert "world: " in err
    assert "connect" in out
