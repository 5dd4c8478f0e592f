from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.run import RunInfo
from cloudgauge.planning.canonical import plan_hash
from cloudgauge.planning.pin import new_pin
from cloudgauge.store.folder import CHECKSUMS, samples_name, sha256_of
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.cells import Otherness, VantageCells, cells_of
from tests.store.synthetic import keep_set, make_samples
from tests.store.transfers import make_download_plan, make_transfers
from tests.workflow.campaigns import PER_ROUND, PIN, PINNED_WALL_NS, PLAN, Kept, keep

PLANNED = PER_ROUND * 6


def cells(parent: Path, kept: Sequence[Kept]) -> dict[str, VantageCells]:
    sets = [ResultSet.open(keep(parent, one)) for one in kept]
    return {one.vantage: one for one in cells_of(PIN, sets)}


def test_parts_of_all_rounds_hold_every_cell_once(tmp_path: Path) -> None:
    parts = [Kept(number=k, first_round=2 * k) for k in range(3)]
    lab = cells(tmp_path, parts)["lab"]

    assert (lab.planned, lab.held, lab.twice, lab.lacking) == (PLANNED, PLANNED, 0, 0)
    assert (lab.sets, lab.beyond, lab.odd_rounds, lab.others) == (3, 0, (), ())


def test_a_vantage_of_which_nothing_came_lacks_every_cell(tmp_path: Path) -> None:
    found = cells(tmp_path, [Kept()])

    assert list(found) == ["berlin", "lab"]
    assert (found["berlin"].sets, found["berlin"].lacking) == (0, PLANNED)
    assert found["lab"].lacking == PLANNED - 2 * PER_ROUND


def test_a_lost_cell_and_one_held_twice_are_named_by_their_rounds(
    tmp_path: Path,
) -> None:
    lost = frozenset({PER_ROUND + 1, PER_ROUND + 2})
    lab = cells(
        tmp_path,
        [
            Kept(number=0, lacking=lost),
            Kept(number=1, first_round=2, rounds=4),
            Kept(number=2, first_round=5, rounds=1, digit="b"),
        ],
    )["lab"]

    assert (lab.held, lab.lacking, lab.twice) == (PLANNED - 2, 2, PER_ROUND)
    told = [(one.round_index, one.lacking, one.twice) for one in lab.odd_rounds]
    assert told == [(1, 2, 0), (5, 0, PER_ROUND)]


def test_a_rest_fills_what_was_lost(tmp_path: Path) -> None:
    lost = frozenset({3, 8})
    lab = cells(
        tmp_path,
        [
            Kept(number=0, rounds=6, lacking=lost),
            Kept(number=1, rounds=6, only=lost),
        ],
    )["lab"]

    assert (lab.held, lab.twice, lab.lacking) == (PLANNED, 0, 0)


def test_a_run_of_its_own_by_the_same_plan_counts(tmp_path: Path) -> None:
    lab = cells(tmp_path, [Kept(number=None, rounds=6)])["lab"]

    assert (lab.held, lab.sets, lab.others) == (PLANNED, 1, ())


def test_a_run_from_before_the_pin_is_another_campaigns(tmp_path: Path) -> None:
    def early(info: RunInfo) -> RunInfo:
        return replace(info, started_wall_ns=PINNED_WALL_NS - 1)

    lab = cells(tmp_path, [Kept(number=None, rounds=6, info=early)])["lab"]

    assert (lab.held, lab.sets) == (0, 0)
    (other,) = lab.others
    assert other.what == (Otherness.CAMPAIGN,)
    assert other.detail == "begun, by its clock, before the plan was pinned"


def test_a_part_of_another_campaign_of_the_same_plan_does_not_count(
    tmp_path: Path,
) -> None:
    lab = cells(tmp_path, [Kept(campaign="c" * 32)])["lab"]

    assert lab.held == 0
    told = f"a part of another campaign of the same plan, {'c' * 32}"
    assert lab.others[0].detail == told


