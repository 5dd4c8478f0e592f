"""What each kind of object storage wants: endpoint, addressing, keys.

All that is known of a provider stands in one table, with where it was read. OSS, OBS
and COS are spoken to by their S3-compatible interfaces; they take a bucket's name in
the host, not in the path.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Protocol(StrEnum):
    """How a service is spoken to."""

    S3 = "s3"
    GCS = "gcs"
    AZURE = "azure"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A file of sections that a provider's own tools keep keys in.

    Attributes:
        path: Relative to the user's home.
        section: Unless `profile_variable` names another.
        fields: What name, secret and token are called there.
        variable: An environment variable that names another file; "" for none.
        profile_variable: One that names another section; "" for none.
    """

    path: str
    section: str
    fields: tuple[str, str, str]
    variable: str = ""
    profile_variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One kind of object storage.

    Attributes:
        title: What it is called.
        endpoint: Its URL for a ``{bucket}`` in a ``{region}``; "" where the client
            makes it.
        odd_endpoints: Of regions that have another one.
        virtual_hosted: The bucket is part of the host, where it can be.
        default_region: Where the URL and the environment name none; "" if one must
            be named.
        region_variables: Environment variables that name a region, the first wins.
        endpoint_variables: Those that name another endpoint.
        key_variables: Sets of variables of a key's name, secret and token.
        key_file: Where the provider's own tools keep keys.
        create_header: Its own header that forbids overwriting; None where
            ``If-None-Match: *`` is used.
        sources: Where all this was read.
    """

    title: str
    protocol: Protocol
    endpoint: str
    sources: tuple[str, ...]
    odd_endpoints: Mapping[str, str] | None = None
    virtual_hosted: bool = True
    default_region: str = ""
    region_variables: tuple[str, ...] = ()
    endpoint_variables: tuple[str, ...] = ()
    key_variables: tuple[tuple[str, str, str], ...] = ()
    key_file: KeyFile | None = None
    create_header: tuple[str, str] | None = None


SERVICES: Mapping[str, Service] = {
    "s3": Service(
        title="Amazon S3",
        protocol=Protocol.S3,
        endpoint="https://{bucket}.s3.{region}.amazonaws.com",
        odd_endpoints={
            "cn-north-1": "https://{bucket}.s3.cn-north-1.amazonaws.com.cn",
            "cn-northwest-1": "https://{bucket}.s3.cn-northwest-1.amazonaws.com.cn",
        },
        default_region="us-east-1",
        region_variables=("AWS_REGION", "AWS_DEFAULT_REGION"),
        endpoint_variables=("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        key_variables=(
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        ),
        key_file=KeyFile(
            path=".aws/credentials",
            section="default",
            fields=(
                "aws_access_key_id",
                "aws_secret_access_key",
                "aws_session_token",
            ),
            variable="AWS_SHARED_CREDENTIALS_FILE",
            profile_variable="AWS_PROFILE",
        ),
        sources=(
            "docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html",
            "docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
        ),
    ),
    "gs": Service(
        title="Google Cloud Storage",
        protocol=Protocol.GCS,
        endpoint="",
        virtual_hosted=False,
        endpoint_variables=("GOOGLE_BASE_URL",),
        sources=(
            "docs.cloud.google.com/docs/authentication/application-default-credentials",
        ),
    ),
    "az": Service(
        title="Azure Blob Storage",
        protocol=Protocol.AZURE,
        endpoint="",
        virtual_hosted=False,
        endpoint_variables=("AZURE_STORAGE_ENDPOINT",),
        sources=("learn.microsoft.com/en-us/rest/api/storageservices/put-blob",),
    ),
    "oss": Service(
        title="Alibaba Cloud OSS",
        protocol=Protocol.S3,
        endpoint="https://{bucket}.s3.oss-{region}.aliyuncs.com",
        region_variables=("OSS_REGION", "ALIBABA_CLOUD_REGION_ID"),
        endpoint_variables=("OSS_ENDPOINT",),
        key_variables=(
            ("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"),
            (
                "ALIBABA_CLOUD_ACCESS_KEY_ID",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
                "ALIBABA_CLOUD_SECURITY_TOKEN",
            ),
        ),
        key_file=KeyFile(
            path=".alibabacloud/credentials",
            section="default",
            fields=("access_key_id", "access_key_secret", "security_token"),
        ),
        # It answers If-None-Match with 501.
        create_header=("x-oss-forbid-overwrite", "true"),
        sources=(
            "help.aliyun.com/en/oss/developer-reference/use-aws-sdks-to-access-oss",
            "help.aliyun.com/en/oss/developer-reference/compatibility-with-amazon-s3",
            "github.com/apache/arrow-rs-object-store/issues/416",
            "github.com/tobi/walgit/issues/67",
        ),
    ),
    "obs": Service(
        title="Huawei Cloud OBS",
        protocol=Protocol.S3,
        endpoint="https://{bucket}.obs.{region}.myhuaweicloud.com",
        odd_endpoints={
            "eu-west-101": "https://{bucket}.obs.eu-west-101.myhuaweicloud.eu",
        },
        region_variables=("OBS_REGION", "HUAWEICLOUD_SDK_REGION"),
        endpoint_variables=("OBS_ENDPOINT",),
        key_variables=(
            ("OBS_ACCESS_KEY_ID", "OBS_SECRET_ACCESS_KEY", "OBS_SECURITY_TOKEN"),
            (
                "HUAWEICLOUD_SDK_AK",
                "HUAWEICLOUD_SDK_SK",
                "HUAWEICLOUD_SDK_SECURITY_TOKEN",
            ),
        ),
        key_file=KeyFile(
            path=".huaweicloud/credentials",
            section="basic",
            fields=("ak", "sk", "security_token"),
        ),
        sources=(
            "support.huaweicloud.com/intl/en-us/productdesc-obs/obs_03_0152.html",
            "support.huaweicloud.com/eu/ugobs-obs/obs_41_0003.html",
        ),
    ),
    "cos": Service(
        title="Tencent Cloud COS",
        protocol=Protocol.S3,
        endpoint="https://{bucket}.cos.{region}.myqcloud.com",
        region_variables=("COS_REGION", "TENCENTCLOUD_REGION"),
        endpoint_variables=("COS_ENDPOINT",),
        key_variables=(
            (
                "TENCENTCLOUD_SECRET_ID",
                "TENCENTCLOUD_SECRET_KEY",
                "TENCENTCLOUD_SESSION_TOKEN",
            ),
        ),
        key_file=KeyFile(
            path=".tencentcloud/credentials",
            section="default",
            fields=("secret_id", "secret_key", "token"),
        ),
        create_header=("x-cos-forbid-overwrite", "true"),
        sources=(
            "tencentcloud.com/document/api/436/7749",
            "github.com/gaul/undocumented-s3-apis/issues/4",
        ),
    ),
}
