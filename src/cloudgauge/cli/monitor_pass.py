"""The process of one pass: seals, folds and prunes, says what came of it, and ends.

``python -m cloudgauge.cli.monitor_pass``, started by `cli.monitor_process`, orders on
stdin, a `PassReport` on stdout. What seals and folds takes memory, which goes with it.
"""

import os
import sys
import time

from cloudgauge.errors import MachineError, StoreError
from cloudgauge.store.lock import FolderBusy
from cloudgauge.workflow.monitor_orders import PassReport, orders_from, to_line


def main() -> None:
    """Keep house once."""
    # Arrow's own allocator keeps what it has freed.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from pathlib import Path

    from cloudgauge.workflow.monitor_keeping import keep_parts

    orders = orders_from(sys.stdin.buffer.readline())
    try:
        kept = keep_parts(Path(orders.results), orders.bounds, time.time_ns())
        report = PassReport(kept=kept)
    except FolderBusy as exc:
        report = PassReport(problem=str(exc), is_busy=True)
    except StoreError as exc:
        report = PassReport(problem=str(exc))
    except MachineError as exc:
        report = PassReport(problem=str(exc), is_machine=True)
    sys.stdout.buffer.write(to_line(report))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