def test_another_plan_another_catalogue_and_another_version_are_told_apart(
    tmp_path: Path,
) -> None:
    newer = replace(PLAN.targets[0], region=replace(PLAN.targets[0].region, zones=4))
    rows = replace(PLAN, targets=(newer, *PLAN.targets[1:]))

    def by_other(info: RunInfo) -> RunInfo:
        return replace(info, tool_version="0.2.0")

    lab = cells(
        tmp_path,
        [
            Kept(digit="a", plan=replace(PLAN, seed=8)),
            Kept(digit="b", plan=rows),
            Kept(digit="c", info=by_other),
        ],
    )["lab"]

    plan, catalogue, version = lab.others
    assert plan.what == (Otherness.PLAN,)
    other = plan_hash(replace(PLAN, seed=8))[:8]
    assert plan.detail == f"made by another plan, {other}: seed differs"
    assert catalogue.what == (Otherness.CATALOGUE,)
    assert catalogue.detail.endswith(f"pinned were {PIN.catalogue_hash[:8]}")
    assert version.what == (Otherness.VERSION,)
    assert version.detail == "made by cloudgauge 0.2.0, pinned by 0.1.0"
    # Another version counted the same slots: its cells are the campaign's.
    assert (lab.sets, lab.held) == (1, 2 * PER_ROUND)


def test_strangers_count_only_with_the_campaigns_plan(tmp_path: Path) -> None:
    found = cells(
        tmp_path,
        [
            Kept(vantage="tokyo"),
            Kept(vantage="seoul", plan=replace(PLAN, seed=8), digit="b"),
        ],
    )

    assert list(found) == ["berlin", "lab", "tokyo"]
    assert found["tokyo"].held == 2 * PER_ROUND


def test_rounds_beyond_the_plan_are_counted_apart(tmp_path: Path) -> None:
    longer = replace(PLAN, pacing=replace(PLAN.pacing, rounds=8))
    folder = keep(tmp_path, Kept(plan=longer, first_round=5, rounds=3))
    sets = [ResultSet.open(folder)]
    short = replace(sets[0].manifest.run, plan_hash=PIN.plan_hash)
    # A run without an end, of the pinned plan: more rounds than that has.
    endless = replace(sets[0], manifest=replace(sets[0].manifest, run=short))
    (_, lab) = cells_of(PIN, [endless])

    assert (lab.held, lab.beyond) == (PER_ROUND, 2 * PER_ROUND)


def test_transfers_are_cells_too(tmp_path: Path) -> None:
    plan = make_download_plan(rounds=2)
    records = [*make_samples(plan), *make_transfers(plan)]
    result = ResultSet.open(keep_set(tmp_path, plan, records))
    pin = new_pin(plan, tool_version="0.1.0", pinned_wall_ns=PINNED_WALL_NS)

    (lab,) = cells_of(pin, [result])

    assert lab.planned == result.manifest.counts.visits
    assert (lab.held, lab.twice) == (lab.planned, 0)


def test_no_column_but_that_of_the_cells_is_read(tmp_path: Path) -> None:
    folder = keep(tmp_path, Kept())
    result = ResultSet.open(folder)
    path = folder / samples_name(result.manifest.run)
    table = pq.read_table(path)
    columns = {
        name: table[name]
        if name == "seq" or not pa.types.is_string(table[name].type)
        else pa.array(["nonsense"] * len(table))
        for name in table.column_names
    }
    pq.write_table(pa.table(columns, schema=table.schema), path)
    with pytest.raises(StoreError, match='"nonsense" is not one of its words'):
        list(result.pieces())

    (_, lab) = cells_of(PIN, [result])
    assert lab.held == 2 * PER_ROUND


def test_samples_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = keep(tmp_path, Kept())
    result = ResultSet.open(folder)
    name = samples_name(result.manifest.run)
    table = pq.read_table(folder / name)
    pq.write_table(table.slice(0, 5), folder / name)
    sums = (folder / CHECKSUMS).read_text()
    assert sha256_of(folder / name) not in sums

    with pytest.raises(StoreError, match=r"holds 5 samples, and the manifest says"):
        cells_of(PIN, [result])
