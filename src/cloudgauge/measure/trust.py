"""Which certificates are believed, and that sessions are never resumed."""

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

import certifi

from cloudgauge.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSettings:
    """Where the roots are to come from; the first that is given wins.

    Attributes:
        ca_file: The user's own file, by an option.
        env_file: The value of ``SSL_CERT_FILE``; None or "" if it is not set.
        env_dir: The value of ``SSL_CERT_DIR``, likewise; goes with `env_file`.
    """

    ca_file: Path | None = None
    env_file: str | None = None
    env_dir: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A context for all targets, and which roots are in it.

    Attributes:
        context: TLS 1.2 or later, HTTP/1.1, names and chains verified. Making one
            takes tens of milliseconds: one for a whole run.
        roots: For people and for the manifest; holds no path of the machine.
    """

    context: ssl.SSLContext
    roots: str


def make_trust(settings: TrustSettings) -> Trust:
    """Make the one TLS context of a run.

    Raises:
        ConfigError: A file or folder that the user named holds no certificates.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # As curl does: whoever puts an intermediate certificate into the file trusts it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return Trust(context=context, roots=_load(context, settings))


def _load(context: ssl.SSLContext, settings: TrustSettings) -> str:
    if settings.ca_file is not None:
        return _load_file(context, settings.ca_file, where=str(settings.ca_file))
    if settings.env_file or settings.env_dir:
        loaded = []
        if settings.env_file:
            file = Path(settings.env_file)
            loaded.append(_load_file(context, file, where=f"SSL_CERT_FILE: {file}"))
        if settings.env_dir:
            loaded.append(_load_folder(context, Path(settings.env_dir)))
        return " and ".join(loaded)
    return _load_system(context)


def _load_file(context: ssl.SSLContext, file: Path, *, where: str) -> str:
    before = context.cert_store_stats()["x509"]
    try:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        context.load_verify_locations(cafile=file)
    except ssl.SSLError as exc:
        raise ConfigError(where, "want certificates in PEM form") from exc
    except OSError as exc:
        raise ConfigError(where, f"cannot be read: {exc.strerror}") from exc
    count = context.cert_store_stats()["x509"] - before
    return f"file {file.name} (certificates: {count}, sha256: {digest[:16]})"


def _load_folder(context: ssl.SSLContext, folder: Path) -> str:
    # OpenSSL looks into the folder only when it meets an issuer, and only for
    # names such as 5ed36f99.0.
    if not any(folder.glob("????????.[0-9]")):
        where = f"SSL_CERT_DIR: {folder}"
        raise ConfigError(where, "want a folder of certificates named by their hash")
    context.load_verify_locations(capath=folder)
    return f"folder {folder.name}"


def _load_system(context: ssl.SSLContext) -> str:
    paths = ssl.get_default_verify_paths()
    # Not `cafile` and `capath`, which follow the environment.
    file, folder = Path(paths.openssl_cafile), Path(paths.openssl_capath)
    if file.is_file():
        return f"system {_load_file(context, file, where=str(file))}"
    if any(folder.glob("????????.[0-9]")):
        return f"system {_load_folder(context, folder)}"
    bundle = Path(certifi.where())
    return f"certifi {_load_file(context, bundle, where=str(bundle))}"
