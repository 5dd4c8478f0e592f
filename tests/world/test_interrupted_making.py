"""An interrupt that comes while the private network is being made ends it."""

import os
import subprocess
import sys
from pathlib import Path

from cloudgauge.model.run import Vantage
from cloudgauge.world.description import (
    SITES_NAME,
    STARTED_NAME,
    Means,
    WorldDescription,
    write_world,
)
from cloudgauge.world.scenario import Scenario
from cloudgauge.world.session import WorldSpec
from cloudgauge.world.site import sites_to_json
from tests.world.places import place

# Ctrl-C has come before the network is made, and waits; it is made all the same.
_INTERRUPTED = """
import signal, sys, time
from pathlib import Path
from cloudgauge.world import keeper, signals
signals.block_signals()
print("ready", flush=True)
until = time.monotonic() + 300
while not signals.waiting() and time.monotonic() < until:
    time.sleep(0.01)
folder, truth, *command = sys.argv[1:]
sys.exit(keeper.keep(Path(folder), Path(truth), sys.stderr.fileno(), command))
"""


def test_the_command_is_not_begun(tmp_path: Path) -> None:
    folder, truth, mark = (tmp_path / name for name in ("world", "truth", "mark"))
    folder.mkdir()
    truth.mkdir()
    spec = WorldSpec(scenario=Scenario(name="short"), targets=(place("near"),))
    (folder / SITES_NAME).write_text(sites_to_json(spec.sites()))
    world = WorldDescription(
        means=Means.LOOPBACK,
        scenario="short",
        scenario_hash="0" * 64,
        seed=1,
        vantage=Vantage(name="lab"),
        prefixes=("127.0.0.0/8",),
        ca_file=folder / "root.pem",
        claim_file=folder / "claim",
    )
    write_world(folder, world)
    ours, theirs = os.openpty()
    words = (_INTERRUPTED, folder, truth, "touch", mark)
    script = [sys.executable, "-c", *map(str, words)]
    with (
        open(ours, "r+b", buffering=0) as terminal,  # noqa: PTH123  a descriptor
        subprocess.Popen(
            ["/usr/bin/setsid", "-c", "-w", *script],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process,
    ):
        os.close(theirs)
        told = b""
        while b"ready\r\n" not in told:
            told += terminal.read(1024)
        terminal.write(b"\x03")
        assert process.wait(300) == 130
    assert not mark.exists()
    # Whoever asked for it is told of an interrupt, not of a keeper that died.
    assert (folder / STARTED_NAME).exists()
