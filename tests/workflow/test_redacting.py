"""Copies for sharing: what is not in them, and that everything still reads them."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from cloudgauge import __version__
from cloudgauge.analysis.columns import columns_of
from cloudgauge.analysis.sightings import sightings_of
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.model.run import RunInfo, StopReason, Vantage
from cloudgauge.model.sample import FailureKind, Sample
from cloudgauge.report.document import Document
from cloudgauge.store.distinct import distinct
from cloudgauge.store.folder import CHECKSUMS, new_folder, sha256_of
from cloudgauge.store.journal import Journal
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.merged import members_in, read_merged
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.schema import NAMES
from cloudgauge.store.seal import seal
from cloudgauge.store.verify import verify
from cloudgauge.workflow.merging import MergeRequest, merge_sets
from cloudgauge.workflow.ranking import rank
from cloudgauge.workflow.redacting import RedactRequest, redact_set
from cloudgauge.workflow.results import load
from tests.store.several import Run, keep_run
from tests.store.synthetic import (
    keep_set,
    make_outcome,
    make_plan,
    make_run_info,
    make_samples,
)
from tests.store.transfers import make_download_plan, make_transfers

NOW_NS = 1_800_000_000 * 10**9
GOLDEN_V1 = Path(__file__).parents[1] / "golden" / "set-v1"
PLAN = make_plan(rounds=4)
DETAILS = (
    "connect to 203.0.113.77 port 443 failed",
    "the resolver ns7.corp.example said no",
    "certificate of proxy.corp.example, CN=Ada's Proxy",
    "2001:db8:77::1 is unreachable from fe80::aaaa%eth7",
)
# What is in the set below and must not be in a copy.
SECRETS = (
    *(f"198.51.100.{number}" for number in range(1, 7)),
    "2001:db8:5::9",
    "203.0.113.77",
    "2001:db8:77::1",
    "fe80::aaaa",
    "eth7",
    "ns7.corp.example",
    "proxy.corp.example",
    "Ada's Proxy",
    "6.1.77-corp-ada",
    "corp-roots.pem",
    "/home/ada",
    "build-host-77.corp.example",
)
ADDRESS = re.compile(rb"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|[0-9a-f]{2,4}::")


def told_by(one: Sample, number: int) -> Sample:
    """The same as a set of a real machine would have it."""
    address = f"198.51.100.{number % 6 + 1}" if number % 7 else "2001:db8:5::9"
    path = replace(
        one.connection, remote_address=address, local_port=47_000 + number % 999
    )
    if one.failure is None and number % 11:
        return replace(one, connection=path)
    return replace(
        one,
        connection=path,
        failure=FailureKind.UNREACHABLE,
        failure_detail=DETAILS[number % len(DETAILS)],
    )


def telling_info() -> RunInfo:
    info = make_run_info(PLAN)
    return replace(
        info,
        vantage=Vantage(
            name="lab", city="Ulm", country="DE", latitude_deg=48.4, longitude_deg=9.99
        ),
        environment=replace(
            info.environment,
            system="Linux 6.1.77-corp-ada",
            trust_store="file corp-roots.pem (certificates: 1, sha256: 00ff)",
        ),
    )


@pytest.fixture(name="telling")
def _telling(tmp_path: Path) -> Path:
    """A set with addresses and names wherever a set can have them."""
    info = telling_info()
    folder = new_folder(tmp_path / "sets", info)
    (folder / "notes.txt").write_text("run on build-host-77.corp.example, 198.51.100.3")
    with FolderLock.take(folder) as lock:
        with Journal.create(lock, info, PLAN) as journal:
            for number, one in enumerate(make_samples(PLAN, failing=0.0)):
                journal.append(told_by(one, number))
            journal.finish(
                replace(
                    make_outcome(PLAN),
                    complete=False,
                    stop_reason=StopReason.MACHINE,
                    detail="/home/ada/results: the disk is full",
                )
            )
        seal(lock)
    return folder


def contents(folder: Path) -> Iterator[bytes]:
    """Every byte of a set, and of its tables also what is packed in them."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.read_bytes()
        if path.suffix == ".parquet":
            sink = pa.BufferOutputStream()
            pc.write_csv(pq.read_table(path), sink)
            yield sink.getvalue().to_pybytes()
            yield str(pq.read_metadata(path).metadata).encode()


