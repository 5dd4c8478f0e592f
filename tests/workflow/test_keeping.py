from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.plan import Plan
from cloudgauge.model.run import RunInfo, Simulation, Vantage
from cloudgauge.model.sample import ClockKind, FailureKind, Sample
from cloudgauge.model.target import Confidence
from cloudgauge.report.document import Cell, Document
from cloudgauge.report.render import to_markdown
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.seal import seal
from cloudgauge.workflow.keeping import show_sets, verify_sets
from tests.store.synthetic import (
    keep_journal,
    keep_set,
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
    make_target,
)

PLAN = make_plan(targets=6, rounds=4)
GOLDEN = Path(__file__).parent.parent / "golden"


def keep(parent: Path, info: RunInfo, plan: Plan, samples: list[Sample]) -> Path:
    folder = new_folder(parent, info)
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, plan) as journal:
            for sample in samples:
                journal.append(sample)
            journal.finish(make_outcome(plan))
        seal(lock)
    return folder


def column(document: Document, name: str, table: int = 0) -> list[Cell]:
    names = [column.name for column in document.tables[table].columns]
    return [row[names.index(name)] for row in document.tables[table].rows]


def changed(change: Callable[[Sample], Sample]) -> list[Sample]:
    return [change(sample) for sample in make_samples(PLAN, failing=0)]


def test_the_shown_set_is_the_golden_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = list(make_samples(PLAN, failing=0.1))
    keep_set(tmp_path, PLAN, samples)
    monkeypatch.chdir(tmp_path)
    (folder,) = Path().iterdir()
    found = to_markdown(show_sets([folder]))
    assert found == (GOLDEN / "show.md").read_text()


