"""The peer: pandas' medians of the same samples in one picture by Altair, inlined.

    python -m benchmarks.report.peer OUTPUT SET...

It ranks nothing and has neither intervals nor tables.
"""

import sys
from pathlib import Path

import altair as alt
import pandas as pd


def main(arguments: list[str]) -> None:
    """Write one picture of the medians of sets."""
    output, folders = Path(arguments[0]), [Path(one) for one in arguments[1:]]
    medians = []
    for folder in folders:
        (samples,) = (folder / "samples").glob("*.parquet")
        frame = pd.read_parquet(samples, columns=["target_id", "connect_rtt_us"])
        found = frame.groupby("target_id", observed=True)["connect_rtt_us"].median()
        medians.append(found.rename("connect_us").reset_index().assign(set=folder.name))
    points = pd.concat(medians, ignore_index=True)
    alt.data_transformers.disable_max_rows()
    chart = alt.Chart(points).mark_point().encode(x="connect_us", y="target_id")
    chart.save(output, inline=True)


if __name__ == "__main__":
    main(sys.argv[1:])
