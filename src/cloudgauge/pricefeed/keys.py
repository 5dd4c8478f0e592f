"""Keys of the user's, read where their provider's own tools look for them.

Never stored, never shown: a key is in no message, no file and no ``repr``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.errors import ConfigError
from cloudgauge.settings.keys import Key, section_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ini:
    """A file of sections, and the names of a key's parts in it."""

    path: str
    section: str
    name: str
    secret: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where a provider's own tools look for a key.

    Attributes:
        variables: Environment variables of name, secret and token; "" for none.
    """

    title: str
    variables: tuple[str, str, str]
    file: _Ini | None = None

    @property
    def told(self) -> str:
        """Where to put a key, in words."""
        names = " and ".join(name for name in self.variables[:2] if name)
        return f"set {names}" + (f" or write ~/{self.file.path}" if self.file else "")


_PLACES = {
    "gcp": _Places(title="an API key", variables=("", "GOOGLE_API_KEY", "")),
    "alibaba": _Places(
        title="an AccessKey",
        variables=(
            "ALIBABA_CLOUD_ACCESS_KEY_ID",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "ALIBABA_CLOUD_SECURITY_TOKEN",
        ),
        file=_Ini(
            path=".alibabacloud/credentials",
            section="default",
            name="access_key_id",
            secret="access_key_secret",  # noqa: S106  the name of a key, not a key
            token="security_token",  # noqa: S106  the name of a key, not a key
        ),
    ),
    "huawei": _Places(
        title="an access key",
        variables=(
            "HUAWEICLOUD_SDK_AK",
            "HUAWEICLOUD_SDK_SK",
            "HUAWEICLOUD_SDK_SECURITY_TOKEN",
        ),
        file=_Ini(
            path=".huaweicloud/credentials",
            section="basic",
            name="ak",
            secret="sk",  # noqa: S106  the name of a key, not a key
            token="security_token",  # noqa: S106  the name of a key, not a key
        ),
    ),
    "tencent": _Places(
        title="a SecretId and SecretKey",
        variables=(
            "TENCENTCLOUD_SECRET_ID",
            "TENCENTCLOUD_SECRET_KEY",
            "TENCENTCLOUD_SESSION_TOKEN",
        ),
        file=_Ini(
            path=".tencentcloud/credentials",
            section="default",
            name="secret_id",
            secret="secret_key",  # noqa: S106  the name of a key, not a key
            token="token",  # noqa: S106  the name of a key, not a key
        ),
    ),
}


def key_of(provider: str, environment: Mapping[str, str], home: Path) -> Key | None:
    """Find the user's key for a provider's price interface.

    The environment first, then the file of the provider's SDKs. AWS and Azure need
    none.

    Returns:
        None where none is needed.

    Raises:
        ConfigError: There is none, or its file cannot be used; says where to put
            one, and nothing of what is in it.
    """
    places = _PLACES.get(provider)
    if places is None:
        return None
    name_at, secret_at, token_at = places.variables
    found: tuple[str, ...] = (
        environment.get(name_at, "") if name_at else "",
        environment.get(secret_at, ""),
        environment.get(token_at, "") if token_at else "",
    )
    where = "the environment"
    if not found[1] and places.file is not None:
        where = f"~/{places.file.path}"
        ini = places.file
        fields = (ini.name, ini.secret, ini.token)
        found = section_of(home / ini.path, ini.section, fields, where)
    if not found[1] or (name_at and not found[0]):
        problem = f"list prices need {places.title} here; {places.told}"
        option = f"--provider {provider}"
        raise ConfigError(option, problem)
    try:
        return Key(name=found[0], secret=found[1], token=found[2])
    except ValueError as exc:
        raise ConfigError(where, f"{places.title} there is unusable: {exc}") from exc