def holds(folder: Path, needle: str) -> bool:
    return any(needle.encode() in content for content in contents(folder))


def ask(path: Path, into: Path, **changes: object) -> Document:
    request = RedactRequest(path=path, into=into, now_ns=NOW_NS)
    return redact_set(replace(request, **changes))  # type: ignore[arg-type]  # by name


def manifest_of(folder: Path) -> Manifest:
    return ResultSet.open(folder).manifest


def test_no_address_and_no_host_of_the_original_is_in_a_copy(
    telling: Path, tmp_path: Path
) -> None:
    ask(telling, tmp_path / "copy")

    for secret in SECRETS:
        assert holds(telling, secret), f"the search does not find {secret}"
        assert not holds(tmp_path / "copy", secret), secret
    hosts = {target.endpoint.host.encode() for target in PLAN.targets}
    for content in contents(tmp_path / "copy"):
        rest = content
        for host in hosts:
            rest = rest.replace(host, b"")
        assert b".example" not in rest.replace(b"https:///", b"")
    # Nor any other address, whatever it is.
    texts = [
        path.read_bytes()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file() and path.suffix != ".parquet"
    ]
    assert not [found for text in texts for found in ADDRESS.findall(text)]


def test_a_copy_verifies_and_says_what_it_is(telling: Path, tmp_path: Path) -> None:
    told = ask(telling, tmp_path / "copy")
    manifest = verify(tmp_path / "copy").manifest
    made = manifest.run.redacted

    assert made is not None
    assert made.redacted_wall_ns == NOW_NS
    assert made.tool_version == __version__
    assert made.original_sha256 == sha256_of(telling / CHECKSUMS)
    assert made.fields == (
        "environment.system",
        "environment.trust_store",
        "failure_detail",
        "files",
        "local_port",
        "outcome.detail",
        "remote_address",
    )
    assert manifest.run.run_id == make_run_info(PLAN).run_id
    assert "redacted" in (tmp_path / "copy" / "CITATION.cff").read_text()
    assert (
        "redacted"
        in json.loads((tmp_path / "copy" / "datapackage.json").read_text())["title"]
    )
    (note,) = [
        note for note in load(tmp_path / "copy").document().notes if "redacted" in note
    ]
    assert "redacted: a copy for sharing, made 2027-01-15 by cloudgauge" in note
    counted = {row[0]: row[1] for row in told.tables[0].rows}
    count = manifest.counts.samples
    assert (counted["remote_address"], counted["local_port"]) == (count, count)
    assert (counted["files"], counted["outcome.detail"]) == (1, 1)
    assert "its readers see vantage lab (Ulm; DE; 48.4, 9.99)" in told.notes


def test_what_stays_is_as_it_was(telling: Path, tmp_path: Path) -> None:
    ask(telling, tmp_path / "copy")
    gone = {"remote_address", "local_port", "failure_detail"}
    left = [name for name in NAMES if name not in gone]
    before, after = ResultSet.open(telling), ResultSet.open(tmp_path / "copy")

    assert after.table(left).to_pylist() == before.table(left).to_pylist()
    for name in sorted(gone):
        assert after.table([name])[name].null_count == after.manifest.counts.samples
    assert after.manifest.plan == before.manifest.plan
    assert after.manifest.counts == before.manifest.counts
    # Without an address nothing can be located, and nothing stumbles over that.
    assert sightings_of(columns_of(after)) == ()


def test_rankings_of_a_copy_are_those_of_the_original(
    telling: Path, tmp_path: Path
) -> None:
    ask(telling, tmp_path / "copy")
    before, after = (
        rank(load(folder)).document().tables for folder in (telling, tmp_path / "copy")
    )
    assert [table.rows for table in after] == [table.rows for table in before]


