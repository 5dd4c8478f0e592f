from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.errors import LimitExceeded, StoreError
from cloudgauge.model.plan import Ceilings, Pacing, Plan
from cloudgauge.model.price import parse_money
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.workflow.repeating import repeat_of
from tests.store.synthetic import keep_set, make_plan, make_samples

# Long enough a round for its A/A control: two visits to one host.
PLAN = replace(
    make_plan(targets=6, rounds=4),
    pacing=Pacing(rounds=4, round_ns=6 * NS_PER_S),
)


def kept(folder: Path, plan: Plan) -> Path:
    return keep_set(folder, plan, list(make_samples(plan, failing=0)))


def test_a_plan_comes_back_from_its_set_or_from_the_folder_of_just_one(
    tmp_path: Path,
) -> None:
    folder = kept(tmp_path, PLAN)
    for path in (folder / "samples").iterdir():
        path.unlink()
    for path in (folder, tmp_path):
        repeat = repeat_of(path)
        assert repeat.plan == PLAN
        assert not repeat.simulated


def test_of_several_sets_none_is_guessed_to_be_meant(tmp_path: Path) -> None:
    for letter in "ab":
        (tmp_path / letter).mkdir()
        (tmp_path / letter / "SHA256SUMS").touch()
    with pytest.raises(StoreError, match="want one result set, got 2"):
        repeat_of(tmp_path)


def test_raised_ceilings_are_a_strangers_until_somebody_agrees(tmp_path: Path) -> None:
    raised = replace(PLAN, ceilings=Ceilings(visits_per_s_host=100.0))
    folder = kept(tmp_path, raised)
    told = "visits_per_s_host: the set's plan allows 100, the default is 1"
    with pytest.raises(LimitExceeded, match=told):
        repeat_of(folder)
    assert repeat_of(folder, raised_allowed=True).plan == raised


def test_a_ceiling_of_cost_is_no_raised_one(tmp_path: Path) -> None:
    capped = replace(PLAN, ceilings=Ceilings(cost=parse_money("2.50 USD")))

    assert repeat_of(kept(tmp_path, capped)).plan == capped


def test_a_plan_beyond_its_own_ceilings_is_not_repeated(tmp_path: Path) -> None:
    hasty = replace(PLAN, pacing=Pacing(rounds=4, round_ns=1_000_000))
    folder = kept(tmp_path, hasty)
    with pytest.raises(LimitExceeded, match="need a round of at least"):
        repeat_of(folder, raised_allowed=True)
