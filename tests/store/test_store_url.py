from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.store.store_url import StoreUrl, is_url, parse_store


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket",
        "gs://bucket/place",
        "az://box/a/b",
        "oss://bucket/a?region=cn-hangzhou",
        "cos://bucket-1250000000?region=ap-singapore",
    ],
)
def test_a_url_is_written_as_it_was_read(text: str) -> None:
    url = parse_store(text)
    assert isinstance(url, StoreUrl)
    assert str(url) == text
    assert parse_store(f"{text.partition('?')[0]}/") == parse_store(
        text.partition("?")[0]
    )


def test_what_lies_below_keeps_the_region() -> None:
    url = parse_store("obs://bucket/camp?region=ap-southeast-3")
    assert isinstance(url, StoreUrl)
    assert url.of("a/b") == "obs://bucket/camp/a/b?region=ap-southeast-3"
    assert parse_store(url.of("a")) == parse_store(
        "obs://bucket/camp/a?region=ap-southeast-3"
    )


def test_a_path_and_a_file_url_are_folders() -> None:
    assert parse_store("results") == Path("results")
    assert parse_store("~/x") == Path.home() / "x"
    assert parse_store("file:///a/b%20c") == Path("/a/b c")
    assert parse_store("file://localhost/a") == Path("/a")
    assert not is_url("results/2026")
    assert is_url("s3://b")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ftp://host/a", "ftp://host/a: want a folder, file://, s3://, gs://, az://"),
        ("file://host/a", "want file:///an/absolute/path"),
        ("file:relative", None),
        ("s3://", 'want a bucket behind "://"'),
        ("s3://b!d/x", 'want a bucket behind "://", got "b!d"'),
        ("s3://bucket:80/x", 'got "bucket:80"'),
        ("s3://bucket/../x", 'between slashes, got ".."'),
        ("s3://bucket/a b", 'between slashes, got "a b"'),
        ("s3://bucket/a#b", 'between slashes, got "#"'),
        ("s3://bucket?region=", "want a region such as ?region=eu-west-1"),
        ("s3://bucket?region=EU/1", "want a region such as ?region=eu-west-1"),
    ],
)
def test_what_is_no_store_is_refused(text: str, told: str | None) -> None:
    if told is None:
        assert parse_store(text) == Path(text)
        return
    with pytest.raises(ConfigError) as caught:
        parse_store(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "s3://name:hush-hush@bucket/camp",
        "s3://hush-hush@bucket",
        "s3://bucket/x?X-Amz-Signature=hush-hush",
        "az://box?sig=hush-hush&region=a",
        "oss://bucket?region=cn-hangzhou&AccessKeySecret=hush-hush",
        "s3://[hush-hush/x",
    ],
)
def test_what_is_secret_in_a_url_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_store(text)
    told = str(caught.value)
    assert "hush-hush" not in told
