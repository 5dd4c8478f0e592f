"""The commands of the README, and the shell in which a reader would type them."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
LIMIT_S = 300
# What one command leaves and another one reads.
_PASSED_ON = re.compile(
    r"(?<!-)\b(gulf\.toml|gulf\.json|shop\.toml|results|again|both|shared)\b"
)


def commands() -> list[str]:
    """The lines of all ``sh`` blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    lines = [line.partition("  #")[0].strip() for b in blocks for line in b.split("\n")]
    return [line for line in lines if line]


SET_UP = [line for line in commands() if line.startswith("make ")]
REAL_WORLD = [line for line in commands() if line.startswith(".venv/bin/")]
EVERYDAY = [line for line in commands() if line.startswith("cloudgauge ")]
ONE_AFTER_ANOTHER = [line for line in EVERYDAY if _PASSED_ON.search(line)]
ALONE = [line for line in EVERYDAY if not _PASSED_ON.search(line)]


def in_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Type *command* in *folder*, beside which the notebooks' data lie."""
    beside = folder / "notebooks"
    if not beside.exists():
        beside.symlink_to(ROOT / "notebooks", target_is_directory=True)
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("MAKE")
    }
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env=environment | {"PATH": f"{BIN}:{os.environ['PATH']}"},
    )
