"""Reads a made-up EC2 regional file as a refresh does, beside ``json.load``.

    python -m benchmarks.prices

Each reader is a process of its own, so that its peak memory is its own. The file has
450 MB; it lies in a temporary folder and is removed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from benchmarks.prices.made_up_file import write_regional_file
from cloudgauge.pricefeed.answer import Machine, Source, Wanted
from cloudgauge.pricefeed.aws import parse_price_file

_SIZE_BYTES = 450_000_000
_MOST_SECONDS = 60
_MOST_MIB = 100
_PIECE_BYTES = 64 * 1024
_WANTED = Wanted(
    regions={"us-east-1": "aws/us-east-1"},
    all_regions={"us-east-1": "aws/us-east-1"},
    machines={
        sku: Machine(sku=sku, vcpus=2, memory_gib=Decimal(8))
        for sku in ("m6i.large", "m7i.large")
    },
)


def main(arguments: list[str]) -> int:
    """Measure both readers; 1 if ours misses a goal."""
    parser = argparse.ArgumentParser(description="EC2's regional price file, read.")
    parser.add_argument("--size-bytes", type=int, default=_SIZE_BYTES)
    parser.add_argument("--read", choices=("streamed", "loaded"))
    parser.add_argument("--file", type=Path)
    options = parser.parse_args(arguments)
    if options.read is not None:
        print(json.dumps(_read(options.read, options.file)))
        return 0
    with tempfile.TemporaryDirectory(prefix="cloudgauge-prices-") as folder:
        path = Path(folder) / "index.json"
        size_bytes = write_regional_file(path, options.size_bytes)
        print(f"a regional file of {size_bytes / 1e6:.0f} MB")
        print(f"{'reader':22}{'seconds':>9}{'peak MiB':>10}{'prices':>8}")
        streamed = _measured("streamed", path)
        loaded = _measured("loaded", path)
    for name, (seconds, mib, prices) in (
        ("cloudgauge, streamed", streamed),
        ("json.load", loaded),
    ):
        shown = "" if prices is None else str(prices)
        print(f"{name:22}{seconds:9.1f}{mib:10.0f}{shown:>8}")
    met = streamed[0] <= _MOST_SECONDS and streamed[1] <= _MOST_MIB
    print(
        f"goal: at most {_MOST_SECONDS} s and {_MOST_MIB} MiB: "
        f"{'met' if met else 'missed'}"
    )
    return 0 if met else 1


def _measured(reader: str, path: Path) -> tuple[float, float, int | None]:
    command = [sys.executable, "-m", "benchmarks.prices", "--read", reader]
    done = subprocess.run(
        [*command, "--file", str(path)], check=True, capture_output=True, text=True
    )
    seconds, mib, prices = json.loads(done.stdout)
    return seconds, mib, prices


def _read(reader: str, path: Path) -> tuple[float, float, int | None]:
    began_s = time.perf_counter()
    prices = None
    if reader == "streamed":
        source = Source(url="file", retrieved=date(2026, 11, 22))
        prices = len(parse_price_file(_pieces(path), source, _WANTED)[0])
    else:
        with path.open("rb") as file:
            json.load(file)
    seconds = time.perf_counter() - began_s
    return seconds, _peak_mib(), prices


def _peak_mib() -> float:
    # Not `ru_maxrss`, which remembers who started this process.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