def test_what_is_kept_is_kept_and_what_is_dropped_is_gone(
    telling: Path, tmp_path: Path
) -> None:
    told = ask(
        telling,
        tmp_path / "copy",
        keep=("remote_address", "local_port", "files"),
        drop=("vantage.city", "vantage.coordinates", "rtt_us", "environment.packages"),
        rename=("somewhere",),
    )
    run = manifest_of(tmp_path / "copy").run

    assert run.vantage == Vantage(name="somewhere", country="DE")
    assert run.environment.packages == ()
    assert (tmp_path / "copy" / "notes.txt").is_file()
    assert holds(tmp_path / "copy", "198.51.100.3")
    assert not holds(tmp_path / "copy", "lab")
    assert not holds(tmp_path / "copy", "Ulm")
    table = ResultSet.open(tmp_path / "copy").table(["rtt_us", "local_port"])
    assert table["rtt_us"].null_count == len(table)
    assert table["local_port"].null_count == 0
    assert run.redacted is not None
    assert {"vantage.name", "vantage.city", "rtt_us"} <= set(run.redacted.fields)
    assert "files" not in run.redacted.fields
    assert any("who guesses all that was taken out" in note for note in told.notes)
    assert {row[0]: row[1] for row in told.tables[0].rows}["vantage.coordinates"] == 1


def test_coordinates_can_be_made_coarser(telling: Path, tmp_path: Path) -> None:
    ask(telling, tmp_path / "copy", within_km=100.0)
    run = manifest_of(tmp_path / "copy").run

    assert run.vantage.uncertainty_km == 150
    assert run.vantage.latitude_deg != 48.4
    assert run.redacted is not None
    assert "vantage.coordinates" in run.redacted.fields


def test_a_copy_beside_its_run_is_told_and_counts_for_nothing(
    telling: Path, tmp_path: Path
) -> None:
    copy, other = tmp_path / "copy", tmp_path / "other"
    ask(telling, copy)
    ask(telling, other, drop=("vantage.city",))

    def refused(*folders: Path) -> str:
        with pytest.raises(StoreError) as caught:
            distinct([ResultSet.open(folder) for folder in folders])
        return str(caught.value)

    assert refused(telling, copy) == (
        f"{copy}: is a redacted copy of run 01234567, which is here already as "
        f"{telling}: leave one of them out"
    )
    assert refused(copy, telling) == (
        f"{telling}: is run 01234567, of which {copy} is a redacted copy: leave one "
        "of them out"
    )
    assert refused(copy, other) == (
        f"{other}: is a redacted copy of run 01234567, of which {copy} is another "
        "one: leave one of them out"
    )
    with pytest.raises(StoreError, match="is a redacted copy of run 01234567, which"):
        merge_sets(
            MergeRequest(paths=(telling, copy), into=tmp_path / "merged", now_ns=NOW_NS)
        )
    assert not (tmp_path / "merged").exists()


def test_a_copy_of_another_content_is_no_copy_of_this_run(tmp_path: Path) -> None:
    first = keep_run(tmp_path / "a", Run())
    changed = keep_run(tmp_path / "b", Run(seed=2))
    ask(changed, tmp_path / "copy")
    for pair in ((first, tmp_path / "copy"), (tmp_path / "copy", first)):
        with pytest.raises(StoreError, match="is not the same: one of them was chang"):
            distinct([ResultSet.open(folder) for folder in pair])


def test_a_copy_of_a_copy_names_the_first_original(
    telling: Path, tmp_path: Path
) -> None:
    ask(telling, tmp_path / "once", keep=("local_port",))
    ask(tmp_path / "once", tmp_path / "twice", drop=("vantage.city",))
    made = manifest_of(tmp_path / "twice").run.redacted

    assert made is not None
    assert made.original_sha256 == sha256_of(telling / CHECKSUMS)
    assert {"local_port", "remote_address", "vantage.city"} <= set(made.fields)


