"""What options say over a plan; a value that makes no sense is told by its option."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from cloudgauge.errors import ConfigError
from cloudgauge.model.plan import ProbeSpec
from cloudgauge.model.target import Family
from cloudgauge.planning.settings import PlanSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """What options say over a plan; None leaves it as the plan has it.

    Attributes:
        visits_per_s: Ceiling for all targets together.
    """

    rounds: int | None = None
    duration_ns: int | None = None
    seed: int | None = None
    warm_requests: int | None = None
    timeout_ns: int | None = None
    families: tuple[Family, ...] | None = None
    visits_per_s: float | None = None


NO_CHANGES = PlanChanges()


def changed(settings: PlanSettings, changes: PlanChanges) -> PlanSettings:
    """Put what the options say over a plan.

    Raises:
        ConfigError: A value makes no sense; names the option.
    """
    retimed = _retimed(settings, changes.rounds, changes.duration_ns)
    ceilings, seed = settings.ceilings, settings.seed
    if changes.visits_per_s is not None:
        with _told_by("--rate"):
            ceilings = replace(ceilings, visits_per_s=changes.visits_per_s)
    if changes.seed is not None:
        seed = changes.seed
    probe = _changed_probe(settings.probe, changes)
    with _told_by("--seed"):
        return replace(retimed, seed=seed, probe=probe, ceilings=ceilings)


def _changed_probe(probe: ProbeSpec, changes: PlanChanges) -> ProbeSpec:
    if changes.warm_requests is not None:
        with _told_by("--warm"):
            probe = replace(probe, warm_requests=changes.warm_requests)
    if changes.timeout_ns is not None:
        with _told_by("--timeout"):
            probe = replace(probe, timeout_ns=changes.timeout_ns)
    if changes.families is not None:
        with _told_by("--ipv4, --ipv6"):
            probe = replace(probe, families=changes.families)
    return probe


def _retimed(
    settings: PlanSettings, rounds: int | None, duration_ns: int | None
) -> PlanSettings:
    """Give a plan other rounds, another length, or both.

    With only one of them the rounds stay as long as they were, unless not even one
    would fit: more rounds take longer, and are no denser.
    """
    if rounds is None and duration_ns is None:
        return settings
    round_ns = settings.round_ns
    if settings.rounds and settings.duration_ns:
        round_ns = settings.duration_ns // settings.rounds
    no_room = duration_ns is not None and duration_ns < (round_ns or 0)
    if (rounds and duration_ns) or no_room:
        round_ns = None
    given = {"--rounds": rounds, "--duration": duration_ns}
    options = [option for option, value in given.items() if value is not None]
    with _told_by(", ".join(options)):
        return replace(
            settings, rounds=rounds, round_ns=round_ns, duration_ns=duration_ns
        )


@contextmanager
def _told_by(option: str) -> Iterator[None]:
    try:
        yield
    except ValueError as exc:
        raise ConfigError(option, str(exc)) from exc