def test_the_fastest_connect_stands_first_and_silent_targets_last(
    tmp_path: Path,
) -> None:
    silent = PLAN.targets[2].target_id

    def fail(sample: Sample) -> Sample:
        if sample.slot.target_id != silent:
            return sample
        return replace(sample, failure=FailureKind.CONNECT_TIMEOUT)

    document = show_sets([keep_set(tmp_path, PLAN, changed(fail))])
    p50s = column(document, "connect_p50_ms")
    assert p50s[-1] is None
    numbers = [p50 for p50 in p50s[:-1] if isinstance(p50, float)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 6
    assert column(document, "target")[-1] == silent
    assert column(document, "failures")[-1] == "connect-timeout 20"
    assert f"1 of 7 series never answered: {silent}" in document.notes


def test_a_control_is_told_from_its_twin(tmp_path: Path) -> None:
    document = show_sets([keep_set(tmp_path, PLAN, changed(lambda s: s))])
    assert sorted(map(str, column(document, "series"))) == ["ipv4"] * 6 + [
        "ipv4 control"
    ]


def test_a_simulated_network_is_the_first_thing_said(tmp_path: Path) -> None:
    simulation = Simulation(
        means="loopback", scenario="fair", scenario_hash="0" * 64, seed=1,
        limits="no real round trips",
    )  # fmt: skip
    info = replace(make_run_info(PLAN), simulation=simulation)
    folder = keep(tmp_path, info, PLAN, changed(lambda s: s))
    document = show_sets([folder])
    assert document.notes[0] == (
        "simulated network (loopback, scenario fair): says nothing of the real "
        "regions; no real round trips"
    )
    assert column(document, "simulated", table=1) == [True]


def test_round_trips_that_a_simulation_does_not_play_convict_nobody(
    tmp_path: Path,
) -> None:
    def at_once(sample: Sample) -> Sample:
        if sample.exchange or sample.kernel is None:
            return sample
        return replace(sample, kernel=replace(sample.kernel, connect_rtt_us=50))

    def notes(parent: Path, limits: str) -> str:
        simulation = Simulation(
            means="?", scenario="s", scenario_hash="0" * 64, seed=1, limits=limits
        )
        here = Vantage(name="lab", latitude_deg=-45.0, longitude_deg=170.0)
        info = replace(make_run_info(PLAN), simulation=simulation, vantage=here)
        return " ".join(show_sets([keep(parent, info, PLAN, changed(at_once))]).notes)

    assert "sooner than light in vacuum" in notes(tmp_path / "tun", "")
    told = notes(tmp_path / "loopback", "connects are not delayed")
    assert "sooner" not in told
    assert "began later" not in told


def test_names_pointed_elsewhere_and_private_targets_are_said(tmp_path: Path) -> None:
    info = replace(make_run_info(PLAN), hosts_file=True, private_allowed=True)
    document = show_sets([keep(tmp_path, info, PLAN, changed(lambda s: s))])
    assert document.notes[:2] == (
        "names were pointed at addresses of the user's own",
        "private addresses were allowed as targets",
    )


def test_a_killed_run_is_shown_as_incomplete(tmp_path: Path) -> None:
    samples = list(make_samples(PLAN, failing=0))[:15]
    document = show_sets([keep_journal(tmp_path, PLAN, samples, ended=False)])
    assert document.notes[0] == (
        "incomplete: killed (the run ended without a word; what it had kept is here)"
    )
    assert document.notes[1].startswith("4 of 7 series have no sample: ")
    assert column(document, "complete", table=1) == [False]


@contextmanager
def alive(parent: Path, samples: list[Sample]) -> Iterator[Path]:
    info = make_run_info(PLAN)
    folder = new_folder(parent, info)
    with FolderLock.take(folder) as lock, Journal.create(lock, info, PLAN) as journal:
        for sample in samples:
            journal.append(sample)
        journal.flush()
        yield folder


def test_a_run_that_is_alive_is_shown_as_it_stands(tmp_path: Path) -> None:
    with alive(tmp_path, changed(lambda s: s)) as folder:
        document = show_sets([folder])
    assert document.notes[0] == "still being measured: this is what it has so far"
    assert len(document.tables[0].rows) == 7


def test_clocks_that_are_not_the_kernels_are_said(tmp_path: Path) -> None:
    def worse(sample: Sample) -> Sample:
        if sample.exchange == 0:
            return replace(sample, clock=ClockKind.USER, kernel=None)
        if sample.exchange == 1:
            return replace(sample, clock=ClockKind.KERNEL_BOUND, wall_stepped=True)
        return sample

    document = show_sets([keep_set(tmp_path, PLAN, changed(worse))])
    assert document.notes[:3] == (
        "28 of 140 first-byte times were read by the program: the event loop's "
        "queue is in them",
        "28 of 140 first-byte times are upper bounds",
        "the wall clock stepped during 28 exchanges",
    )
    assert set(column(document, "mark")) == {"user clock"}


def test_a_syn_that_was_sent_again_is_said(tmp_path: Path) -> None:
    def resend(sample: Sample) -> Sample:
        if sample.slot.seq > 2 or sample.kernel is None:
            return sample
        return replace(sample, kernel=replace(sample.kernel, syn_retransmits=1))

    document = show_sets([keep_set(tmp_path, PLAN, changed(resend))])
    assert document.notes[0] == (
        "3 of 28 visits (11 %) had to send their SYN again: they are not in the "
        "connect figures"
    )


def test_a_host_that_follows_a_pattern_is_marked(tmp_path: Path) -> None:
    guessed = make_target("aws", "place-1", confidence=Confidence.PATTERN)
    targets = tuple(
        guessed if target.target_id == guessed.target_id else target
        for target in PLAN.targets
    )
    plan = replace(PLAN, targets=targets)
    document = show_sets([keep_set(tmp_path, plan, list(make_samples(plan)))])
    marks = dict(zip(column(document, "target"), column(document, "mark"), strict=True))
    assert marks.pop("aws/place-1:object-storage") == "pattern"
    assert set(marks.values()) == {None}
    assert any('mark "pattern"' in note for note in document.notes)


def test_a_folder_of_sets_shows_them_all(tmp_path: Path) -> None:
    for name in ("osaka", "lima"):
        info = make_run_info(PLAN)
        info = replace(info, vantage=replace(info.vantage, name=name))
        keep(tmp_path, info, PLAN, changed(lambda s: s))
    (tmp_path / "notes.txt").write_text("not a set")
    document = show_sets([tmp_path])
    assert set(column(document, "vantage")) == {"osaka", "lima"}
    assert document.title == "2 result sets: 280 samples in 14 series"
    assert len(document.tables[1].rows) == 2


def test_verified_sets_are_listed(tmp_path: Path) -> None:
    keep_set(tmp_path, PLAN, changed(lambda s: s))
    keep_journal(tmp_path, PLAN, [], ended=False)
    document = verify_sets([tmp_path])
    assert document.title == "2 of 2 result sets as they were sealed"
    assert column(document, "samples") == [140, 0]
    assert len(document.notes) == 1
    assert "incomplete: killed" in document.notes[0]


def test_a_set_that_was_changed_is_named_with_its_file(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, changed(lambda s: s))
    (folder / "targets.json").write_text("{}")
    with pytest.raises(StoreError) as caught:
        verify_sets([folder])
    assert str(caught.value) == f"{folder}: targets.json was changed"


def test_every_changed_set_is_named(tmp_path: Path) -> None:
    folders = [keep_set(tmp_path, PLAN, changed(lambda s: s)) for _ in range(3)]
    for folder in folders[:2]:
        (folder / "targets.json").unlink()
    with pytest.raises(StoreError) as caught:
        verify_sets(folders)
    assert str(caught.value) == (
        "2 of 3 result sets: are not as they were sealed\n"
        f"{folders[0]}: targets.json is missing\n"
        f"{folders[1]}: targets.json is missing"
    )


def test_the_truth_beside_a_set_is_passed_over(tmp_path: Path) -> None:
    folder = keep_set(tmp_path, PLAN, changed(lambda s: s))
    truth = folder.with_name(f"{folder.name}.truth")
    truth.mkdir()
    (truth / "packets.bin").touch()
    shown = show_sets(sorted(tmp_path.iterdir()))
    assert column(shown, "folder", table=1) == [str(folder)]


def test_a_path_without_a_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no result set"):
        show_sets([tmp_path])
