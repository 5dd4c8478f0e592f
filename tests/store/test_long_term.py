import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from cloudgauge.errors import StoreError
from cloudgauge.model.run import Vantage
from cloudgauge.store.long_term import (
    LONG_TERM,
    clear_leftovers,
    counted,
    keep_counts,
    long_term_files,
    read_counts,
)
from cloudgauge.store.long_term_layout import (
    COUNTS,
    FoldedRun,
    Grain,
    LongTermHead,
)
from cloudgauge.store.long_term_table import no_counts, summed

_HOUR_NS, _DAY_NS = Grain.HOUR.length_ns, Grain.DAY.length_ns
_DAY = 20_000 * _DAY_NS
FORMAT = (Path(__file__).parents[2] / "FORMAT.md").read_text(encoding="utf-8")


def run_of(digit: str) -> FoldedRun:
    return FoldedRun(
        run_id=digit * 32,
        folder=f"set-{digit}",
        plan_hash="0" * 64,
        started_wall_ns=_DAY,
        ended_wall_ns=_DAY + _HOUR_NS,
        samples=1,
        complete=True,
        first_round=0,
        rounds=1,
        number=0,
    )


def head_of(digits: str, *periods: int, grain: Grain = Grain.HOUR) -> LongTermHead:
    return LongTermHead(
        format_version=1,
        grain=grain,
        accuracy=0.01,
        tool_version="0.1.0",
        vantage=Vantage(name="lab"),
        simulated=False,
        periods=periods,
        runs=tuple(run_of(digit) for digit in digits),
    )


def rows_of(*rows: dict[str, object]) -> pa.Table:
    plain = {
        "target_id": "aws/x:object-storage",
        "family": "ipv4",
        "replica": 0,
        "metric": "connect",
        "begins_wall_ns": _DAY,
        "word": None,
        "bin": 5,
        "count": 1,
    }
    return pa.Table.from_pylist([plain | row for row in rows], no_counts().schema)


def test_what_is_kept_is_read_back_with_its_keys_added_up(tmp_path: Path) -> None:
    rows = rows_of(
        {"count": 2}, {"bin": 4}, {"count": 3}, {"word": "zero", "bin": None}
    )
    path = keep_counts(tmp_path, head_of("a", _DAY), rows)
    (file,) = long_term_files(tmp_path)
    assert file.path == path
    assert file.head == head_of("a", _DAY)
    found = read_counts(file)
    assert found == summed(rows)
    assert sorted(found.column("count").to_pylist()) == [1, 1, 5]
    assert hashlib.sha256(path.read_bytes()).hexdigest() in path.name


def test_the_same_counts_are_the_same_file(tmp_path: Path) -> None:
    one = keep_counts(tmp_path / "a", head_of("a", _DAY), rows_of({}, {"bin": 3}))
    two = keep_counts(tmp_path / "b", head_of("a", _DAY), rows_of({"bin": 3}, {}))
    assert one.name == two.name


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    path = keep_counts(tmp_path, head_of("a", _DAY), rows_of({}))
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    (file,) = long_term_files(tmp_path)
    with pytest.raises(StoreError, match="was changed: its hash is not that of its"):
        read_counts(file)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"begins_wall_ns": _DAY + _HOUR_NS}, "counts in periods that its head does"),
        ({"count": 0}, "holds a count below 1"),
        ({"bin": 40_000}, "holds a bin that no value is in"),
        ({"metric": "guess"}, "metric"),
        ({"word": "boredom"}, "word"),
    ],
)
def test_counts_of_no_monitor_are_refused(
    tmp_path: Path, row: dict[str, object], problem: str
) -> None:
    keep_counts(tmp_path, head_of("a", _DAY), rows_of(row))
    (file,) = long_term_files(tmp_path)
    with pytest.raises(StoreError, match=problem):
        read_counts(file)


def _renamed(path: Path) -> None:
    path.rename(path.with_name("x.parquet"))


def _linked(path: Path) -> None:
    path.rename(path.parents[1] / "elsewhere")
    path.symlink_to(path.parents[1] / "elsewhere")


def _garbled(path: Path) -> None:
    path.write_bytes(b"PAR1")


def _twice(path: Path) -> None:
    copy = path.name.replace(path.name[-20:-10], "0" * 10)
    path.with_name(copy).write_bytes(path.read_bytes())


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (_renamed, "has no name of a file of the long-term record"),
        (_linked, "is a link or no plain file"),
        (_garbled, "cannot be read as Parquet"),
        (_twice, "counts what .* counts$"),
    ],
)
def test_files_that_are_none_of_ours_are_named(
    tmp_path: Path, damage: Callable[[Path], None], problem: str
) -> None:
    damage(keep_counts(tmp_path, head_of("a", _DAY), rows_of({})))
    with pytest.raises(StoreError, match=problem):
        long_term_files(tmp_path)


def test_what_a_day_counts_no_hour_counts_again(tmp_path: Path) -> None:
    late = _DAY + 23 * _HOUR_NS
    keep_counts(tmp_path, head_of("ab", _DAY, grain=Grain.DAY), rows_of({}))
    keep_counts(tmp_path, head_of("a", _DAY), rows_of({}))
    keep_counts(tmp_path, head_of("b", late, _DAY + _DAY_NS), rows_of({}))
    # It came after its day was folded.
    keep_counts(tmp_path, head_of("c", _DAY), rows_of({}))
    found = [
        (file.head.grain.value, sorted(file.run_ids)[0][0], periods)
        for file, periods in counted(long_term_files(tmp_path))
    ]
    assert found == [
        ("day", "a", (_DAY,)),
        ("hour", "b", (_DAY + _DAY_NS,)),
        ("hour", "c", (_DAY,)),
    ]


def test_what_was_being_made_is_no_file_and_is_cleared(tmp_path: Path) -> None:
    path = keep_counts(tmp_path, head_of("a", _DAY), rows_of({}))
    making = path.with_name(".making-x")
    making.write_bytes(b"half")
    assert len(long_term_files(tmp_path)) == 1
    clear_leftovers(tmp_path)
    assert not making.exists()
    assert not long_term_files(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format_version": 2}, "is of format 2"),
        ({"runs": ()}, "want at least one run"),
        ({"periods": (_HOUR_NS, 0)}, "periods that rise"),
        ({"periods": (1,)}, "does not begin with its hour"),
    ],
)
def test_a_head_that_cannot_be_is_refused(
    change: dict[str, object], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        replace(head_of("a", _DAY), **change)  # type: ignore[arg-type]  # wrong on purpose


def test_a_run_has_an_id_of_its_own() -> None:
    with pytest.raises(ValueError, match="run_id must be 32 and plan_hash 64"):
        replace(run_of("a"), run_id="x")


def test_the_columns_are_those_of_the_specification() -> None:
    for column in COUNTS.columns:
        unit, absent = column.unit or "-", "yes" if column.nullable else "no"
        said = f"| {column.kind.value} | {unit} | {absent} | {column.meaning} |"
        assert f"| `{column.name}` {said}\n" in FORMAT
    assert LONG_TERM in FORMAT
