"""A fleet's certificate authority: it vouches for one fleet and nobody else.

Its key signs members' certificates and is needed nowhere else: it stays where it was
made, and every member's folder goes to that member's machine alone.
"""

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.identity import (
    CA_FILE,
    CERTIFICATE_FILE,
    KEY_FILE,
    Identity,
    Role,
    check_key,
    identity_of,
    member_folder,
    read_certificate,
)
from cloudgauge.store.folder import keep, machine_errors

AUTHORITY_FOLDER = "authority"
DEFAULT_DAYS = 365
_AUTHORITY_LIFETIME = dt.timedelta(days=5 * 365)
# A peer's clock may be behind ours by so much.
_CLOCK_SLACK = dt.timedelta(days=1)
_PEM = serialization.Encoding.PEM
_ORGANISATION = "cloudgauge fleet"


def found_authority(folder: Path, now: dt.datetime) -> bool:
    """Make the fleet's authority in *folder*, unless it is there already.

    Returns:
        Whether it was made.

    Raises:
        ConfigError: Half of an authority is there.
        MachineError: The folder cannot be written.
    """
    place = folder / AUTHORITY_FOLDER
    there = [(place / name).exists() for name in (CA_FILE, KEY_FILE)]
    if all(there):
        return False
    if any(there):
        raise ConfigError(str(place), f"want both {CA_FILE} and {KEY_FILE}, or neither")
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    name = _subject("authority", f"of {now:%Y-%m-%d %H:%M:%S}")
    certificate = (
        _builder(name, name, public, now, now + _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_authority_usage(), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    with machine_errors(place):
        place.mkdir(parents=True, mode=0o700)
        _write(place / KEY_FILE, _key_pem(key), secret=True)
        _write(place / CA_FILE, certificate.public_bytes(_PEM), secret=False)
        keep(place)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A certificate that is to be made.

    Attributes:
        name: Of the vantage; ``scheduler`` for the scheduler.
        days: How long it is valid; never longer than the authority.
        hosts: Names and addresses under which the scheduler is reached.
    """

    role: Role
    name: str
    days: int = DEFAULT_DAYS
    hosts: tuple[str, ...] = ()


def issue(folder: Path, wanted: Wanted, now: dt.datetime) -> Identity:
    """Make a member's folder of key and certificate, signed by the fleet's authority.

    Raises:
        ConfigError: It is there already, or the authority cannot be read or has ended.
        MachineError: The folder cannot be written.
    """
    signer, signer_key = _authority(folder / AUTHORITY_FOLDER)
    place = member_folder(folder, wanted.role, wanted.name)
    if place.exists():
        raise ConfigError(str(place), "is there already; remove it to make it anew")
    ends = min(now + dt.timedelta(days=wanted.days), signer.not_valid_after_utc)
    if ends <= now:
        raise ConfigError(str(folder / AUTHORITY_FOLDER), "is no longer valid")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(wanted, key, signer, signer_key, (now, ends))
    with machine_errors(place):
        place.mkdir(parents=True, mode=0o700)
        _write(place / KEY_FILE, _key_pem(key), secret=True)
        _write(place / CERTIFICATE_FILE, certificate.public_bytes(_PEM), secret=False)
        _write(place / CA_FILE, signer.public_bytes(_PEM), secret=False)
        keep(place)
    return identity_of(place, certificate, signer)


def _signed(
    wanted: Wanted,
    key: ec.EllipticCurvePrivateKey,
    signer: x509.Certificate,
    signer_key: ec.EllipticCurvePrivateKey,
    valid: tuple[dt.datetime, dt.datetime],
) -> x509.Certificate:
    usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if wanted.role is Role.SCHEDULER:
        # OpenSSL refuses a server whose certificate lacks it: no vantage's has it.
        usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
    subject = _subject(wanted.role.value, wanted.name)
    builder = (
        _builder(subject, signer.subject, key.public_key(), *valid)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer_key.public_key()),
            critical=False,
        )
    )
    if wanted.hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in wanted.hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer_key, hashes.SHA256())


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as exc:
        where = "--host"
        raise ConfigError(where, f'want a name or an address, got "{host}"') from exc


def _authority(
    place: Path,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    certificate = read_certificate(place / CA_FILE)
    path = place / KEY_FILE
    check_key(path)
    with machine_errors(path):
        pem = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError as exc:
        raise ConfigError(str(path), "is no private key") from exc
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigError(str(path), "is no key that fleet init made")
    return certificate, key


def _subject(unit: str, name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    begins: dt.datetime,
    ends: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins - _CLOCK_SLACK)
        .not_valid_after(ends)
    )


def _authority_usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, *, secret: bool) -> None:
    """Write a new file; a key is never readable by others, not even for an instant."""
    mode = 0o600 if secret else 0o644
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
