"""What regions are wanted for whom: parsed from words, with every mistake named."""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TypedDict, Unpack

from cloudgauge.analysis.placing import Effort, Within
from cloudgauge.catalog.geography import AREAS, areas_of
from cloudgauge.errors import ConfigError
from cloudgauge.model.price import Money, parse_money
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S, parse_duration_ns
from cloudgauge.model.target import PROVIDER_NAMES, Region
from cloudgauge.placement.problem import Objective
from cloudgauge.settings.toml_file import nearest
from cloudgauge.settings.users_file import read_users
from cloudgauge.workflow.question import DEFAULT_QUESTION, Question, parse_weights

_K = re.compile(r"(\d{1,4})(?:\.\.(\d{1,4})?)?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_QUANTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,3})?)", re.ASCII)
_PROVIDERS, _COUNT, _FOR, _METRIC = "--providers", "-k", "--for", "--metric"
_SHARE_OF, _BUDGET, _TIME_LIMIT = "--share", "--budget", "--time-limit"
_SHARE = "95%"
_AT = "p95"


@dataclass(frozen=True, slots=True, kw_only=True)
class Residency:
    """Where regions may be; what is empty allows all.

    Attributes:
        countries: ISO 3166-1 alpha-2.
        areas: As `catalog.geography.AREAS` names them.
    """

    providers: tuple[str, ...] = ()
    not_providers: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    not_areas: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for option, names in (("--area", self.areas), ("--not-area", self.not_areas)):
            _check_names(option, "area", names, AREAS)
        for option, codes in (
            ("--country", self.countries),
            ("--not-country", self.not_countries),
        ):
            for code in codes:
                if not _COUNTRY.fullmatch(code):
                    problem = f'want two letters of ISO 3166-1, got "{code}"'
                    raise ConfigError(option, problem)

    def check_providers(self, measured: Collection[str]) -> None:
        """Refuse a provider that is none: what is forbidden must not slip through.

        Args:
            measured: Providers of the user's own, too.

        Raises:
            ConfigError: Naming the nearest.
        """
        known = sorted({*PROVIDER_NAMES, *measured})
        _check_names("--provider", "provider", self.providers, known)
        _check_names("--not-provider", "provider", self.not_providers, known)

    def why_not(self, region: Region) -> str:
        """Why a region may not be chosen; "" if it may."""
        areas = set(areas_of(region))
        for word, allowed, forbidden, own in (
            ("provider", self.providers, self.not_providers, {region.provider}),
            ("country", self.countries, self.not_countries, {region.country}),
            ("area", self.areas, self.not_areas, areas),
        ):
            if (allowed and own.isdisjoint(allowed)) or not own.isdisjoint(forbidden):
                return f"{word} is not allowed"
        return ""


def _check_names(
    option: str, what: str, names: Iterable[str], known: Collection[str]
) -> None:
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f'; did you mean "{near}"?' if near else ""
            problem = f'no {what} "{name}"; want one of {", ".join(known)}{hint}'
            raise ConfigError(option, problem)


