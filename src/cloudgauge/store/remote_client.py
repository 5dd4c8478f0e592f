"""The client of object storage, made for one bucket: obstore, and how patient it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from obstore.store import AzureStore, GCSStore, S3Store

from cloudgauge.settings.keys import Key
from cloudgauge.store.remote_access import Route
from cloudgauge.store.remote_services import Protocol
from cloudgauge.store.store_url import StoreUrl

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Credential

Client: TypeAlias = AzureStore | GCSStore | S3Store

# Retried are answers of 5xx and dropped lines, by obstore itself. It renews neither
# keys nor signatures meanwhile, so this must stay below five minutes.
_RETRIES: "RetryConfig" = {
    "max_retries": 5,
    "retry_timeout": timedelta(minutes=2),
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=5),
        "base": 2,
    },
}


def client_of(
    url: StoreUrl, route: Route, *, header: tuple[str, str] | None = None
) -> Client:
    """A client whose names are relative to a store's URL.

    Args:
        url: Of the store.
        route: To it.
        header: Sent with every request; it is not signed.
    """
    options: ClientConfig = {
        "allow_http": route.plain_http,
        "connect_timeout": timedelta(seconds=10),
        # Of silence: a part has so long to get through.
        "read_timeout": timedelta(minutes=5),
        "timeout": timedelta(hours=2),
        "user_agent": "cloudgauge",
    }
    if header is not None:
        options["default_headers"] = dict([header])
    match route.service.protocol:
        case Protocol.GCS:
            return _google(url, route, options)
        case Protocol.AZURE:
            return _azure(url, route, options)
        case _:
            return _s3(url, route, options)


def _google(url: StoreUrl, route: Route, options: "ClientConfig") -> GCSStore:
    return GCSStore(
        url.bucket,
        prefix=url.prefix or None,
        config={"base_url": route.endpoint} if route.endpoint else {},
        skip_signature=route.anonymous,
        client_options=options,
        retry_config=_RETRIES,
    )


def _azure(url: StoreUrl, route: Route, options: "ClientConfig") -> AzureStore:
    return AzureStore(
        url.bucket,
        prefix=url.prefix or None,
        config={"endpoint": route.endpoint} if route.endpoint else {},
        skip_signature=route.anonymous,
        client_options=options,
        retry_config=_RETRIES,
    )


def _s3(url: StoreUrl, route: Route, options: "ClientConfig") -> S3Store:
    return S3Store(
        url.bucket,
        prefix=url.prefix or None,
        region=route.region,
        endpoint=route.endpoint,
        # The environment's would win over `endpoint`.
        aws_endpoint_url_s3=route.endpoint,
        virtual_hosted_style_request=route.virtual_hosted,
        skip_signature=route.anonymous,
        client_options=options,
        retry_config=_RETRIES,
        credential_provider=_provider(route.key) if route.key else None,
    )


def _provider(key: Key) -> Callable[[], "S3Credential"]:
    """Gives one key, so that no other one's token of the environment joins it."""

    def credential() -> "S3Credential":
        return {
            "access_key_id": key.name,
            "secret_access_key": key.secret,
            "token": key.token or None,
            "expires_at": None,
        }

    return credential
