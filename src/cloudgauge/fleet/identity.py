"""A member's certificate: who may join a fleet, and as what.

A peer without a certificate of the fleet's authority (`fleet.authority`) does not get
past the TLS handshake. Only the scheduler's certificate may serve, so that no vantage
can pass for the scheduler; a vantage's certificate names it, so that no vantage can
pass for another.
"""

import datetime as dt
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from cloudgauge.errors import ConfigError
from cloudgauge.store.folder import machine_errors

SCHEDULER_FOLDER = "scheduler"
VANTAGES_FOLDER = "vantages"
CA_FILE = "ca.pem"
CERTIFICATE_FILE = "cert.pem"
KEY_FILE = "key.pem"


class Role(StrEnum):
    """What a certificate lets its holder do."""

    SCHEDULER = "scheduler"
    VANTAGE = "vantage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One member's certificate, where it lies on this machine.

    Attributes:
        folder: Holds ``ca.pem``, ``cert.pem`` and ``key.pem``.
        name: Of the vantage; ``scheduler`` for the scheduler.
        expires: UTC.
        fleet: 16 hexadecimal digits that name the authority.
    """

    folder: Path
    role: Role
    name: str
    expires: dt.datetime
    fleet: str


def member_folder(folder: Path, role: Role, name: str) -> Path:
    """Where a member's files are made in the fleet's folder."""
    if role is Role.SCHEDULER:
        return folder / SCHEDULER_FOLDER
    return folder / VANTAGES_FOLDER / name


def own_folder(folder: Path, role: Role, name: str) -> Path:
    """A member's own folder: *folder*, or the one in it where it is the fleet's."""
    if (folder / CERTIFICATE_FILE).exists():
        return folder
    inside = member_folder(folder, role, name)
    return inside if inside.is_dir() else folder


def load_identity(folder: Path, now: dt.datetime) -> Identity:
    """Read whose certificate lies in *folder*.

    Raises:
        ConfigError: A file is missing or wrong, the certificate has expired or is of
            another authority, or others may read the key.
        MachineError: The file system refuses.
    """
    certificate = read_certificate(folder / CERTIFICATE_FILE)
    signer = read_certificate(folder / CA_FILE)
    try:
        certificate.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature) as exc:
        problem = f"was not signed by the authority in {CA_FILE}"
        raise ConfigError(str(folder / CERTIFICATE_FILE), problem) from exc
    check_key(folder / KEY_FILE)
    identity = identity_of(folder, certificate, signer)
    if identity.expires <= now:
        problem = f"expired on {identity.expires:%Y-%m-%d}; fleet init makes a new one"
        raise ConfigError(str(folder / CERTIFICATE_FILE), problem)
    return identity


def peer_in(subject: Sequence[Sequence[Sequence[str]]]) -> tuple[Role, str] | None:
    """Role and name in a certificate's subject, as `SSLSocket.getpeercert` has it."""
    said = {pair[0]: pair[1] for names in subject for pair in names}
    unit, name = said.get("organizationalUnitName"), said.get("commonName")
    if unit not in set(Role) or name is None:
        return None
    return Role(unit), name


def identity_of(
    folder: Path, certificate: x509.Certificate, signer: x509.Certificate
) -> Identity:
    """What a certificate in *folder* says; *signer* is its authority.

    Raises:
        ConfigError: It is none that `fleet.authority` makes.
    """
    subject = certificate.subject
    units = subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if not units or not names or units[0].value not in set(Role):
        problem = "is no certificate that fleet init made"
        raise ConfigError(str(folder / CERTIFICATE_FILE), problem)
    return Identity(
        folder=folder,
        role=Role(str(units[0].value)),
        name=str(names[0].value),
        expires=certificate.not_valid_after_utc,
        fleet=signer.fingerprint(hashes.SHA256()).hex()[:16],
    )


def check_key(path: Path) -> None:
    """Refuse a key that is not there, or that others may read.

    Raises:
        ConfigError: It is so.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as exc:
        raise ConfigError(str(path), "is missing") from exc
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        problem = f"may be read by others; say: chmod 600 {path}"
        raise ConfigError(str(path), problem)


def read_certificate(path: Path) -> x509.Certificate:
    """Read a certificate, PEM.

    Raises:
        ConfigError: It is missing or none.
        MachineError: The file system refuses.
    """
    if not path.is_file():
        raise ConfigError(str(path), "is missing; fleet init makes it")
    with machine_errors(path):
        pem = path.read_bytes()
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as exc:
        raise ConfigError(str(path), "is no certificate") from exc
