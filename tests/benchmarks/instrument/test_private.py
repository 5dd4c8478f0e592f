import pytest

from benchmarks.instrument.load import Load
from benchmarks.instrument.outcome import Outcome, outcomes_of
from benchmarks.instrument.private import run_programme
from benchmarks.instrument.stages import Part, ProberName, Stage

pytestmark = pytest.mark.private_network

_LOAD = Load(targets=10, visits_per_s=10, warm_requests=1, seconds=2)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[ProberName, Outcome]:
    probers = (ProberName.OWN, ProberName.SHARED_CLIENT, ProberName.BARE)
    stages = tuple(
        Stage(part=Part.STEADY, prober=prober, load=_LOAD) for prober in probers
    )
    folder = tmp_path_factory.mktemp("programme")
    run_programme(stages, folder)
    return {outcome.stage.prober: outcome for outcome in outcomes_of(stages, folder)}


def test_every_prober_carries_out_the_whole_load(
    outcomes: dict[ProberName, Outcome],
) -> None:
    for outcome in outcomes.values():
        assert outcome.exit_code == 0
        assert (outcome.offered, outcome.begun, outcome.failed) == (20, 20, 0)


def test_every_reading_finds_its_truth(outcomes: dict[ProberName, Outcome]) -> None:
    for outcome in outcomes.values():
        assert outcome.unmatched == 0
    for prober in (ProberName.OWN, ProberName.SHARED_CLIENT):
        spread = outcomes[prober].error_ms("first_byte")
        assert spread is not None
        assert spread.count == 40


def test_a_prober_never_reports_less_than_the_truth_by_much(
    outcomes: dict[ProberName, Outcome],
) -> None:
    # Truth begins after the send and ends before the stamp; the median is above it.
    for prober in (ProberName.OWN, ProberName.SHARED_CLIENT):
        spread = outcomes[prober].error_ms("first_byte")
        assert spread is not None
        assert spread.p50 > 0


def test_probing_process_is_weighed(outcomes: dict[ProberName, Outcome]) -> None:
    own = outcomes[ProberName.OWN]
    assert 0 < own.peak_bytes <= own.tree_peak_bytes
