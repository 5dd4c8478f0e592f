"""Measure and print: ``python -m benchmarks.instrument.throughput [GIB] [REPEATS]``."""

import sys

from benchmarks.instrument.throughput.rates import (
    GIB,
    LEAST_RATE_OF_CURLS,
    MOST_CPU_OF_CURLS,
    Turn,
    measure_rates,
    standings,
)


def _note(turn: Turn) -> None:
    rate = turn.body_bytes * 8 / turn.seconds / 1e9
    cost = turn.cpu_s * GIB / turn.body_bytes
    print(f"  {turn.scheme:5} {turn.client:10} {rate:6.2f} Gbit/s {cost:6.3f} s/GiB")


def main(gib: str = "4", repeats: str = "5") -> None:
    rates = measure_rates(size_bytes=int(gib) * GIB, repeats=int(repeats), note=_note)
    print(f"\nscheme client      Gbit/s  cpu s/GiB  (medians of {repeats})")
    for rate in rates:
        figures = f"{rate.gbit_per_s:6.2f} {rate.cpu_s_per_gib:10.3f}"
        print(f"{rate.scheme:6} {rate.client:10} {figures}")
    goal = f"at least {LEAST_RATE_OF_CURLS} of the rate, at most {MOST_CPU_OF_CURLS}"
    print(f"\nours against curl's (goal: {goal} of the cost)")
    for standing in standings(rates):
        ratios = f"rate {standing.rate_ratio:.2f}, cost {standing.cpu_ratio:.2f}"
        met = "met" if standing.is_met else "MISSED"
        print(f"{standing.scheme:6} {ratios}: {met}")


if __name__ == "__main__":
    main(*sys.argv[1:])
