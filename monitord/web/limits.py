"""The limits of everything that comes in through a door, in one table, and the bucket that counts."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

KIB = 1024

# What one connection may do.
HEADER_BYTES_MAX = 16 * KIB  # request line and headers
REQUEST_WITHIN = 15.0  # seconds from the first byte (or the connection) to the last of a request
IDLE_FOR = 15  # seconds between two requests on one connection
ANSWER_WITHIN = 30.0  # seconds for a client to take what was written before the connection closed
STOP_WITHIN = 3  # seconds for requests in flight when the door closes
CUT_WITHIN = 0.5  # seconds for whatever is still there after that to notice that it is over
LAST_REQUEST_WITHIN = 0.5  # seconds for who is connected when the door closes to say what was on its way

# What one form may be.
FORM_BYTES_MAX = 4 * KIB
FORM_FIELDS_MAX = 20
FORM_WITHIN = 10.0  # seconds for its body
TOKEN_CHARS_MAX = 1024
NOTE_CHARS_MAX = 1000

# What one integration may send at once.
INBOUND_BYTES_MAX = 512 * KIB
SKIPPED_BYTES_MAX = 100 * KIB * KIB  # read of a body whose beginning is all that counts

# How many connections a door holds; the one that has said nothing for longest gives way to a new one.
CONNECTIONS_MAX = {"public": 512, "edge": 256, "ops": 128}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many, refilled evenly over `every`."""

    most: int
    every: timedelta


SUBSCRIPTIONS_PER_NETWORK = Rate(10, timedelta(minutes=10))
SUBSCRIPTIONS_PER_DOMAIN = Rate(100, timedelta(hours=1))
WRONG_NUMBERS_PER_LINK = Rate(5, timedelta(minutes=1))
READS_PER_FEED = Rate(600, timedelta(hours=1))  # a team shares one, and programs ask every few minutes


class Buckets:
    """A token bucket a key; the keys that were used longest ago are forgotten first.

    `monotonic` is seconds on the running clock.
    """

    KEYS_MAX = 10_000

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.pace = rate.every.total_seconds() / rate.most
        self.left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def remaining(self, key: Hashable, monotonic: float) -> float:
        """How many are left for that key now."""
        left, at = self.left.get(key, (float(self.rate.most), monotonic))
        return min(float(self.rate.most), left + (monotonic - at) / self.pace)

    def wait(self, key: Hashable, monotonic: float) -> float:
        """Seconds until the next one is allowed; 0 when it is allowed now."""
        return max(0.0, (1.0 - self.remaining(key, monotonic)) * self.pace)

    def take(self, key: Hashable, monotonic: float) -> None:
        """Count one."""
        self.left[key] = (self.remaining(key, monotonic) - 1.0, monotonic)
        self.left.move_to_end(key)
        while len(self.left) > self.KEYS_MAX:
            self.left.popitem(last=False)


def network_of(client: str) -> str:
    """Whom an address belongs to: itself, or its /64, because a household has one of those."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))
