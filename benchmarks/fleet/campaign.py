"""A campaign in a lab: the files it needs, its scheduler and its workers.

Everything is done by the commands that a user would type.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.fleet.lab import Lab, Running
from benchmarks.fleet.scene import Scene, Written, write_scene

PORT = 8786
STORE_PORT = 9000
BUCKET = "campaign"
# Credentials that the store does not check, but without which nothing is signed.
STORE_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark-secret",
    "AWS_REGION": "us-east-1",
    "CLOUDGAUGE_ALLOW_HTTP": "yes",
}


class Campaign:
    """One pinned plan, a fleet's certificates, and who takes part.

    Args:
        scene: What is measured, and by how many.
        folder: For everything that is written; is made.
        part_rounds: Rounds of a part; None for all in one.

    Attributes:
        written: The scene's files.
        pin: The pinned plan.
        fleet: Certificates.
        store: URL of the campaign's folder in the store.
        merged: Where the scheduler leaves its results.
    """

    def __init__(
        self, scene: Scene, folder: Path, *, part_rounds: int | None = None
    ) -> None:
        self.scene = scene
        self.folder = folder
        folder.mkdir(parents=True)
        self.written: Written = write_scene(scene, folder)
        self.pin = folder / "pin.json"
        self.fleet = folder / "fleet"
        self.merged = folder / "merged"
        self.store = f"s3://{BUCKET}/parts"
        self.scheduler_address = ""
        self._pin(part_rounds)

    def found(self, address: str) -> None:
        """Make the fleet's certificates, for a scheduler at this address."""
        self.scheduler_address = f"tls://{address}:{PORT}"
        command = ["fleet", "init", str(self.fleet), "--host", address]
        for vantage in self.written.vantages:
            command += ["--vantage", vantage.stem]
        cloudgauge(*command)

    def results(self, name: str) -> Path:
        """Where a vantage keeps its sets."""
        return self.folder / "vantages" / name

    def start_scheduler(
        self,
        lab: Lab,
        *options: str,
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        """Start ``cloudgauge fleet run`` in the centre."""
        return lab.centre.cloudgauge(
            "fleet", "run", str(self.pin),
            "--scheduler", self.scheduler_address,
            "--tls", str(self.fleet / "scheduler"),
            "--results", str(self.merged),
            *options,
            environment=environment,
        )  # fmt: skip

    def start_worker(
        self,
        lab: Lab,
        name: str,
        *options: str,
        environment: Mapping[str, str] | None = None,
    ) -> Running:
        """Start ``cloudgauge fleet worker`` at a vantage."""
        vantage = self.folder / f"{name}.toml"
        return lab.vantages[name].cloudgauge(
            "fleet", "worker",
            "--vantage", str(vantage),
            "--scheduler", self.scheduler_address,
            "--tls", str(self.fleet / "vantages" / name),
            "--results", str(self.results(name)),
            *options,
            environment=environment,
        )  # fmt: skip

    def status(self, lab: Lab, *options: str) -> Running:
        """Start ``cloudgauge fleet status`` in the centre."""
        return lab.centre.cloudgauge(
            "fleet", "status",
            "--scheduler", self.scheduler_address,
            "--tls", str(self.fleet / "scheduler"),
            *options,
        )  # fmt: skip

    def _pin(self, part_rounds: int | None) -> None:
        command = ["plan", "pin", str(self.written.plan)]
        command += ["--targets", str(self.written.targets), "-o", str(self.pin)]
        for vantage in self.written.vantages:
            command += ["--vantage", str(vantage)]
        if part_rounds is not None:
            command += ["--part", str(part_rounds)]
        cloudgauge(*command)


def start_store(lab: Lab, folder: Path, *, port: int = STORE_PORT) -> Running:
    """Start an S3-compatible server in the centre, with one bucket, in *folder*."""
    (folder / BUCKET).mkdir(parents=True)
    program = Path(sys.executable).with_name("localbucket")
    words = [str(folder), "--host", lab.centre.address, "--port", str(port)]
    return lab.centre.start([str(program), *words])


def store_environment(address: str, *, port: int = STORE_PORT) -> dict[str, str]:
    """What a client of the store finds in its environment."""
    return STORE_ENVIRONMENT | {"AWS_ENDPOINT_URL_S3": f"http://{address}:{port}"}


def cloudgauge(*arguments: str) -> str:
    """Run ``cloudgauge`` to its end, here; what it wrote on stdout.

    Raises:
        RuntimeError: It failed; with all that it said.
    """
    command = [sys.executable, "-m", "cloudgauge", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        msg = f"{' '.join(command)}: exit code {ran.returncode}: {ran.stderr}"
        raise RuntimeError(msg)
    return ran.stdout
