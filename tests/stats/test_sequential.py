import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from cloudgauge.stats.sequential import (
    LEAST_ROUNDS,
    SignProcess,
    confidence_sequence,
    evidence_of_drift,
    still_in,
)
from cloudgauge.stats.values import Floats

INF, NAN = np.inf, np.nan


def noisy(levels: list[float], rounds: int = 200, seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    shared = 5 * rng.standard_normal((rounds, 1))
    return np.asarray(shared + rng.standard_normal((rounds, len(levels))) + levels)


def test_evidence_of_signs_is_that_of_the_beta_mixture() -> None:
    # 2^8 B(9, 1) / B(1, 1) = 256 / 9 for 8 of 8.
    assert SignProcess(slower=8).evidence == pytest.approx(256 / 9)
    assert SignProcess(faster=8).evidence == pytest.approx(256 / 9)
    # 2^4 B(3, 3) = 16 / 30 for 2 of 4: less than nothing is shown.
    assert SignProcess(slower=2, faster=2).evidence == pytest.approx(16 / 30)
    assert SignProcess().evidence == 1.0


@given(st.integers(0, 30), st.integers(0, 30))
def test_one_sided_evidence_mixes_shares_above_a_half(slower: int, faster: int) -> None:
    def won(share: float) -> float:
        return float((2 * share) ** slower * (2 * (1 - share)) ** faster)

    wanted = 2 * integrate.quad(won, 0.5, 1.0)[0]

    found = SignProcess(slower=slower, faster=faster).evidence_slower
    assert found == pytest.approx(wanted, rel=1e-6)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_fair_coin_gains_nothing_on_average(slower: int, faster: int) -> None:
    now = SignProcess(slower=slower, faster=faster)

    then = (now.after(1.0, 2.0), now.after(2.0, 1.0))

    assert np.mean([one.evidence for one in then]) == pytest.approx(now.evidence)
    # One-sided, a half is the border of what is allowed.
    assert np.mean([one.evidence_slower for one in then]) == pytest.approx(
        now.evidence_slower, rel=1e-6
    )


def test_rounds_are_counted_by_who_was_slower() -> None:
    baseline = [1.0, 2.0, 3.0, NAN, 5.0, INF, INF, 1.0]
    candidate = [2.0, 1.0, 3.0, 4.0, NAN, INF, 1.0, INF]

    found = SignProcess.of(baseline, candidate)

    assert found == SignProcess(slower=2, faster=2, ties=2)
    one_by_one = SignProcess()
    for first, second in zip(baseline, candidate, strict=True):
        one_by_one = one_by_one.after(first, second)
    assert one_by_one == found


def test_evidence_of_very_many_rounds_is_a_number() -> None:
    assert math.isfinite(SignProcess(slower=100_000).evidence)
    assert SignProcess(faster=100_000).evidence_slower == pytest.approx(1e-5)


def test_the_worse_leave_and_the_best_stays() -> None:
    found = still_in(noisy([10.0, 10.0, 12.0, 30.0]))

    assert found.still == (True, True, False, False)
    assert found.evidence[3] > found.evidence[0]
    assert (found.rounds, found.alpha) == (200, 0.05)


@pytest.mark.parametrize("rounds", [1, 5, LEAST_ROUNDS - 1])
def test_none_leaves_before_it_is_known_how_rounds_depend(rounds: int) -> None:
    assert all(still_in(noisy([10.0, 100.0], rounds)).still)


def test_what_is_clear_leaves_at_the_first_chance() -> None:
    assert still_in(noisy([10.0, 100.0], LEAST_ROUNDS)).still == (True, False)


def test_one_long_spell_of_bad_luck_is_no_reason_to_leave() -> None:
    # The candidate wanders, 40 rounds above and 20 below: signs alone are sure.
    cells = np.zeros((60, 2))
    cells[:, 1] = np.where(np.arange(60) < 45, 1.0, -1.0)
    cells += 0.1 * np.random.default_rng(0).standard_normal((60, 2))

    assert SignProcess.of(cells[:, 0], cells[:, 1]).evidence_slower > 40
    assert all(still_in(cells).still)


def test_timeouts_count_as_slower() -> None:
    cells = noisy([10.0, 10.0])
    cells[::2, 1] = INF

    found = still_in(cells)

    assert found.still == (True, False)


def test_rounds_after_a_target_left_do_not_bring_it_back() -> None:
    cells = noisy([10.0, 11.5, 10.0], 400)
    left = next(n for n in range(1, 400) if not still_in(cells[:n]).still[1])
    cells[left:, 1] = NAN

    for n in (left, left + 50, 400):
        assert still_in(cells[:n]).still == (True, False, True)


def test_one_of_many_targets_is_held_against_the_fastest() -> None:
    levels = [10.0 + 3 * n for n in range(40)]

    found = still_in(noisy(levels, 150))

    assert found.still[0]
    assert not any(found.still[1:])


def test_targets_that_were_never_seen_stay() -> None:
    cells = noisy([10.0, 20.0, 30.0])
    cells[:, 1] = NAN

    assert still_in(cells).still == (True, True, False)


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence must be between 0 and 1, got 2"):
        still_in(noisy([1.0, 2.0]), alpha=2.0)


def test_evidence_of_drift_is_that_of_the_normal_mixture() -> None:
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal(4000)
    differences = (drawn - drawn.mean()) / drawn.std() + 0.05

    found = evidence_of_drift(differences)

    # z = 0.05 root 4000 = 3.16 and v = 4000 x 7.9 / 300 = 105: the mixture over
    # both sides is exp(z^2 v / (2 (1 + v))) / root (1 + v) = 13.9, and over that
    # above 0 twice as much; less for three deviations drawn in and 1,333 degrees of
    # freedom.
    assert found == pytest.approx(2 * 13.9, rel=0.25)


def test_drift_below_0_is_no_evidence() -> None:
    differences = np.random.default_rng(2).standard_normal(300) - 0.5

    assert evidence_of_drift(differences) < 0.05
    assert 0 <= evidence_of_drift(differences - 1e9) < 0.05


@pytest.mark.parametrize(("level", "wanted"), [(2.0, INF), (0.0, 0.0), (-2.0, 0.0)])
def test_equal_differences_are_all_or_nothing(level: float, wanted: float) -> None:
    assert evidence_of_drift(np.full(50, level)) == wanted


def test_rounds_that_are_missing_do_not_count() -> None:
    differences = np.random.default_rng(3).standard_normal(LEAST_ROUNDS - 1) + 9
    with_gaps = np.append(differences, [NAN] * 20)

    assert evidence_of_drift(with_gaps) == 0.0
    assert evidence_of_drift(np.append(with_gaps, 9.0)) > 20


def test_intervals_begin_when_rounds_are_enough_and_narrow() -> None:
    values = np.random.default_rng(4).standard_normal(600) + 50

    found = confidence_sequence(values)

    widths = found.high - found.low
    assert np.isinf(widths[: LEAST_ROUNDS - 1]).all()
    assert np.isfinite(widths[LEAST_ROUNDS - 1 :]).all()
    assert widths[-1] < widths[100] < widths[LEAST_ROUNDS]
    assert (found.low[LEAST_ROUNDS:] < 50).all()
    assert (found.high[LEAST_ROUNDS:] > 50).all()
    # Of a mean of 600 values 1.96 / root 600 = 0.08 for one look; 1.5 to 2 times
    # that for looking always.
    assert 0.12 < widths[-1] / 2 < 0.16
    assert found.confidence == 0.95


def test_intervals_are_narrowest_about_where_they_are_tuned() -> None:
    values = np.random.default_rng(5).standard_normal(900)

    early = confidence_sequence(values, tuned_for=100)
    late = confidence_sequence(values, tuned_for=900)

    assert early.high[99] < late.high[99]
    assert early.high[-1] > late.high[-1]


def test_spikes_and_timeouts_hardly_move_a_sequence() -> None:
    values = np.random.default_rng(6).standard_normal(300) + 50
    spiked = values.copy()
    spiked[::50] = INF

    found, plain = confidence_sequence(spiked), confidence_sequence(values)

    assert found.point[-1] == pytest.approx(plain.point[-1], abs=0.15)
    assert np.isfinite(found.high[-1])


def test_where_most_values_are_equal_the_rest_tells_the_width() -> None:
    values = np.where(np.random.default_rng(7).random(200) < 0.3, 60.0, 50.0)

    found = confidence_sequence(values)

    assert found.low[-1] < 53.0 < found.high[-1]
    assert found.high[-1] - found.low[-1] > 1.0


def test_a_sequence_of_timeouts_has_no_place() -> None:
    values = np.append(np.full(60, INF), [50.0] * 5)

    found = confidence_sequence(values)

    assert (found.low[-1], found.point[-1], found.high[-1]) == (-INF, INF, INF)


@pytest.mark.parametrize(
    ("values", "tuned_for", "message"),
    [
        ([], 300, "one-dimensional and not empty"),
        ([1.0, NAN], 300, "NaN|nan"),
        ([1.0], 0, "tuned_for must be at least 1, got 0"),
    ],
)
def test_what_is_no_sequence_is_refused(
    values: list[float], tuned_for: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        confidence_sequence(values, tuned_for=tuned_for)
