"""What a feed is asked, and what it gives: the same for every provider."""

from dataclasses import dataclass, field
from datetime import date

from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.answer import Skip, Source, Wanted
from cloudgauge.pricefeed.fetching import Fetcher
from cloudgauge.pricefeed.hosts import Hosts
from cloudgauge.settings.keys import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask a provider.

    Attributes:
        wanted: Regions and machines.
        named: Whether the user named the regions; some answers are asked for only
            then, because they are large.
        retrieved: Today, UTC.
        hosts: Whom to ask.
        key: Whose prices; None where none is needed.
    """

    fetcher: Fetcher
    wanted: Wanted
    named: bool
    retrieved: date
    hosts: Hosts
    key: Key | None = field(default=None, repr=False)

    def source(self, url: str) -> Source:
        """Say that rows are from this answer."""
        return Source(url=url, retrieved=self.retrieved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """All that a provider's answers hold of what is wanted.

    Attributes:
        notes: Sentences that the user must not miss.
    """

    tariffs: tuple[Tariff, ...]
    skipped: tuple[Skip, ...]
    notes: tuple[str, ...] = ()


def joined(
    parts: list[tuple[tuple[Tariff, ...], tuple[Skip, ...]]],
    notes: tuple[str, ...] = (),
) -> Fetched:
    """Put what several answers held together; skips for one reason are added up."""
    skips: dict[str, Skip] = {}
    for _, skipped in parts:
        for one in skipped:
            before = skips.get(one.reason)
            skips[one.reason] = Skip(
                reason=one.reason,
                count=one.count + (before.count if before else 0),
                example=before.example if before else one.example,
            )
    return Fetched(
        tariffs=tuple(one for tariffs, _ in parts for one in tariffs),
        skipped=tuple(sorted(skips.values(), key=lambda one: -one.count)),
        notes=notes,
    )
