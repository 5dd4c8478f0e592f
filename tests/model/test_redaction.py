from dataclasses import replace
from typing import Any

import pytest

from cloudgauge.model.redaction import Redaction

MADE = Redaction(
    redacted_wall_ns=1,
    tool_version="0.1.0",
    fields=("local_port", "remote_address"),
    original_sha256="a" * 64,
)


def test_a_redaction_says_what_was_taken_out_of_which_set() -> None:
    assert replace(MADE, redacted_wall_ns=2**63 - 1).fields == MADE.fields


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"redacted_wall_ns": -1}, r"redacted_wall_ns must be in \[0, 2\^63\), got -1"),
        ({"redacted_wall_ns": 2**63}, r"redacted_wall_ns must be in .*, got 92233720"),
        ({"fields": ()}, r"fields must be sorted and at least one, got \[\]"),
        ({"fields": ("b", "a")}, "fields must be sorted and at least one"),
        ({"fields": ("a", "a")}, "fields must be sorted and at least one"),
        ({"original_sha256": "A" * 64}, "original_sha256 must be 64 hexadecimal"),
    ],
)
def test_a_redaction_that_cannot_be_is_refused(
    change: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValueError, match=f"^{problem}"):
        replace(MADE, **change)
