"""A store that answers 403 or 503, drops the line, or is not there."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloudgauge.errors import CloudgaugeError, ConfigError, MachineError, StoreError
from cloudgauge.store.folder import CHECKSUMS, MANIFEST
from cloudgauge.store.remote import SetStore, open_store
from cloudgauge.store.remote_access import Access
from cloudgauge.store.verify import verify
from tests.fakes.buckets import KEY_NAME, KEY_SECRET, LocalBucket
from tests.fakes.store_proxy import BucketProxy, Meddling, Passing, refusal
from tests.store.several import Run, keep_run


@pytest.fixture(scope="module")
def local_bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBucket]:
    with LocalBucket(tmp_path_factory.mktemp("local")) as bucket:
        yield bucket


@pytest.fixture
def proxy(local_bucket: LocalBucket) -> Iterator[BucketProxy]:
    with BucketProxy(local_bucket.port, lambda _: None) as between:
        yield between


@pytest.fixture
def store(local_bucket: LocalBucket, proxy: BucketProxy, tmp_path: Path) -> SetStore:
    environment = local_bucket.environment | {"AWS_ENDPOINT_URL_S3": proxy.endpoint}
    place = f"{tmp_path.parent.name}-{tmp_path.name}"
    access = Access(environment=environment, home=tmp_path)
    return open_store(local_bucket.url(place), access)


@pytest.fixture
def one_set(tmp_path: Path) -> Path:
    return keep_run(tmp_path / "results", Run(vantage="tokyo"))


def first(
    count: int, meddling: Meddling, *, method: str, name: str
) -> Callable[[Passing], Meddling | None]:
    """Meddle with the first so many requests for what has *name* in it."""
    left = [count]
    lock = threading.Lock()

    def meddler(passing: Passing) -> Meddling | None:
        with lock:
            if passing.method != method or name not in passing.target or not left[0]:
                return None
            left[0] -= 1
            return meddling

    return meddler


@pytest.mark.parametrize("status", [500, 503])
def test_a_store_that_is_busy_for_a_moment_is_asked_again(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path, status: int
) -> None:
    busy = refusal(status, "SlowDown")
    proxy.meddler = first(2, busy, method="PUT", name="/samples/")
    store.push(one_set)
    proxy.meddler = first(2, busy, method="GET", name="/samples/")
    verify(store.pull(one_set.name, tmp_path / "back"))

    asked = [one.method for one in proxy.seen if "/samples/" in one.target]
    assert asked.count("PUT") == 3
    assert asked.count("GET") == 3


def test_a_store_that_stays_busy_is_given_up_after_a_few_tries(
    store: SetStore, proxy: BucketProxy, one_set: Path
) -> None:
    proxy.meddler = first(1_000, refusal(503, "SlowDown"), method="PUT", name="")
    with pytest.raises(MachineError) as caught:
        store.push(one_set)
    url = re.escape(f"{store.url}/{one_set.name}/{CHECKSUMS}")
    wanted = rf"{url}: the store answers 503 SlowDown, 6 times; try later"
    assert re.fullmatch(wanted, str(caught.value))
    assert len([one for one in proxy.seen if one.method == "PUT"]) == 6


def test_a_download_that_breaks_off_is_taken_up_again(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    store.push(one_set)
    proxy.meddler = first(2, Meddling(cut_bytes=1_000), method="GET", name="/samples/")
    back = store.pull(one_set.name, tmp_path / "back")
    verify(back)


def test_a_download_that_always_breaks_off_leaves_nothing_in_its_place(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    store.push(one_set)
    proxy.meddler = first(10_000, Meddling(cut_bytes=0), method="GET", name="/samples/")
    with pytest.raises(MachineError, match=r"/samples/.*: the line broke"):
        store.pull(one_set.name, tmp_path / "back")
    assert not (tmp_path / "back" / one_set.name).exists()

    # The rest of it is kept for the next attempt.
    proxy.meddler = lambda _: None
    proxy.seen.clear()
    verify(store.pull(one_set.name, tmp_path / "back"))
    got = [one.target for one in proxy.seen if one.method == "GET"]
    assert not any("targets.json" in target for target in got)
    assert any("/samples/" in target for target in got)


def test_an_upload_whose_answer_is_lost_is_found_to_have_arrived(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    lost = Meddling(drops=True)
    proxy.meddler = first(1, lost, method="PUT", name="/samples/")
    pushed = store.push(one_set)

    # The second try finds the first one's object, and holds it against the file.
    assert (pushed.sent_files, pushed.kept_files) == (5, 1)
    verify(store.pull(one_set.name, tmp_path / "back"))


def test_a_push_that_breaks_off_is_half_a_set_and_goes_on_from_there(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    proxy.meddler = first(
        1_000, refusal(403, "AccessDenied"), method="PUT", name=MANIFEST
    )
    with pytest.raises(
        ConfigError, match=rf"/{MANIFEST}: refused \(403 AccessDenied\)"
    ):
        store.push(one_set)
    (half,) = store.listing()
    assert (half.complete, half.files) == (False, 5)
    with pytest.raises(StoreError, match="is not whole: 5 of 6 files are there"):
        store.pull(one_set.name, tmp_path / "back")

    proxy.meddler = lambda _: None
    proxy.seen.clear()
    pushed = store.push(one_set)
    assert (pushed.sent_files, pushed.kept_files) == (1, 5)
    # But for the claim, which is sent to see whether it is guarded.
    sent = [one.target for one in proxy.seen if one.method == "PUT"]
    assert [target.rpartition("/")[2] for target in sent] == [CHECKSUMS, MANIFEST]
    verify(store.pull(one_set.name, tmp_path / "back"))


@pytest.mark.parametrize(
    ("status_code", "kind", "told"),
    [
        ("403 AccessDenied", ConfigError, "the key may not do this there"),
        ("403 InvalidAccessKeyId", ConfigError, "does not take the key"),
        ("403 SignatureDoesNotMatch", ConfigError, "does not take the key"),
        ("400 ExpiredToken", ConfigError, "does not take the key"),
        ("403 RequestTimeTooSkewed", MachineError, "clock of this machine"),
        ("404 NoSuchBucket", ConfigError, "there is no such bucket"),
        ("403 SecondLevelDomainForbidden", ConfigError, "the bucket is elsewhere"),
        ("400 AuthorizationHeaderMalformed", ConfigError, "the bucket is elsewhere"),
        ("400 InvalidRequest", MachineError, "the store answers 400 InvalidRequest"),
    ],
)
def test_each_refusal_says_what_is_wrong_where(
    store: SetStore,
    proxy: BucketProxy,
    status_code: str,
    kind: type[CloudgaugeError],
    told: str,
) -> None:
    status, code = status_code.split()
    proxy.meddler = lambda _: refusal(int(status), code)
    for attempt in (store.listing, lambda: store.manifest("a-set")):
        with pytest.raises(kind, match=told) as caught:
            attempt()
        assert str(caught.value).startswith(store.url)
        assert status_code in str(caught.value)


def test_an_answer_with_secrets_in_it_is_not_repeated(
    store: SetStore, proxy: BucketProxy
) -> None:
    body = (
        "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>sign-me</StringToSign>"
        f"<AWSAccessKeyId>{KEY_NAME}</AWSAccessKeyId></Error>"
    )
    told = Meddling(status=403, body=body.encode(), forwards=False)
    proxy.meddler = lambda _: told
    with pytest.raises(ConfigError) as caught:
        store.listing()
    for secret in ("sign-me", KEY_NAME, KEY_SECRET):
        assert secret not in str(caught.value)


def test_a_server_that_knows_no_condition_is_looked_at_first(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    def unknowing(passing: Passing) -> Meddling | None:
        if passing.method == "PUT" and "if-none-match" in passing.headers:
            return refusal(501, "NotImplemented")
        return None

    proxy.meddler = unknowing
    pushed = store.push(one_set)

    assert pushed.guarded is False
    # Said once for all, it is not asked again.
    asked = [one for one in proxy.seen if "if-none-match" in one.headers]
    assert len({one.target for one in asked}) == 1
    assert {one.method for one in proxy.seen} == {"GET", "HEAD", "PUT"}
    verify(store.pull(one_set.name, tmp_path / "back"))


def test_a_server_that_ignores_the_condition_is_found_out_and_looked_at_first(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    proxy.meddler = lambda _: Meddling(hides="if-none-match")
    assert store.push(one_set).guarded is False

    seen = [(one.method, one.target.rpartition("/")[2]) for one in proxy.seen]
    for name in ("targets.json", "datapackage.json", MANIFEST):
        assert seen.index(("HEAD", name)) < seen.index(("PUT", name))
    verify(store.pull(one_set.name, tmp_path / "back"))


def test_a_set_whose_claim_was_replaced_meanwhile_is_not_called_whole(
    store: SetStore, proxy: BucketProxy, one_set: Path, local_bucket: LocalBucket
) -> None:
    place = store.url.removeprefix(local_bucket.url()).strip("/")
    claim = local_bucket.folder / place / one_set.name / CHECKSUMS

    def another_comes(passing: Passing) -> Meddling | None:
        if passing.method == "PUT" and "/samples/" in passing.target:
            claim.write_bytes(b"the other one's\n")
        return None

    proxy.meddler = another_comes
    with pytest.raises(StoreError, match="is a different set of the same name"):
        store.push(one_set)
    assert not any(one.complete for one in store.listing())


def test_a_store_that_is_not_there_is_said_to_be_out_of_reach(
    local_bucket: LocalBucket, tmp_path: Path
) -> None:
    with BucketProxy(local_bucket.port, lambda _: None) as gone:
        endpoint = gone.endpoint
    environment = local_bucket.environment | {"AWS_ENDPOINT_URL_S3": endpoint}
    away = open_store("s3://bench", Access(environment=environment, home=tmp_path))
    with pytest.raises(
        MachineError, match=r"^s3://bench: the store cannot be reached$"
    ):
        away.listing()


def test_what_a_store_has_after_an_upload_is_held_against_what_was_sent(
    store: SetStore, proxy: BucketProxy, one_set: Path
) -> None:
    def garbling(passing: Passing) -> Meddling | None:
        if passing.method == "PUT" and "/targets.json" in passing.target:
            return Meddling(sends=passing.body[::-1])
        return None

    proxy.meddler = garbling
    with pytest.raises(StoreError, match=r"targets.json: .* has other bytes than were"):
        store.push(one_set)
    assert not any(one.complete for one in store.listing())


def test_a_store_whose_marks_are_no_hashes_of_the_content_is_read_instead(
    store: SetStore, proxy: BucketProxy, one_set: Path, tmp_path: Path
) -> None:
    # As of a bucket that encrypts: the mark looks like a hash.
    proxy.meddler = lambda _: Meddling(mark="0123456789abcdef" * 2)
    store.push(one_set)
    read = [one for one in proxy.seen if one.method == "GET"]
    assert len({one.target for one in read if one.target.count("/") > 2}) >= 6
    assert store.push(one_set).already
    verify(store.pull(one_set.name, tmp_path / "back"))

    # Marks that are not even alike leave the size.
    proxy.meddler = lambda _: Meddling(mark="0x8DC")
    other = keep_run(tmp_path / "more", Run(vantage="oslo", digit="b"))
    assert store.push(other).sent_files == 6


def listing_of(*keys: str) -> Meddling:
    """A store's answer that names objects, whatever they are called."""
    items = "".join(
        f"<Contents><Key>{key}</Key><Size>3</Size><ETag>x</ETag>"
        "<LastModified>2026-01-15T12:00:00.000Z</LastModified></Contents>"
        for key in keys
    )
    body = (
        f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>"
    )
    return Meddling(status=200, body=body.encode(), forwards=False)


