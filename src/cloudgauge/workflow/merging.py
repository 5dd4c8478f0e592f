"""Several vantages' result sets become one folder, or it is said why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cloudgauge import __version__
from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.set_facts import FACT_COLUMNS, facts_of
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.settings.toml_file import nearest
from cloudgauge.store.distinct import Distinct, distinct
from cloudgauge.store.merge import write_merged
from cloudgauge.store.merged import found_sets
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.likeness import (
    Candidate,
    Difference,
    Unlike,
    clock_notes,
    unlike,
)
from cloudgauge.workflow.results_view import utc_text

_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """What is to be merged.

    Attributes:
        paths: Sets, merged sets, or folders of sets.
        into: The folder to make.
        allowed: In which ways the sets may differ.
        now_ns: By the clock of this machine, UTC since 1970.
    """

    paths: tuple[Path, ...]
    into: Path
    now_ns: int
    allowed: frozenset[Difference] = frozenset()


def allowed_words(text: str) -> frozenset[Difference]:
    """Read words such as ``plan,network``; blanks around them do not count.

    Raises:
        ConfigError: A word is none of `Difference`.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in set(Difference):
            known = ", ".join(Difference)
            meant = nearest(word, Difference)
            hint = f'; did you mean "{meant}"?' if meant else ""
            where = "--allow"
            raise ConfigError(where, f'want {known}, got "{word}"{hint}')
    return frozenset(Difference(word) for word in words)


def merge_sets(request: MergeRequest) -> Document:
    """Merge sets of different runs, each kept whole, and say what was merged.

    Raises:
        ConfigError: The folder is there already, or nothing is to be merged.
        StoreError: A set is corrupt or alive, or differs from the first in a way
            that was not allowed: then every difference is named.
        MachineError: The folder cannot be written.
    """
    found = distinct(ResultSet.open(folder) for folder in found_sets(request.paths))
    if len(found.kept) < 2:
        problem = f"want sets of at least two runs, got {len(found.kept)}"
        if found.dropped:
            count = len(found.dropped)
            noun = "duplicate" if count == 1 else "duplicates"
            problem += f" and {count} {noun} of it"
        raise ConfigError(str(request.paths[0]), problem)
    candidates = [
        Candidate(result=result, facts=facts_of(columns_of(result, FACT_COLUMNS)))
        for result in found.kept
    ]
    differences = unlike(candidates, now_ns=request.now_ns)
    _refuse(differences, request.allowed)
    write_merged(
        found.kept,
        request.into,
        allowed=tuple(sorted({one.difference.value for one in differences})),
        tool_version=__version__,
    )
    return _document(request, found, candidates, differences)


def _refuse(differences: Sequence[Unlike], allowed: frozenset[Difference]) -> None:
    refused = [one for one in differences if one.difference not in allowed]
    if not refused:
        return
    words = dict.fromkeys(one.difference.value for one in refused)
    rest = "".join(f"\n{one.where}: {one.problem}" for one in refused[1:])
    first = refused[0]
    hint = f"\nif that is meant, say --allow {','.join(words)}"
    raise StoreError(first.where, f"{first.problem}{rest}{hint}")


_COLUMNS = (
    Column(name="vantage", label="vantage"),
    Column(name="begins", label="begins"),
    Column(name="ends", label="ends"),
    Column(name="rounds", label="rounds", scale=Scale.COUNT),
    Column(name="samples", label="samples", scale=Scale.COUNT),
    Column(name="plan", label="plan"),
    Column(name="wall_moved_ms", label="clock moved", scale=Scale.MILLISECONDS),
    Column(name="folder", label="folder"),
)


def _document(
    request: MergeRequest,
    found: Distinct,
    candidates: Sequence[Candidate],
    differences: Sequence[Unlike],
) -> Document:
    samples = sum(one.result.manifest.counts.samples for one in candidates)
    vantages = {one.run.vantage.name for one in candidates}
    return Document(
        kind="merge",
        title=f"{len(candidates)} runs of {len(vantages)} vantages, {samples:,} "
        f"samples, in {request.into}",
        tables=(
            Table(
                name="members",
                title="",
                columns=_COLUMNS,
                rows=tuple(_row(one) for one in candidates),
            ),
        ),
        notes=(
            *(f"allowed: {one.where}: {one.problem}" for one in differences),
            *(
                f"{result.folder}: dropped, an exact duplicate"
                for result in found.dropped
            ),
            *clock_notes(candidates),
        ),
    )


def _row(one: Candidate) -> tuple[Cell, ...]:
    manifest = one.result.manifest
    return (
        one.run.vantage.name,
        utc_text(one.begins_ns),
        utc_text(one.ends_ns),
        manifest.planned_rounds,
        manifest.counts.samples,
        f"{manifest.plan.name} {one.run.plan_hash[:8]}",
        one.facts.moved_ns / _NS_PER_MS,
        one.where,
    )
