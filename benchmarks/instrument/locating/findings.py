"""Verdicts on places against the truth, as rows; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.instrument.locating.cast import VANTAGES, Part, Role, of_role
from benchmarks.instrument.report import Detail, Findings, Row
from cloudgauge.analysis.location import Verdict

Verdicts = Mapping[str, Verdict]
_CONVICTED = frozenset({Verdict.REFUTED, Verdict.ANYCAST})
# What counts of each role that light can tell, and what its figure is called.
_FIGURES = {
    Role.MOVED: (
        "endpoints moved to another region, refuted",
        frozenset({Verdict.REFUTED}),
    ),
    Role.ANYCAST: ("anycast endpoints, recognised", frozenset({Verdict.ANYCAST})),
    Role.HONEST: ("honest endpoints, refuted or called anycast", _CONVICTED),
}


def location_findings(
    cast: Sequence[Part], verdicts: Verdicts, alone: Mapping[str, Verdicts]
) -> Findings:
    """A row for each role that light can tell, held against the best single vantage.

    Args:
        cast: Who played what.
        verdicts: From all vantages together, by id.
        alone: From each vantage by itself, by its name.
    """
    detail = Detail(
        name="places",
        text=(
            f"Where {len(cast)} endpoints of the catalogue are, by `targets locate` "
            f"from {', '.join(vantage.name for vantage in VANTAGES)}. What has gone "
            "where every vantage is further away than before cannot be told by light; "
            "it is shown and has no goal:"
        ),
        heads=("played", "endpoints", *(verdict.value for verdict in Verdict)),
        rows=tuple(_cells(cast, verdicts, role) for role in Role),
    )
    rows = tuple(_row(cast, role, verdicts, alone) for role in _FIGURES)
    return Findings(rows=rows, details=(detail,))


def _row(
    cast: Sequence[Part], role: Role, verdicts: Verdicts, alone: Mapping[str, Verdicts]
) -> Row:
    figure, counting = _FIGURES[role]
    ids = tuple(of_role(cast, role))
    is_honest = role is Role.HONEST
    counts = {name: _count(ids, found, counting) for name, found in alone.items()}
    # The best at convicting; of the honest, the one that convicts most.
    best = max(counts, key=lambda name: counts[name]) if counts else ""
    return Row(
        figure=figure,
        load=f"{len(ids)} of {len(cast)} regions, {len(VANTAGES)} vantages",
        value=_count(ids, verdicts, counting),
        unit="",
        peer=f"{best} alone" if best else "",
        peer_value=counts.get(best),
        goal=0 if is_honest else len(ids),
        goal_is_least=not is_honest,
        has_failed=True,
    )


def _count(ids: Sequence[str], verdicts: Verdicts, counting: frozenset[Verdict]) -> int:
    return sum(verdicts.get(each, Verdict.UNKNOWN) in counting for each in ids)


def _cells(
    cast: Sequence[Part], verdicts: Verdicts, role: Role
) -> tuple[str | int, ...]:
    ids = tuple(of_role(cast, role))
    counts = Counter(verdicts.get(each, Verdict.UNKNOWN) for each in ids)
    return role.value, len(ids), *(counts[verdict] for verdict in Verdict)
