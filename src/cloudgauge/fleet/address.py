"""Where a scheduler is: ``tls://HOST:PORT``."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from cloudgauge.errors import ConfigError

_BY_OPTION = "--scheduler"
_WANTED = "want tls://HOST:PORT, such as tls://192.0.2.7:8786"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerAddress:
    """A scheduler's address.

    Attributes:
        host: A name or an address; one of IPv6 without brackets.
        port: 0 for any, where one listens.
    """

    host: str
    port: int

    @property
    def url(self) -> str:
        """The same as one text."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tls://{host}:{self.port}"


def parse_scheduler(text: str) -> SchedulerAddress:
    """Read a scheduler's address.

    Raises:
        ConfigError: It is none, or one without TLS.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as exc:
        raise ConfigError(_BY_OPTION, f'{_WANTED}, got "{text}"') from exc
    is_bare = not (parts.path or parts.query or parts.username)
    if parts.scheme != "tls" or not parts.hostname or port is None or not is_bare:
        raise ConfigError(_BY_OPTION, f'{_WANTED}, got "{text}"')
    return SchedulerAddress(host=parts.hostname, port=port)
