"""What must be read beside chosen regions: how it was proved, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cloudgauge.model.price import Money
from cloudgauge.placement.choice import Choice, Means
from cloudgauge.placement.problem import Objective

if TYPE_CHECKING:
    from cloudgauge.workflow.choosing_regions_view import Choices

_NAMED = 5
# Of draws, so many must agree.
_SURE = 0.95


def choice_notes(found: Choices) -> Iterator[str]:
    """Sentences that a reader must not miss."""
    choice = found.placed.choice
    if choice is None:
        yield from _nothing(found)
        return
    yield from _promise(found)
    yield from _fewer(found)
    yield _proof(found, choice)
    yield from _stability(found)
    yield from _cost(found)
    if found.wish.replication_ms is not None:
        yield (
            "between regions: the median from machines in them, of both directions the "
            "longer; two of which neither was measured cannot be together"
        )
    yield _for_whom(found)


def quantile_text(quantile: float) -> str:
    """A quantile such as ``p95``."""
    return f"p{100 * quantile:.6g}"


def _nothing(found: Choices) -> Iterator[str]:
    least, most = found.wish.least, found.wish.most
    count = f"{least}" if most == least else f"{least} to {most or 'all'}"
    yield (
        f"no set of {count} of these {len(found.candidates)} regions was found that "
        "keeps all limits"
    )
    if found.placed.loosenings:
        yield "each row: one limit loosened alone, all others as they are"
    else:
        yield "no single limit is to blame: loosening one of them alone does not help"
    yield _for_whom(found)


def _promise(found: Choices) -> Iterator[str]:
    within = found.wish.within
    if within is None:
        return
    kept = shown = 0.0
    for user in found.placed.users:
        if user.promised is not None and user.promised.point <= within.limit_ms:
            kept += user.weight
            shown += user.weight if user.promised.high <= within.limit_ms else 0.0
    yield (
        f"{100 * kept:.4g} % of the users are served within {within.limit_ms:g} ms at "
        f"{quantile_text(within.quantile)}, {100 * shown:.4g} % with their whole "
        f"interval; wanted {100 * within.share:.4g} %"
    )


def _fewer(found: Choices) -> Iterator[str]:
    count, least = len(found.regions), found.wish.least
    if count > least and found.wish.objective is not Objective.COST:
        yield f"as few as keep all limits: of fewer than {count} no set was found to"


def _proof(found: Choices, choice: Choice) -> str:
    what = {
        Objective.LATENCY: f"mean {quantile_text(found.wish.quantile)} by users",
        Objective.WORST: f"{quantile_text(found.wish.quantile)} of the worst user",
        Objective.COST: "cost a month",
    }[found.wish.objective]
    unit = found.currency if found.wish.objective is Objective.COST else "ms"
    value = f"{what}: {choice.value:.2f} {unit}"
    if choice.means is Means.ALL_SETS:
        sets = "the one set" if choice.set_count == 1 else f"all {choice.set_count:,}"
        return f"{value}, the best of {sets} that there are"
    if not choice.gap:
        return f"{value}; proved by programming: no set is better"
    return (
        f"{value}; not proved within {found.effort.time_limit_s:g} s: another set may "
        f"be better by up to {100 * choice.gap:.3g} %; take more with --time-limit"
    )


def _stability(found: Choices) -> Iterator[str]:
    stable = found.placed.stability
    drawn = "rounds and vantages" if found.draws_vantages else "rounds"
    if stable is None:
        yield f"in no draw of {drawn} did any set keep all limits"
        return
    unit = found.currency if found.wish.objective is Objective.COST else "ms"
    if stable.same_share < _SURE:
        yield (
            "undecided: other regions were best in "
            f"{100 * (1 - stable.same_share):.3g} % of the draws"
        )
    yield (
        f"drawn anew {found.effort.draws} times ({drawn}, seed {found.effort.seed}): "
        f"the same regions were best in {100 * stable.same_share:.3g} %; with "
        f"{100 * stable.confidence:g} % these are worse than the best by at most "
        f"{stable.regret:.3g} {unit}"
    )
    if not found.draws_vantages:
        yield "vantages were not drawn: of fewer than three nothing follows for others"
    if stable.draws < found.effort.draws:
        lost = found.effort.draws - stable.draws
        yield f"in {lost} draws no set kept all limits"
    if stable.broken_share:
        yield (
            f"in {100 * stable.broken_share:.3g} % of the draws these regions do not "
            "keep all limits"
        )
    others = {
        region: share
        for region, share in found.placed.chosen_share.items()
        if region not in found.regions
    }
    if others:
        ordered = sorted(others, key=lambda one: (-others[one], one))
        named = ", ".join(
            f"{one} {100 * others[one]:.3g} %" for one in ordered[:_NAMED]
        )
        more = f" and {len(ordered) - _NAMED} more" if len(ordered) > _NAMED else ""
        yield f"also chosen in draws: {named}{more}"


def _cost(found: Choices) -> Iterator[str]:
    if found.billed is None:
        return
    if not isinstance(found.billed, Money):
        yield f"a month of all together has no price: {found.billed}"
        return
    yield (
        f"a month of all together: {found.billed.amount:,.2f} {found.currency}, as it "
        "is billed: each region with its users' share of the traffic to the Internet"
    )
    if found.wish.wants_cost:
        yield (
            "regions were held against each other at each one's price of all traffic, "
            f"which comes to {found.placed.cost or 0:,.2f} {found.currency} here: "
            "tiers and allowances of a share may make it cheaper or dearer"
        )


def _for_whom(found: Choices) -> str:
    names = ", ".join(
        f"{user.name} {user.weight:.3g}" for user in found.placed.users[:_NAMED]
    )
    more = len(found.placed.users) - _NAMED
    weighed = f", weighed {names}" if names else ""
    rest = f" and {more} more" if more > 0 else ""
    return (
        f"this holds for users at these vantages and no others{weighed}{rest}; each "
        "goes to the nearest region that is chosen"
    )
