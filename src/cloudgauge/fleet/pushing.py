"""Push one sealed set to the campaign's store: a process of its own, at lower priority.

``python -m cloudgauge.fleet.pushing URL FOLDER``. What went wrong is said on stderr, in
one line. Keys of the store come from this machine's environment, never from the
scheduler.
"""

import os
import sys
from pathlib import Path

from cloudgauge.errors import CloudgaugeError
from cloudgauge.store.remote import open_store

_NICE = 10


def main(arguments: list[str]) -> int:
    """Push; 0 if the store has the set now."""
    os.nice(_NICE)
    url, folder = arguments
    try:
        open_store(url).push(Path(folder))
    except CloudgaugeError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
