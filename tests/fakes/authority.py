"""A throw-away certificate authority, and servers' certificates of all kinds."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM
_DAY = dt.timedelta(days=1)


class Authority:
    """Issues certificates; its own is in `ca_file`."""

    def __init__(self, folder: Path, *, name: str = "Throw-away CA") -> None:
        self._folder = folder
        self._issued = 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        certificate = (
            _builder(self._name, self._name, self._key.public_key(), valid_days=30)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)  # noqa: FBT003 - theirs
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(certificate.public_bytes(_PEM))

    def server_context(
        self,
        *names: str,
        valid_days: int = 30,
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        tickets: int = 2,
    ) -> ssl.SSLContext:
        """A server's context; negative *valid_days* make an expired certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name(names[0]), self._name, key.public_key(), valid_days)
            .add_extension(x509.SubjectAlternativeName(list(map(_san, names))), False)  # noqa: FBT003 - theirs
            .sign(self._key, hashes.SHA256())
        )
        self._issued += 1
        file = self._folder / f"server-{self._issued}.pem"
        file.write_bytes(
            key.private_bytes(
                _PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(_PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        context.minimum_version = context.maximum_version = version
        context.num_tickets = tickets
        return context


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    valid_days: int,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 40 * _DAY)
        .not_valid_after(now + valid_days * _DAY)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _san(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
