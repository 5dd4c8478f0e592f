"""What older versions wrote is read for ever: as it was, and its hashes hold."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.frame import BIN_FRAME_COLUMNS, bins_frame_of, frame_of
from cloudgauge.analysis.summary import summarise
from cloudgauge.errors import StoreError
from cloudgauge.model.run import StopReason
from cloudgauge.planning.canonical import plan_hash, plan_to_json
from cloudgauge.planning.plain import canonical_json
from cloudgauge.planning.schedule import slots
from cloudgauge.store.folder import JOURNAL, names_in
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.manifest import from_json, to_json
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import NAMES, SAMPLES, SCHEMA_VERSION
from cloudgauge.store.seal import used_rows
from cloudgauge.store.verify import verify
from cloudgauge.workflow.keeping import show_sets
from cloudgauge.workflow.repeating import repeat_of
from tests.store.synthetic import keep_set, make_plan, make_samples
from tests.store.test_verify import seal_anew

_GOLDEN = Path(__file__).parents[1] / "golden"
SET_V1 = _GOLDEN / "set-v1"
JOURNAL_V1 = _GOLDEN / "journal-v1"
_NEW = [column.name for column in SAMPLES.columns if column.since > 1]


def copy_of(folder: Path, parent: Path) -> Path:
    """A copy that may be sealed, or come to harm."""
    return Path(shutil.copytree(folder, parent / folder.name))


def records_in(folder: Path) -> list[list[object]]:
    """A journal's samples as they stand there, read without our code."""
    connection = sqlite3.connect(folder / JOURNAL)
    found = connection.execute(
        "SELECT record FROM sample ORDER BY series, seq, exchange"
    ).fetchall()
    connection.close()
    return [json.loads(record) for (record,) in found]


def test_a_set_of_version_1_is_what_was_sealed() -> None:
    verified = verify(SET_V1)
    assert verified.manifest.schema_version == 1
    assert verified.manifest.counts.samples == 90
    assert verified.manifest.counts.bins == 0
    assert verified.files == len(names_in(SET_V1))


def test_what_came_later_is_absent_in_a_set_of_version_1() -> None:
    assert _NEW == ["streams", "part"]
    table = ResultSet.open(SET_V1).table()
    assert table.column_names == [*NAMES, "wall_ns"]
    for name in _NEW:
        assert table.column(name).to_pylist() == [None] * 90
    assert None not in table.column("connect_rtt_us").to_pylist()[::5]
    assert ResultSet.open(SET_V1).bin_table().num_rows == 0


def test_a_manifest_of_version_1_is_spelled_as_it_was() -> None:
    text = (SET_V1 / "manifest.json").read_text()
    manifest = from_json(text, "manifest.json")
    assert to_json(manifest) == text
    plain = json.loads(text)["plan"]
    assert plan_to_json(manifest.plan) == canonical_json(plain)
    assert plan_hash(manifest.plan) == manifest.run.plan_hash
    assert used_rows(manifest.plan) == (SET_V1 / "targets.json").read_text()


def test_a_set_of_version_1_is_framed_and_shown() -> None:
    result = ResultSet.open(SET_V1)
    frame = frame_of(result)
    assert len(frame) == 90
    for name in _NEW:
        assert frame[name].isna().all()
    bins = bins_frame_of(result)
    assert [str(d) for d in bins.dtypes] == [c.dtype for c in BIN_FRAME_COLUMNS]
    assert bins.empty
    series = summarise(columns_of(result), timeout_ns=10**10)
    assert sum(figures.samples for figures in series) == 90
    shown = show_sets([SET_V1])
    (rows,) = [table.rows for table in shown.tables if table.name == "series"]
    assert len(rows) == len(series) == 6


def test_a_rerun_of_version_1_sends_the_same_visits_at_the_same_times() -> None:
    plan = repeat_of(SET_V1, raised_allowed=True).plan
    rows = ResultSet.open(SET_V1).table(
        ["seq", "round_index", "target_id", "replica", "family", "kind", "due_ns"]
    )
    then = {tuple(row.values()) for row in rows.to_pylist()}
    now = {
        (
            slot.seq,
            slot.round_index,
            slot.target_id,
            slot.replica,
            slot.family.value,
            slot.kind.value,
            slot.due_ns,
        )
        for slot in slots(plan)
    }
    assert now == then
    assert plan_hash(plan) == ResultSet.open(SET_V1).manifest.run.plan_hash


def test_a_set_that_claims_another_version_than_its_columns_is_refused(
    tmp_path: Path,
) -> None:
    folder = copy_of(SET_V1, tmp_path)
    path = folder / "manifest.json"
    path.write_text(
        path.read_text().replace('"schema_version": 1', '"schema_version": 2')
    )
    seal_anew(folder)
    with pytest.raises(StoreError, match="column streams: want int32, got None"):
        verify(folder)

    plan = make_plan()
    folder = keep_set(tmp_path, plan, make_samples(plan))
    path = folder / "manifest.json"
    path.write_text(
        path.read_text().replace('"schema_version": 2', '"schema_version": 1')
    )
    seal_anew(folder)
    with pytest.raises(StoreError, match="unknown column part"):
        verify(folder)


def test_a_journal_of_version_1_is_sealed_into_a_set_of_ours(tmp_path: Path) -> None:
    wanted = records_in(copy_of(JOURNAL_V1, tmp_path / "by hand"))
    assert len(wanted) > 20
    folder = copy_of(JOURNAL_V1, tmp_path)
    result = ResultSet.open(folder)
    assert result.manifest.schema_version == SCHEMA_VERSION
    assert result.manifest.outcome is not None
    assert result.manifest.outcome.stop_reason is StopReason.KILLED
    run_id = result.manifest.run.run_id
    found = [list(row.values()) for row in result.table(NAMES).to_pylist()]
    assert found == [[run_id, *values, None, None] for values in wanted]
    assert verify(folder).manifest.counts.samples == len(wanted)
    plan = result.manifest.plan
    assert plan_hash(plan) == result.manifest.run.plan_hash


def test_a_run_of_version_1_that_is_alive_can_be_read(tmp_path: Path) -> None:
    folder = copy_of(JOURNAL_V1, tmp_path)
    with FolderLock.take(folder):
        result = ResultSet.open(folder)
        assert result.alive
        table = result.table(["seq", *_NEW])
        assert table.num_rows == result.manifest.counts.samples > 20
        assert set(table.column("part").to_pylist()) == {None}
        assert len(frame_of(result)) == table.num_rows
        assert bins_frame_of(result).empty
    assert (folder / JOURNAL).exists()