@pytest.mark.parametrize(
    "key",
    [
        "{place}/../../evil/manifest.json",
        "{place}//etc/manifest.json",
        "{place}/.hidden/manifest.json",
        "{place}/-rf/manifest.json",
        "{place}/a b\\c/manifest.json",
        "elsewhere/set/manifest.json",
    ],
)
def test_an_object_whose_name_is_no_sets_is_in_no_listing(
    store: SetStore, proxy: BucketProxy, local_bucket: LocalBucket, key: str
) -> None:
    place = store.url.removeprefix(local_bucket.url()).strip("/")
    proxy.meddler = lambda _: listing_of(key.format(place=place))
    try:
        found = store.listing()
    except MachineError as exc:
        assert str(exc).startswith(store.url)  # noqa: PT017  either will do
    else:
        assert found == ()


def test_a_set_with_a_file_of_a_name_that_leads_away_is_not_taken(
    store: SetStore, proxy: BucketProxy, one_set: Path, local_bucket: LocalBucket
) -> None:
    store.push(one_set)
    place = store.url.removeprefix(local_bucket.url()).strip("/")
    names = [path.relative_to(one_set).as_posix() for path in one_set.rglob("*.*")]
    names += [CHECKSUMS, "samples/~evil;rm"]

    def listing(passing: Passing) -> Meddling | None:
        if "list-type" in passing.target:
            return listing_of(*(f"{place}/{one_set.name}/{name}" for name in names))
        return None

    proxy.meddler = listing
    into = one_set.parent.parent / "back"
    with pytest.raises(StoreError):
        store.pull(one_set.name, into)
    assert list(into.iterdir()) == []
