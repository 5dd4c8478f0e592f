"""Write a log of round trips that nobody measured, for the notebook on own data.

Three days, one round every ten minutes, from an office that is not there. Each series
depends on its neighbours in time, is a little slower in the evening, and has a rare
spike; one region becomes slower on the third day. Standard library only::

    python3 notebooks/making/invented_pings.py notebooks/data/invented-pings.csv
"""

import csv
import math
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 1, 12, tzinfo=UTC)
STEP = timedelta(minutes=10)
ROUNDS = 3 * 24 * 6
# Host, round trip in ms, what the evening adds, what the third day adds.
HOSTS = (
    ("paris.example", 18.0, 0.6, 0.0),
    ("frankfurt.example", 21.0, 0.6, 0.0),
    ("london.example", 22.5, 0.6, 4.0),
    ("stockholm.example", 39.0, 0.2, 0.0),
)
FAILED = 0.01
SEED = 11


def evening(at: datetime) -> float:
    """How much of the evening it is, from 0 to 1; most at 20:00 UTC."""
    hours = at.hour + at.minute / 60
    return max(0.0, math.cos((hours - 20) * math.pi / 8)) if hours > 12 else 0.0


def main(path: Path) -> None:
    """Write the log."""
    rng = random.Random(SEED)
    memory = dict.fromkeys((host for host, *_ in HOSTS), 0.0)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("when", "cycle", "host", "rtt_ms", "ok"))
        for cycle in range(ROUNDS):
            at = BEGIN + cycle * STEP
            # What slows everybody down at once: the office's own line.
            shared = rng.gauss(0, 0.5)
            for place, (host, base, by_evening, later) in enumerate(HOSTS):
                memory[host] = 0.3 * memory[host] + rng.gauss(0, 0.5)
                third_day = later if cycle >= 2 * ROUNDS // 3 else 0.0
                spike = rng.expovariate(1 / 30) if rng.random() < 0.01 else 0.0
                rtt = base + by_evening * evening(at) + third_day + shared
                rtt += memory[host] + spike
                failed = rng.random() < FAILED
                when = f"{at + timedelta(seconds=2 * place):%Y-%m-%dT%H:%M:%SZ}"
                text = "" if failed else f"{rtt:.2f}"
                out.writerow((when, cycle, host, text, int(not failed)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