class WishWords(TypedDict, total=False):
    """The words of `Wish.of`, as on the command line."""

    objective: str
    metric: str
    quantile: str
    weights: str | Mapping[str, float] | None
    allow: str
    budget: str | None
    within: str | None
    share: str | None
    at: str | None
    providers: int
    replication: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted.

    Attributes:
        least: Regions at least.
        most: Regions at most; None for as many as there are.
        question: By which metric, and what each vantage weighs.
        quantile: Of a user's times that says how far a region is.
        budget: A month.
        replication_ms: How far apart any two regions may be.
    """

    least: int
    most: int | None
    objective: Objective = Objective.LATENCY
    question: Question = DEFAULT_QUESTION
    quantile: float = 0.5
    within: Within | None = None
    budget: Money | None = None
    least_providers: int = 1
    replication_ms: float | None = None
    residency: Residency = field(default_factory=Residency)

    @classmethod
    def of(
        cls,
        k: int | str,
        *,
        residency: Residency | None = None,
        **words: Unpack[WishWords],
    ) -> Self:
        """Wish in words.

        Args:
            k: How many regions: ``3``; ``1..3``, as few as keep all limits or,
                where cost is got down, as are cheapest; ``2..``, likewise from two.
            residency: Where they may be.
            words: ``objective``: ``latency``, ``worst`` or ``cost``. ``quantile``:
                such as ``p50``. ``within``: ``80ms``, for a ``share`` of the users
                (``95%``) ``at`` a quantile of their times (``p95``). ``budget``:
                ``500 USD`` a month. ``providers``: so many at least.
                ``replication``: how far apart any two may be, such as ``40ms``.
                ``metric``, ``weights``, ``allow``: as of `Question.of`; the weights
                may be the path of a ``users.toml``.

        Raises:
            ConfigError: One of them is none.
        """
        least, most = _counts(str(k))
        providers = words.get("providers", 1)
        if providers < 1 or (most is not None and providers > most):
            problem = f"want 1 to {most or 'as many as there are'}, got {providers}"
            raise ConfigError(_PROVIDERS, problem)
        return cls(
            least=least,
            most=most,
            objective=_objective(words.get("objective", "latency")),
            question=_question(words),
            quantile=parse_quantile(words.get("quantile", "p50"), "--quantile"),
            within=_within(words),
            budget=_budget(words.get("budget")),
            least_providers=providers,
            replication_ms=_optional_ms(words.get("replication"), "--replication"),
            residency=residency or Residency(),
        )

    @property
    def wants_cost(self) -> bool:
        """Whether a region without a price cannot be chosen."""
        return self.objective is Objective.COST or self.budget is not None


def _counts(text: str) -> tuple[int, int | None]:
    found = _K.fullmatch(text)
    least = int(found[1]) if found else 0
    most = None
    if found and (found[2] or ".." not in text):
        most = int(found[2] or found[1])
    if least < 1 or (most is not None and most < least):
        problem = f'want a count such as 3, 1..3 or 2.., got "{text}"'
        raise ConfigError(_COUNT, problem)
    return least, most


def _objective(text: str) -> Objective:
    try:
        return Objective(text)
    except ValueError as exc:
        names = ", ".join(one.value for one in Objective)
        raise ConfigError(_FOR, f'want one of {names}, got "{text}"') from exc


def _question(words: WishWords) -> Question:
    given = words.get("weights")
    if isinstance(given, str):
        is_file = given.endswith(".toml")
        given = read_users(Path(given)) if is_file else parse_weights(given)
    question = Question.of(
        words.get("metric", "connect"), weights=given, allow=words.get("allow", "")
    )
    if question.metric.is_rate:
        problem = "want a time that users wait for, such as connect, not a rate"
        raise ConfigError(_METRIC, problem)
    return question


def parse_quantile(text: str, where: str) -> float:
    """Read a quantile such as ``p95``.

    Args:
        text: What was given.
        where: What it was given as.

    Raises:
        ConfigError: It is none.
    """
    found = _QUANTILE.fullmatch(text)
    share = float(found[1]) / 100 if found else 0.0
    if not 0 < share < 1:
        raise ConfigError(where, f'want a quantile such as p50 or p95, got "{text}"')
    return share


def _within(words: WishWords) -> Within | None:
    limit_ms = _optional_ms(words.get("within"), "--within")
    share, at = words.get("share"), words.get("at")
    if limit_ms is None:
        for option, given in (("--share", share), ("--at", at)):
            if given is not None:
                problem = "says more of --within, which is not there"
                raise ConfigError(option, problem)
        return None
    return Within(
        limit_ms=limit_ms,
        share=_share(share or _SHARE),
        quantile=parse_quantile(at or _AT, "--at"),
    )


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / 100 if text.endswith("%") else math.nan
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        problem = f'want a share of the users such as 95%, got "{text}"'
        raise ConfigError(_SHARE_OF, problem)
    return share


def _optional_ms(text: str | None, where: str) -> float | None:
    if text is None:
        return None
    try:
        found = parse_duration_ns(text) / NS_PER_MS
    except ValueError as exc:
        raise ConfigError(where, str(exc)) from exc
    if found <= 0:
        raise ConfigError(where, f'want a time above 0, such as 80ms, got "{text}"')
    return found


def _budget(text: str | None) -> Money | None:
    try:
        return None if text is None else parse_money(text)
    except ValueError as exc:
        raise ConfigError(_BUDGET, str(exc)) from exc


def effort_of(time_limit: str, *, draws: int, seed: int) -> Effort:
    """How much is done for the answer.

    Raises:
        ConfigError: The time is none.
    """
    try:
        limit_s = parse_duration_ns(time_limit) / NS_PER_S
    except ValueError as exc:
        raise ConfigError(_TIME_LIMIT, str(exc)) from exc
    return Effort(time_limit_s=limit_s, draws=draws, seed=seed)
