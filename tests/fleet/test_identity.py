"""Certificates: what is made, who may read it, and what is refused."""

import datetime as dt
import ssl
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.fleet.authority import Wanted, found_authority, issue
from cloudgauge.fleet.identity import (
    Identity,
    Role,
    load_identity,
    own_folder,
    peer_in,
)

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def made(folder: Path, name: str = "tokyo", *, days: int = 365) -> Identity:
    found_authority(folder, NOW)
    return issue(folder, Wanted(role=Role.VANTAGE, name=name, days=days), NOW)


def test_a_key_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    identity = made(tmp_path)

    keys = [*tmp_path.rglob("key.pem")]
    assert len(keys) == 2
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}
    assert not (identity.folder / "authority").exists()


def test_a_member_is_read_back_with_role_name_and_expiry(tmp_path: Path) -> None:
    identity = made(tmp_path, days=30)

    assert load_identity(identity.folder, NOW) == identity
    assert (identity.role, identity.name) == (Role.VANTAGE, "tokyo")
    assert identity.expires == NOW + dt.timedelta(days=30)
    assert own_folder(tmp_path, Role.VANTAGE, "tokyo") == identity.folder
    assert own_folder(identity.folder, Role.VANTAGE, "tokyo") == identity.folder
    assert own_folder(tmp_path, Role.VANTAGE, "osaka") == tmp_path


def test_vantages_are_added_later_and_none_is_made_twice(tmp_path: Path) -> None:
    first = made(tmp_path)
    second = made(tmp_path, "osaka")

    assert not found_authority(tmp_path, NOW)
    assert first.fleet == second.fleet
    with pytest.raises(ConfigError, match="tokyo: is there already"):
        made(tmp_path)


def test_nobody_outlives_the_authority(tmp_path: Path) -> None:
    found_authority(tmp_path, NOW)
    wanted = Wanted(role=Role.VANTAGE, name="tokyo")
    late = NOW + dt.timedelta(days=5 * 365 - 1)

    assert issue(tmp_path, wanted, late).expires == NOW + dt.timedelta(days=5 * 365)
    later = Wanted(role=Role.VANTAGE, name="osaka")
    with pytest.raises(ConfigError, match="is no longer valid"):
        issue(tmp_path, later, NOW + dt.timedelta(days=5 * 365))


def test_a_certificate_that_has_expired_is_refused_with_its_date(
    tmp_path: Path,
) -> None:
    identity = made(tmp_path, days=1)

    with pytest.raises(ConfigError, match="expired on 2026-11-23; fleet init makes"):
        load_identity(identity.folder, NOW + dt.timedelta(days=2))


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    identity = made(tmp_path)
    key = identity.folder / "key.pem"
    key.chmod(0o644)

    with pytest.raises(ConfigError, match="may be read by others; say: chmod 600"):
        load_identity(identity.folder, NOW)


def test_a_certificate_of_another_fleet_is_refused(tmp_path: Path) -> None:
    ours, theirs = made(tmp_path / "a"), made(tmp_path / "b")
    (ours.folder / "cert.pem").write_bytes((theirs.folder / "cert.pem").read_bytes())

    with pytest.raises(ConfigError, match="was not signed by the authority"):
        load_identity(ours.folder, NOW)


@pytest.mark.parametrize("name", ["cert.pem", "ca.pem", "key.pem"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    identity = made(tmp_path)
    (identity.folder / name).unlink()

    with pytest.raises(ConfigError, match=f"{name}: is missing"):
        load_identity(identity.folder, NOW)


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    identity = made(tmp_path)
    (identity.folder / "cert.pem").write_text("none")

    with pytest.raises(ConfigError, match=r"cert\.pem: is no certificate"):
        load_identity(identity.folder, NOW)


def test_half_an_authority_is_refused(tmp_path: Path) -> None:
    found_authority(tmp_path, NOW)
    (tmp_path / "authority" / "ca.pem").unlink()

    with pytest.raises(ConfigError, match="or neither"):
        found_authority(tmp_path, NOW)


def test_a_host_that_is_none_is_refused(tmp_path: Path) -> None:
    found_authority(tmp_path, NOW)
    wanted = Wanted(role=Role.SCHEDULER, name="scheduler", hosts=("naïve",))

    with pytest.raises(ConfigError, match="--host: want a name or an address"):
        issue(tmp_path, wanted, NOW)


def test_a_subject_that_we_did_not_make_is_nobody() -> None:
    assert peer_in(()) is None
    assert peer_in(((("commonName", "tokyo"),),)) is None
    subject = ((("organizationalUnitName", "vantage"),), (("commonName", "tokyo"),))
    assert peer_in(subject) == (Role.VANTAGE, "tokyo")


def test_no_vantage_can_pass_for_the_scheduler(tmp_path: Path) -> None:
    vantage, other = made(tmp_path), made(tmp_path, "osaka")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(vantage.folder / "cert.pem", vantage.folder / "key.pem")
    client = ssl.create_default_context(cafile=str(other.folder / "ca.pem"))
    client.check_hostname = False
    toward, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, toward)
    answering = server.wrap_bio(toward, back, server_side=True)

    with pytest.raises(ssl.SSLWantReadError):
        asking.do_handshake()
    with pytest.raises(ssl.SSLWantReadError):
        answering.do_handshake()
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        asking.do_handshake()
