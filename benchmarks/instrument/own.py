"""The toolkit itself, started as its users start it, and its result set as readings."""

import sys
from pathlib import Path
from typing import Any

from benchmarks.instrument.load import PROVIDER, Load, plan_of, targets_toml
from benchmarks.instrument.readings import Reading
from cloudgauge.model.target import Selection
from cloudgauge.planning.files import PlanSettings, write_plan
from cloudgauge.store.resultset import ResultSet

_PLAN = "plan.toml"
_TARGETS = "targets.toml"
_RESULTS = "results"
_PHASES = ("resolve_ns", "connect_ns", "tls_ns", "first_byte_ns", "body_ns")
_COLUMNS = (
    "exchange",
    "due_ns",
    "sent_ns",
    "wall_ns",
    *_PHASES,
    "connect_rtt_us",
    "remote_address",
    "local_port",
    "failure",
)


def command(load: Load, folder: Path) -> list[str]:
    """The command line for a load; its plan and targets are written into *folder*."""
    plan = folder / _PLAN
    plan.write_text(write_plan(settings_of(load)), encoding="utf-8")
    targets = folder / _TARGETS
    targets.write_text(targets_toml(load.targets), encoding="utf-8")
    return [
        sys.executable, "-m", "cloudgauge", "run", str(plan),
        "--targets", str(targets), "--results", str(folder / _RESULTS),
    ]  # fmt: skip


def settings_of(load: Load) -> PlanSettings:
    """The plan of a load as a plan file has it."""
    plan = plan_of(load)
    return PlanSettings(
        name=plan.name,
        question=plan.question,
        selection=Selection(providers=(PROVIDER,)),
        probe=plan.probe,
        rounds=plan.pacing.rounds,
        round_ns=plan.pacing.round_ns,
        duration_ns=None,
        jitter=plan.pacing.jitter,
        ceilings=plan.ceilings,
        seed=plan.seed,
        controls=False,
    )


def readings(folder: Path) -> tuple[Reading, ...]:
    """The samples of the one result set that a stage left; none if it left none.

    ``connect`` is the kernel's own round trip of the SYN.
    """
    results = folder / _RESULTS
    if not results.is_dir():
        return ()
    (place,) = results.iterdir()
    rows = ResultSet.open(place).table(_COLUMNS).to_pylist()
    return tuple(map(_reading, rows))


def _reading(row: dict[str, Any]) -> Reading:
    values_ns = {
        "tls": row["tls_ns"],
        "first_byte": row["first_byte_ns"],
    }
    if row["connect_rtt_us"] is not None:
        values_ns["connect"] = row["connect_rtt_us"] * 1000
    taken_ns = sum(row[name] or 0 for name in _PHASES)
    return Reading(
        address=row["remote_address"] or "",
        local_port=row["local_port"],
        exchange=row["exchange"],
        due_ns=row["wall_ns"] - row["sent_ns"] + row["due_ns"],
        begun_ns=row["wall_ns"],
        ended_ns=row["wall_ns"] + taken_ns,
        values_ns={name: ns for name, ns in values_ns.items() if ns is not None},
        failure=row["failure"] or "",
    )
