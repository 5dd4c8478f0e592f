"""How a store is reached from here: endpoint, addressing and keys.

Keys come from the environment or from the files of the provider's own tools. They are
in no URL, no message and no result set.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cloudgauge.errors import ConfigError
from cloudgauge.settings.keys import Key, section_of
from cloudgauge.store.remote_services import SERVICES, KeyFile, Protocol, Service
from cloudgauge.store.store_url import StoreUrl

ALLOW_HTTP = "CLOUDGAUGE_ALLOW_HTTP"
INSTANCE_ROLE = "CLOUDGAUGE_INSTANCE_ROLE"
ANONYMOUS = "CLOUDGAUGE_ANONYMOUS"
_YES = frozenset({"1", "true", "yes"})
# Any one of a set lets the client find keys by itself.
_GCS_KEYS = (
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_BEARER_TOKEN",
)
_GCS_FILE = ".config/gcloud/application_default_credentials.json"
_AZURE_KEYS = (
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_CLIENT_SECRET",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_USE_AZURE_CLI",
)
_AWS_FOUND_BY_CLIENT = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where to look for keys and endpoints.

    Attributes:
        environment: Of the process.
        home: The user's.
        endpoint: In place of the provider's own, such as
            ``https://minio.example:9000``; "" for what environment or table say.
        allow_http: The user wants plain HTTP where an endpoint says so.
    """

    environment: Mapping[str, str] = field(repr=False)
    home: Path
    endpoint: str = ""
    allow_http: bool = False

    @classmethod
    def of_process(cls, *, endpoint: str = "", allow_http: bool = False) -> "Access":
        """What this process was started with."""
        # The client itself reads the same environment.
        return cls(
            environment=os.environ,
            home=Path.home(),
            endpoint=endpoint,
            allow_http=allow_http,
        )

    def says(self, variable: str) -> bool:
        """Whether an environment variable says yes."""
        return self.environment.get(variable, "").strip().lower() in _YES


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one bucket is reached.

    Attributes:
        endpoint: With the bucket in its host if `virtual_hosted`; "" where the
            client makes it.
        region: That requests are signed for.
        key: None where the client finds one by itself, or none is wanted.
        anonymous: Requests are not signed.
        plain_http: The endpoint has no TLS, and the user allows it.
    """

    service: Service
    endpoint: str
    region: str
    virtual_hosted: bool
    key: Key | None
    anonymous: bool
    plain_http: bool


def route_to(url: StoreUrl, access: Access) -> Route:
    """Find out how a bucket is reached.

    Raises:
        ConfigError: Region or keys are not to be found, or an endpoint is none or
            has no TLS without `Access.allow_http`. Says what to set.
    """
    service = SERVICES[url.scheme]
    asked, named_by = _asked_endpoint(service, access)
    region = _region(url, service, access, needed=not asked)
    virtual_hosted = service.virtual_hosted
    if asked:
        endpoint = _own_endpoint(asked, named_by, url, service, access)
        # Servers of one's own take the bucket in the path.
        virtual_hosted = virtual_hosted and url.scheme != "s3"
    else:
        virtual_hosted = virtual_hosted and "." not in url.bucket
        endpoint = _endpoint(url, service, region, virtual_hosted=virtual_hosted)
    anonymous = access.says(ANONYMOUS)
    return Route(
        service=service,
        endpoint=endpoint,
        region=region,
        virtual_hosted=virtual_hosted,
        key=None if anonymous else _key(url, service, access),
        anonymous=anonymous,
        plain_http=endpoint.startswith("http://"),
    )


def _asked_endpoint(service: Service, access: Access) -> tuple[str, str]:
    if access.endpoint:
        return access.endpoint, "--endpoint"
    for name in service.endpoint_variables:
        if access.environment.get(name):
            return access.environment[name], name
    return "", ""


def _own_endpoint(
    text: str, named_by: str, url: StoreUrl, service: Service, access: Access
) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problem = "want a URL such as https://storage.example.com:9000"
        raise ConfigError(named_by, problem)
    if parts.username is not None or parts.password is not None or parts.query:
        problem = "has a user, a password or a query in it; keys do not belong there"
        raise ConfigError(named_by, problem)
    allowed = access.allow_http or access.says(ALLOW_HTTP)
    if parts.scheme == "http" and not allowed:
        problem = (
            "is plain HTTP: anyone on the way can read and change what is sent; if "
            f"that is meant, say --allow-http or set {ALLOW_HTTP}=yes"
        )
        raise ConfigError(named_by, problem)
    path = parts.path.rstrip("/")
    if service.virtual_hosted and url.scheme != "s3":
        host = parts.netloc
        if not host.startswith(f"{url.bucket}."):
            host = f"{url.bucket}.{host}"
        return f"{parts.scheme}://{host}{path}"
    return f"{parts.scheme}://{parts.netloc}{path}"


def _endpoint(
    url: StoreUrl, service: Service, region: str, *, virtual_hosted: bool
) -> str:
    made = (service.odd_endpoints or {}).get(region, service.endpoint)
    if not virtual_hosted:
        # A dot in the bucket's name is in no certificate's wildcard.
        made = made.replace("{bucket}.", "")
    return made.replace("{bucket}", url.bucket).replace("{region}", region)


def _region(url: StoreUrl, service: Service, access: Access, *, needed: bool) -> str:
    if service.protocol is not Protocol.S3:
        return url.region
    named = (access.environment.get(name, "") for name in service.region_variables)
    found = url.region or next((name for name in named if name), "")
    if not found and service.key_file is not None and url.scheme == "s3":
        profile = _profile(service.key_file, access)
        section = profile if profile == "default" else f"profile {profile}"
        where = "~/.aws/config"
        (found,) = section_of(
            access.home / ".aws" / "config", section, ("region",), where
        )
    found = found or service.default_region
    if not found and needed:
        problem = (
            f"which region of {service.title} is it in? Name it in the URL "
            f"({url}?region=…) or set {service.region_variables[0]}"
        )
        raise ConfigError(str(url), problem)
    return found or "us-east-1"


def _key(url: StoreUrl, service: Service, access: Access) -> Key | None:
    """The key to sign with; None where the client finds one by itself."""
    match service.protocol:
        case Protocol.GCS:
            found = access.home / _GCS_FILE
            _want_one(
                url, access, _GCS_KEYS, also=found.is_file(), file=f"~/{_GCS_FILE}"
            )
            return None
        case Protocol.AZURE:
            if not access.environment.get("AZURE_STORAGE_ACCOUNT_NAME"):
                problem = "set AZURE_STORAGE_ACCOUNT_NAME to the container's account"
                raise ConfigError(str(url), problem)
            _want_one(url, access, _AZURE_KEYS, also=False, file="")
            return None
        case _:
            return _s3_key(url, service, access)


def _want_one(
    url: StoreUrl, access: Access, names: tuple[str, ...], *, also: bool, file: str
) -> None:
    if also or access.says(INSTANCE_ROLE):
        return
    if any(access.environment.get(name) for name in names):
        return
    raise ConfigError(str(url), _no_key((names[0],), file))


def _s3_key(url: StoreUrl, service: Service, access: Access) -> Key | None:
    for names in service.key_variables:
        name, secret, token = (access.environment.get(one, "") for one in names)
        if name and secret:
            return _checked(name, secret, token, names[0])
        if name or secret:
            lacking = names[1] if name else names[0]
            raise ConfigError(lacking, "is not set, and the other half of the key is")
    file = service.key_file
    if file is not None:
        path = access.home / file.path
        if file.variable and access.environment.get(file.variable):
            path = Path(access.environment[file.variable])
        where = f"~/{file.path}" if path == access.home / file.path else str(path)
        name, secret, token = section_of(
            path, _profile(file, access), file.fields, where
        )
        if name and secret:
            return _checked(name, secret, token, where)
    by_client = url.scheme == "s3" and any(
        access.environment.get(one) for one in _AWS_FOUND_BY_CLIENT
    )
    if by_client or (url.scheme == "s3" and access.says(INSTANCE_ROLE)):
        return None
    told = f"~/{file.path}" if file is not None else ""
    raise ConfigError(str(url), _no_key(service.key_variables[0][:2], told))


def _no_key(variables: tuple[str, ...], file: str) -> str:
    alternative = f" or write {file}" if file else ""
    return (
        f"there is no key for it here: set {' and '.join(variables)}{alternative}; "
        f"{INSTANCE_ROLE}=yes takes that of the cloud machine, {ANONYMOUS}=yes none"
    )


def _profile(file: KeyFile, access: Access) -> str:
    if not file.profile_variable:
        return file.section
    return access.environment.get(file.profile_variable) or file.section


def _checked(name: str, secret: str, token: str, where: str) -> Key:
    try:
        return Key(name=name, secret=secret, token=token)
    except ValueError as exc:
        raise ConfigError(where, f"the key there is unusable: {exc}") from exc
