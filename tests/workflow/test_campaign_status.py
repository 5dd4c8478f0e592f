"""Who has delivered, late or not, by manifests and by samples, in a real folder."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.campaign import Pin
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import RunInfo, Simulation, Vantage
from cloudgauge.planning.pin import campaign_of
from cloudgauge.store.folder import MANIFEST
from cloudgauge.store.remote import open_store
from cloudgauge.workflow.campaign_rounds import Gap
from cloudgauge.workflow.campaign_status import (
    CampaignStatus,
    State,
    VantageStatus,
    campaign_status,
)
from cloudgauge.workflow.campaign_view import (
    StatusRequest,
    Unmet,
    look_at_campaign,
    status_document,
    unmet,
)
from cloudgauge.workflow.delivered import stock_by_manifests, stock_by_samples
from cloudgauge.workflow.merging import MergeRequest, merge_sets
from cloudgauge.workflow.pinning import save_pin
from cloudgauge.workflow.redacting import RedactRequest, redact_set
from tests.fakes.buckets import LocalBucket
from tests.store.synthetic import STARTED_WALL_NS
from tests.workflow.campaigns import (
    CAMPAIGN,
    PER_ROUND,
    PIN,
    PINNED_WALL_NS,
    PLAN,
    Kept,
    keep,
)

PLANNED = 6 * PER_ROUND
ROUND_NS = PLAN.round_span_ns
END_NS = STARTED_WALL_NS + PLAN.duration_ns
ALONE = replace(PIN, vantages=(Vantage(name="lab"),))
MINUTE_NS = 60 * NS_PER_S


def of(pin: Pin, *kept: Kept) -> list[Kept]:
    """The same of the campaign of another pin."""
    return [replace(one, campaign=campaign_of(pin)) for one in kept]


def whole(vantage: str = "lab", digit: str = "a") -> list[Kept]:
    return [
        Kept(vantage=vantage, digit=digit, number=k, first_round=2 * k)
        for k in range(3)
    ]


def status_of(
    pin: Pin, store: Path, *, now_ns: int = END_NS, by_samples: bool = False
) -> CampaignStatus:
    opened = open_store(str(store))
    if by_samples:
        with stock_by_samples(opened) as stock:
            return campaign_status(pin, stock, now_ns=now_ns, by_samples=True)
    stock = stock_by_manifests(opened)
    return campaign_status(pin, stock, now_ns=now_ns, by_samples=False)


def judged(
    tmp_path: Path, kept: Sequence[Kept], *, pin: Pin = ALONE, now_ns: int = END_NS
) -> VantageStatus:
    """What both ways of looking say of vantage lab; they must agree."""
    for one in of(pin, *kept):
        keep(tmp_path, one)
    by_manifests = status_of(pin, tmp_path, now_ns=now_ns)
    by_samples = status_of(pin, tmp_path, now_ns=now_ns, by_samples=True)
    assert [one.state for one in by_manifests.vantages] == [
        one.state for one in by_samples.vantages
    ]
    return next(one for one in by_manifests.vantages if one.vantage == "lab")


def test_a_vantage_that_has_delivered_every_part_is_complete(tmp_path: Path) -> None:
    lab = judged(tmp_path, whole())

    assert (lab.state, lab.sets, lab.late_ns) == (State.COMPLETE, 3, None)
    assert (lab.planned, lab.held, lab.lacking, lab.twice) == (PLANNED, PLANNED, 0, 0)
    assert lab.gaps == ()
    assert lab.newest_wall_ns == END_NS
    assert status_of(ALONE, tmp_path).problems == ()
    assert status_of(ALONE, tmp_path).is_complete


@pytest.mark.parametrize(
    ("now_ns", "state", "late_ns"),
    [
        (STARTED_WALL_NS - 1, State.WAITING, None),
        (STARTED_WALL_NS + 2 * ROUND_NS - 1, State.WAITING, None),
        (STARTED_WALL_NS + 2 * ROUND_NS + 5, State.MISSING, 5),
        (END_NS + MINUTE_NS, State.MISSING, MINUTE_NS + 4 * ROUND_NS),
    ],
)
def test_who_has_sent_nothing_is_waited_for_until_the_first_part_is_due(
    tmp_path: Path, now_ns: int, state: State, late_ns: int | None
) -> None:
    lab = judged(tmp_path, [], now_ns=now_ns)

    assert (lab.state, lab.late_ns, lab.sets) == (state, late_ns, 0)
    assert lab.gaps == (Gap(first=0, last=5, lacking=PLANNED, is_whole=True),)
    assert lab.newest_wall_ns is None


@pytest.mark.parametrize(
    ("parts", "now_ns", "state", "late_ns"),
    [
        (1, STARTED_WALL_NS + 3 * ROUND_NS, State.UNDER_WAY, None),
        (1, STARTED_WALL_NS + 4 * ROUND_NS + 7, State.LATE, 7),
        (2, STARTED_WALL_NS + 5 * ROUND_NS, State.UNDER_WAY, None),
        (2, END_NS + 9, State.INCOMPLETE, 9),
    ],
)
def test_a_part_that_was_due_and_is_not_there_is_late_by_so_much(
    tmp_path: Path, parts: int, now_ns: int, state: State, late_ns: int | None
) -> None:
    lab = judged(tmp_path, whole()[:parts], now_ns=now_ns)

    assert (lab.state, lab.late_ns) == (state, late_ns)
    missing = (6 - 2 * parts) * PER_ROUND
    gap = Gap(first=2 * parts, last=5, lacking=missing, is_whole=True)
    assert lab.gaps == (gap,)


def test_without_a_pinned_start_a_vantage_begins_its_own(tmp_path: Path) -> None:
    pin = replace(ALONE, start_wall_ns=None)
    (second,) = of(pin, whole()[1])
    (tmp_path / "store").mkdir()
    (lab,) = status_of(pin, tmp_path / "store").vantages
    assert (lab.state, lab.late_ns) == (State.MISSING, None)

    keep(tmp_path / "store", second)
    (lab,) = status_of(pin, tmp_path / "store", now_ns=END_NS + 3).vantages
    assert (lab.state, lab.late_ns) == (State.INCOMPLETE, 3)


def test_of_a_rest_alone_nobody_knows_when_the_campaign_began(tmp_path: Path) -> None:
    pin = replace(ALONE, start_wall_ns=None)
    for one in of(pin, Kept(number=3, only=frozenset({1}))):
        keep(tmp_path, one)
    (lab,) = status_of(pin, tmp_path).vantages
    assert (lab.state, lab.late_ns) == (State.INCOMPLETE, None)


def test_cells_that_a_kill_cost_are_made_up_for_by_a_rest(tmp_path: Path) -> None:
    lost = frozenset({1, 2, 9})
    killed = [replace(whole()[0], lacking=lost), *whole()[1:]]
    lab = judged(tmp_path, killed, now_ns=END_NS + 1)
    assert (lab.state, lab.lacking, lab.late_ns) == (State.INCOMPLETE, 3, 1)
    (gap,) = lab.gaps
    assert (gap.first, gap.last, gap.lacking, gap.is_whole) == (0, 1, 3, False)
    (exact,) = status_of(ALONE, tmp_path, by_samples=True).vantages
    assert [(one.first, one.last, one.lacking) for one in exact.gaps] == [(0, 1, 3)]

    (rest,) = of(ALONE, Kept(number=3, only=lost))
    keep(tmp_path, rest)
    for by_samples in (False, True):
        (lab,) = status_of(ALONE, tmp_path, by_samples=by_samples).vantages
        assert (lab.state, lab.held, lab.twice) == (State.COMPLETE, PLANNED, 0)


def test_while_the_campaign_goes_on_lost_cells_are_not_late_yet(
    tmp_path: Path,
) -> None:
    killed = [replace(whole()[0], lacking=frozenset({1}))]
    lab = judged(tmp_path, killed, now_ns=STARTED_WALL_NS + 3 * ROUND_NS)
    assert (lab.state, lab.late_ns) == (State.UNDER_WAY, None)


def test_samples_tell_in_which_rounds_cells_lack(tmp_path: Path) -> None:
    lost = frozenset({3 * PER_ROUND + 1, *range(5 * PER_ROUND, 6 * PER_ROUND)})
    for one in of(ALONE, Kept(rounds=6, lacking=lost)):
        keep(tmp_path, one)
    (lab,) = status_of(ALONE, tmp_path, by_samples=True).vantages
    assert lab.gaps == (
        Gap(first=3, last=3, lacking=1, is_whole=False),
        Gap(first=5, last=5, lacking=PER_ROUND, is_whole=True),
    )
    (lab,) = status_of(ALONE, tmp_path).vantages
    assert lab.gaps == (Gap(first=0, last=5, lacking=1 + PER_ROUND, is_whole=False),)


def told(status: CampaignStatus) -> list[tuple[str | None, str]]:
    return [(one.vantage, one.problem) for one in status.problems]


def other_machine(info: RunInfo) -> RunInfo:
    here = replace(info.environment, system="Linux 5.10", python="CPython 3.12.1")
    return replace(info, environment=here)


def later(by_ns: int) -> Callable[[RunInfo], RunInfo]:
    def changed(info: RunInfo) -> RunInfo:
        return replace(info, started_wall_ns=info.started_wall_ns + by_ns)

    return changed


def test_two_machines_with_one_name_are_named(tmp_path: Path) -> None:
    twin = Kept(digit="b", info=other_machine)
    lab = judged(tmp_path, [*whole(), twin])
    status = status_of(ALONE, tmp_path, by_samples=True)

    assert (lab.twice, status.vantages[0].twice) == (2 * PER_ROUND, 2 * PER_ROUND)
    (problem,) = status.problems
    assert problem.name.endswith("-2")
    assert "by another machine (system, python): two machines have one name" in (
        problem.problem
    )


def test_two_equal_machines_are_told_by_their_time_and_rounds(tmp_path: Path) -> None:
    judged(tmp_path, [*whole(), Kept(digit="b")])
    (problem,) = status_of(ALONE, tmp_path).problems
    assert "at the same time: two machines may have one name" in problem.problem


def test_a_vantage_that_became_another_machine_says_so_once(tmp_path: Path) -> None:
    first, second, third = whole()
    changed = [replace(one, info=other_machine) for one in (second, third)]
    judged(tmp_path, [first, *changed])
    (problem,) = status_of(ALONE, tmp_path).problems
    assert problem.problem.startswith("another system, python than in 2026")


def test_a_part_of_a_private_network_among_real_ones_is_named(tmp_path: Path) -> None:
    made = Simulation(means="tun", scenario="default", scenario_hash="0" * 64, seed=1)

    def played(info: RunInfo) -> RunInfo:
        return replace(info, simulation=made)

    first, second, third = whole()
    judged(tmp_path, [first, second, replace(third, info=played)])
    (problem,) = status_of(ALONE, tmp_path).problems
    assert problem.problem.startswith("of another network than 2026")


def test_sets_of_another_plan_catalogue_or_version_are_named(tmp_path: Path) -> None:
    def by_other(info: RunInfo) -> RunInfo:
        return replace(info, tool_version="0.2.0")

    seed = Kept(number=None, digit="b", plan=replace(PLAN, seed=8), rounds=6)
    judged(tmp_path, [*whole()[:2], replace(whole()[2], info=by_other), seed])
    status = status_of(ALONE, tmp_path)
    assert ("lab", "made by cloudgauge 0.2.0, pinned by 0.1.0") in told(status)
    assert any("made by another plan, " in problem for _, problem in told(status))
    assert status.is_complete
    assert status.strangers == 0


def test_sets_of_others_and_of_before_are_counted_and_not_told(tmp_path: Path) -> None:
    other = replace(PLAN, seed=8)
    keep(tmp_path, Kept(vantage="tokyo", number=None, plan=other, digit="b"))
    early = later(PINNED_WALL_NS - STARTED_WALL_NS - 1)
    keep(tmp_path, Kept(number=None, digit="c", info=early))
    status = status_of(ALONE, tmp_path)

    assert (status.strangers, status.problems) == (2, ())
    assert [one.vantage for one in status.vantages] == ["lab"]


def test_who_was_not_named_and_measures_all_the_same_is_told(tmp_path: Path) -> None:
    for one in of(ALONE, *whole(), *whole("tokyo", "b")):
        keep(tmp_path, one)
    status = status_of(ALONE, tmp_path)
    assert [one.vantage for one in status.vantages] == ["lab", "tokyo"]
    assert set(told(status)) == {("tokyo", 'the pin names no vantage "tokyo"')}
    anybody = replace(PIN, vantages=())
    for one in of(anybody, *whole("seoul", "c")):
        keep(tmp_path, one)
    open_to_all = status_of(anybody, tmp_path)
    assert [one.vantage for one in open_to_all.vantages] == ["seoul"]
    assert open_to_all.problems == ()


def test_a_vantage_that_stands_elsewhere_than_the_pin_says_is_told(
    tmp_path: Path,
) -> None:
    pin = replace(PIN, vantages=(Vantage(name="lab", city="Ulm", country="DE"),))

    def placed(info: RunInfo) -> RunInfo:
        here = Vantage(name="lab", city="Bonn", country="DE", asn=64_500)
        return replace(info, vantage=here)

    for one in of(pin, replace(whole()[0], info=placed)):
        keep(tmp_path, one)
    (found,) = told(status_of(pin, tmp_path))
    wanted = "describes its vantage in another way than the pin does: city"
    assert found == ("lab", wanted)


@pytest.mark.parametrize(
    ("info", "now_ns", "problem"),
    [
        (
            later(5 * MINUTE_NS),
            END_NS,
            "ended 5m from now by its clock: that clock, or",
        ),
        (
            later(-15 * MINUTE_NS),
            END_NS,
            "began by its clock 5m before its plan was pinned: that clock, or the one",
        ),
        (
            later(-400 * 86_400 * NS_PER_S),
            END_NS,
            "began on 2024-12-11 by its clock, and names rows that were checked on 202",
        ),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(
    tmp_path: Path, info: Callable[[RunInfo], RunInfo], now_ns: int, problem: str
) -> None:
    (kept,) = of(ALONE, Kept(rounds=6, info=info))
    keep(tmp_path, kept)
    found = [text for _, text in told(status_of(ALONE, tmp_path, now_ns=now_ns))]
    assert any(text.startswith(problem) for text in found), found


def test_a_clock_that_was_set_back_is_told_by_how_long_it_took(tmp_path: Path) -> None:
    for one in of(ALONE, Kept(rounds=6, short_ns=80 * NS_PER_S)):
        keep(tmp_path, one)
    (found,) = told(status_of(ALONE, tmp_path))
    wanted = "took 1m10s less by its clock than its rounds do: the clock was set back"
    assert found[1].startswith(wanted)


def test_a_clock_that_moved_is_told_by_the_samples(tmp_path: Path) -> None:
    (kept,) = of(ALONE, Kept(rounds=6))
    folder = keep(tmp_path, replace(kept, drift_ns=2 * MINUTE_NS))
    assert folder.is_dir()
    assert not told(status_of(ALONE, tmp_path))
    (found,) = told(status_of(ALONE, tmp_path, by_samples=True))
    assert found[1].startswith("its wall clock moved by 2m")


def test_half_an_upload_and_a_changed_set_are_named(tmp_path: Path) -> None:
    folders = [keep(tmp_path, one) for one in of(ALONE, *whole())]
    (folders[0] / MANIFEST).unlink()
    samples = next((folders[1] / "samples").iterdir())
    samples.write_bytes(samples.read_bytes()[:-1] + b"\0")
    manifest = json.loads((folders[2] / MANIFEST).read_text())
    manifest["run"]["plan_hash"] = "0" * 64
    (folders[2] / MANIFEST).write_text(json.dumps(manifest))

    quick = told(status_of(ALONE, tmp_path))
    assert quick == [
        ("lab", "half uploaded: its manifest is not there; push it again"),
        ("lab", "the plan is not the one whose hash the run names"),
    ]
    exact = status_of(ALONE, tmp_path, by_samples=True)
    assert len(exact.problems) == 3
    assert any("was changed" in problem for _, problem in told(exact))
    assert exact.vantages[0].sets == 0


def test_a_run_that_is_there_twice_counts_once(tmp_path: Path) -> None:
    folder, *_ = [keep(tmp_path, one) for one in of(ALONE, *whole())]
    shutil.copytree(folder, tmp_path / "x-copy")
    redact_set(RedactRequest(path=folder, into=tmp_path / "y-copy", now_ns=END_NS))
    for by_samples in (False, True):
        status = status_of(ALONE, tmp_path, by_samples=by_samples)
        assert (status.vantages[0].sets, status.vantages[0].twice) == (3, 0)
        same = f"is the same run as {folder.name}; it counts once"
        assert [one.name for one in status.problems] == ["x-copy", "y-copy"]
        assert {one.problem for one in status.problems} == {same}


def test_members_of_a_merged_set_count_where_all_is_read(tmp_path: Path) -> None:
    for one in of(ALONE, *whole()):
        keep(tmp_path / "sets", one)
    store = tmp_path / "store"
    merge_sets(
        MergeRequest(paths=(tmp_path / "sets",), into=store / "both", now_ns=END_NS)
    )
    quick = status_of(ALONE, store)
    assert quick.problems[0].name == "both"
    assert quick.vantages[0].sets == 0
    exact = status_of(ALONE, store, by_samples=True)
    assert exact.vantages[0].state is State.COMPLETE
    assert exact.problems == ()


def test_a_bucket_is_judged_as_a_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [keep(tmp_path / "sets", one) for one in of(ALONE, *whole())]
    with LocalBucket(tmp_path / "bucket") as bucket:
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        store = open_store(bucket.url("campaign"))
        for folder in folders[:2]:
            store.push(folder)
        half = bucket.folder / "campaign" / folders[2].name
        shutil.copytree(folders[2], half, ignore=shutil.ignore_patterns(MANIFEST))
        heard: list[tuple[int, int]] = []
        quick = campaign_status(
            ALONE,
            stock_by_manifests(store, lambda *counted: heard.append(counted)),
            now_ns=END_NS,
            by_samples=False,
        )
        with stock_by_samples(store, lambda *counted: heard.append(counted)) as stock:
            exact = campaign_status(ALONE, stock, now_ns=END_NS, by_samples=True)
    assert heard == [(1, 2), (2, 2)] * 2
    for status in (quick, exact):
        (lab,) = status.vantages
        assert (lab.state, lab.lacking) == (State.INCOMPLETE, 2 * PER_ROUND)
        (problem,) = status.problems
        assert problem.name == folders[2].name
        assert problem.problem.startswith("half uploaded")


def test_the_document_says_who_what_and_how_it_is_known(tmp_path: Path) -> None:
    for one in of(PIN, *whole(), Kept(vantage="berlin", digit="b")):
        keep(tmp_path / "store", one)
    keep(tmp_path / "store", Kept(vantage="x", plan=replace(PLAN, seed=9), number=None))
    save_pin(PIN, tmp_path / "pin.json")
    request = StatusRequest(
        store=str(tmp_path / "store"),
        pin=tmp_path / "pin.json",
        now_ns=END_NS + 90 * 60 * NS_PER_S,
    )
    status = look_at_campaign(request)
    shown = status_document(status)

    assert shown.title == "made-up: 1 of 2 vantages complete, 1 incomplete"
    vantages, gaps = shown.tables
    names = [column.name for column in vantages.columns]
    berlin = dict(zip(names, vantages.rows[0], strict=True))
    assert berlin == {
        "vantage": "berlin",
        "state": "incomplete",
        "late": "1h30m",
        "sets": 1,
        "planned": PLANNED,
        "held": 2 * PER_ROUND,
        "lacking": 4 * PER_ROUND,
        "twice": 0,
        "newest": "2026-01-15 12:00:20 UTC",
    }
    assert gaps.rows == (("berlin", 3, 6, 4 * PER_ROUND),)
    assert shown.provenance[-1] == f"campaign {CAMPAIGN}"
    assert shown.notes[0] == (
        "from 2026-01-15 12:00:00 UTC to 2026-01-15 12:01:00 UTC, as pinned"
    )
    assert "1 other set is in the store, and not of this campaign" in shown.notes
    assert shown.notes[-1].startswith("by the manifests: ")
    exact = status_document(look_at_campaign(replace(request, by_samples=True)))
    assert exact.notes[-1].startswith("every set was read and verified")
    assert exact.tables[0].rows == vantages.rows
    assert list(unmet(status, list(Unmet))) == ["incomplete: berlin", "late: berlin"]


def test_nobody_is_not_complete(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    anybody = replace(PIN, vantages=(), start_wall_ns=None)
    status = status_of(anybody, tmp_path / "store")
    assert not status.is_complete
    assert list(unmet(status, [Unmet.INCOMPLETE, Unmet.LATE])) == [
        "incomplete: nobody has delivered"
    ]
    shown = status_document(status)
    assert shown.title == "made-up: nobody has delivered"
    assert "the pin names no vantage: who sends nothing cannot be missed" in shown.notes
    without = replace(ALONE, start_wall_ns=None)
    notes = status_document(status_of(without, tmp_path / "store")).notes
    assert notes[0] == "no start was pinned: who has sent nothing may not have begun"


def test_a_store_or_a_pin_that_is_not_there_is_said(tmp_path: Path) -> None:
    save_pin(PIN, tmp_path / "pin.json")
    request = StatusRequest(
        store=str(tmp_path / "none"), pin=tmp_path / "pin.json", now_ns=END_NS
    )
    with pytest.raises(StoreError, match="is no folder"):
        look_at_campaign(request)
    with pytest.raises(ConfigError, match=r"x\.json: cannot be read"):
        look_at_campaign(replace(request, pin=tmp_path / "x.json"))
