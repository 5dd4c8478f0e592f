from benchmarks.instrument.parts import PARTS
from benchmarks.instrument.shaped.buckets import bucket_trials
from benchmarks.instrument.shaped.links import link_trials
from benchmarks.instrument.stages import Effort, Part, ProberName, programme


def test_every_part_is_carried_out_by_somebody() -> None:
    stages = programme(frozenset(Part), frozenset(ProberName), Effort())
    others = {Part.SIZE, Part.START}
    assert {stage.part for stage in stages} | others | PARTS.keys() == set(Part)
    assert not {stage.part for stage in stages} & PARTS.keys()


def test_downloads_of_the_shaped_parts_take_minutes_and_quick_ones_less() -> None:
    def seconds(*, quick: bool) -> float:
        trials = (*link_trials(quick=quick), *bucket_trials(quick=quick))
        # Each once by us and once by the peer.
        return 2 * sum(trial.seconds * len(trial.streams) for trial in trials)

    assert seconds(quick=False) < 270
    assert seconds(quick=True) < 90
