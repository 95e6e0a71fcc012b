"""The egress guard: which addresses we may reach, and on whose word.

Targets named in files are the administrator's will and may be anywhere. Where a stranger chooses the
address (a redirect, something that came through the API), only public addresses are reached, and private
ones on the allow-list. The question is asked about every address at connect time, so that a name cannot
change its mind in between.

`ipaddress.is_private` is not asked: it is False for 100.64/10, NAT64, 6to4, `::127.0.0.1` and 224/4. The
tables are the special-purpose registries of IANA (RFC 6890 and its updates) instead.

Where clouds hand out their machines' credentials nobody is sent, however near: not all of these addresses are
link-local, and Azure's is a public one. They are from the providers' pages: Amazon's "Supporting Amazon VPC
services" (`fd00:ec2::/32` is theirs), Google's "View and query VM metadata", Microsoft's "What is IP address
168.63.129.16?", Alibaba's "Instance metadata", Oracle's "Getting Instance Metadata" and, for Compute Classic,
"Retrieving Instance Metadata", Akamai's "Metadata service API", and Scaleway's as cloud-init asks it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local: metadata of clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
GLOBAL_V6 = IPv6Network("2000::/3")
SPECIAL_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, ORCHID …
            "2001:db8::/32",  # documentation
            "3fff::/20",
        ),
    )
)
LINK_LOCAL: tuple[Network, ...] = (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10"))
METADATA: tuple[Network, ...] = (
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("168.63.129.16/32"),  # Azure
    IPv4Network("192.0.0.192/32"),  # Oracle, Compute Classic
    IPv6Network("fd00:ec2::/32"),  # Amazon
    IPv6Network("fd20:ce::254/128"),  # Google
    IPv6Network("fd00:c1::a9fe:a9fe/128"),  # Oracle
    IPv6Network("fd00:a9fe:a9fe::1/128"),  # Akamai
    IPv6Network("fd00:42::42/128"),  # Scaleway
)

# Where an IPv4 address hides in an IPv6 one: the network, and how many bits stand to the right of it.
EMBEDDING = (
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("2002::/16"), 80),  # 6to4
)


class Reach(Enum):
    """How far a connection may go, by whose word it is made."""

    ANYWHERE = "anywhere"  # named in a file
    NEAR = "near"  # a stranger's, on the way from a private address: not LINK_LOCAL, not METADATA
    PUBLIC = "public"  # a stranger's word


class EgressError(OSError):
    """The guard does not let us go there."""

    def __init__(self, address: str) -> None:
        super().__init__(f"the egress guard refuses the private address {address}")
        self.address = address


def parse(address: str) -> Address:
    """An address as a value, without its zone; an IPv4 address inside an IPv6 one comes out."""
    value = ip_address(address.partition("%")[0])
    if isinstance(value, IPv4Address):
        return value
    for network, shift in EMBEDDING:
        if value in network:
            return IPv4Address((int(value) >> shift) & 0xFFFFFFFF)
    return value


def inside(value: Address, networks: tuple[Network, ...]) -> bool:
    return any(value in network for network in networks)


def is_public(address: str) -> bool:
    """Whether the address (text, IPv4 or IPv6) is one of the public internet's."""
    value = parse(address)
    if isinstance(value, IPv4Address):
        return not inside(value, SPECIAL_V4)
    return value in GLOBAL_V6 and not inside(value, SPECIAL_V6)


def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """An allow-list from its texts (`10.1.2.0/24`, `fd00::/8`, a single address)."""
    return tuple(ip_network(text) for text in texts)


@dataclass(frozen=True, slots=True)
class Guard:
    """Decides about one address at a time; `allow` are the private networks strangers may send us to."""

    allow: tuple[Network, ...] = ()
    public: Callable[[str], bool] = is_public

    def admits(self, address: str, reach: Reach) -> bool:
        """Whether a connection of this reach may go to the address."""
        value = parse(address)
        if reach is Reach.ANYWHERE or inside(value, self.allow):
            return True
        if inside(value, METADATA):
            return False
        return self.public(address) or (reach is Reach.NEAR and not inside(value, LINK_LOCAL))

    def admitted(self, addresses: list[str], reach: Reach) -> list[str]:
        """The addresses of a name that a connection may go to; EgressError if there is none."""
        if reach is Reach.ANYWHERE:
            return addresses
        admitted = [address for address in addresses if self.admits(address, reach)]
        if not admitted:
            raise EgressError(addresses[0])
        return admitted

    def onward(self, address: str) -> Reach:
        """How far somebody at this address may send us."""
        return Reach.PUBLIC if self.public(address) else Reach.NEAR
