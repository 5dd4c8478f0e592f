"""What is asked of result sets: by which metric, within which margin, for whom."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from cloudgauge.analysis.comparison import Margin
from cloudgauge.analysis.metric import Metric
from cloudgauge.errors import ConfigError
from cloudgauge.model.quantity import NS_PER_MS, parse_duration_ns
from cloudgauge.stats.verdict import LEAST_MARGIN, MARGIN_SHARE
from cloudgauge.workflow.like_with_like import Unlikeness, parse_allowed

_METRIC, _MARGIN, _WEIGHTS = "--metric", "--margin", "--weights"
_ALL_ZERO = "want at least one above 0"
# Rates of single tests vary more than round trips do.
_RATE_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of result sets.

    Attributes:
        margin: Within which a shift does not matter; None for the metric's own:
            the greater of 2 ms and 2 %, of rates 5 %.
        weights: Of the vantages, by name, such as their shares of users; None for all
            alike.
        allowed: In which ways sides may differ that are compared.
    """

    metric: Metric = Metric.CONNECT
    margin: Margin | None = None
    weights: Mapping[str, float] | None = None
    allowed: frozenset[Unlikeness] = frozenset()

    @classmethod
    def of(
        cls,
        metric: str = Metric.CONNECT.value,
        *,
        margin: str | None = None,
        weights: str | Mapping[str, float] | None = None,
        allow: str = "",
    ) -> Self:
        """Ask in words.

        Args:
            metric: ``connect``, ``tls``, ``first-byte`` or ``throughput``.
            margin: Such as ``2ms``, ``3%`` or ``2ms,3%``, of which the greater holds.
            weights: By vantage, or written as ``singapore=0.3,frankfurt=0.7``.
            allow: In which ways sides may differ, such as ``clock,hours``.

        Raises:
            ConfigError: One of them is none.
        """
        meant = parse_metric(metric)
        read = parse_weights(weights) if isinstance(weights, str) else weights
        for name, weight in (read or {}).items():
            if not (math.isfinite(weight) and weight >= 0):
                problem = f'want a number of 0 or more for "{name}", got {weight}'
                raise ConfigError(_WEIGHTS, problem)
        return cls(
            metric=meant,
            margin=None if margin is None else parse_margin(margin, meant),
            weights=read,
            allowed=parse_allowed(allow),
        )

    @property
    def margin_used(self) -> Margin:
        """The margin, the metric's own where none was given."""
        if self.margin is not None:
            return self.margin
        if self.metric.is_rate:
            return Margin(least=0.0, share=_RATE_SHARE)
        return Margin(least=LEAST_MARGIN, share=MARGIN_SHARE)

    def weights_of(self, vantages: Sequence[str]) -> dict[str, float]:
        """The weight of each vantage, their sum 1.

        Raises:
            ConfigError: One has none, or one that was named is not there.
        """
        if self.weights is None:
            return dict.fromkeys(vantages, 1 / len(vantages))
        here = ", ".join(vantages)
        for name in self.weights:
            if name not in vantages:
                raise ConfigError(_WEIGHTS, f'no vantage "{name}" here; want {here}')
        missing = [name for name in vantages if name not in self.weights]
        if missing:
            problem = f"none given for {', '.join(missing)}; want one for each vantage"
            raise ConfigError(_WEIGHTS, problem)
        total = sum(self.weights.values())
        if not total:
            raise ConfigError(_WEIGHTS, _ALL_ZERO)
        return {name: self.weights[name] / total for name in vantages}


DEFAULT_QUESTION = Question()


def parse_metric(text: str) -> Metric:
    """Read the name of a metric.

    Raises:
        ConfigError: There is none of that name.
    """
    try:
        return Metric(text)
    except ValueError as exc:
        names = ", ".join(metric.value for metric in Metric)
        raise ConfigError(_METRIC, f'want one of {names}, got "{text}"') from exc


def parse_margin(text: str, metric: Metric) -> Margin:
    """Read a margin such as ``2ms``, ``3%`` or ``2ms,3%``, of which the greater holds.

    Raises:
        ConfigError: It is none, or not of the metric's unit.
    """
    least, share = 0.0, 0.0
    for part in text.split(","):
        amount = parse_amount(part.strip(), metric, _MARGIN)
        if amount.is_share:
            share = max(share, amount.value)
        else:
            least = max(least, amount.value)
    return Margin(least=least, share=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount of a metric, or a share of the baseline's median (0.02 is 2 %)."""

    value: float
    is_share: bool


def parse_amount(text: str, metric: Metric, where: str) -> Amount:
    """Read ``5ms``, ``5Mbit/s`` or ``2%``.

    Raises:
        ConfigError: It is none of these, or not of the metric's unit.
    """
    number, is_share = text.removesuffix("%"), text.endswith("%")
    try:
        if is_share:
            value = float(number) / 100
        elif metric.is_rate:
            value = float(_without(text, "Mbit/s"))
        else:
            value = parse_duration_ns(text) / NS_PER_MS
    except ValueError as exc:
        raise ConfigError(where, _wanted(text, metric)) from exc
    if not (math.isfinite(value) and value >= 0):
        raise ConfigError(where, _wanted(text, metric))
    return Amount(value=value, is_share=is_share)


def parse_weights(text: str) -> dict[str, float]:
    """Read ``singapore=0.3,frankfurt=0.7``.

    Raises:
        ConfigError: It is no such list, or no weight is above 0.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = part.strip().rpartition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = math.nan
        if not equals or not name or not (math.isfinite(weight) and weight >= 0):
            problem = (
                f'want vantage=number, such as singapore=0.3, got "{part.strip()}"'
            )
            raise ConfigError(_WEIGHTS, problem)
        if name in found:
            raise ConfigError(_WEIGHTS, f'vantage "{name}" is given twice')
        found[name] = weight
    if not sum(found.values()):
        raise ConfigError(_WEIGHTS, _ALL_ZERO)
    return found


def _without(text: str, unit: str) -> str:
    if not text.endswith(unit):
        msg = f"no {unit}"
        raise ValueError(msg)
    return text.removesuffix(unit)


def _wanted(text: str, metric: Metric) -> str:
    unit = "5Mbit/s" if metric.is_rate else "5ms"
    return f'want an amount such as {unit} or 2%, got "{text}"'
