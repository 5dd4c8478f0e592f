import json
import random
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cloudgauge.errors import StoreError
from cloudgauge.store.checksums import checksums_text
from cloudgauge.store.folder import CHECKSUMS, MANIFEST, names_in, sha256_of
from cloudgauge.store.lock import FolderLock
from cloudgauge.store.verify import verify
from tests.store.synthetic import keep_journal, keep_set, make_plan, make_samples

PLAN = make_plan()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return keep_set(tmp_path, PLAN, make_samples(PLAN))


def seal_anew(folder: Path) -> None:
    """Make the hashes true again, as somebody who forges a set would."""
    names = [name for name in names_in(folder) if name != CHECKSUMS]
    sums = {name: sha256_of(folder / name) for name in names}
    (folder / CHECKSUMS).write_text(checksums_text(sums))


def test_a_set_as_sealed_is_verified(folder: Path) -> None:
    verified = verify(folder)
    assert verified.files == 6
    assert verified.manifest.counts.samples > 90


def test_one_flipped_bit_anywhere_is_found_and_its_file_named(
    folder: Path, tmp_path: Path
) -> None:
    rng = random.Random(3)
    for name in names_in(folder):
        content = (folder / name).read_bytes()
        for trial in range(6):
            copy = tmp_path / "copies" / f"{name.replace('/', '-')}-{trial}"
            shutil.copytree(folder, copy)
            garbled = bytearray(content)
            at = rng.randrange(len(garbled))
            garbled[at] ^= 1 << rng.randrange(8)
            (copy / name).write_bytes(garbled)
            with pytest.raises(StoreError) as caught:
                verify(copy)
            # A garbled name in SHA256SUMS shows as one missing and one extra file.
            if name != CHECKSUMS:
                assert f"{name} was changed" in str(caught.value), f"byte {at}"


def test_every_problem_is_told(folder: Path) -> None:
    (folder / "targets.json").unlink()
    (folder / "notes.txt").write_text("extra")
    (folder / "samples" / "more.parquet").write_text("extra")
    (folder / "CITATION.cff").write_text("changed")
    with pytest.raises(StoreError) as caught:
        verify(folder)
    assert str(caught.value) == (
        f"{folder}: notes.txt is not part of the set; samples/more.parquet is not "
        "part of the set; CITATION.cff was changed; targets.json is missing"
    )


def test_a_file_replaced_by_a_link_to_its_own_content_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "targets.json").rename(tmp_path / "targets.json")
    (folder / "targets.json").symlink_to(tmp_path / "targets.json")
    with pytest.raises(StoreError, match=r"targets\.json is a link or no plain file"):
        verify(folder)


def test_a_folder_replaced_by_a_link_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "samples").rename(tmp_path / "samples")
    (folder / "samples").symlink_to(tmp_path / "samples")
    with pytest.raises(StoreError, match="samples is not part of the set"):
        verify(folder)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (f"{'0' * 64}  ../outside\n", "holds a name that is not allowed"),
        (f"{'0' * 64}  /etc/hostname\n", "holds a name that is not allowed"),
        (f"{'0' * 64}  a/b/c/d\n", "holds a name that is not allowed"),
        (f"{'0' * 64}  .hidden\n", "holds a name that is not allowed"),
        (f"{'0' * 64} targets.json\n", "line 1 is not a hash and a name"),
        ("0  x\n", "line 1 is not a hash and a name"),
        (f"{'0' * 64}  x", "its last line is cut short"),
        (f"{'0' * 64}  b\n{'0' * 64}  a\n", "not sorted or not unique"),
        (f"{'0' * 64}  a\n{'0' * 64}  a\n", "not sorted or not unique"),
    ],
)
def test_names_and_lines_that_are_not_ours_are_refused(
    folder: Path, line: str, problem: str
) -> None:
    (folder / CHECKSUMS).write_text(line)
    with pytest.raises(StoreError, match=problem):
        verify(folder)


def test_counts_that_are_not_the_samples_are_found(folder: Path) -> None:
    path = folder / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["counts"]["visits"] += 1
    path.write_text(json.dumps(manifest))
    seal_anew(folder)
    with pytest.raises(StoreError, match="its counts are not those of its samples"):
        verify(folder)


def test_a_set_with_another_number_of_samples_is_found(folder: Path) -> None:
    path = folder / MANIFEST
    manifest = json.loads(path.read_text())
    manifest["counts"]["samples"] += 1
    path.write_text(json.dumps(manifest))
    seal_anew(folder)
    with pytest.raises(StoreError, match=r"holds \d+ samples, and the manifest says"):
        verify(folder)


def test_a_column_without_gaps_must_say_that_it_has_none(folder: Path) -> None:
    (path,) = (folder / "samples").iterdir()
    table = pq.read_table(path)
    at = table.schema.get_field_index("seq")
    gaps = table.schema.set(at, table.schema.field("seq").with_nullable(nullable=True))
    pq.write_table(table.cast(gaps), path)
    seal_anew(folder)
    with pytest.raises(StoreError, match="column seq: values may be absent"):
        verify(folder)


def test_a_file_whose_parts_hold_more_than_it_says_is_found(folder: Path) -> None:
    (path,) = (folder / "samples").iterdir()
    count = pq.read_metadata(path).num_rows
    # Thrift's zigzag of two bytes, as the last field of the last row group.
    told, forged = (
        bytes((0x16, 0x80 | (2 * n & 0x7F), 2 * n >> 7)) for n in (count, 2**12)
    )
    content = path.read_bytes()
    at = content.rindex(told)
    path.write_bytes(content[:at] + forged + content[at + 3 :])
    seal_anew(folder)
    with pytest.raises(StoreError, match="its parts hold another number of samples"):
        verify(folder)


def test_a_file_without_a_column_of_words_is_found(folder: Path) -> None:
    (path,) = (folder / "samples").iterdir()
    pq.write_table(pq.read_table(path).drop_columns(["clock"]), path)
    seal_anew(folder)
    with pytest.raises(StoreError, match="column clock: want string, got None"):
        verify(folder)


def test_a_page_that_was_garbled_before_it_was_hashed_is_found(folder: Path) -> None:
    (path,) = (folder / "samples").iterdir()
    content = path.read_bytes()
    group = pq.read_metadata(path).row_group(0)
    for index in range(group.num_columns):
        chunk = group.column(index)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        garbled = bytearray(content)
        # The last byte of a column's last page: no header, no index.
        garbled[start + chunk.total_compressed_size - 1] ^= 1
        path.write_bytes(garbled)
        seal_anew(folder)
        with pytest.raises(StoreError, match="CRC checksum verification failed"):
            verify(folder)


def test_a_killed_run_is_sealed_before_it_is_verified(tmp_path: Path) -> None:
    folder = keep_journal(tmp_path, PLAN, make_samples(PLAN), ended=False)
    assert verify(folder).files == 6


def test_a_run_that_is_alive_has_no_seal_yet(tmp_path: Path) -> None:
    folder = keep_journal(tmp_path, PLAN, make_samples(PLAN), ended=False)
    with (
        FolderLock.take(folder),
        pytest.raises(StoreError, match="is still being measured"),
    ):
        verify(folder)
