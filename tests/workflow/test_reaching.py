"""The way to targets, from what a user said of it."""

from ipaddress import ip_address
from pathlib import Path

import pytest

from cloudgauge.errors import ConfigError
from cloudgauge.measure.resolver import Address
from cloudgauge.measure.trust import TrustSettings
from cloudgauge.model.run import Vantage
from cloudgauge.workflow.reaching import DEFAULT_CONTACT, Access
from cloudgauge.world.description import Means, Pointer, WorldDescription


def world(*pointers: Pointer) -> WorldDescription:
    return WorldDescription(
        means=Means.LOOPBACK,
        scenario="default",
        scenario_hash="0" * 64,
        seed=1,
        vantage=Vantage(name="lab", latitude_deg=0, longitude_deg=0),
        prefixes=("198.18.0.0/15",),
        ca_file=Path("ca.pem"),
        claim_file=Path("claim"),
        pointers=pointers,
    )


def access(**changes: object) -> Access:
    fields = {"trust": TrustSettings(), "contact": DEFAULT_CONTACT} | changes
    return Access(**fields)  # type: ignore[arg-type]  # by name


def test_names_are_the_owners_unless_a_network_or_a_file_answers_for_them() -> None:
    assert not access().is_private
    assert not access(private_allowed=True).is_private
    assert access(world=world()).is_private
    assert access(hosts_file=Path("hosts")).is_private


def test_loopback_servers_are_found_by_their_pointers(tmp_path: Path) -> None:
    pointer = Pointer(host="a.example", port=443, to_address="127.18.0.1", to_port=8443)
    inside = access(world=world(pointer)).ready()
    assert inside.table == {"a.example": (Address(host="127.18.0.1", port=8443),)}
    # A hosts file is the user's own word, and counts before that.
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.9 b.example\n")
    own = access(world=world(pointer), hosts_file=hosts).ready()
    assert own.table == {"b.example": (Address(host="127.0.0.9"),)}


def test_the_private_networks_addresses_pass_and_no_others() -> None:
    inside = access(world=world()).ready().policy
    assert inside.refusal("198.18.7.1") is None
    assert inside.refusal("10.0.0.1") is not None
    assert ip_address("198.18.7.1").is_private
    assert access().ready().policy.refusal("198.18.7.1") is not None


def test_the_contact_is_told_to_servers_or_refused() -> None:
    assert access().ready().agent.endswith(f"(+{DEFAULT_CONTACT})")
    with pytest.raises(ConfigError, match="--contact: contact must be a URL"):
        access(contact="a b").ready()
