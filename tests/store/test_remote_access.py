from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.store.remote_access import Access, Route, route_to
from cloudgauge.store.remote_services import SERVICES
from cloudgauge.store.store_url import StoreUrl, parse_store

AWS = {"AWS_ACCESS_KEY_ID": "name", "AWS_SECRET_ACCESS_KEY": "hush-hush"}
OSS = {"OSS_ACCESS_KEY_ID": "name", "OSS_ACCESS_KEY_SECRET": "hush-hush"}


def routed(
    text: str,
    environment: dict[str, str],
    home: Path,
    *,
    endpoint: str = "",
    allow_http: bool = False,
) -> Route:
    url = parse_store(text)
    assert isinstance(url, StoreUrl)
    access = Access(
        environment=environment, home=home, endpoint=endpoint, allow_http=allow_http
    )
    return route_to(url, access)


def test_keys_come_from_the_environment_before_the_file(tmp_path: Path) -> None:
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(
        "[default]\naws_access_key_id = filed\naws_secret_access_key = s1\n"
        "[work]\naws_access_key_id = worked\naws_secret_access_key = s2\n"
        "aws_session_token = t2\n"
    )
    (folder / "config").write_text(
        "[default]\nregion = eu-north-1\n[profile work]\nregion = ap-east-1\n"
    )

    found = [
        routed("s3://bucket", environment, tmp_path)
        for environment in (
            {},
            {"AWS_PROFILE": "work"},
            AWS,
            AWS | {"AWS_REGION": "me"},
        )
    ]
    keys = [one.key for one in found]
    assert [key.name for key in keys if key] == ["filed", "worked", "name", "name"]
    assert [key.token for key in keys if key] == ["", "t2", "", ""]
    assert [one.region for one in found] == [
        "eu-north-1",
        "ap-east-1",
        "eu-north-1",
        "me",
    ]
    other = tmp_path / "other"
    other.write_text("[default]\naws_access_key_id=o\naws_secret_access_key=p\n")
    moved = routed("s3://bucket", {"AWS_SHARED_CREDENTIALS_FILE": str(other)}, tmp_path)
    assert moved.key is not None
    assert moved.key.name == "o"


