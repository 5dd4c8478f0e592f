import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudgauge.planning.seqs import SeqSpans

some_seqs = st.sets(st.integers(0, 60))


@given(seqs=some_seqs)
def test_spans_hold_the_numbers_they_were_made_of(seqs: set[int]) -> None:
    spans = SeqSpans.of(seqs)

    assert {seq for seq in range(70) if seq in spans} == seqs
    assert spans.count() == len(seqs)


@given(seqs=some_seqs, others=some_seqs)
def test_joined_spans_hold_the_numbers_of_both(
    seqs: set[int], others: set[int]
) -> None:
    assert SeqSpans.of(seqs) | SeqSpans.of(others) == SeqSpans.of(seqs | others)


@given(seqs=some_seqs, first=st.integers(0, 60), length=st.integers(0, 60))
def test_what_is_there_and_what_is_lacking_make_up_any_range(
    seqs: set[int], first: int, length: int
) -> None:
    spans, end = SeqSpans.of(seqs), first + length
    lacking = [seq for a, b in spans.lacking(first, end) for seq in range(a, b)]

    assert lacking == [seq for seq in range(first, end) if seq not in seqs]
    assert spans.count(first, end) == length - len(lacking)


@pytest.mark.parametrize("spans", [((-1, 2),), ((3, 3),), ((4, 2),)])
def test_a_span_that_is_empty_or_begins_before_the_first_number_is_refused(
    spans: tuple[tuple[int, int], ...],
) -> None:
    with pytest.raises(
        ValueError, match="a span begins at 0 or later and is not empty"
    ):
        SeqSpans(spans=spans)


@pytest.mark.parametrize("spans", [((0, 2), (2, 3)), ((5, 6), (0, 1))])
def test_spans_that_touch_or_are_out_of_order_are_refused(
    spans: tuple[tuple[int, int], ...],
) -> None:
    with pytest.raises(ValueError, match="spans must be in order and apart"):
        SeqSpans(spans=spans)