def test_each_member_of_a_merged_set_is_copied(tmp_path: Path) -> None:
    for digit, name in (("a", "lab"), ("b", "berlin")):
        keep_run(tmp_path / "sets", Run(vantage=name, digit=digit))
    merged = tmp_path / "merged"
    merge_sets(MergeRequest(paths=(tmp_path / "sets",), into=merged, now_ns=NOW_NS))
    told = ask(merged, tmp_path / "copy", rename=("lab=asia", "berlin=europe"))

    assert told.title.startswith("2 sets copied to ")
    names = [one.vantage for one in read_merged(tmp_path / "copy").members]
    assert sorted(names) == ["asia", "europe"]
    for folder in members_in(tmp_path / "copy"):
        assert verify(folder).manifest.run.redacted is not None
    assert not holds(tmp_path / "copy", "berlin")
    assert not holds(tmp_path / "copy", "203.0.113")
    assert len(load(tmp_path / "copy").sets) == 2


def test_each_set_of_a_folder_is_copied_under_a_name_of_its_own(
    telling: Path, tmp_path: Path
) -> None:
    keep_run(telling.parent, Run(vantage="berlin", digit="b"))
    # The same run twice.
    shutil.copytree(telling, telling.parent / "again")
    told = ask(telling.parent, tmp_path / "copies", rename=("lab=asia",))

    assert told.title.startswith("2 sets copied to ")
    names = sorted(path.name for path in (tmp_path / "copies").iterdir())
    berlin, asia = sorted(names, key=lambda name: "asia" in name)
    assert re.fullmatch(r"20260115T120000Z-asia-[0-9a-f]{8}", asia)
    assert re.fullmatch(r"20260115T120000Z-berlin-[0-9a-f]{8}", berlin)
    assert len(load(tmp_path / "copies").sets) == 2
    for secret in SECRETS:
        assert not holds(tmp_path / "copies", secret), secret


def test_a_merged_set_among_others_is_copied_by_itself(tmp_path: Path) -> None:
    for digit, name in (("a", "lab"), ("b", "berlin")):
        keep_run(tmp_path / "sets", Run(vantage=name, digit=digit))
    into = tmp_path / "sets" / "merged"
    merge_sets(
        MergeRequest(
            paths=tuple((tmp_path / "sets").iterdir()), into=into, now_ns=NOW_NS
        )
    )
    with pytest.raises(ConfigError, match="is a merged set among others; redact it by"):
        ask(tmp_path / "sets", tmp_path / "copies")


def test_copies_of_several_vantages_can_be_merged(tmp_path: Path) -> None:
    for digit, name in (("a", "lab"), ("b", "berlin")):
        ask(
            keep_run(tmp_path / name, Run(vantage=name, digit=digit)),
            tmp_path / "copies" / name,
        )
    into = tmp_path / "merged"
    merge_sets(MergeRequest(paths=(tmp_path / "copies",), into=into, now_ns=NOW_NS))
    assert len(members_in(into)) == 2


def test_downloads_are_copied_with_their_bins(tmp_path: Path) -> None:
    plan = make_download_plan(rounds=2)
    folder = keep_set(tmp_path, plan, [*make_samples(plan), *make_transfers(plan)])
    told = ask(folder, tmp_path / "copy", drop=("bins.receive_rtt_us",))
    before, after = ResultSet.open(folder), ResultSet.open(tmp_path / "copy")

    assert verify(tmp_path / "copy").manifest.counts == before.manifest.counts
    table = after.bin_table()
    assert table["receive_rtt_us"].null_count == len(table)
    left = [name for name in table.column_names if name != "receive_rtt_us"]
    assert table.select(left).to_pylist() == before.bin_table(left).to_pylist()
    counted = {row[0]: row[1] for row in told.tables[0].rows}
    assert counted["bins.receive_rtt_us"] > 0  # type: ignore[operator]  # a count
    assert not holds(tmp_path / "copy", "203.0.113.9")


def test_a_set_of_the_first_version_is_copied_as_one_of_this(tmp_path: Path) -> None:
    ask(GOLDEN_V1, tmp_path / "copy")
    before = ResultSet.open(GOLDEN_V1)
    after = verify(tmp_path / "copy").manifest

    assert (before.manifest.schema_version, after.schema_version) == (1, 2)
    assert after.run.plan_hash == before.manifest.run.plan_hash
    assert after.counts == before.manifest.counts


