"""For which addresses browsers make passkeys, and what a challenge is worth."""

import subprocess
import sys

import pytest

from monitord.web.access.limits import CHALLENGE_LASTS, CHALLENGES_SPENT_MAX, CHALLENGES_SPENT_PER_NETWORK
from monitord.web.passkeys.challenges import Challenges, ChallengeStale, Spent
from monitord.web.passkeys.site import Site, Unfit, site_of
from tests.fakes.patience import WITHIN

HOME = "192.0.2.7"


@pytest.mark.parametrize(
    ("url", "name", "origin"),
    [
        ("https://ops.example.org", "ops.example.org", "https://ops.example.org"),
        ("https://ops.example.org/", "ops.example.org", "https://ops.example.org"),
        ("https://Ops.Example.org:443", "ops.example.org", "https://ops.example.org"),
        ("https://ops.example.org:8443", "ops.example.org", "https://ops.example.org:8443"),
        ("https://überwachung.example", "xn--berwachung-8db.example", "https://xn--berwachung-8db.example"),
        ("http://localhost:8082", "localhost", "http://localhost:8082"),
        ("http://ops.localhost", "ops.localhost", "http://ops.localhost"),
    ],
)
def test_a_passkey_is_made_for_the_name_of_the_door(url: str, name: str, origin: str) -> None:
    assert Site(name, origin) == site_of(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:8082", "is an IP address"),
        ("https://192.0.2.7", "is an IP address"),
        ("https://[2001:db8::1]:8443", "is an IP address"),
        ("http://ops.example.org", "has none"),
        ("http://localhost.example.org:8082", "has none"),
    ],
)
def test_where_browsers_make_none_that_is_said_with_what_to_do(url: str, why: str) -> None:
    found = site_of(url)

    assert isinstance(found, Unfit)
    assert f"{url} {why}" in found.why or (why in found.why and url in found.why)
    assert "doors: {ops: {url: https://…}}" in found.why


def test_without_the_extra_that_is_said() -> None:
    """In a process of its own, from which the library is hidden; everything else of the console is there."""
    code = (
        "import sys; sys.modules['webauthn'] = None; import monitord.web.ops_door; "
        "from monitord.web.passkeys.site import site_of; print(site_of('https://ops.example.org').why)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=WITHIN, check=True
    )

    assert "monitord[passkeys]" in said.stdout


def stale(
    challenges: Challenges, challenge: bytes, purpose: str, held: str, at: float, network: str = HOME
) -> bool:
    try:
        challenges.spend(challenge, purpose, held, network, at)
    except ChallengeStale:
        return True
    return False


def test_a_challenge_is_used_once_by_its_browser_for_its_purpose_in_time() -> None:
    challenges = Challenges()
    drawn = challenges.draw("sign in", "a cookie", 100.0)

    assert stale(challenges, drawn, "sign in", "another cookie", 101.0)
    assert stale(challenges, drawn, "add for ann", "a cookie", 101.0)
    assert stale(challenges, drawn, "sign in", "", 101.0)
    assert stale(challenges, drawn, "sign in", "a cookie", 100.0 + CHALLENGE_LASTS)
    assert stale(Challenges(), drawn, "sign in", "a cookie", 101.0), "of another process"
    assert not stale(challenges, drawn, "sign in", "a cookie", 101.0)
    assert stale(challenges, drawn, "sign in", "a cookie", 101.0), "a second time"


@pytest.mark.parametrize("place", range(56))
def test_no_bit_of_a_challenge_can_be_another(place: int) -> None:
    challenges = Challenges()
    drawn = bytearray(challenges.draw("sign in", "a cookie", 0.0))
    drawn[place] ^= 1

    assert stale(challenges, bytes(drawn), "sign in", "a cookie", 1.0)
    assert stale(challenges, bytes(drawn[:place]), "sign in", "a cookie", 1.0)


def test_no_two_challenges_are_the_same() -> None:
    challenges = Challenges()

    assert 100 == len({challenges.draw("sign in", "a cookie", 0.0) for _ in range(100)})


def test_what_was_used_is_remembered_as_long_as_it_could_be_used_again() -> None:
    challenges = Challenges()
    for second in range(1000):
        drawn = challenges.draw("sign in", "a cookie", float(second))
        challenges.spend(drawn, "sign in", "a cookie", HOME, float(second))

    assert CHALLENGE_LASTS == len(challenges.spent)


def test_when_more_are_used_than_can_be_remembered_the_next_is_refused() -> None:
    challenges = Challenges(key=b"a key of this test")
    spent = Spent(1000.0, "203.0.113.9")
    challenges.spent.update((each.to_bytes(24), spent) for each in range(CHALLENGES_SPENT_MAX))
    drawn = challenges.draw("sign in", "a cookie", 800.0)

    assert stale(challenges, drawn, "sign in", "a cookie", 801.0)
    assert not stale(challenges, drawn, "sign in", "a cookie", 1000.0)


def test_a_network_uses_up_only_its_own_share() -> None:
    challenges = Challenges()

    def late(network: str, at: float) -> bool:
        drawn = challenges.draw("sign in", "a cookie", at)
        return stale(challenges, drawn, "sign in", "a cookie", at, network)

    many = [late("203.0.113.9", 0.0) for _ in range(CHALLENGES_SPENT_PER_NETWORK + 1)]

    assert [False] * CHALLENGES_SPENT_PER_NETWORK + [True] == many
    assert not late(HOME, 1.0), "somebody elsewhere comes in"
    assert not late("203.0.113.9", CHALLENGE_LASTS), "and so do they when their time is over"
    assert {HOME: 1, "203.0.113.9": 1} == challenges.shares


def test_what_opens_a_challenge_is_not_shown() -> None:
    assert "a key of this test" not in repr(Challenges(key=b"a key of this test"))
