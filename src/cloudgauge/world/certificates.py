"""A throw-away certificate authority, and leaves for every host it vouches for."""

import datetime as dt
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloudgauge.world.site import Fault, Site

_LIFETIME = dt.timedelta(days=7)
_CLOCK_SLACK = dt.timedelta(days=1)
# What a name of at most 64 characters is for: longer ones are only in the SAN.
_COMMON_NAME_LIMIT = 64


class Authority:
    """Signs leaves; the private key never leaves memory.

    Every leaf has the same key of its own kind, P-256 as most clouds use: making
    one key for each of some hundred hosts would only cost start-up time.
    """

    def __init__(self, name: str, now: dt.datetime) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._now = now
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(
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
        public = self._key.public_key()
        self._certificate = (
            self._builder(self._name, public, now + _LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(public), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )

    def root_pem(self) -> bytes:
        """The root's certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def leaf_pem(self, host: str, *, expired: bool = False) -> bytes:
        """Private key, certificate and root for *host*."""
        common = [x509.NameAttribute(NameOID.COMMON_NAME, host[:_COMMON_NAME_LIMIT])]
        ends = self._now + (-_CLOCK_SLACK / 2 if expired else _LIFETIME)
        public = self._leaf_key.public_key()
        leaf = (
            self._builder(x509.Name(common), public, ends)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
            )
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
            .add_extension(
                x509.BasicConstraints(ca=False, path_length=None), critical=True
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    self._key.public_key()
                ),
                critical=False,
            )
            .sign(self._key, hashes.SHA256())
        )
        key = self._leaf_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key + leaf.public_bytes(serialization.Encoding.PEM) + self.root_pem()

    def _builder(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        ends: dt.datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _CLOCK_SLACK)
            .not_valid_after(ends)
        )


class Trust:
    """TLS contexts of all sites, made when first needed and kept."""

    def __init__(self, now: dt.datetime) -> None:
        self._known = Authority("cloudgauge private network", now)
        self._unknown = Authority("cloudgauge authority that nobody trusts", now)
        self._contexts: dict[tuple[str, Fault], ssl.SSLContext] = {}

    def write_root(self, path: Path) -> None:
        """Write the root that the programs inside are to trust."""
        path.write_bytes(self._known.root_pem())

    def context(self, site: Site, fault: Fault) -> ssl.SSLContext:
        """The context of a site, honest or with a bad certificate."""
        key = (site.host, fault)
        if key not in self._contexts:
            self._contexts[key] = server_context(
                self._leaf(site.host, fault), newest_tls=site.conduct.newest_tls
            )
        return self._contexts[key]

    def _leaf(self, host: str, fault: Fault) -> bytes:
        match fault:
            case Fault.CERTIFICATE_NAME:
                return self._known.leaf_pem("another-host.invalid")
            case Fault.CERTIFICATE_EXPIRED:
                return self._known.leaf_pem(host, expired=True)
            case Fault.CERTIFICATE_UNKNOWN:
                return self._unknown.leaf_pem(host)
            case _:
                return self._known.leaf_pem(host)


BAD_CERTIFICATES = frozenset(
    {Fault.CERTIFICATE_NAME, Fault.CERTIFICATE_EXPIRED, Fault.CERTIFICATE_UNKNOWN}
)


def server_context(pem: bytes, *, newest_tls: str) -> ssl.SSLContext:
    """A server's context from key, certificate and chain; TLS from 1.2 on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if newest_tls == "1.2":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # OpenSSL reads a chain from a file only; this one lives for the call.
    with tempfile.NamedTemporaryFile(prefix="cloudgauge-") as file:
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
