"""What options say over a plan; a value that makes no sense is told by its option."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from cloudgauge.errors import ConfigError
from cloudgauge.model.download import DownloadSpec
from cloudgauge.model.plan import Ceilings, ProbeKind, ProbeSpec
from cloudgauge.model.price import Money
from cloudgauge.model.target import Family
from cloudgauge.planning.settings import PlanSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanges:
    """What options say over a plan; None leaves it as the plan has it.

    Attributes:
        timeout_ns: Of every kind of probe; the families are, too.
        visits_per_s: Ceiling for all targets together.
        kinds: What is measured, at least one.
        streams: Of downloads, as the two below.
        traffic_bytes: Ceiling of bytes over the whole run.
        cost: Ceiling of money.
    """

    rounds: int | None = None
    duration_ns: int | None = None
    seed: int | None = None
    warm_requests: int | None = None
    timeout_ns: int | None = None
    families: tuple[Family, ...] | None = None
    visits_per_s: float | None = None
    kinds: tuple[ProbeKind, ...] | None = None
    streams: tuple[int, ...] | None = None
    transfer_ns: int | None = None
    transfer_bytes: int | None = None
    traffic_bytes: int | None = None
    cost: Money | None = None


NO_CHANGES = PlanChanges()
# What the options of one kind of probe change, and its field.
_LATENCY_OPTIONS = (
    ("--warm", "warm_requests"),
    ("--timeout", "timeout_ns"),
    ("--ipv4, --ipv6", "families"),
)
_DOWNLOAD_OPTIONS = (
    ("--streams", "streams"),
    ("--transfer", "transfer_ns"),
    ("--transfer-bytes", "transfer_bytes"),
    ("--timeout", "timeout_ns"),
    ("--ipv4, --ipv6", "families"),
)
# Nothing but a download costs anything.
_COST_OPTION = ("--max-cost", "cost")
_CEILING_OPTIONS = (
    ("--rate", "visits_per_s"),
    ("--traffic", "traffic_bytes"),
    _COST_OPTION,
)
_OF_BOTH_KINDS = {"timeout_ns", "families"}
_Spec = TypeVar("_Spec", ProbeSpec, DownloadSpec, Ceilings)


def changed(settings: PlanSettings, changes: PlanChanges) -> PlanSettings:
    """Put what the options say over a plan.

    Raises:
        ConfigError: A value makes no sense, or is of a kind of probe that the plan
            does not have; names the option.
    """
    settings = _of_kinds(settings, changes.kinds)
    retimed = _retimed(settings, changes.rounds, changes.duration_ns)
    probe, download = settings.probe, settings.download
    if probe is None:
        _refuse_given(changes, _LATENCY_OPTIONS, ProbeKind.LATENCY)
    else:
        probe = _changed_spec(probe, changes, _LATENCY_OPTIONS)
    if download is None:
        options = (*_DOWNLOAD_OPTIONS, _COST_OPTION)
        _refuse_given(changes, options, ProbeKind.DOWNLOAD)
    else:
        download = _changed_spec(download, changes, _DOWNLOAD_OPTIONS)
    ceilings = _changed_spec(settings.ceilings, changes, _CEILING_OPTIONS)
    with _told_by("--seed"):
        return replace(
            retimed,
            seed=settings.seed if changes.seed is None else changes.seed,
            probe=probe,
            download=download,
            ceilings=ceilings,
        )


def _of_kinds(
    settings: PlanSettings, kinds: tuple[ProbeKind, ...] | None
) -> PlanSettings:
    """Leave, or add, just the kinds of probe that were asked for."""
    if kinds is None:
        return settings
    probe, download = settings.probe or ProbeSpec(), settings.download or DownloadSpec()
    is_latency = ProbeKind.LATENCY in kinds
    return replace(
        settings,
        probe=probe if is_latency else None,
        download=download if ProbeKind.DOWNLOAD in kinds else None,
        # Those that were named are probed as two for their latency.
        controls=settings.controls if is_latency else True,
    )


def _refuse_given(
    changes: PlanChanges, options: tuple[tuple[str, str], ...], kind: ProbeKind
) -> None:
    for option, field in options:
        if field not in _OF_BOTH_KINDS and getattr(changes, field) is not None:
            problem = f"is of another kind of probe; say --kind {kind} as well"
            raise ConfigError(option, problem)


def _changed_spec(
    spec: _Spec, changes: PlanChanges, options: tuple[tuple[str, str], ...]
) -> _Spec:
    for option, field in options:
        value = getattr(changes, field)
        if value is not None:
            with _told_by(option):
                spec = replace(spec, **{field: value})
    return spec


def _retimed(
    settings: PlanSettings, rounds: int | None, duration_ns: int | None
) -> PlanSettings:
    """Give a plan other rounds, another length, or both.

    With only one of them the rounds stay as long as they were, unless not even one
    would fit: more rounds take longer, and are no denser. Where transfers have a share
    of the length, only the planner knows how long its visits were.
    """
    if rounds is None and duration_ns is None:
        return settings
    round_ns = settings.round_ns
    if settings.rounds and settings.duration_ns and settings.download is None:
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
