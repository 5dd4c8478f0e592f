"""Runs a monitor inside the private network and looks at it; a pickle comes out.

``python -m benchmarks.monitor.inside FOLDER SECONDS OUTPUT``
"""

import pickle
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks.monitor.watching import watch

PORT = 9464
ROUND_S, PART_ROUNDS, WARM = 14, 1, 4
KEEP_SIZE = "1500kB"


def main() -> None:
    folder, for_s, output = Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3])
    command = [sys.executable, "-m", "cloudgauge", "run", "--forever"]
    command += ["-n", "10", "-d", f"{10 * ROUND_S}s", "--warm", str(WARM)]
    command += ["--every", f"{PART_ROUNDS * ROUND_S}s", "--keep-size", KEEP_SIZE]
    command += ["--metrics", f"127.0.0.1:{PORT}", "--results", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as monitor:
        assert monitor.stderr is not None
        for line in monitor.stderr:
            sys.stderr.write(line)
            if line.startswith("samples go to"):
                break
        seen = watch(monitor.pid, folder, PORT, for_s)
        monitor.send_signal(signal.SIGTERM)
        rest = monitor.stderr.read()
        sys.stderr.write(rest)
        code = monitor.wait()
    output.write_bytes(pickle.dumps((code, seen)))


if __name__ == "__main__":
    main()
