"""One run's samples, kept once whole and once in parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cloudgauge.model.plan import Plan
from cloudgauge.model.run import Part
from cloudgauge.model.sample import Sample
from tests.store.synthetic import STARTED_WALL_NS
from tests.workflow.two_vantages import kept, run_from, samples_with

CAMPAIGN = "0123456789abcdef" * 2
_VANTAGE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Rounds that a part is of; of a rest also how long after the run it began."""

    first_round: int
    rounds: int
    is_rest: bool = False
    late_ns: int = 0


def whole(parent: Path, plan: Plan, means_ms: Mapping[str, float]) -> Path:
    """A set of all rounds."""
    return kept(
        parent, run_from(_VANTAGE, plan=plan), _samples(plan, means_ms), plan=plan
    )


def in_parts(
    parent: Path,
    plan: Plan,
    means_ms: Mapping[str, float],
    pieces: Sequence[Piece],
    lost: frozenset[int] = frozenset(),
) -> list[Path]:
    """The same samples in parts; slots that are *lost* are in no part but a rest."""
    made = []
    for number, piece in enumerate(pieces):
        its = [
            sample
            for sample in _samples(plan, means_ms)
            if piece.first_round
            <= sample.slot.round_index
            < piece.first_round + piece.rounds
            and (sample.slot.seq in lost) == piece.is_rest
        ]
        before_ns = piece.first_round * plan.pacing.round_ns
        info = replace(
            run_from(_VANTAGE, run=100 + number, plan=plan),
            started_wall_ns=STARTED_WALL_NS + before_ns + piece.late_ns,
            part=Part(
                campaign=CAMPAIGN,
                number=number,
                first_round=piece.first_round,
                rounds=piece.rounds,
                slots=len({sample.slot.seq for sample in its}),
                is_rest=piece.is_rest,
            ),
        )
        moved = (_moved(sample, before_ns, piece.late_ns) for sample in its)
        made.append(kept(parent / str(number), info, moved, plan=plan))
    return made


def _samples(plan: Plan, means_ms: Mapping[str, float]) -> Iterable[Sample]:
    return samples_with(means_ms, seed=3, plan=plan)


def _moved(sample: Sample, before_ns: int, late_ns: int) -> Sample:
    """The sample by the clock of a part that starts *before_ns* after the run."""
    slot = replace(sample.slot, due_ns=sample.slot.due_ns - before_ns)
    return replace(
        sample,
        slot=slot,
        sent_ns=sample.sent_ns - before_ns,
        wall_ns=sample.wall_ns + late_ns,
    )
