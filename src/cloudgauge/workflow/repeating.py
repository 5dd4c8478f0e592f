"""What it takes to repeat a run: its own manifest, and nothing else."""

from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import LimitExceeded, StoreError
from cloudgauge.model.plan import Ceilings, Plan
from cloudgauge.model.run import Part
from cloudgauge.planning.limits import check_limits
from cloudgauge.store.folder import is_merged, sets_at
from cloudgauge.store.merged import members_in
from cloudgauge.store.resultset import read_manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """What is to be done again.

    Attributes:
        simulated: It was done in a private network.
        part: Which part of a longer run it was; all rounds of the plan are repeated.
    """

    plan: Plan
    simulated: bool
    part: Part | None = None


def repeat_of(path: Path, *, raised_allowed: bool = False) -> Repeat:
    """The plan of a result set, catalogue rows included, from its manifest alone.

    Args:
        path: A set, sealed or killed, or a folder that holds just one.
        raised_allowed: Let its ceilings be above the defaults. A set may come from
            a stranger, whose ceilings nobody here has agreed to.

    Raises:
        StoreError: There are several, or none, or it is corrupt.
        LimitExceeded: The plan would pass its ceilings, or they are raised.
        MachineError: A killed run's set cannot be sealed.
    """
    found = sets_at([path])
    if len(found) != 1:
        raise StoreError(str(path), f"want one result set, got {len(found)}")
    if is_merged(found[0]):
        members = ", ".join(str(member) for member in members_in(found[0]))
        problem = f"is a merged set, whose runs can be repeated one by one: {members}"
        raise StoreError(str(path), problem)
    manifest = read_manifest(found[0])
    if not raised_allowed:
        _refuse_raised(manifest.plan.ceilings)
    check_limits(manifest.plan)
    return Repeat(
        plan=manifest.plan,
        simulated=manifest.run.simulation is not None,
        part=manifest.run.part,
    )


def _refuse_raised(ceilings: Ceilings) -> None:
    usual = Ceilings()
    for name in Ceilings.__slots__:
        # By default there is no ceiling of cost: any is lower.
        if name == "cost":
            continue
        asked, most = getattr(ceilings, name), getattr(usual, name)
        if asked > most:
            problem = (
                f"the set's plan allows {asked:g}, the default is {most:g}; "
                "say --raised-ceilings to repeat it all the same"
            )
            raise LimitExceeded(name, problem)
