"""What ping says went wrong, in our words."""

import re

from cloudgauge.model.sample import FailureKind

_BY_WORDS = (
    (r"Name or service not known|unknown host", FailureKind.NAME_NOT_FOUND),
    (
        r"Temporary failure in name resolution|System error",
        FailureKind.RESOLVER_FAILED,
    ),
    (r"No address associated with hostname", FailureKind.NO_ADDRESS),
    # RFC 792 and 4443: whoever says so, the packet did not get there.
    (
        r"unreachable|no route|prohibited|packet filtered|time to live exceeded|"
        r"hop limit|frag needed|packet too big|network is down|host is down|"
        r"beyond scope",
        FailureKind.UNREACHABLE,
    ),
    (
        r"operation not permitted|no buffer space|message too long|invalid argument|"
        r"permission denied|cannot assign requested address",
        FailureKind.OWN_MACHINE,
    ),
)
_KINDS = tuple((re.compile(words, re.IGNORECASE), kind) for words, kind in _BY_WORDS)
LOOKUPS = (
    FailureKind.NAME_NOT_FOUND,
    FailureKind.RESOLVER_FAILED,
    FailureKind.NO_ADDRESS,
)
"""With these nothing was sent: there was no address."""


def kind_in(text: str) -> FailureKind | None:
    """The kind of failure that a line speaks of; None if of none that we know."""
    return next((kind for words, kind in _KINDS if words.search(text)), None)
