import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, LimitExceeded, MachineError, StoreError
from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.model.run import StopReason
from cloudgauge.planning.seqs import SeqSpans
from cloudgauge.planning.totals import totals
from cloudgauge.store.verify import verify
from cloudgauge.workflow.deciding import DecisionRule
from cloudgauge.workflow.gauging import RunReport
from cloudgauge.workflow.rolling import RollingReport, measure_rolling, rolling_of
from tests.fakes.server import answer_bytes, answering
from tests.workflow.rolled import (
    ROUND_NS,
    TARGETS,
    Ground,
    Quiet,
    all_cells_once,
    cells_of,
    ground,
    outcome_of,
    part_of,
)

# How exactly the wall clock is read beside the monotonic one, on a busy machine.
_NEAR_NS = 200 * NS_PER_MS


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Ground]:
    with ground(tmp_path) as made:
        yield made


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_parts_follow_one_another_on_time_and_lack_nothing(here: Ground) -> None:
    pin = here.pin(rounds=6, part_rounds=2)
    told: list[RunReport] = []

    report = here.roll(pin, ended=told.append)

    assert report.complete
    assert (report.parts, report.held, report.planned) == (3, 24, 24)
    assert (report.stop_reason, report.detail) == (StopReason.FINISHED, "")
    assert report.usable_visits == 24
    assert report.silent_targets == ()
    sets = here.parts(pin)
    assert cells_of(sets) == all_cells_once(pin.plan)
    assert [part_of(one).first_round for one in sets] == [0, 2, 4]
    assert [part_of(one).slots for one in sets] == [8, 8, 8]
    assert not any(part_of(one).is_rest for one in sets)
    for one, following in pairwise(sets):
        gap_ns = (
            following.manifest.run.started_wall_ns - one.manifest.run.started_wall_ns
        )
        assert abs(gap_ns - 2 * ROUND_NS) < _NEAR_NS
    for one in sets:
        assert outcome_of(one).complete
        verify(one.folder)
    assert [one.folder for one in told] == [one.folder for one in sets]
    assert [one.part for one in told] == [part_of(one) for one in sets]
    assert report.folders == tuple(one.folder for one in sets)
    assert len({one.manifest.run.run_id for one in sets}) == 3


def test_who_runs_it_again_is_told_that_all_is_there(here: Ground) -> None:
    pin = here.pin(rounds=2, part_rounds=1)
    first = here.roll(pin)
    connections = here.server.connections

    again = here.roll(pin)

    assert again.complete
    assert (again.parts, again.held, again.usable_visits) == (0, 8, 0)
    assert again.folders == first.folders
    assert again.silent_targets == ()
    assert here.server.connections == connections


def test_who_goes_on_is_told_what_is_left_and_what_is_there(here: Ground) -> None:
    pin = here.pin(rounds=4, part_rounds=2)
    first, second, third = Quiet(), Quiet(), Quiet()
    here.roll(pin, ended=lambda _: interrupt(), watcher=first)

    report = here.roll(pin, watcher=second)
    here.roll(pin, watcher=third)

    [begun], [went_on], [nothing] = first.ahead, second.ahead, third.ahead
    assert (begun.held, begun.visits, begun.rounds) == (0, 16, 4)
    assert went_on.held >= 8
    assert went_on.held + went_on.visits == report.held == 16
    assert (nothing.held, nothing.visits, nothing.rounds) == (16, 0, 0)


def test_who_comes_late_joins_at_the_next_round_and_makes_up_afterwards(
    here: Ground,
) -> None:
    long_ns = NS_PER_S
    pin = here.pin(rounds=6, part_rounds=4, round_ns=long_ns)
    started_ns = time.time_ns() - int(1.5 * long_ns)

    report = here.roll(pin, replace(rolling_of(pin), start_wall_ns=started_ns))

    assert report.complete
    sets = here.parts(pin)
    assert cells_of(sets) == all_cells_once(pin.plan)
    late = sets[0]
    rests = [one for one in sets if part_of(one).is_rest]
    first = part_of(late).first_round
    # A machine that stood still meanwhile joins later still.
    assert first >= 2
    due_ns = started_ns + first * long_ns
    assert abs(late.manifest.run.started_wall_ns - due_ns) < _NEAR_NS
    assert sets[-len(rests) :] == rests
    assert rests
    assert part_of(rests[0]).first_round == 0
    assert sum(part_of(one).slots for one in rests) == first * TARGETS
    end_ns = started_ns + 6 * long_ns
    assert all(one.manifest.run.started_wall_ns > end_ns - long_ns for one in rests)


def test_a_common_start_is_waited_for(here: Ground) -> None:
    pin = here.pin(rounds=1, part_rounds=1)
    start_ns = time.time_ns() + 4 * NS_PER_S

    pin = replace(pin, start_wall_ns=start_ns)

    assert here.roll(pin).complete

    (only,) = here.parts(pin)
    assert abs(only.manifest.run.started_wall_ns - start_ns) < _NEAR_NS


def test_an_interrupt_keeps_what_was_measured_and_the_rest_is_made_later(
    here: Ground,
) -> None:
    pin = here.pin(rounds=8, part_rounds=2)

    stopped = here.roll(pin, ended=lambda _report: interrupt())

    assert stopped.stop_reason is StopReason.INTERRUPTED
    assert stopped.detail == "stopped before the end of its plan"
    assert stopped.interrupted
    assert not stopped.complete
    assert 0 < stopped.held < 32
    again = here.roll(pin)
    assert again.complete
    assert cells_of(here.parts(pin)) == all_cells_once(pin.plan)
    numbers = [part_of(one).number for one in here.parts(pin)]
    assert numbers == list(range(len(numbers)))


