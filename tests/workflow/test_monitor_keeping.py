import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.store.folder import JOURNAL
from cloudgauge.store.lock import FolderBusy, FolderLock
from cloudgauge.store.long_term import LONG_TERM
from cloudgauge.store.turn import turn_in
from cloudgauge.workflow.long_term import load_long_term
from cloudgauge.workflow.monitor_bounds import Bounds, Room
from cloudgauge.workflow.monitor_keeping import keep_parts
from cloudgauge.workflow.monitor_pruning import room_of
from tests.fakes.monitored import (
    BEGAN_NS,
    DAY_NS,
    HOUR_NS,
    PLAN,
    keep_part,
    part_info,
    part_samples,
)
from tests.store.several import Run, keep_run

_EVERYTHING = Bounds(keep_ns=1_000 * DAY_NS, keep_bytes=10**12)
_NOW_NS = BEGAN_NS + 10 * HOUR_NS
_INTERRUPTED = "tests.workflow.interrupted_keeping"


def seen_in(*numbers: int) -> Counter[str]:
    """Failures by kind, and visits, of parts as they were made."""
    samples = [s for n in numbers for s in part_samples(part_info(n))]
    found = Counter(s.failure.value for s in samples if s.failure is not None)
    found["visits"] = sum(s.exchange == 0 for s in samples)
    found["answered"] = sum(s.exchange == 0 and s.failure is None for s in samples)
    return found


def recorded_in(folder: Path) -> Counter[str]:
    """The same, of the long-term record."""
    record = load_long_term(folder)
    visits = record.visits("all")
    failures = record.failures("all")
    found = Counter(
        {
            str(kind): int(count)
            for kind, count in failures.groupby("failure", observed=True)["count"]
            .sum()
            .items()
        }
    )
    found["visits"] = int(visits["visits"].sum())
    found["answered"] = int(visits["answered"].sum())
    return found


def test_a_pass_seals_what_a_kill_left_and_folds_every_part_once(
    tmp_path: Path,
) -> None:
    for number in range(3):
        keep_part(tmp_path, number, sealed=number != 1)
    first = keep_parts(tmp_path, _EVERYTHING, _NOW_NS)
    again = keep_parts(tmp_path, _EVERYTHING, _NOW_NS)
    assert (first.sealed, first.folded, first.pruned) == (1, 3, 0)
    assert (again.sealed, again.folded, again.pruned) == (0, 0, 0)
    assert first.room == again.room == room_of(tmp_path)
    assert first.room.sets == 3
    assert recorded_in(tmp_path) == seen_in(0, 1, 2)
    assert again.newest is not None
    assert again.newest.number == 2
    assert again.newest.first_round == 2 * PLAN.pacing.rounds


def test_hours_become_days_after_their_time_and_nothing_else_changes(
    tmp_path: Path,
) -> None:
    # Thirteen hours apart, so that a part falls on each of several days.
    for number in range(4):
        keep_part(tmp_path, number, every_ns=13 * HOUR_NS)
    keep_parts(tmp_path, _EVERYTHING, BEGAN_NS + 2 * DAY_NS)
    before = load_long_term(tmp_path)
    by_hour, by_day, whole = (before.frame(x) for x in ("hour", "day", "all"))
    latest_ns = BEGAN_NS // DAY_NS * DAY_NS + 22 * DAY_NS
    kept = keep_parts(tmp_path, _EVERYTHING, latest_ns)
    assert kept.days == 1
    after = load_long_term(tmp_path)
    assert [file.head.grain for file in after.files] == ["day", "hour", "hour"]
    assert after.frame("day").equals(by_day)
    # Two of the four hours are one day now.
    assert len(after.frame("hour")) == len(by_hour) * 3 // 4
    kept = keep_parts(tmp_path, _EVERYTHING, latest_ns + 5 * DAY_NS)
    assert kept.days == 1
    assert load_long_term(tmp_path).frame("day").equals(by_day)
    times = ["begins", "ends"]
    again = load_long_term(tmp_path).frame("all")
    assert again.drop(columns=times).equals(whole.drop(columns=times))


