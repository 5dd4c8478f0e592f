"""Stores hold sets whole: in a folder and in object storage alike."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.store.checksums import checksums_text, read_checksums
from cloudgauge.store.folder import CHECKSUMS, MANIFEST, sha256_of
from cloudgauge.store.merge import write_merged
from cloudgauge.store.remote import SetStore, open_set, open_store
from cloudgauge.store.remote_access import Access
from cloudgauge.store.resultset import ResultSet
from cloudgauge.store.stored_set import Limits, Progress
from cloudgauge.store.verify import verify
from tests.fakes.buckets import LocalBucket, SignedBucket
from tests.store.several import Run, keep_run

KINDS = ("folder", "local", "signed")


@pytest.fixture(scope="module")
def local_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBucket]:
    with LocalBucket(tmp_path_factory.mktemp("local")) as bucket:
        yield bucket


@pytest.fixture(scope="module")
def signed_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedBucket]:
    with SignedBucket(tmp_path_factory.mktemp("signed")) as bucket:
        yield bucket


Opening = Callable[[str], tuple[SetStore, Path]]


@pytest.fixture
def opening(
    local_bucket: LocalBucket, signed_bucket: SignedBucket, tmp_path: Path
) -> Opening:
    """Opens an empty store of a kind; gives it and the folder its files lie in."""

    def opened(kind: str) -> tuple[SetStore, Path]:
        if kind == "folder":
            return open_store(str(tmp_path / "shared")), tmp_path / "shared"
        bucket = local_bucket if kind == "local" else signed_bucket
        access = Access(environment=bucket.environment, home=tmp_path)
        place = f"{tmp_path.parent.name}-{tmp_path.name}"
        return open_store(bucket.url(place), access), bucket.folder / place

    return opened


@pytest.fixture
def one_set(tmp_path: Path) -> Path:
    return keep_run(tmp_path / "results", Run(vantage="tokyo"))


@pytest.fixture
def merged_set(tmp_path: Path) -> Path:
    runs = (Run(vantage="oslo", digit="b"), Run(vantage="lima", digit="c"))
    sets = [ResultSet.open(keep_run(tmp_path / "two", run)) for run in runs]
    write_merged(sets, tmp_path / "merged", allowed=(), tool_version="1")
    return tmp_path / "merged"


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_comes_back_as_it_was_and_twice_is_once(
    opening: Opening, one_set: Path, tmp_path: Path, kind: str
) -> None:
    store, _ = opening(kind)
    first = store.push(one_set)
    again = store.push(one_set)
    back = store.pull(one_set.name, tmp_path / "back")
    store.pull(one_set.name, tmp_path / "back")

    assert (first.already, again.already) == (False, True)
    assert (first.sent_files, again.sent_files) == (len(bytes_in(one_set)), 0)
    assert back == tmp_path / "back" / one_set.name
    assert bytes_in(back) == bytes_in(one_set)
    assert verify(back).manifest == ResultSet.open(one_set).manifest
    assert [path.name for path in (tmp_path / "back").iterdir()] == [one_set.name]


@pytest.mark.parametrize("kind", KINDS)
def test_a_listing_needs_no_set_to_be_read(
    opening: Opening, one_set: Path, merged_set: Path, kind: str
) -> None:
    store, folder = opening(kind)
    store.push(one_set)
    store.push(merged_set)
    if kind != "signed":
        # Something of others' beside the sets, and in a folder of its own.
        (folder / "pin.json").write_text("{}")
        (folder / "notes").mkdir()
        (folder / "notes" / "today.txt").write_text("rain")

    found = {one.name: one for one in store.listing()}
    assert list(found) == sorted([one_set.name, "merged"])
    assert all(one.complete for one in found.values())
    for path in (one_set, merged_set):
        sizes = [len(content) for content in bytes_in(path).values()]
        one = found[path.name]
        assert (one.files, one.size_bytes) == (len(sizes), sum(sizes))
    assert store.claim(one_set.name) == sha256_of(one_set / CHECKSUMS)
    assert store.manifest(one_set.name) == ResultSet.open(one_set).manifest


@pytest.mark.parametrize("kind", KINDS)
def test_a_merged_set_keeps_its_members(
    opening: Opening, merged_set: Path, tmp_path: Path, kind: str
) -> None:
    store, _ = opening(kind)
    told: list[Progress] = []
    store.push(merged_set, told=told.append)
    back = store.pull("merged", tmp_path / "back", told=told.append)

    assert bytes_in(back) == bytes_in(merged_set)
    ends = [one for one in told if one.files == one.files_in_all]
    assert len(ends) == 2
    assert {one.done_bytes for one in ends} == {
        sum(len(content) for content in bytes_in(merged_set).values())
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_different_set_of_the_same_name_is_refused_with_both_hashes(
    opening: Opening, one_set: Path, tmp_path: Path, kind: str
) -> None:
    store, folder = opening(kind)
    other = keep_run(tmp_path / "others", Run(vantage="tokyo", digit="d", seed=5))
    assert other.name == one_set.name
    store.push(one_set)
    before = bytes_in(folder)

    with pytest.raises(StoreError, match="different set of the same name") as caught:
        store.push(other)
    for path in (one_set, other):
        assert sha256_of(path / CHECKSUMS) in str(caught.value)
    assert bytes_in(folder) == before

    store.pull(one_set.name, tmp_path / "back")
    with pytest.raises(StoreError, match="different set of the same name"):
        store.pull(one_set.name, tmp_path / "others")
    assert verify(other).manifest.run.run_id == "d" * 32


@pytest.mark.parametrize("kind", ["folder", "local"])
def test_half_a_set_is_nobodys_whole_one_and_is_finished_by_pushing_again(
    opening: Opening, one_set: Path, tmp_path: Path, kind: str
) -> None:
    store, folder = opening(kind)
    store.push(one_set)
    here = folder / one_set.name
    if kind == "folder":
        staging = folder / f".{one_set.name}.part"
        staging.mkdir()
        here.rename(staging / "set")
        (staging / "set" / "targets.json").unlink()
    else:
        (here / "targets.json").unlink()
        (here / MANIFEST).unlink()

    (half,) = store.listing()
    assert (half.name, half.complete) == (one_set.name, False)
    with pytest.raises(StoreError, match=r"is not (whole: 4 of 6 files|there)"):
        store.pull(one_set.name, tmp_path / "back")

    pushed = store.push(one_set)
    assert not pushed.already
    if kind == "local":
        assert (pushed.sent_files, pushed.kept_files) == (2, 4)
    (whole,) = store.listing()
    assert whole.complete
    store.pull(one_set.name, tmp_path / "back")
    assert not list((tmp_path / "back").glob(".*"))


@pytest.mark.parametrize("kind", ["folder", "local"])
@pytest.mark.parametrize("change", ["flip", "shorten", "lengthen", "remove", "add"])
def test_a_set_that_was_changed_where_it_lies_is_not_taken(
    opening: Opening, one_set: Path, tmp_path: Path, kind: str, change: str
) -> None:
    store, folder = opening(kind)
    store.push(one_set)
    (file,) = (folder / one_set.name / "samples").iterdir()
    content = bytearray(file.read_bytes())
    if change == "flip":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif change == "shorten":
        file.write_bytes(content[:-1])
    elif change == "lengthen":
        file.write_bytes(content + b"x")
    elif change == "remove":
        file.unlink()
    else:
        file.with_name("more.parquet").write_bytes(b"x")

    with pytest.raises(StoreError, match="was changed since it was stored"):
        store.pull(one_set.name, tmp_path / "back")
    assert not (tmp_path / "back" / one_set.name).exists()


def test_a_set_that_was_changed_there_is_not_called_the_same(
    opening: Opening, one_set: Path
) -> None:
    store, folder = opening("local")
    store.push(one_set)
    (file,) = (folder / one_set.name / "samples").iterdir()
    file.write_bytes(b"x")

    with pytest.raises(StoreError, match=r"samples/.* was changed .* it has 1 bytes"):
        store.push(one_set)
    file.unlink()
    with pytest.raises(StoreError, match=r"samples/.* was changed .* it is missing"):
        store.push(one_set)


def test_what_lies_there_with_other_contents_is_not_overwritten(
    opening: Opening, one_set: Path
) -> None:
    store, folder = opening("local")
    here = folder / one_set.name
    here.mkdir(parents=True)
    (here / "targets.json").write_bytes((one_set / "targets.json").read_bytes()[::-1])

    with pytest.raises(StoreError, match=r"targets.json: is there already with other"):
        store.push(one_set)
    assert store.listing()[0].complete is False
    (here / "targets.json").unlink()
    (here / "stranger.txt").write_bytes(b"x")
    with pytest.raises(StoreError, match=r"stranger.txt: is not part of the set"):
        store.push(one_set)


def test_a_set_that_is_not_what_was_sealed_is_not_sent(
    opening: Opening, one_set: Path
) -> None:
    store, _ = opening("local")
    (one_set / "CITATION.cff").write_text("someone else")
    with pytest.raises(StoreError, match="was changed since it was sealed"):
        store.push(one_set)
    assert not any(one.complete for one in store.listing())


def test_a_large_file_goes_in_parts_and_comes_back(
    opening: Opening, tmp_path: Path
) -> None:
    store, folder = opening("local")
    parent = tmp_path / "large"
    made = keep_run(parent, Run(vantage="tokyo"))
    attach(made, 40 * 1024 * 1024)

    store.push(made)
    back = store.pull(made.name, tmp_path / "back")
    assert bytes_in(back) == bytes_in(made)
    # A part that does not have its hash is noticed before there is an object.
    attached = folder / made.name / "packets.log"
    attached.unlink()
    (folder / made.name / MANIFEST).unlink()
    with (made / "packets.log").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\x01")
    with pytest.raises(StoreError, match="was changed since it was sealed"):
        store.push(made)
    assert not attached.exists()


def attach(folder: Path, size_bytes: int) -> None:
    """Make a file part of a set, as `checksums_text` would have it."""
    path = folder / "packets.log"
    path.write_bytes(bytes(size_bytes))
    sums = read_checksums(folder) | {path.name: sha256_of(path)}
    (folder / CHECKSUMS).write_text(checksums_text(sums))


def test_names_that_lead_out_of_the_folder_are_refused(
    opening: Opening, one_set: Path, tmp_path: Path
) -> None:
    store, folder = opening("local")
    store.push(one_set)
    sums = folder / one_set.name / CHECKSUMS
    lines = sums.read_text().splitlines()
    evil = f"{'0' * 64}  ../../evil"
    sums.write_text("\n".join([evil, *lines]) + "\n")

    with pytest.raises(StoreError, match="holds a name that is not allowed"):
        store.pull(one_set.name, tmp_path / "back")
    assert not (tmp_path / "evil").exists()
    for name in ("..", "a/b", ".hidden", ""):
        with pytest.raises(ConfigError, match="the set's name: want at most 128"):
            store.pull(name, tmp_path / "back")


def test_too_many_files_and_too_many_bytes_are_refused_before_they_come(
    opening: Opening, one_set: Path, tmp_path: Path
) -> None:
    store, _ = opening("local")
    store.push(one_set)
    into = tmp_path / "back"
    with pytest.raises(StoreError, match="has 6 files, and at most 5 are taken"):
        store.pull(one_set.name, into, limits=Limits(files=5))
    with pytest.raises(StoreError, match="at most 1,000 are taken; --max-size"):
        store.pull(one_set.name, into, limits=Limits(size_bytes=1_000))
    assert not into.exists()


def test_a_pull_that_was_cut_short_goes_on_where_it_was(
    opening: Opening, one_set: Path, tmp_path: Path
) -> None:
    store, _ = opening("local")
    store.push(one_set)
    staged = tmp_path / "back" / f".{one_set.name}.part" / "set"
    (staged / "samples").mkdir(parents=True)
    (name,) = (path.name for path in (one_set / "samples").iterdir())
    # Half of one file, all of another, and one that is of no set.
    (staged / "samples" / name).write_bytes(b"half")
    held = staged / "targets.json"
    held.write_bytes((one_set / "targets.json").read_bytes())
    (staged / "odd").write_bytes(b"x")
    # Where it was taken up, the store is not asked for it.
    before = held.stat().st_ino

    back = store.pull(one_set.name, tmp_path / "back")
    assert bytes_in(back) == bytes_in(one_set)
    assert (back / "targets.json").stat().st_ino == before


def test_a_url_of_one_set_is_told_from_that_of_a_store(
    local_bucket: LocalBucket, opening: Opening, one_set: Path, tmp_path: Path
) -> None:
    store, folder = opening("local")
    store.push(one_set)
    access = Access(environment=local_bucket.environment, home=tmp_path)

    assert open_set(store.url, access)[1] is None
    above, name = open_set(f"{store.url}/{one_set.name}", access)
    assert (above.url, name) == (store.url, one_set.name)
    assert above.listing() == store.listing()
    here = open_set(str(folder / one_set.name))
    assert (here[0].url, here[1]) == (str(folder), one_set.name)
    assert open_set(str(folder))[1] is None
    (local_bucket.folder / MANIFEST).write_text("{}")
    try:
        with pytest.raises(ConfigError, match="a result set lies at its top"):
            open_set(local_bucket.url(), access)
    finally:
        (local_bucket.folder / MANIFEST).unlink()


def test_a_store_that_cannot_guard_what_is_there_says_so(
    opening: Opening, one_set: Path
) -> None:
    assert opening("local")[0].push(one_set).guarded is True
    assert opening("folder")[0].push(one_set).guarded is True
    assert opening("signed")[0].push(one_set).guarded is False


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "not-the-secret"}, "SignatureDoesNotMatch"),
        ({"AWS_ACCESS_KEY_ID": "not-the-name"}, "InvalidAccessKeyId"),
    ],
)
def test_a_wrong_key_is_refused_in_words_and_never_repeated(
    signed_bucket: SignedBucket, one_set: Path, wrong: dict[str, str], said: str
) -> None:
    access = Access(environment=signed_bucket.environment | wrong, home=one_set)
    store = open_store(signed_bucket.url("wrong"), access)

    for attempt in (store.listing, lambda: store.push(one_set)):
        with pytest.raises(ConfigError, match="does not take the key") as caught:
            attempt()
        assert said in str(caught.value)
        assert next(iter(wrong.values())) not in str(caught.value)
        assert str(caught.value).startswith("s3://bench/wrong")
        # Nor in what led to it, which a traceback would show.
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