def test_hosts_that_nobody_else_knows_are_named(telling: Path, tmp_path: Path) -> None:
    told = ask(telling, tmp_path / "copy")
    (note,) = [note for note in told.notes if "shipped catalogue" in note]
    assert note.endswith(
        "storage.place-1.alibaba.example, storage.place-1.aws.example, "
        "storage.place-1.azure.example and 3 more"
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"drop": ("remote_adress",)},
            '--drop: want a field, got "remote_adress"; did you mean "remote_address"?',
        ),
        ({"keep": ("nothing",)}, '--keep: want a field, got "nothing"; there are'),
        (
            {"drop": ("failure",)},
            '--drop: "failure" has to stay: figures and their doubts are made of it',
        ),
        (
            {"drop": ("local_port",), "keep": ("local_port",)},
            '--keep: "local_port" is to be dropped as well',
        ),
        ({"within_km": 0.0}, "--coordinates-within: want km in (0, 5000], got 0"),
        (
            {"rename": ("a/b",)},
            "--rename-vantage: name must be 1 to 64 letters, digits",
        ),
        (
            {"rename": ("berlin=x",)},
            '--rename-vantage: there is no vantage "berlin"; want lab',
        ),
        (
            {"rename": ("db1.corp.example",)},
            '--rename-vantage: "db1.corp.example" looks like the name or address of a',
        ),
        (
            {"rename": ("10.0.0.5",)},
            '--rename-vantage: "10.0.0.5" looks like the name or address of a host',
        ),
        (
            {
                "keep": (
                    "environment.system",
                    "environment.trust_store",
                    "failure_detail",
                    "files",
                    "local_port",
                    "outcome.detail",
                    "remote_address",
                )
            },
            "--keep: nothing is left that would be taken out",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(
    telling: Path, tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        ask(telling, tmp_path / "copy", **changes)
    assert str(caught.value).startswith(told)
    assert not (tmp_path / "copy").exists()


def test_a_vantage_called_like_a_host_may_be_kept_if_one_says_so(
    tmp_path: Path,
) -> None:
    folder = keep_run(tmp_path / "sets", Run(vantage="db1.corp.example"))
    with pytest.raises(ConfigError, match=r"say --keep vantage\.name"):
        ask(folder, tmp_path / "copy")
    ask(folder, tmp_path / "copy", keep=("vantage.name",))
    ask(folder, tmp_path / "other", rename=("db",))
    assert not holds(tmp_path / "other", "corp")
    # A number after a dot names no host.
    ask(keep_run(tmp_path / "more", Run(vantage="lab.1")), tmp_path / "third")


def test_several_vantages_are_renamed_one_by_one(tmp_path: Path) -> None:
    for digit, name in (("a", "lab"), ("b", "berlin")):
        keep_run(tmp_path / "sets", Run(vantage=name, digit=digit))
    merged = tmp_path / "merged"
    merge_sets(MergeRequest(paths=(tmp_path / "sets",), into=merged, now_ns=NOW_NS))

    def refused(*rename: str) -> str:
        with pytest.raises(ConfigError) as caught:
            ask(merged, tmp_path / "copy", rename=rename)
        return str(caught.value)

    wanted = '--rename-vantage: want OLD=NEW for each of berlin, lab, got "x"'
    assert refused("x") == wanted
    assert refused("lab=berlin") == "--rename-vantage: two vantages would have one name"


def test_the_place_of_a_copy_and_its_source_are_minded(
    telling: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine").write_text("mine")
    with pytest.raises(ConfigError, match="is there already; name a new folder"):
        ask(telling, tmp_path / "there")
    with pytest.raises(ConfigError, match=r"lies inside .*, which is a sealed set"):
        ask(telling, telling / "copy")
    with pytest.raises(StoreError, match="is no folder"):
        ask(tmp_path / "none", tmp_path / "copy")
    samples = next((telling / "samples").iterdir())
    content = bytearray(samples.read_bytes())
    content[len(content) // 2] ^= 1
    samples.write_bytes(content)
    with pytest.raises(StoreError, match="was changed"):
        ask(telling, tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sets", "there"]
