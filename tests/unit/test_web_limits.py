"""web.limits: a bucket empties, fills again evenly, and is everybody's own."""

from datetime import timedelta

import pytest

from monitord.web.limits import Buckets, Rate, network_of

FIVE_A_MINUTE = Rate(5, timedelta(minutes=1))


def test_a_bucket_gives_so_many_and_then_one_at_its_pace() -> None:
    buckets = Buckets(FIVE_A_MINUTE)
    for _ in range(5):
        assert 0 == buckets.wait("ann", 100.0)
        buckets.take("ann", 100.0)

    assert 12 == buckets.wait("ann", 100.0)
    assert 0 == buckets.wait("ann", 112.0)
    assert 0 == buckets.wait("bo", 100.0)


def test_a_bucket_never_holds_more_than_it_may() -> None:
    buckets = Buckets(FIVE_A_MINUTE)
    buckets.take("ann", 0.0)

    assert 5 == buckets.remaining("ann", 9999.0)


def test_only_so_many_keys_are_remembered() -> None:
    buckets = Buckets(FIVE_A_MINUTE)
    for number in range(Buckets.KEYS_MAX + 5):
        buckets.take(number, 0.0)

    assert Buckets.KEYS_MAX == len(buckets.left)


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_household_has_one_network(client: str, network: str) -> None:
    assert network == network_of(client)
