"""Which roots are believed."""

import ssl
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.measure.trust import TrustSettings, make_trust
from tests.fakes.authority import Authority


def hashed_folder(path: Path, authority: Authority) -> Path:
    """A folder as ``openssl rehash`` leaves it, with any hash."""
    path.mkdir()
    (path / "0123abcd.0").write_bytes(authority.ca_file.read_bytes())
    return path


def test_the_users_own_file_is_the_only_one_that_counts(authority: Authority) -> None:
    settings = TrustSettings(ca_file=authority.ca_file, env_file="/nowhere")
    trust = make_trust(settings)
    assert trust.roots.startswith("file ca.pem (certificates: 1, sha256: ")
    assert trust.context.cert_store_stats()["x509"] == 1


def test_the_environments_file_and_folder_go_together(
    authority: Authority, tmp_path: Path
) -> None:
    folder = hashed_folder(tmp_path / "certs", authority)
    settings = TrustSettings(env_file=str(authority.ca_file), env_dir=str(folder))
    trust = make_trust(settings)
    assert trust.roots.startswith("file ca.pem (certificates: 1, sha256: ")
    assert trust.roots.endswith(" and folder certs")


def test_without_a_word_the_systems_roots_or_certifis_are_taken() -> None:
    trust = make_trust(TrustSettings())
    assert trust.roots.split()[0] in {"system", "certifi"}
    assert trust.context.verify_mode is ssl.CERT_REQUIRED


def test_empty_values_of_the_environment_are_no_values() -> None:
    trust = make_trust(TrustSettings(env_file="", env_dir=""))
    assert trust.roots == make_trust(TrustSettings()).roots


def test_names_are_checked_and_old_protocols_refused(authority: Authority) -> None:
    context = make_trust(TrustSettings(ca_file=authority.ca_file)).context
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_the_protocol_that_is_asked_for_is_http_1_1(authority: Authority) -> None:
    context = make_trust(TrustSettings(ca_file=authority.ca_file)).context
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="a.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    assert b"\x08http/1.1" in outgoing.read()


def test_no_path_of_the_machine_is_told(authority: Authority) -> None:
    trust = make_trust(TrustSettings(ca_file=authority.ca_file))
    assert "/" not in trust.roots


@pytest.mark.parametrize("content", [None, "", "no certificate\n"])
def test_a_file_without_certificates_is_the_users_mistake(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "roots.pem"
    if content is not None:
        file.write_text(content)
    problem = "cannot be read" if content is None else "want certificates in PEM form"
    with pytest.raises(ConfigError, match=f"^{file}: {problem}"):
        make_trust(TrustSettings(ca_file=file))
    with pytest.raises(ConfigError, match=f"^SSL_CERT_FILE: {file}: {problem}"):
        make_trust(TrustSettings(env_file=str(file)))


def test_a_folder_without_certificates_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"^SSL_CERT_DIR: {tmp_path}: want a folder"):
        make_trust(TrustSettings(env_dir=str(tmp_path)))