def test_the_oldest_sets_go_by_age_and_by_size_and_the_record_stays(
    tmp_path: Path,
) -> None:
    parts = [keep_part(tmp_path, number) for number in range(4)]
    old = Bounds(keep_ns=7 * HOUR_NS, keep_bytes=10**12)
    kept = keep_parts(tmp_path, old, BEGAN_NS + 8 * HOUR_NS + 60 * NS_PER_S)
    assert kept.pruned == 2
    assert [part.exists() for part in parts] == [False, False, True, True]
    room = kept.room
    few = Bounds(keep_ns=1_000 * DAY_NS, keep_bytes=room.total_bytes - 1)
    kept = keep_parts(tmp_path, few, _NOW_NS)
    assert kept.pruned == 1
    assert kept.room.total_bytes < room.total_bytes
    assert [part.exists() for part in parts] == [False, False, False, True]
    assert recorded_in(tmp_path) == seen_in(0, 1, 2, 3)


def test_a_set_that_cannot_be_folded_never_goes_and_is_told(tmp_path: Path) -> None:
    part = keep_part(tmp_path, 0)
    (samples,) = (part / "samples").iterdir()
    samples.write_bytes(samples.read_bytes()[:-1] + b"x")
    keep_part(tmp_path, 1)
    kept = keep_parts(tmp_path, Bounds(keep_ns=0, keep_bytes=0), _NOW_NS)
    assert (kept.folded, kept.pruned) == (1, 1)
    (problem,) = kept.problems
    assert str(part) in problem
    assert "samples/" in problem
    assert part.is_dir()
    assert recorded_in(tmp_path) == seen_in(1)


def test_sets_of_others_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    others = keep_run(tmp_path, Run())
    keep_part(tmp_path, 0)
    kept = keep_parts(tmp_path, Bounds(keep_ns=0, keep_bytes=0), _NOW_NS)
    assert (kept.folded, kept.pruned) == (1, 1)
    assert others.is_dir()
    assert recorded_in(tmp_path) == seen_in(0)


def test_a_part_that_is_being_written_is_left_for_later(tmp_path: Path) -> None:
    part = keep_part(tmp_path, 0, sealed=False)
    with FolderLock.take(part):
        kept = keep_parts(tmp_path, _EVERYTHING, _NOW_NS)
    assert (kept.sealed, kept.folded, kept.problems) == (0, 0, ())
    assert kept.room.journals_bytes > 0
    assert (part / JOURNAL).exists()
    assert keep_parts(tmp_path, _EVERYTHING, _NOW_NS).folded == 1


def test_two_passes_at_once_are_refused(tmp_path: Path) -> None:
    (tmp_path / LONG_TERM).mkdir()
    with turn_in(tmp_path / LONG_TERM), pytest.raises(FolderBusy, match="long-term"):
        keep_parts(tmp_path, _EVERYTHING, _NOW_NS)
    assert keep_parts(tmp_path, _EVERYTHING, _NOW_NS).room == Room(
        sets=0, sets_bytes=0, journals_bytes=0, record_bytes=0
    )


def test_a_record_of_another_vantage_is_not_mixed_in(tmp_path: Path) -> None:
    keep_part(tmp_path / "a", 0)
    keep_part(tmp_path / "b", 1, vantage="office")
    for name in "ab":
        keep_parts(tmp_path / name, _EVERYTHING, _NOW_NS)
    hours = Path(LONG_TERM) / "hours"
    (file,) = (tmp_path / "b" / hours).iterdir()
    file.rename(tmp_path / "a" / hours / file.name)
    with pytest.raises(StoreError, match=r"is of office, and .* of lab$"):
        keep_parts(tmp_path / "a", _EVERYTHING, _NOW_NS)


@pytest.mark.parametrize("means", ["killed", "refused"])
def test_a_pass_that_is_cut_short_anywhere_loses_no_count_and_doubles_none(
    tmp_path: Path, means: str
) -> None:
    # The first day is due to be folded, its first part due to go, its last unsealed.
    folder = tmp_path / "monitor"
    keep_part(folder, 0)
    keep_part(folder, 1, sealed=False)
    keep_parts(folder, _EVERYTHING, BEGAN_NS)
    keep_part(folder, 25, sealed=False)
    told = subprocess.run(
        [sys.executable, "-m", _INTERRUPTED, folder, tmp_path, means],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    assert int(told.split()[0]) > 30
