"""Fills a small disk of its own with a journal, gives it room, makes it read-only.

Runs in a mount namespace of its own. What must hold is asserted here.
"""

import subprocess
import tempfile
from pathlib import Path

from cloudgauge.errors import MachineError
from cloudgauge.store.folder import CHECKSUMS, JOURNAL, new_folder
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.resultset import ResultSet
from tests.store.synthetic import keep_journal, make_plan, make_run_info, make_samples


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        disk = Path(name)
        _mount("size=512k", disk)
        try:
            _fill_and_recover(disk)
            _refuse_when_read_only(disk)
        finally:
            _run("umount", str(disk))


def _mount(options: str, disk: Path) -> None:
    _run("mount", "-t", "tmpfs", "-o", options, "none", str(disk))


def _run(*command: str) -> None:
    # From PATH, since distributions disagree on where these programs are.
    subprocess.run(command, check=True)


def _fill_and_recover(disk: Path) -> None:
    plan = make_plan(targets=30, rounds=30)
    info = make_run_info(plan)
    folder = new_folder(disk, info)
    flushed = 0
    with FolderLock.take(folder) as lock, Journal.create(lock, info, plan) as journal:
        refusal = None
        try:
            for count, sample in enumerate(make_samples(plan), start=1):
                journal.append(sample)
                if count % 50 == 0:
                    journal.flush()
                    flushed = count
        except MachineError as exc:
            refusal = str(exc)
    assert refusal is not None, "the disk did not fill up"
    assert "journal.sqlite: cannot be written" in refusal, refusal
    assert "full" in refusal, refusal
    assert flushed > 100

    (disk / "ballast").write_bytes(b"")
    _refuses_to_seal(folder, disk)
    _run("mount", "-o", "remount,size=64m", str(disk))
    assert not (folder / CHECKSUMS).exists()
    result = ResultSet.open(folder)
    assert result.manifest.counts.samples >= flushed
    outcome = result.manifest.outcome
    assert outcome is not None
    assert not outcome.complete


def _refuse_when_read_only(disk: Path) -> None:
    plan = make_plan()
    folder = keep_journal(disk, plan, make_samples(plan), ended=False)
    _run("mount", "-o", "remount,ro", str(disk))
    for attempt in (
        lambda: ResultSet.open(folder),
        lambda: new_folder(disk, make_run_info(plan)),
    ):
        try:
            attempt()
        except MachineError as exc:
            assert "read-only file system" in str(exc), exc  # noqa: PT017  no pytest here
        else:
            msg = "a disk that cannot be written was written"
            raise AssertionError(msg)
    assert (folder / JOURNAL).exists()


def _refuses_to_seal(folder: Path, disk: Path) -> None:
    try:
        with (disk / "ballast").open("ab", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
    except OSError:
        pass
    try:
        ResultSet.open(folder)
    except MachineError as exc:
        assert "full" in str(exc) or "space" in str(exc), exc  # noqa: PT017  no pytest here
    else:
        msg = "a full disk took a sealed set"
        raise AssertionError(msg)
    assert (folder / JOURNAL).exists()
    assert not (folder / CHECKSUMS).exists()


if __name__ == "__main__":
    main()
