"""Fields that came after the first version of what is kept on disk."""

from dataclasses import field
from typing import Any


def later(default: object) -> Any:
    """A field that is left out of what is written while it has its default.

    So what an older version wrote is spelled as it was then, and its hash still
    names it; what a version without the field reads of us, it can read whole.
    """
    return field(default=default, metadata={"later": True})
