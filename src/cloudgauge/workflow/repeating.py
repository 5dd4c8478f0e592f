"""What it takes to repeat a run: its own manifest, and nothing else."""

from pathlib import Path

from cloudgauge.errors import StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.store.folder import sets_at
from cloudgauge.store.resultset import read_manifest


def plan_of(path: Path) -> Plan:
    """The plan of a result set, catalogue rows included, from its manifest alone.

    Args:
        path: A set, sealed or killed, or a folder that holds just one.

    Raises:
        StoreError: There are several, or none, or it is corrupt.
        MachineError: A killed run's set cannot be sealed.
    """
    found = sets_at([path])
    if len(found) != 1:
        raise StoreError(str(path), f"want one result set, got {len(found)}")
    return read_manifest(found[0]).plan
