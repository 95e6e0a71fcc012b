"""Egress: which addresses are public, and who may be sent where."""

import pytest

from monitord.net.egress import EgressError, Guard, Reach, is_public, networks

FARTHER = (Reach.PUBLIC, Reach.NEAR, Reach.ANYWHERE)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:db8::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.32.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "64:ff9b::1.1.1.1",
        "2002:101:101::1",
        "::ffff:1.1.1.1",
    ],
)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("address", "reach", "admitted"),
    [
        ("1.1.1.1", Reach.PUBLIC, True),
        ("10.0.0.1", Reach.PUBLIC, False),
        ("10.0.0.1", Reach.NEAR, True),
        ("10.0.0.1", Reach.ANYWHERE, True),
        ("192.168.7.7", Reach.PUBLIC, True),
        ("::ffff:192.168.7.7", Reach.PUBLIC, True),
        ("fd00:7::7", Reach.PUBLIC, True),
        ("169.254.169.254", Reach.NEAR, False),
        ("::ffff:169.254.169.254", Reach.NEAR, False),
        ("fe80::1%eth0", Reach.NEAR, False),
        ("169.254.169.254", Reach.ANYWHERE, True),
    ],
)
def test_the_guard_admits(address: str, reach: Reach, admitted: bool) -> None:
    guard = Guard(networks(("192.168.7.0/24", "fd00:7::/32")))

    assert admitted is guard.admits(address, reach)


METADATA = (
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::ffff:168.63.129.16",
    "64:ff9b::100.100.100.200",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fd20:ce::254%eth0",
    "fd00:c1::a9fe:a9fe",
    "fd00:a9fe:a9fe::1",
    "fd00:42::42",
)


@pytest.mark.parametrize("address", METADATA)
def test_nobody_is_sent_to_what_a_cloud_says_of_its_machines(address: str) -> None:
    guard = Guard()

    assert [False, False, True] == [guard.admits(address, reach) for reach in FARTHER]
    with pytest.raises(EgressError, match="refuses the private address"):
        guard.admitted([address], Reach.NEAR)


def test_what_a_cloud_says_is_reached_where_the_configuration_names_it() -> None:
    guard = Guard(networks(("168.63.129.16", "fd00:ec2::/32")))

    assert guard.admits("168.63.129.16", Reach.PUBLIC) and guard.admits("fd00:ec2::254", Reach.NEAR)


@pytest.mark.parametrize(("address", "reach"), [("1.1.1.1", Reach.PUBLIC), ("10.0.0.1", Reach.NEAR)])
def test_how_far_somebody_may_send_us_depends_on_where_they_are(address: str, reach: Reach) -> None:
    assert reach is Guard().onward(address)
