import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from cloudgauge.store.arrays import array_of, integers_in, words_in
from cloudgauge.store.schema import Cell, Kind
from tests.store.synthetic import keep_journal, make_plan, make_samples


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.INT32, [1, -(2**31), 2**31 - 1]),
        (Kind.INT64, [0, -(2**63), 2**63 - 1]),
        (Kind.INT64, [None, 5, None, 0, 7, None, 1, 2, 3, None]),
        (Kind.BOOL, [True, False, True] * 9),
        (Kind.BOOL, [None, True, False]),
        (Kind.STRING, ["", "a", "ü", "\N{GRINNING FACE}" * 3]),
        (Kind.STRING, ["a", None, "", None, "b"]),
        (Kind.STRING, []),
        (Kind.INT32, []),
        (Kind.INT64, [None, None]),
    ],
)
def test_values_come_back_as_they_went_in(kind: Kind, values: list[Cell]) -> None:
    made = array_of(values, kind)
    made.validate(full=True)
    assert made.to_pylist() == values
    assert made.null_count == values.count(None)


@pytest.mark.parametrize(
    ("kind", "values", "problem"),
    [
        (Kind.INT64, [1, True], "want int64, got bool"),
        (Kind.INT64, ["1"], "want int64, got str"),
        (Kind.BOOL, [1], "want bool, got int"),
        (Kind.STRING, [1], "want string, got int"),
    ],
)
def test_a_value_of_another_kind_is_refused(
    kind: Kind, values: list[Cell], problem: str
) -> None:
    with pytest.raises(TypeError, match=problem):
        array_of(values, kind)


def test_values_all_alike_are_held_once() -> None:
    one, other = (array_of(["TLSv1.3"] * 1_024, Kind.STRING) for _ in range(2))
    assert one is other
    # Equal to Python, and yet not the same value.
    assert array_of([1, 1], Kind.INT32).to_pylist() == [1, 1]
    assert array_of([True, True], Kind.BOOL).to_pylist() == [True, True]


def test_integers_are_read_where_an_array_begins() -> None:
    for kind in (Kind.INT32, Kind.INT64):
        made = array_of([5, -6, 7, 2**31 - 1, 9], kind)
        assert list(integers_in(made)) == [5, -6, 7, 2**31 - 1, 9]
        assert list(integers_in(made.slice(1, 3))) == [-6, 7, 2**31 - 1]
        assert list(integers_in(made.slice(2, 0))) == []


def test_words_are_counted_plain_and_as_a_dictionary_has_them() -> None:
    words = ["b", None, "a", "b", None, "", "b", None, "a", "c", None, None]
    plain = array_of(words, Kind.STRING)
    for made in (plain, plain.dictionary_encode()):
        assert words_in(made) == Counter({"a": 2, "b": 3, "c": 1, "": 1})
        assert words_in(made.slice(1, 8)) == Counter({"a": 2, "b": 2, "": 1})
        assert words_in(made.slice(9)) == Counter({"c": 1})
        assert words_in(made.slice(10)) == Counter()
        assert words_in(made.slice(0, 0)) == Counter()


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="a number does not fit into int32"):
        array_of([2**31], Kind.INT32)


_SEALER = """
import sys
from pathlib import Path
from cloudgauge.store.journal import Journal
assert "pyarrow" not in sys.modules
from cloudgauge.store.verify import verify
verify(Path(sys.argv[1]))
assert "pandas" not in sys.modules
"""


def test_a_prober_loads_no_arrow_and_a_sealer_no_pandas(tmp_path: Path) -> None:
    plan = make_plan()
    folder = keep_journal(tmp_path, plan, make_samples(plan), ended=False)
    subprocess.run([sys.executable, "-c", _SEALER, str(folder)], check=True)