@pytest.mark.parametrize(
    ("url", "variables", "file"),
    [
        ("s3://bucket", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", ".aws/"),
        ("oss://bucket?region=a", "OSS_ACCESS_KEY_ID and OSS_ACCESS", ".alibabacloud/"),
        ("obs://bucket?region=a", "OBS_ACCESS_KEY_ID and OBS_SECRET", ".huaweicloud/"),
        ("cos://bucket?region=a", "TENCENTCLOUD_SECRET_ID and", ".tencentcloud/"),
        ("gs://bucket", "GOOGLE_APPLICATION_CREDENTIALS", ".config/gcloud/"),
    ],
)
def test_without_a_key_it_is_said_where_to_put_one(
    tmp_path: Path, url: str, variables: str, file: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        routed(url, {}, tmp_path)
    assert f"there is no key for it here: set {variables}" in str(caught.value)
    assert f" or write ~/{file}" in str(caught.value)
    assert "CLOUDGAUGE_ANONYMOUS=yes none" in str(caught.value)


def test_azure_needs_an_account_and_a_key_of_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="set AZURE_STORAGE_ACCOUNT_NAME to the"):
        routed("az://box", {}, tmp_path)
    account = {"AZURE_STORAGE_ACCOUNT_NAME": "ours"}
    with pytest.raises(ConfigError, match="no key for it here: set AZURE_STORAGE_ACC"):
        routed("az://box", account, tmp_path)
    sas = account | {"AZURE_STORAGE_SAS_TOKEN": "hush-hush"}
    assert routed("az://box", sas, tmp_path).key is None


def test_the_file_of_google_is_found_and_so_is_a_role(tmp_path: Path) -> None:
    file = tmp_path / ".config" / "gcloud" / "application_default_credentials.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    assert routed("gs://bucket", {}, tmp_path).key is None
    for url in ("gs://bucket", "s3://bucket"):
        role = routed(url, {"CLOUDGAUGE_INSTANCE_ROLE": "yes"}, tmp_path / "nobody")
        assert (role.key, role.anonymous) == (None, False)
    web = routed("s3://bucket", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, tmp_path)
    assert web.key is None


def test_nobodys_key_is_taken_when_none_is_wanted(tmp_path: Path) -> None:
    route = routed("s3://bucket", AWS | {"CLOUDGAUGE_ANONYMOUS": "yes"}, tmp_path)
    assert (route.key, route.anonymous) == (None, True)


def test_half_a_key_and_an_unusable_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^AWS_SECRET_ACCESS_KEY: is not set, and"):
        routed("s3://bucket", {"AWS_ACCESS_KEY_ID": "name"}, tmp_path)
    with pytest.raises(ConfigError, match=r"^AWS_ACCESS_KEY_ID: is not set, and"):
        routed("s3://bucket", {"AWS_SECRET_ACCESS_KEY": "x"}, tmp_path)
    with pytest.raises(ConfigError, match="the key there is unusable") as caught:
        routed("s3://bucket", AWS | {"AWS_SECRET_ACCESS_KEY": "hush\nhush"}, tmp_path)
    assert "hush" not in str(caught.value)


def test_a_region_must_be_known_where_the_endpoint_hangs_on_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        routed("oss://bucket", OSS, tmp_path)
    assert str(caught.value) == (
        "oss://bucket: which region of Alibaba Cloud OSS is it in? Name it in the URL "
        "(oss://bucket?region=…) or set OSS_REGION"
    )
    named = routed("oss://bucket", OSS | {"OSS_REGION": "cn-beijing"}, tmp_path)
    assert named.endpoint == "https://bucket.s3.oss-cn-beijing.aliyuncs.com"
    # What the URL says goes before what the environment says.
    said = routed("oss://bucket?region=me-east-1", OSS | {"OSS_REGION": "x"}, tmp_path)
    assert said.region == "me-east-1"


def test_an_endpoint_of_ones_own_has_the_bucket_where_the_service_wants_it(
    tmp_path: Path,
) -> None:
    own = "https://minio.example:9000/"
    by_path = routed("s3://bucket", AWS, tmp_path, endpoint=own)
    assert (by_path.endpoint, by_path.virtual_hosted) == (own.rstrip("/"), False)
    inside = "https://s3.oss-cn-hangzhou-internal.aliyuncs.com"
    for environment, endpoint in ((OSS, inside), (OSS | {"OSS_ENDPOINT": inside}, "")):
        by_host = routed("oss://bucket", environment, tmp_path, endpoint=endpoint)
        assert by_host.endpoint == inside.replace("//", "//bucket.")
        assert by_host.virtual_hosted
    full = inside.replace("//", "//bucket.")
    assert routed("oss://bucket", OSS, tmp_path, endpoint=full).endpoint == full


def test_plain_http_is_taken_only_with_a_word_of_its_own(tmp_path: Path) -> None:
    plain = "http://127.0.0.1:9000"
    for environment, endpoint, named in (
        (AWS, plain, "--endpoint"),
        (AWS | {"AWS_ENDPOINT_URL_S3": plain}, "", "AWS_ENDPOINT_URL_S3"),
        (AWS | {"AWS_ENDPOINT_URL": plain}, "", "AWS_ENDPOINT_URL"),
        # The client's own word for it is not ours.
        (AWS | {"AWS_ALLOW_HTTP": "true"}, plain, "--endpoint"),
    ):
        with pytest.raises(
            ConfigError, match=r"is plain HTTP: .* CLOUDGAUGE_ALLOW"
        ) as c:
            routed("s3://bucket", environment, tmp_path, endpoint=endpoint)
        assert c.value.where == named
    said = routed("s3://bucket", AWS, tmp_path, endpoint=plain, allow_http=True)
    assert said.plain_http
    by_variable = AWS | {"CLOUDGAUGE_ALLOW_HTTP": "yes"}
    assert routed("s3://bucket", by_variable, tmp_path, endpoint=plain).plain_http
    # The word alone makes nothing plain.
    assert not routed("s3://bucket", by_variable, tmp_path).plain_http


@pytest.mark.parametrize(
    "endpoint",
    [
        "minio.example:9000",
        "ftp://minio.example",
        "https://",
        "https://a:b@minio.example",
    ],
)
def test_an_endpoint_that_is_none_is_refused(tmp_path: Path, endpoint: str) -> None:
    with pytest.raises(ConfigError, match=r"^--endpoint: (want a URL|has a user)"):
        routed("s3://bucket", AWS, tmp_path, endpoint=endpoint)


def test_nothing_secret_is_in_what_shows_itself(tmp_path: Path) -> None:
    access = Access(environment=AWS, home=tmp_path)
    assert "hush" not in repr(access)
    assert "hush" not in repr(routed("s3://bucket", AWS, tmp_path))


def test_the_readme_has_every_service_with_its_endpoint_and_variables() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text()
    for scheme, service in SERVICES.items():
        assert f"`{scheme}://" in text
        assert service.endpoint.removeprefix("https://") in text
        for variable in (
            *service.region_variables[:1],
            *service.endpoint_variables[:1],
            *(name for names in service.key_variables for name in names[:2]),
        ):
            assert f"`{variable}`" in text
        assert service.sources
