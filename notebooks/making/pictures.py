"""Draw the README's pictures of the notebooks' result sets: one of each kind.

From the repository's top::

    .venv/bin/python notebooks/making/pictures.py
"""

import tempfile
from pathlib import Path

import cloudgauge as cg

NOTEBOOKS = Path(__file__).parents[1]
DATA, MAKING = NOTEBOOKS / "data", NOTEBOOKS / "making"
PICTURES = NOTEBOOKS / "pictures"
WIDTH_PX = 640
SINGAPORE = (
    "alibaba/ap-southeast-1",
    "aws/ap-southeast-1",
    "azure/southeastasia",
    "gcp/asia-southeast1",
    "huawei/ap-southeast-3",
    "tencent/ap-singapore",
)
STEPPED = ("aws/eu-west-2", "aws/eu-west-3")


def main() -> None:
    """Draw them all."""
    first = cg.load(DATA / "private-first-look")
    asia = cg.load(DATA / "private-south-east-asia")
    four = cg.load(DATA / "private-four-vantages")
    downloads = cg.load(DATA / "private-downloads")
    base = cg.load(DATA / "private-tokyo")
    slower = cg.load(DATA / "private-tokyo-one-slower")
    with tempfile.TemporaryDirectory() as folder:
        pings = cg.import_samples(
            DATA / "invented-pings.csv",
            MAKING / "invented-pings.toml",
            Path(folder) / "pings",
        )
        series = pings.plot("series", regions=STEPPED)
    figures = {
        "map": first.plot("map"),
        "strips": first.plot("strips"),
        "ecdf": asia.plot("ecdf", regions=SINGAPORE),
        "ranks": cg.rank(asia, regions=SINGAPORE).plot(),
        "shifts": cg.compare(base, slower).plot(),
        "series": series,
        "heat-map": four.plot("heat"),
        "pairs": cg.rank(first).plot("pairs"),
        "throughput": downloads.plot("throughput"),
    }
    for name, figure in figures.items():
        figure.save(PICTURES / f"{name}.svg", theme="either", width_px=WIDTH_PX)


if __name__ == "__main__":
    main()
