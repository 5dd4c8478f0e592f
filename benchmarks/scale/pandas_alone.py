"""What somebody without this tool would write: the same quantiles, no intervals.

    python -m benchmarks.scale.pandas_alone FOLDER

Reads the sealed files of a folder of sets with pandas, the columns that it takes and no
others, words as categories; counts timeouts as longer than all else.
"""

import sys
from pathlib import Path

import pandas as pd

from cloudgauge.model.sample import FailureKind

_COLUMNS = [
    "target_id",
    "family",
    "replica",
    "exchange",
    "connect_rtt_us",
    "syn_retransmits",
    "failure",
]
_FAILURES = pd.CategoricalDtype([kind.value for kind in FailureKind])


def quantiles(parent: Path) -> pd.DataFrame:
    """p50, p95 and p99 of connect, a row a vantage, target and IP version."""
    parts = []
    for folder in sorted(parent.iterdir()):
        (file,) = (folder / "samples").iterdir()
        part = pd.read_parquet(file, columns=_COLUMNS)
        for name in ("target_id", "family"):
            part[name] = part[name].astype("category")
        # The same words everywhere: else they become plain text when joined.
        part["failure"] = part["failure"].astype(_FAILURES)
        vantage = folder.name.split("-", 1)[1].rsplit("-", 1)[0]
        parts.append(part.assign(vantage=pd.Categorical([vantage] * len(part))))
    vantages = sorted({str(part["vantage"].iloc[0]) for part in parts})
    for part in parts:
        part["vantage"] = part["vantage"].cat.set_categories(vantages)
    rows = pd.concat(parts, ignore_index=True)
    del parts
    cold = rows[(rows["exchange"] == 0) & (rows["replica"] == 0)]
    longer = cold["failure"] == "connect-timeout"
    good = cold["failure"].isna() & ~(cold["syn_retransmits"] > 0)
    value = cold["connect_rtt_us"].where(~longer, float("inf"))
    keys = ["vantage", "target_id", "family"]
    kept = cold.assign(value=value)[(good & value.notna()) | longer]
    grouped = kept.groupby(keys, observed=True)["value"]
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return pd.DataFrame(
        {name: grouped.quantile(share) / 1_000 for name, share in shares.items()}
    )


if __name__ == "__main__":
    print(len(quantiles(Path(sys.argv[1]))))
