"""A doubt that travels with its number."""

from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How much a caveat takes from its number, least first.

    ``NOTE``: worth knowing. ``DOUBT``: the number may mean something else.
    ``PROOF``: it cannot mean what it says.
    """

    NOTE = 1
    DOUBT = 2
    PROOF = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Caveat:
    """A reason not to trust a number.

    Attributes:
        name: Names the kind for programs and for narrow tables, such as
            ``window full``; lower case.
        text: One sentence with its figures; no full stop.
    """

    name: str
    text: str
    weight: Weight = Weight.DOUBT
