"""A fleet for a test, ended with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.processes import Fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Certificates for two vantages; nothing runs yet."""
    made = Fleet(folder=tmp_path)
    try:
        made.init("frankfurt", "tokyo")
        yield made
    finally:
        made.end()
