from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cloudgauge.analysis.export_rows import (
    CONTRACTS,
    batches_of,
    schema_of,
    stored_batches,
    unit_of,
)
from cloudgauge.analysis.frames import FRAMES, joined_frame
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import BIN_COLUMNS, COLUMNS
from tests.store.synthetic import keep_journal, keep_set, make_plan, make_samples
from tests.store.transfers import make_download_plan, make_transfers

PLAN = make_plan(rounds=4)
DOWNLOADS = make_download_plan()


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> ResultSet:
    parent = tmp_path_factory.mktemp("sets")
    return ResultSet.open(keep_set(parent, DOWNLOADS, make_transfers(DOWNLOADS)))


def table_of(result: ResultSet, what: str) -> pa.Table:
    return pa.Table.from_batches(batches_of(result, what), schema=schema_of(what))


def test_every_frame_can_be_exported() -> None:
    assert set(CONTRACTS) == set(FRAMES)


@pytest.mark.parametrize("what", sorted(CONTRACTS))
def test_what_is_exported_is_the_frame_cell_by_cell(
    downloads: ResultSet, what: str, tmp_path: Path
) -> None:
    latency = ResultSet.open(keep_set(tmp_path, PLAN, make_samples(PLAN)))
    for result in (downloads, latency):
        frame, table = joined_frame(what, [result]), table_of(result, what)
        assert table.column_names == list(frame.columns)
        for name in table.column_names:
            cells = frame[name].astype(object)
            wanted = cells.where(frame[name].notna(), None).tolist()
            assert table.column(name).to_pylist() == wanted, name


def test_a_run_that_is_not_sealed_is_exported_alike(tmp_path: Path) -> None:
    folder = keep_journal(tmp_path / "alive", PLAN, make_samples(PLAN))
    sealed = ResultSet.open(keep_set(tmp_path / "sealed", PLAN, make_samples(PLAN)))
    alive = ResultSet._open_alive(folder)
    assert alive.alive
    assert table_of(alive, "samples").num_rows == table_of(sealed, "samples").num_rows


def test_a_set_without_a_sample_has_no_row_and_every_column(tmp_path: Path) -> None:
    result = ResultSet.open(keep_set(tmp_path, PLAN, []))
    for what, columns in CONTRACTS.items():
        table = table_of(result, what)
        assert table.num_rows == 0
        assert table.column_names == [column.name for column in columns]


def test_units_are_those_of_the_files() -> None:
    for column in (*COLUMNS, *BIN_COLUMNS):
        assert unit_of(column.name) == column.unit, column.name
    field = schema_of("samples").field("connect_rtt_us")
    assert field.metadata[b"unit"] == b"us"
    assert b"Round trip of the SYN by the kernel" in field.metadata[b"meaning"]
    assert schema_of("throughput").field("rate_mbit_per_s").metadata[b"unit"] == (
        b"Mbit/s"
    )


def test_pieces_of_different_lengths_come_side_by_side() -> None:
    pieces: dict[str, list[list[Any]]] = {
        "a": [[1, 2, 3], [], [4]],
        "b": [[1], [2, 3, 4]],
        "c": [["x"] * 4],
    }
    found = list(
        stored_batches(
            lambda names: ((n, pa.array(p)) for n in names for p in pieces[n]),
            ["a", "b", "c"],
        )
    )
    assert [size for size, _ in found] == [1, 2, 1]
    assert [c["a"].to_pylist() for _, c in found] == [[1], [2, 3], [4]]
    assert [c["b"].to_pylist() for _, c in found] == [[1], [2, 3], [4]]
    assert [c["c"].to_pylist() for _, c in found] == [["x"], ["x"] * 2, ["x"]]
