from cloudgauge.report.figures.vega import left_out, packed, shown_labels


def test_labels_are_short_printable_and_never_alike() -> None:
    long = "provider/a-very-long-name-of-a-region-in-the-middle-of-"
    labels = [f"{long}nowhere-1", f"{long}somewhere-1", "a\x1b[31m"]
    shown = shown_labels(labels)
    assert len(set(shown.values())) == 3
    assert all(len(text) <= 36 for text in shown.values())
    assert shown["a\x1b[31m"] == "a\\x1b[31m"


def test_of_a_region_and_its_vantage_both_keep_their_ends() -> None:
    label = "azure/australiasoutheast · a-vantage-with-a-long-name"
    assert shown_labels([label])[label] == "azure/au…outheast · a-van…-name"


def test_a_vantage_is_whole_where_the_region_leaves_room() -> None:
    label = "aws/us-east-1 · my-home-in-lisbon-by-the-sea"
    assert shown_labels([label])[label] == "aws/us-east-1 · my-home…the-sea"
    label = "azure/germanywestcentral · home"
    assert shown_labels([label])[label] == label


def test_packed_rows_hold_every_cell() -> None:
    assert packed([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]) == [
        {"a": [1, 2], "b": ["x", "y"]}
    ]


def test_what_is_left_out_is_counted() -> None:
    assert left_out(40, 40, "best") == ""
    assert "40 best of 200" in left_out(200, 40, "best")
