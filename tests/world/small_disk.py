"""Runs code where a folder is a disk of a size that is soon full."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_WITH_DISK = (
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs -o "size=$1" none "$2" && shift 2 && exec "$@"',
    "sh",
)


def run_beside_small_disk(
    size: str, folder: Path, code: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python code with arguments; *folder* is a disk of *size*, for it only."""
    return subprocess.run(
        [*_WITH_DISK, size, str(folder), sys.executable, "-c", *code],
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
        env=os.environ | (environment or {}),
        timeout=300,
    )
