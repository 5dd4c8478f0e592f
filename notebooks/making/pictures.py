"""Draw the README's pictures of the notebooks' result sets: one of each kind.

From the repository's top::

    .venv/bin/python notebooks/making/pictures.py
"""

from pathlib import Path

import cloudgauge as cg

NOTEBOOKS = Path(__file__).parents[1]
DATA, PICTURES = NOTEBOOKS / "data", NOTEBOOKS / "pictures"
WIDTH_PX = 640
SINGAPORE = (
    "alibaba/ap-southeast-1",
    "aws/ap-southeast-1",
    "azure/southeastasia",
    "gcp/asia-southeast1",
    "huawei/ap-southeast-3",
    "tencent/ap-singapore",
)


def main() -> None:
    """Draw them all."""
    asia = cg.load(DATA / "private-south-east-asia")
    four = cg.load(DATA / "private-four-vantages")
    base = cg.load(DATA / "private-tokyo")
    slower = cg.load(DATA / "private-tokyo-one-slower")
    in_singapore = cg.rank(asia, regions=SINGAPORE)
    figures = {
        "strips": asia.plot("strips", regions=SINGAPORE),
        "ecdf": asia.plot("ecdf", regions=SINGAPORE),
        "ranks": in_singapore.plot(),
        "series": slower.plot("series"),
        "shifts": cg.compare(base, slower).plot(),
        "heat-map": four.plot("heat"),
        "map": four.plot("map"),
    }
    for name, figure in figures.items():
        figure.save(PICTURES / f"{name}.svg", width_px=WIDTH_PX)


if __name__ == "__main__":
    main()
