"""Pushes and pulls sets of 1 GB beside the bare client, and prints a table.

Run it from the repository's top folder: ``python -m benchmarks.stores``. The store is
localbucket, on loopback, in a folder of the system's for temporary files: 5 GB free
are needed. The bare client puts and gets the same files into the same server, one
after another as obstore does it by default, from the disk and onto it, without any hash
of its own; the sides take turns, since other work on the machine slows both.
"""

import argparse
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import S3Store

from benchmarks.instrument.machine import describe_machine
from cloudgauge.store.checksums import checksums_text, read_checksums
from cloudgauge.store.folder import CHECKSUMS, names_in, sha256_of
from cloudgauge.store.remote import open_store
from cloudgauge.store.remote_access import Access
from tests.fakes.buckets import KEY_NAME, KEY_SECRET, LocalBucket
from tests.store.several import Run, keep_run

GOAL = 0.8
_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the bytes of a set are spread over files."""

    files: int
    file_bytes: int

    def __str__(self) -> str:
        return f"{self.files} x {self.file_bytes // _MB} MB"


SHAPES = (
    Shape(files=40, file_bytes=25 * _MB),
    Shape(files=1, file_bytes=1_000 * _MB),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Seconds of one go, both ways, by both sides."""

    bare_put_s: float
    push_s: float
    bare_get_s: float
    pull_s: float


def make_set(parent: Path, shape: Shape) -> Path:
    """A sealed set with files that nothing could compress."""
    folder = keep_run(parent, Run(vantage="bench"))
    sums = read_checksums(folder)
    chance = random.Random(1)
    for number in range(shape.files):
        path = folder / f"packets-{number:03}.bin"
        with path.open("wb") as file:
            for _ in range(shape.file_bytes // _MB):
                file.write(chance.randbytes(_MB))
        sums[path.name] = sha256_of(path)
    (folder / CHECKSUMS).write_text(checksums_text(sums))
    return folder


def bare_put(client: S3Store, folder: Path, place: str) -> None:
    """Put every file as the client does it by default."""
    for name in names_in(folder):
        obstore.put(client, f"{place}/{name}", folder / name)


def bare_get(client: S3Store, names: tuple[str, ...], place: str, into: Path) -> None:
    """Get every file onto the disk as it comes."""
    for name in names:
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for chunk in obstore.get(client, f"{place}/{name}").stream():
                file.write(chunk)


def seconds(work: Callable[[], object]) -> float:
    """How long *work* takes."""
    start_s = time.perf_counter()
    work()
    return time.perf_counter() - start_s


def one_go(bucket: LocalBucket, folder: Path, into: Path, *, bare_first: bool) -> Go:
    """Both sides send the set and fetch it again; what they made is removed."""
    client = S3Store(
        bucket.folder.name,
        endpoint=bucket.endpoint,
        region="us-east-1",
        access_key_id=KEY_NAME,
        secret_access_key=KEY_SECRET,
        client_options={"allow_http": True},
    )
    access = Access(environment=bucket.environment, home=into)
    store = open_store(bucket.url("ours"), access)
    names = names_in(folder)
    sides: dict[str, Callable[[], object]] = {
        "bare_put": lambda: bare_put(client, folder, "bare"),
        "push": lambda: store.push(folder),
        "bare_get": lambda: bare_get(client, names, "bare", into / "bare"),
        "pull": lambda: store.pull(folder.name, into / "ours"),
    }
    order = list(sides) if bare_first else ["push", "bare_put", "pull", "bare_get"]
    took = {f"{side}_s": seconds(sides[side]) for side in order}
    for made in (bucket.folder / "bare", bucket.folder / "ours", into):
        shutil.rmtree(made)
    return Go(**took)


def row(shape: Shape, way: str, bare_s: list[float], ours_s: list[float]) -> str:
    """One line of the table: geometric means of rates and of their ratio."""
    megabytes = shape.files * shape.file_bytes / _MB
    ratios = [bare / ours for bare, ours in zip(bare_s, ours_s, strict=True)]
    # Whoever comes second meets the first one's bytes on their way to the disk, so
    # each has come first as often: a mean, and one that knows no side.
    ratio = statistics.geometric_mean(ratios)
    bare = megabytes / statistics.geometric_mean(bare_s)
    ours = megabytes / statistics.geometric_mean(ours_s)
    kept = "met" if ratio >= GOAL else "MISSED"
    each = ", ".join(f"{one:.2f}" for one in ratios)
    return (
        f"| {shape} | {way} | {bare:.0f} MB/s | {ours:.0f} MB/s | {ratio:.2f} "
        f"| {each} | ≥ {GOAL} {kept} |"
    )


def table(shapes: tuple[Shape, ...], goes: int, scratch: Path) -> list[str]:
    """Measure all of it."""
    lines = [
        f"{goes} goes of each, one side first and then the other; geometric means; "
        f"{describe_machine()}",
        "",
        "| set | way | bare client | cloudgauge | ratio | of each go | goal |",
        "| --- | --- | ---: | ---: | ---: | --- | --- |",
    ]
    for shape in shapes:
        folder = make_set(scratch / "set", shape)
        with LocalBucket(scratch / "server") as bucket:
            found = [
                one_go(bucket, folder, scratch / "got", bare_first=number % 2 == 0)
                for number in range(goes)
            ]
        put = [one.bare_put_s for one in found], [one.push_s for one in found]
        get = [one.bare_get_s for one in found], [one.pull_s for one in found]
        lines += [row(shape, "push", *put), row(shape, "pull", *get)]
        shutil.rmtree(scratch / "set")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Print the table, or write it where ``--output`` says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--goes", type=int, default=4, help="an even number")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--megabytes", type=int, default=1_000)
    asked = parser.parse_args(arguments)
    shapes = tuple(
        Shape(
            files=one.files,
            file_bytes=max(1, asked.megabytes // one.files) * _MB,
        )
        for one in SHAPES
    )
    with tempfile.TemporaryDirectory() as scratch:
        text = "\n".join(table(shapes, asked.goes, Path(scratch))) + "\n"
    if asked.output is None:
        sys.stdout.write(text)
    else:
        head = "# Push and pull beside the bare client\n\n"
        asked.output.write_text(f"{head}{text}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
