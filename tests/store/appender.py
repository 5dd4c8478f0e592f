"""Takes samples at a steady pace until it is killed, and says which it took."""

import itertools
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from tests.store.synthetic import make_plan, make_run_info, make_samples

_GAP_S = 0.004


def main() -> None:
    plan = make_plan(targets=12, rounds=2)
    samples = list(make_samples(plan))
    info = make_run_info(plan)
    folder = new_folder(Path(sys.argv[1]), info)
    with (
        FolderLock.take(folder) as lock,
        Journal.create(lock, info, plan) as journal,
    ):
        os.write(2, b"begun\n")
        for turn in itertools.count():
            for sample in samples:
                seq = sample.slot.seq + turn * plan.visit_count
                journal.append(replace(sample, slot=replace(sample.slot, seq=seq)))
                line = f"{time.monotonic_ns()} {seq} {sample.exchange}\n"
                os.write(1, line.encode())
                time.sleep(_GAP_S)


if __name__ == "__main__":
    main()
