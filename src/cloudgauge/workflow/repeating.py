"""What it takes to repeat a run: its own manifest, and nothing else."""

from pathlib import Path

from cloudgauge.model.plan import Plan
from cloudgauge.store.resultset import ResultSet


def plan_of(folder: Path) -> Plan:
    """The plan of a result set, catalogue rows included, from its manifest alone.

    Raises:
        StoreError: It is no set, or is corrupt.
        MachineError: A killed run's set cannot be sealed.
    """
    return ResultSet.open(folder).manifest.plan
