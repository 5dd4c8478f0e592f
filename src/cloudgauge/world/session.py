"""Runs a command inside a private network, from an ordinary process."""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.errors import ConfigError, WorldError
from cloudgauge.model.run import Vantage
from cloudgauge.model.target import Target
from cloudgauge.world import namespace, signals
from cloudgauge.world.description import (
    COMMAND_ERROR_NAME,
    ROOT_NAME,
    SITES_NAME,
    STARTED_NAME,
    Means,
    WorldDescription,
    write_world,
)
from cloudgauge.world.disk import temporary_folder, world_errors
from cloudgauge.world.packet_log import EXCHANGES_NAME, PACKETS_NAME
from cloudgauge.world.scenario import (
    Scenario,
    choose_place,
    scenario_hash,
)
from cloudgauge.world.site import IPV4_NETWORK, IPV6_NETWORK, Site, sites_to_json
from cloudgauge.world.siting import sites_of

_TRUTH_NAMES = (PACKETS_NAME, EXCHANGES_NAME, SITES_NAME, "world.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSpec:
    """Which private network is wanted.

    Attributes:
        targets: Whose names are answered.
        asked_vantage: Where to stand; None for the scenario's first vantage.
        seed: Of every draw; None for the scenario's.
        means: How it must be made; None for the best that this machine can.
        objects: What can be downloaded.
    """

    scenario: Scenario
    targets: tuple[Target, ...]
    asked_vantage: Vantage | None = None
    seed: int | None = None
    means: Means | None = None
    objects: tuple[Target, ...] = ()

    @property
    def seeded(self) -> Scenario:
        """The scenario with the seed that counts."""
        if self.seed is None:
            return self.scenario
        return replace(self.scenario, seed=self.seed)

    @property
    def vantage(self) -> Vantage:
        """The place that is played."""
        return choose_place(self.scenario, self.asked_vantage)

    def sites(self) -> tuple[Site, ...]:
        """What will stand in it."""
        return sites_of(self.seeded, self.targets, self.vantage, objects=self.objects)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOutcome:
    """How a command inside a private network ended.

    Attributes:
        exit_code: The command's; 128 and its number where a signal ended it.
        means: How the world was made.
        claim: The result set that asked for the truth, if one did.
        fallback: Why it is not the best world; "" if it is.
    """

    exit_code: int
    means: Means
    claim: Path | None
    fallback: str = ""


def run_in_world(
    command: Sequence[str],
    *,
    spec: WorldSpec,
    truth: Path,
    loopback_allowed: bool = False,
) -> WorldOutcome:
    """Run a command inside a private network until it ends.

    Its standard streams are ours. Signals reach it once; see `signals`.

    Args:
        command: Program and arguments.
        spec: Which world.
        truth: A folder that is made, and in which the logs are left.
        loopback_allowed: Whether the command can make do with loopback servers:
            it then has to read their addresses from the world's description.

    Raises:
        WorldError: The world cannot be made.
        ConfigError: The scenario does not fit the targets or the vantage, or
            there is no such command.
    """
    if sys.platform == "win32":
        msg = "the private network takes Linux, or macOS for its loopback servers"
        raise WorldError(msg)
    means = spec.means or Means.TUN
    if means is Means.LOOPBACK and not loopback_allowed:
        msg = (
            "loopback servers cannot carry any command: names and ports of the "
            "world exist only in a network namespace (use: cloudgauge run --world)"
        )
        raise WorldError(msg)
    try:
        return _run(command, spec, truth, means)
    except _NoNetwork as exc:
        if spec.means is not None or not loopback_allowed:
            raise WorldError(str(exc)) from exc
        outcome = _run(command, spec, truth, Means.LOOPBACK)
        return replace(outcome, fallback=str(exc))


class _NoNetwork(WorldError):
    """Nothing has been run yet."""


def _run(
    command: Sequence[str], spec: WorldSpec, truth: Path, means: Means
) -> WorldOutcome:
    if means is Means.TUN and sys.platform != "linux":
        msg = "no private network can be made here: network namespaces take Linux"
        raise _NoNetwork(msg)
    _make_folder(truth)
    with temporary_folder("world") as folder:
        claim_file = folder / "claim"
        (folder / SITES_NAME).write_text(sites_to_json(spec.sites()), encoding="utf-8")
        write_world(folder, _describe(spec, folder, means))
        exit_code, problem = _keep([str(folder), str(truth)], command)
        was_started = (folder / STARTED_NAME).exists()
        if problem:
            raise (WorldError if was_started else _NoNetwork)(problem)
        command_error = folder / COMMAND_ERROR_NAME
        if command_error.exists():
            raise ConfigError(command[0], command_error.read_text(encoding="utf-8"))
        if not was_started:
            msg = "the private network's keeper died before the command was run"
            raise WorldError(msg)
        with world_errors(truth):
            for file in _TRUTH_NAMES:
                if (folder / file).exists():
                    # In two steps: a failed copy names the file that it read.
                    (truth / file).write_bytes((folder / file).read_bytes())
        claim = None
        if claim_file.exists():
            claim = Path(claim_file.read_text(encoding="utf-8"))
    return WorldOutcome(exit_code=exit_code, means=means, claim=claim)


def _describe(spec: WorldSpec, folder: Path, means: Means) -> WorldDescription:
    inside = (str(IPV4_NETWORK), str(IPV6_NETWORK))
    return WorldDescription(
        means=means,
        scenario=spec.scenario.name,
        scenario_hash=scenario_hash(spec.scenario),
        seed=spec.seeded.seed,
        vantage=spec.vantage,
        prefixes=inside if means is Means.TUN else ("127.0.0.0/8",),
        ca_file=folder / ROOT_NAME,
        claim_file=folder / "claim",
        ipv6=means is Means.TUN and namespace.has_ipv6(),
    )


def _keep(folders: list[str], command: Sequence[str]) -> tuple[int, str]:
    """Run the keeper to its end: its exit code, and why there is no world or ""."""
    # Not a file: the disk may be what there is to complain of.
    ours, theirs = os.pipe()
    with open(ours, encoding="utf-8") as told:  # noqa: PTH123  a descriptor
        try:
            exit_code = _wait_for_keeper([*folders, str(theirs), *command], theirs)
        finally:
            os.close(theirs)
        return exit_code, told.read()


def _wait_for_keeper(arguments: list[str], told_fd: int) -> int:
    command = [sys.executable, "-m", "cloudgauge.world", "keeper", *arguments]
    if threading.current_thread() is not threading.main_thread():
        return subprocess.run(command, check=False, pass_fds=(told_fd,)).returncode
    # Blocked before the start, so that no signal falls between the two.
    mask = signals.block_signals()
    try:
        with subprocess.Popen(command, pass_fds=(told_fd,)) as keeper:
            return signals.wait_for(keeper)
    finally:
        signals.restore_signals(mask)


def _make_folder(truth: Path) -> None:
    try:
        truth.mkdir(parents=True, exist_ok=True)
        for name in _TRUTH_NAMES:
            (truth / name).unlink(missing_ok=True)
    except OSError as exc:
        msg = f"{truth}: cannot be made: {exc.strerror}"
        raise WorldError(msg) from exc
