"""Takes samples and bins at a steady pace until it is killed, and says which."""

import itertools
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

from cloudgauge.model.transfer import Bin
from cloudgauge.store.folder import new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from tests.store.synthetic import make_run_info, make_samples
from tests.store.transfers import make_download_plan, make_transfers

_GAP_S = 0.004


def main() -> None:
    plan = make_download_plan(objects=2, rounds=2, targets=12, bins=30)
    visits, transfers = make_samples(plan), make_transfers(plan, bins=30)
    # Of both kinds throughout, as a run has them when its rounds are short.
    pairs = zip(visits, transfers, strict=False)
    records = [record for pair in pairs for record in pair]
    info = make_run_info(plan)
    folder = new_folder(Path(sys.argv[1]), info)
    with (
        FolderLock.take(folder) as lock,
        Journal.create(lock, info, plan) as journal,
    ):
        os.write(2, b"begun\n")
        for turn in itertools.count():
            for record in records:
                seq = record.slot.seq + turn * plan.visit_count
                journal.append(replace(record, slot=replace(record.slot, seq=seq)))
                if isinstance(record, Bin):
                    line = f"{time.monotonic_ns()} bin {seq} {record.index}\n"
                else:
                    line = f"{time.monotonic_ns()} sample {seq} {record.exchange}\n"
                os.write(1, line.encode())
                time.sleep(_GAP_S)


if __name__ == "__main__":
    main()
