"""What a report is made of, read once: figures of every set, rounds, ranks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from cloudgauge.analysis.metric import Metric
from cloudgauge.catalog.geography import areas_of
from cloudgauge.errors import NothingUsable
from cloudgauge.model.target import Target
from cloudgauge.report.document import Document
from cloudgauge.report.figures.values import region_anchor
from cloudgauge.report.page import Subject
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.ranking import rank_places
from cloudgauge.workflow.ranking_view import Rankings
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.set_figures import SetFigures
from cloudgauge.workflow.set_view import sets_document
from cloudgauge.workflow.vantage_rounds import VantageRounds, places_of

ALL = "all vantages"
Tell = Callable[[str], None]

_NO_LATENCY = "no latency was measured"


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a report is made of.

    Attributes:
        sets: The figures of each set, in the order in which they were named.
        places: The rounds of the connect phase, vantage by vantage; none where
            nothing answered.
        rankings: None where there is nothing to rank.
        why_not: Why that is; "" otherwise.
    """

    sets: tuple[SetFigures, ...]
    places: tuple[VantageRounds, ...]
    rankings: Rankings | None
    why_not: str = ""

    @classmethod
    def of(
        cls, results: Results, *, weights: Mapping[str, float] | None, tell: Tell
    ) -> Self:
        """Read result sets, one after the other, each once.

        Args:
            results: Of any number of vantages.
            weights: Of the vantages; None for all alike.
            tell: Is told what is being done, for who waits.

        Raises:
            ConfigError: The weights do not fit.
            StoreError: A set cannot be read, or they do not fit together.
        """
        sets = []
        for at, result in enumerate(results.sets, start=1):
            tell(f"reading {result.folder.name} ({at} of {len(results.sets)})")
            sets.append(SetFigures.of(result))
        parts = [(one.result, one.connects) for one in sets if one.connects is not None]
        if not parts:
            return cls(sets=tuple(sets), places=(), rankings=None, why_not=_NO_LATENCY)
        try:
            places = places_of(parts, Metric.CONNECT)
        except NothingUsable:
            why_not = "no visit was answered, so nothing can be ranked"
            return cls(sets=tuple(sets), places=(), rankings=None, why_not=why_not)
        lines = max(len(place.rounds.lines) for place in places)
        tell(f"ranking {lines} series from {counted(len(places), 'vantage')}")
        rankings = rank_places(results.sets, places, question=Question(weights=weights))
        return cls(sets=tuple(sets), places=places, rankings=rankings)

    @cached_property
    def shown(self) -> Document:
        """What `show` says of the sets."""
        return sets_document(self.sets)

    @cached_property
    def ranked(self) -> Document | None:
        """What `rank` says of them; None where there is nothing to rank."""
        return None if self.rankings is None else self.rankings.document()

    @cached_property
    def targets(self) -> dict[str, Target]:
        """Everything that was measured, by id."""
        return {
            target_id: target
            for one in self.sets
            for target_id, target in one.targets.items()
        }

    @cached_property
    def vantages(self) -> tuple[str, ...]:
        """The names of all vantages, in their order."""
        return tuple(sorted({one.run.vantage.name for one in self.sets}))

    @cached_property
    def choices(self) -> tuple[str, ...]:
        """What a reader may look from; nothing where there is no choice."""
        if len(self.vantages) < 2:
            return ()
        together = self.rankings is not None and any(
            group.together for group in self.rankings.groups
        )
        return ((ALL,) if together else ()) + self.vantages

    def choice_of(self, vantage: str) -> str:
        """What a part of one vantage is marked with; "" is all of them together."""
        return (vantage or ALL) if self.choices else ""

    def subject_of(self, target_id: str) -> Subject:
        """What a row of a target is about."""
        target = self.targets.get(target_id)
        if target is None:
            return Subject(anchor=region_anchor(target_id))
        region = target.region
        return Subject(
            anchor=region_anchor(region.region_id),
            provider=region.provider,
            areas=areas_of(region),
        )


def some(names: Sequence[str], most: int = 5) -> str:
    """Names in a sentence, the first ones of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def joined_words(names: Iterable[object]) -> str:
    """Different words once each, in their order."""
    return ", ".join(dict.fromkeys(str(name) for name in names))


def counted(number: int, noun: str) -> str:
    """Such as ``1 target`` or ``24 targets``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
