"""Seal sets, and say what is in them: a process of its own, at a lower priority.

``python -m cloudgauge.fleet.sealing CAMPAIGN VANTAGE FOLDER...``: each folder is a set,
or holds sets. A line of JSON comes out for every sealed set of this campaign and
vantage, in the order of their parts. What seals loads pyarrow; neither the worker nor
the prober beside it does.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import CloudgaugeError
from cloudgauge.fleet.messages import Offer, OfferedFile, to_text
from cloudgauge.fleet.run_of_set import run_of
from cloudgauge.model.run import RunInfo
from cloudgauge.store.checksums import read_checksums
from cloudgauge.store.folder import CHECKSUMS, JOURNAL, MANIFEST, sets_at, sha256_of
from cloudgauge.store.resultset import ResultSet

_NICE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSet:
    """A set of the campaign.

    Attributes:
        number: Of its part.
        cells: Visits and transfers in it.
        failures: Its exchanges that failed.
        offer: What the scheduler is told of it.
    """

    folder: Path
    number: int
    cells: int
    failures: int
    offer: Offer


def sealed_in(folder: Path, campaign: str, vantage: str) -> SealedSet | None:
    """Seal a set if need be, and tell of it; None if it is alive, or another's.

    Raises:
        StoreError: It is corrupt.
        MachineError: It cannot be sealed.
    """

    def is_ours(run: RunInfo) -> bool:
        part = run.part
        return (
            part is not None
            and part.campaign == campaign
            and run.vantage.name == vantage
        )

    # Before all its files are read, of which there may be many that are none of ours.
    if (folder / MANIFEST).is_file() and not is_ours(run_of(folder)):
        return None
    result = ResultSet.open(folder)
    run = result.manifest.run
    if result.alive or run.part is None or not is_ours(run):
        return None
    counts = result.manifest.counts
    names = (*read_checksums(folder), CHECKSUMS)
    return SealedSet(
        folder=folder,
        number=run.part.number,
        cells=counts.visits,
        failures=sum(one.count for one in counts.failures),
        offer=Offer(
            name=folder.name,
            checksums_sha256=sha256_of(folder / CHECKSUMS),
            files=tuple(
                OfferedFile(name=name, size_bytes=(folder / name).stat().st_size)
                for name in names
            ),
        ),
    )


def folders_of(paths: Iterable[Path], vantage: str) -> Iterator[Path]:
    """The sets among *paths*, or in them, that a run from this vantage may have made.

    By their names, which say it: what others measured is not opened, let alone sealed.
    """
    for path in paths:
        for folder in sets_at([path]) if path.is_dir() else ():
            is_set = any((folder / name).exists() for name in (CHECKSUMS, JOURNAL))
            if is_set and f"-{vantage}-" in folder.name:
                yield folder


def main(arguments: list[str]) -> int:
    """Seal what is named; 0 if all of it could be."""
    os.nice(_NICE)
    campaign, vantage, *paths = arguments
    found, code = [], 0
    for folder in folders_of(map(Path, paths), vantage):
        try:
            sealed = sealed_in(folder, campaign, vantage)
        except CloudgaugeError as exc:
            sys.stderr.write(f"{exc}\n")
            code = 1
        else:
            found += [sealed] if sealed else []
    for one in sorted(found, key=lambda one: one.number):
        told = {
            "folder": str(one.folder),
            "cells": one.cells,
            "failures": one.failures,
            "offer": to_text(one.offer),
        }
        sys.stdout.write(f"{json.dumps(told)}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