def test_slots_that_are_held_elsewhere_are_not_made(here: Ground) -> None:
    pin = here.pin(rounds=3, part_rounds=2)
    already = SeqSpans(spans=((0, 3), (8, 12)))

    report = here.roll(pin, replace(rolling_of(pin), already=already))

    assert report.complete
    assert report.held == 12
    wanted = all_cells_once(pin.plan)
    for seq in (*range(3), *range(8, 12)):
        del wanted[seq]
    assert cells_of(here.parts(pin)) == wanted


def test_a_run_without_end_counts_rounds_on_and_goes_on_by_the_same_time(
    here: Ground,
) -> None:
    pin = here.pin(rounds=1, part_rounds=2)
    parts: list[RunReport] = []

    def stop_after_three(report: RunReport) -> None:
        parts.append(report)
        if len(parts) == 3:
            interrupt()

    endless = replace(rolling_of(pin), forever=True)

    first = here.roll(pin, endless, ended=stop_after_three)
    again = here.roll(pin, endless, ended=lambda _report: interrupt())

    assert first.planned is None
    assert first.folders == ()
    assert not first.complete
    assert again.parts >= 1
    sets = here.parts(pin)
    assert max(cells_of(sets).values()) == 1
    rounds = [part_of(one).first_round for one in sets]
    # What was made ahead of its time when the run was stopped has nothing in it.
    made = [at for one, at in zip(sets, rounds, strict=True) if cells_of([one])]
    assert made == sorted(set(made))
    assert made[:3] == [0, 2, 4]
    started_ns = [one.manifest.run.started_wall_ns for one in sets]
    for one_ns, at in zip(started_ns, rounds, strict=True):
        assert abs(one_ns - started_ns[0] - at * ROUND_NS) < _NEAR_NS
    assert not any(part_of(one).is_rest for one in sets)


def test_a_plan_that_passes_the_shared_ceiling_of_a_host_is_refused(
    here: Ground,
) -> None:
    pin = here.pin(rounds=2, part_rounds=1)

    with pytest.raises(LimitExceeded, match="100 vantages share 50 visits a second"):
        here.roll(pin, replace(rolling_of(pin), sharers=100))

    assert not here.results.exists()


def test_a_plan_that_passes_its_own_ceilings_is_refused(here: Ground) -> None:
    pin = here.pin(rounds=2, part_rounds=1)
    low = replace(pin.plan, ceilings=replace(pin.plan.ceilings, requests=15))

    with pytest.raises(LimitExceeded, match="requests: the plan sends 16"):
        measure_rolling(here.request(low), rolling_of(pin), Quiet(), lambda _: None)
    # Without an end the ceilings are of each part, which sends 8.
    endless = replace(rolling_of(pin), forever=True)
    measure_rolling(here.request(low), endless, Quiet(), lambda _: interrupt())


def test_nobody_leaves_a_run_in_parts(here: Ground) -> None:
    pin = here.pin(rounds=2, part_rounds=1)
    request = replace(here.request(pin.plan), until_decided=DecisionRule())

    with pytest.raises(ConfigError, match="--until-decided: is not of a run in parts"):
        measure_rolling(request, rolling_of(pin), Quiet(), lambda _: None)


def test_a_second_one_into_the_same_folder_is_refused(here: Ground) -> None:
    pin = here.pin(rounds=4, part_rounds=1)
    refused: list[ConfigError] = []

    def try_too(_report: RunReport) -> None:
        try:
            here.roll(pin)
        except ConfigError as exc:
            refused.append(exc)

    assert here.roll(pin, ended=try_too).complete
    assert str(refused[0]) == (
        f"{here.results}: process {os.getpid()} measures the same from lab into it"
    )
    assert len(refused) == 4


def test_a_ceiling_that_is_reached_ends_all_parts(tmp_path: Path) -> None:
    # More than what a plan foresees of an answer.
    with ground(tmp_path, answering(answer_bytes(200, b"x" * 200_000))) as here:
        report = _with_no_byte_to_spare(here)

    assert report.stop_reason is StopReason.CEILING
    assert report.detail.startswith("reached the ceiling of")
    assert 0 < report.held < 16


def _with_no_byte_to_spare(here: Ground) -> RollingReport:
    pin = here.pin(rounds=4, part_rounds=1)
    most = totals(pin.plan).traffic_bytes
    low = replace(pin.plan, ceilings=replace(pin.plan.ceilings, traffic_bytes=most))
    return measure_rolling(here.request(low), rolling_of(pin), Quiet(), lambda _: None)


def test_a_folder_that_cannot_be_written_is_the_machines_fault(here: Ground) -> None:
    here.results.write_text("a file")

    with pytest.raises(MachineError, match="results"):
        here.roll(here.pin(rounds=1, part_rounds=1))


def test_a_corrupt_part_is_named_and_nothing_is_sent(here: Ground) -> None:
    pin = here.pin(rounds=2, part_rounds=1)
    here.roll(pin)
    first, _ = here.parts(pin)
    (samples,) = (first.folder / "samples").iterdir()
    content = bytearray(samples.read_bytes())
    content[len(content) // 2] ^= 1
    samples.write_bytes(bytes(content))
    connections = here.server.connections

    with pytest.raises(StoreError, match=first.folder.name):
        here.roll(pin)

    assert here.server.connections == connections


def test_a_part_that_was_killed_before_it_began_is_no_hindrance(here: Ground) -> None:
    pin = here.pin(rounds=1, part_rounds=1)
    broken = here.results / "20260101T000000Z-lab-00000000"
    broken.mkdir(parents=True)
    (broken / "journal.sqlite").write_bytes(b"")

    assert here.roll(pin).complete
