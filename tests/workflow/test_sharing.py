"""A store's URL wherever sets are read, and what pushing and pulling tell."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import cloudgauge as cg
from cloudgauge.errors import ConfigError, StoreError
from cloudgauge.report.render import to_csv
from cloudgauge.store.folder import CHECKSUMS, MANIFEST
from cloudgauge.store.remote import open_store
from cloudgauge.store.verify import verify
from cloudgauge.workflow.sharing import Means, listing, local_paths, pull, push
from tests.fakes.buckets import LocalBucket
from tests.fakes.store_proxy import BucketProxy
from tests.store.several import Run, keep_run


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBucket]:
    with LocalBucket(tmp_path_factory.mktemp("local")) as local:
        yield local


@pytest.fixture
def url(bucket: LocalBucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in bucket.environment.items():
        monkeypatch.setenv(name, value)
    return bucket.url(f"{tmp_path.parent.name}-{tmp_path.name}")


@pytest.fixture
def two_sets(tmp_path: Path) -> tuple[Path, Path]:
    parent = tmp_path / "results"
    first = keep_run(parent, Run(vantage="oslo", digit="b"))
    return first, keep_run(parent, Run(vantage="tokyo", digit="a"))


def folder_of(bucket: LocalBucket, url: str) -> Path:
    return bucket.folder / url.removeprefix(bucket.url()).strip("/")


def test_sets_are_loaded_by_the_url_of_their_store_and_by_their_own(
    url: str, two_sets: tuple[Path, Path]
) -> None:
    push([two_sets[0].parent], url)

    both = cg.load(url)
    assert [one.manifest.run.vantage.name for one in both.sets] == ["oslo", "tokyo"]
    (one,) = cg.load(f"{url}/{two_sets[1].name}").sets
    assert one.manifest.run.vantage.name == "tokyo"
    # Beside a path, and named twice: once.
    assert len(cg.load([two_sets[0], url]).sets) == 2
    assert both.frame().equals(cg.load(two_sets).frame())


def test_what_was_pulled_for_reading_is_used_again_while_its_hash_is_the_same(
    bucket: LocalBucket,
    url: str,
    two_sets: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    push([two_sets[0]], url)
    with BucketProxy(bucket.port, lambda _: None) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
        first = local_paths([url])
        proxy.seen.clear()
        again = local_paths([url])
        got = [one.target for one in proxy.seen if "list-type" not in one.target]

    assert again == first
    assert [target.rpartition("/")[2] for target in got] == [CHECKSUMS]
    verify(first[0])
    assert first[0].name == two_sets[0].name


def test_sets_that_are_not_whole_yet_are_left_out_and_said(
    bucket: LocalBucket, url: str, two_sets: tuple[Path, Path]
) -> None:
    push(two_sets, url)
    (folder_of(bucket, url) / two_sets[0].name / MANIFEST).unlink()
    told: list[str] = []

    left = local_paths([url], means=Means(say=told.append))
    assert [path.name for path in left] == [two_sets[1].name]
    wanted = f"{url}: left out, since not whole yet: {two_sets[0].name}"
    assert told == [wanted]
    with pytest.warns(UserWarning, match="left out, since not whole yet"):
        assert len(cg.load(url).sets) == 1
    # Who names one that is not whole, means it.
    with pytest.raises(StoreError, match="is not whole: 5 of 6 files are there"):
        cg.load(f"{url}/{two_sets[0].name}")
    (folder_of(bucket, url) / two_sets[1].name / MANIFEST).unlink()
    with pytest.raises(
        StoreError, match=r"holds no whole result set; .* 5 of \? files"
    ):
        cg.load(url)
    with pytest.raises(StoreError, match=r"holds no whole result set$"):
        cg.load(f"{url}/nowhere")


def test_a_url_that_a_path_has_folded_is_told_so(url: str) -> None:
    with pytest.raises(ConfigError, match="has lost a slash: name a store's URL as"):
        cg.load(Path(url))


def test_folders_are_read_where_they_lie(two_sets: tuple[Path, Path]) -> None:
    assert local_paths([two_sets[0], "results/*"]) == (two_sets[0], Path("results/*"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cg.load(f"file://{two_sets[0].parent}")
    assert len(found.sets) == 2
    assert {one.folder for one in found.sets} == set(two_sets)


def test_documents_say_what_was_sent_what_was_there_and_what_is_here(
    url: str, two_sets: tuple[Path, Path], tmp_path: Path
) -> None:
    push([two_sets[0]], url)
    pushed = push(two_sets, url)
    assert pushed.title == f"1 result set pushed to {url}, 1 there already"
    assert [row[:3] for row in pushed.tables[0].rows] == [
        (two_sets[0].name, "there already", 0),
        (two_sets[1].name, "pushed", 6),
    ]
    assert pushed.notes == ()

    pulled = pull(f"{url}/{two_sets[0].name}", tmp_path / "here")
    assert pulled.title == f"1 result set pulled from {url}"
    pulled = pull(url, tmp_path / "here")
    assert pulled.title == f"1 result set pulled from {url}, 1 here already"
    assert [row[1] for row in pulled.tables[0].rows] == [
        "here already",
        "pulled and verified",
    ]

    listed = listing(url)
    assert listed.title == f"2 result sets in {url}"
    assert to_csv(listed).splitlines()[0] == "name,complete,files,size_bytes"
    one = listing(f"{url}/{two_sets[1].name}")
    assert [row[0] for row in one.tables[0].rows] == [two_sets[1].name]


def test_what_a_store_cannot_guard_is_noted(
    bucket: LocalBucket, url: str, two_sets: tuple[Path, Path], tmp_path: Path
) -> None:
    document = push([two_sets[0]], str(tmp_path / "shared"))
    assert document.notes == ()
    found = open_store(str(tmp_path / "shared")).listing()
    assert [one.complete for one in found] == [True]
    assert bucket.url() in url
