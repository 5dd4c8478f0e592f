"""A plan frozen for a campaign: made of what a person asks, kept, read back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.errors import ConfigError
from cloudgauge.model.campaign import Pin
from cloudgauge.model.plan import Plan
from cloudgauge.model.quantity import NS_PER_S, format_duration, parse_duration_ns
from cloudgauge.model.run import Vantage
from cloudgauge.planning.limits import check_limits
from cloudgauge.planning.pin import new_pin, pin_from_json, pin_to_json
from cloudgauge.settings.toml_file import read_text
from cloudgauge.settings.vantage_file import read_vantage
from cloudgauge.workflow.new_file import new_file
from cloudgauge.workflow.planning import PlanRequest, plan_for_run

PIN_SUFFIX = ".json"
_VANTAGE_SUFFIX = ".toml"
_BY_VANTAGE = "--vantage"
_BY_START = "--start"
_BY_PART = "--part"
_WANTED_START = (
    "want a time with its zone, such as 2026-12-01T08:00Z, or from now, such as +30m"
)
_WANTED_PART = "want a number of rounds, such as 60, or a time, such as 1h"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinTerms:
    """Who is to take part in a campaign, and when, as a person writes it.

    Attributes:
        vantages: Names, or ``vantage.toml`` files; none for whoever comes.
        start: When the first round begins: ISO 8601 with a zone, or ``+`` and a
            duration from now; None for when each vantage is ready.
        part: Rounds of a part, or a duration, of which the whole rounds count; None
            for all in one part.
    """

    vantages: tuple[str, ...] = ()
    start: str | None = None
    part: str | None = None


NO_TERMS = PinTerms()


def is_pin(plan: str | None) -> bool:
    """Whether what was given for a plan names a pinned one."""
    return plan is not None and plan.endswith(PIN_SUFFIX)


def pin_plan(
    request: PlanRequest, terms: PinTerms = NO_TERMS, *, pinned_wall_ns: int
) -> Pin:
    """Make the plan that is asked for, check it, and freeze it for a campaign.

    Args:
        request: What is to be measured.
        terms: Who is to take part, and when.
        pinned_wall_ns: Now, UTC since 1970.

    Raises:
        ConfigError: A file, a name or a value is wrong.
        LimitExceeded: The plan would pass a ceiling.
    """
    if is_pin(request.plan):
        problem = "is pinned already; pin the plan that it was made of"
        raise ConfigError(str(request.plan), problem)
    # Names and times first: they are wrong sooner than a plan is made.
    vantages = _vantages(terms.vantages)
    start_wall_ns = None
    if terms.start is not None:
        start_wall_ns = start_of(terms.start, now_ns=pinned_wall_ns)
    plan = plan_for_run(request)
    return replace(
        new_pin(plan, tool_version=__version__, pinned_wall_ns=pinned_wall_ns),
        vantages=vantages,
        start_wall_ns=start_wall_ns,
        part_rounds=None if terms.part is None else part_rounds_of(terms.part, plan),
    )


def read_pin(path: Path) -> Pin:
    """Read a pinned plan, and check it against its own hashes and its ceilings.

    Raises:
        ConfigError: There is no such file, it is no pinned plan, or it was changed.
        LimitExceeded: Its plan would pass its own ceilings.
    """
    if not is_pin(path.name):
        problem = f"is not pinned: pin it with cloudgauge plan pin {path} -o FILE.json"
        raise ConfigError(str(path), problem)
    pin = pin_from_json(read_text(path), str(path))
    check_limits(pin.plan)
    return pin


def save_pin(pin: Pin, path: Path) -> None:
    """Write a pinned plan, whole, never over a file that is there.

    Raises:
        ConfigError: There is a file of that name, or it would not be known for a
            pinned plan by its name.
        MachineError: It cannot be written.
    """
    if path.suffix != PIN_SUFFIX:
        raise ConfigError(str(path), f"want a name that ends with {PIN_SUFFIX}")
    with new_file(path) as file:
        file.write(f"{pin_to_json(pin)}\n".encode("ascii"))


def start_of(text: str, *, now_ns: int) -> int:
    """Read a start to come; UTC since 1970.

    Args:
        text: As `PinTerms.start`.
        now_ns: UTC since 1970.

    Raises:
        ConfigError: It is no time, has no zone or is past.
    """
    if text.startswith("+"):
        # A whole second, as people read it.
        return -(-(now_ns + _start_in_ns(text)) // NS_PER_S) * NS_PER_S
    try:
        at = datetime.fromisoformat(text)
    except ValueError as exc:
        raise ConfigError(_BY_START, f'{_WANTED_START}, got "{text}"') from exc
    if at.tzinfo is None:
        problem = f'{_WANTED_START}, got "{text}", which names no zone'
        raise ConfigError(_BY_START, problem)
    start_ns = int(at.timestamp()) * NS_PER_S + at.microsecond * 1_000
    if start_ns <= now_ns:
        now = datetime.fromtimestamp(now_ns // NS_PER_S, tz=UTC)
        problem = f'"{text}" is past: it is {now:%Y-%m-%dT%H:%M:%SZ}'
        raise ConfigError(_BY_START, problem)
    return start_ns


def part_rounds_of(text: str, plan: Plan) -> int:
    """Read how many rounds a part has.

    Args:
        text: As `PinTerms.part`.
        plan: Whose rounds these are.

    Raises:
        ConfigError: It is neither a number nor a time, or less than one round.
    """
    if text.isascii() and text.isdecimal():
        rounds = int(text)
    else:
        try:
            rounds = parse_duration_ns(text) // plan.round_span_ns
        except ValueError as exc:
            raise ConfigError(_BY_PART, f'{_WANTED_PART}, got "{text}"') from exc
    if rounds < 1:
        span = format_duration(plan.round_span_ns)
        problem = f'want at least one round, which takes {span}, got "{text}"'
        raise ConfigError(_BY_PART, problem)
    return rounds


def _start_in_ns(text: str) -> int:
    try:
        return parse_duration_ns(text[1:])
    except ValueError as exc:
        raise ConfigError(_BY_START, f'{_WANTED_START}, got "{text}"') from exc


def _vantages(texts: Iterable[str]) -> tuple[Vantage, ...]:
    """The vantages in the order of their names."""
    found: dict[str, tuple[str, Vantage]] = {}
    for text, vantage in _named(texts):
        name = vantage.name
        if name in found:
            problem = f'"{name}" is named twice, by {found[name][0]} and by {text}'
            raise ConfigError(_BY_VANTAGE, problem)
        found[name] = (text, vantage)
    return tuple(found[name][1] for name in sorted(found))


def _named(texts: Iterable[str]) -> Iterator[tuple[str, Vantage]]:
    for text in texts:
        if text.endswith(_VANTAGE_SUFFIX):
            yield text, read_vantage(Path(text))
            continue
        try:
            yield text, Vantage(name=text)
        except ValueError as exc:
            raise ConfigError(_BY_VANTAGE, str(exc)) from exc
