"""What really goes out to each provider: host, path, signature, conditions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloudgauge.store.remote_access import Access, route_to
from cloudgauge.store.remote_objects import ObjectBucket
from cloudgauge.store.remote_writer import Content, ObjectWriter
from cloudgauge.store.store_url import StoreUrl, parse_store
from tests.fakes.authority import Authority
from tests.fakes.store_proxy import Passing, RecordingCloud

SHA_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
KEYS = {
    "AWS_ACCESS_KEY_ID": "aws-name",
    "AWS_SECRET_ACCESS_KEY": "aws-secret",
    "AWS_SESSION_TOKEN": "aws-token",
    "OSS_ACCESS_KEY_ID": "oss-name",
    "OSS_ACCESS_KEY_SECRET": "oss-secret",
    "HUAWEICLOUD_SDK_AK": "obs-name",
    "HUAWEICLOUD_SDK_SK": "obs-secret",
    "TENCENTCLOUD_SECRET_ID": "cos-name",
    "TENCENTCLOUD_SECRET_KEY": "cos-secret",
    "AZURE_STORAGE_ACCOUNT_NAME": "ouraccount",
    "AZURE_STORAGE_ACCOUNT_KEY": "YXp1cmUtc2VjcmV0",
    "GOOGLE_BEARER_TOKEN": "gcs-token",
}
LISTS = {
    "gs": b"<ListBucketResult></ListBucketResult>",
    "az": b'<?xml version="1.0"?><EnumerationResults><Blobs/></EnumerationResults>',
}
S3_LIST = (
    b"<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>0</KeyCount>"
    b"</ListBucketResult>"
)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordingCloud]:
    """Every host there is: nothing is in any bucket, and all can be written."""

    def answering(passing: Passing) -> tuple[int, bytes]:
        if passing.method == "HEAD":
            return 404, b""
        if passing.method == "PUT":
            return 201 if ".blob.core." in passing.host else 200, b""
        if ".blob.core." in passing.host:
            return 200, LISTS["az"]
        return 200, LISTS["gs"] if "googleapis" in passing.host else S3_LIST

    with RecordingCloud(Authority(tmp_path), answering) as recording:
        for name, value in (recording.environment | KEYS).items():
            monkeypatch.setenv(name, value)
        yield recording


def listed_and_created(text: str, tmp_path: Path) -> None:
    url = parse_store(text)
    assert isinstance(url, StoreUrl)
    route = route_to(url, Access.of_process())
    bucket = ObjectBucket(url, route)
    assert bucket.items() == ()
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    content = Content(path=file, size_bytes=3, sha256=SHA_OF_ABC)
    # The answers' mark is no hash, so what is there is looked at; nothing is.
    with pytest.raises(Exception, match="has not what was sent"):
        ObjectWriter(bucket, route).create("set/file", content)


def puts(cloud: RecordingCloud) -> Passing:
    (put,) = [one for one in cloud.seen if one.method == "PUT"]
    return put


@pytest.mark.parametrize(
    ("url", "host", "key_name"),
    [
        (
            "s3://bucket/camp?region=eu-west-1",
            "bucket.s3.eu-west-1.amazonaws.com",
            "aws",
        ),
        (
            "s3://bucket/camp?region=cn-north-1",
            "bucket.s3.cn-north-1.amazonaws.com.cn",
            "aws",
        ),
        (
            "oss://bucket/camp?region=cn-hangzhou",
            "bucket.s3.oss-cn-hangzhou.aliyuncs.com",
            "oss",
        ),
        (
            "obs://bucket/camp?region=ap-southeast-3",
            "bucket.obs.ap-southeast-3.myhuaweicloud.com",
            "obs",
        ),
        (
            "obs://bucket/camp?region=eu-west-101",
            "bucket.obs.eu-west-101.myhuaweicloud.eu",
            "obs",
        ),
        (
            "cos://bucket-1250000000/camp?region=ap-singapore",
            "bucket-1250000000.cos.ap-singapore.myqcloud.com",
            "cos",
        ),
    ],
)
def test_a_bucket_is_in_the_host_and_signed_for_its_region_with_its_own_key(
    cloud: RecordingCloud, tmp_path: Path, url: str, host: str, key_name: str
) -> None:
    listed_and_created(url, tmp_path)

    assert {one.host for one in cloud.seen} == {host}
    assert set(cloud.connects) == {f"{host}:443"}
    listed, *_ = cloud.seen
    assert listed.method == "GET"
    assert re.fullmatch(
        r"/\?list-type=2&.*prefix=camp%2F.*|/\?.*prefix=camp%2F.*", listed.target
    )
    put = puts(cloud)
    assert put.target == "/camp/set/file"
    region = url.partition("region=")[2]
    signed_for = rf"Credential={key_name}-name/\d{{8}}/{region}/s3/aws4_request,"
    assert re.match(f"AWS4-HMAC-SHA256 {signed_for}", put.headers["authorization"])
    # No other provider's token joins the key; the body's own hash is signed, and
    # nothing is chunked in a way that OSS and OBS refuse.
    token = put.headers.get("x-amz-security-token")
    assert token == ("aws-token" if key_name == "aws" else None)
    assert put.headers["x-amz-content-sha256"] == SHA_OF_ABC
    assert "content-encoding" not in put.headers
    assert "transfer-encoding" not in put.headers
    assert put.body == b"abc"


@pytest.mark.parametrize(
    ("url", "condition"),
    [
        ("s3://bucket?region=eu-west-1", {"if-none-match": "*"}),
        ("obs://bucket?region=ap-southeast-3", {"if-none-match": "*"}),
        ("oss://bucket?region=cn-hangzhou", {"x-oss-forbid-overwrite": "true"}),
        ("cos://bucket-1?region=ap-singapore", {"x-cos-forbid-overwrite": "true"}),
        ("gs://bucket", {"x-goog-if-generation-match": "0"}),
        ("az://bucket", {"if-none-match": "*"}),
    ],
)
def test_each_provider_is_asked_in_its_own_words_not_to_replace_an_object(
    cloud: RecordingCloud, tmp_path: Path, url: str, condition: dict[str, str]
) -> None:
    listed_and_created(url, tmp_path)

    put = puts(cloud)
    asked = {
        name: value
        for name, value in put.headers.items()
        if "forbid" in name or "none-match" in name or "generation" in name
    }
    assert asked == condition
    # Where the condition is a header that may be ignored, it is looked first.
    before = [one.method for one in cloud.seen[: cloud.seen.index(put)]]
    assert ("HEAD" in before) == ("forbid" in next(iter(condition)))


def test_a_bucket_with_a_dot_in_its_name_is_in_the_path_for_the_certificate(
    cloud: RecordingCloud, tmp_path: Path
) -> None:
    listed_and_created("s3://our.bucket/camp?region=eu-west-1", tmp_path)

    assert {one.host for one in cloud.seen} == {"s3.eu-west-1.amazonaws.com"}
    assert puts(cloud).target == "/our.bucket/camp/set/file"


def test_google_is_asked_with_a_bearer_and_azure_with_a_shared_key(
    cloud: RecordingCloud, tmp_path: Path
) -> None:
    listed_and_created("gs://bucket/camp", tmp_path)
    google = puts(cloud)
    cloud.seen.clear()
    listed_and_created("az://box/camp", tmp_path)
    azure = puts(cloud)

    assert google.host == "storage.googleapis.com"
    assert google.target == "/bucket/camp%2Fset%2Ffile"
    assert google.headers["authorization"] == "Bearer gcs-token"
    assert azure.host == "ouraccount.blob.core.windows.net"
    assert azure.target == "/box/camp/set/file"
    assert azure.headers["authorization"].startswith("SharedKey ouraccount:")
    assert azure.headers["x-ms-blob-type"] == "BlockBlob"


def test_no_secret_is_in_anything_that_goes_out(
    cloud: RecordingCloud, tmp_path: Path
) -> None:
    for url in ("s3://b2?region=eu-west-1", "oss://b2?region=cn-hangzhou", "az://box"):
        listed_and_created(url, tmp_path)

    everything = " ".join(f"{one.target} {one.headers}" for one in cloud.seen)
    for secret in ("aws-secret", "oss-secret", "YXp1cmUtc2VjcmV0"):
        assert secret not in everything
