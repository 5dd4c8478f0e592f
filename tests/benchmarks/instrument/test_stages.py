from pathlib import Path

from benchmarks.instrument.stages import (
    COLD_RATES_PER_S,
    QUICK,
    Effort,
    Part,
    ProberName,
    programme,
    read_stages,
    write_stages,
)

_ALL = frozenset(ProberName)


def test_programme_holds_only_the_parts_and_probers_that_were_asked_for() -> None:
    own = frozenset({ProberName.OWN})
    stages = programme(frozenset({Part.COLD}), own, Effort())
    assert {stage.prober for stage in stages} == own
    assert tuple(stage.load.visits_per_s for stage in stages) == COLD_RATES_PER_S


def test_every_stage_has_files_of_its_own() -> None:
    stages = programme(frozenset(Part), _ALL, Effort())
    assert len({stage.key for stage in stages}) == len(stages)


def test_whole_programme_takes_less_than_ten_minutes() -> None:
    stages = programme(frozenset(Part), _ALL, Effort())
    assert sum(stage.load.seconds for stage in stages) < 600


def test_quick_programme_takes_less_than_three_minutes() -> None:
    stages = programme(frozenset(Part), _ALL, QUICK)
    assert sum(stage.load.seconds for stage in stages) < 180


def test_every_stage_can_be_given_the_same_length() -> None:
    stages = programme(frozenset(Part), _ALL, Effort().lasting(3))
    assert {stage.load.seconds for stage in stages} == {3}


def test_programme_is_read_back_equal(tmp_path: Path) -> None:
    stages = programme(frozenset(Part), _ALL, Effort())
    write_stages(tmp_path / "stages.json", stages)
    assert read_stages(tmp_path / "stages.json") == stages
