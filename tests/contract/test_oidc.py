"""Signing in at a provider: a real OpenID server, which does right, is down, is slow, is huge, and lies."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import pytest_asyncio
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr

from monitord.config.settings import Oidc
from monitord.engine.clock import VirtualClock
from monitord.net import Guard, Net
from monitord.store import tables
from monitord.store.accounts import Accounts
from monitord.web.console.visit import Entry
from monitord.web.ops.oidc_limits import ANSWER_WITHIN, ATTEMPT_LASTS, FAILED_FOR, KEPT_FOR, KEYS_AGAIN_AFTER
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from tests.contract.test_signing import Browser
from tests.fakes.daemon import until
from tests.fakes.night import night
from tests.fakes.provider import (
    CLIENT,
    DISCOVERY,
    SECRET,
    Instead,
    Provider,
    endless,
    hanging_up,
    provider,
    saying,
    silent,
)
from tests.fakes.shop import logbook
from tests.fakes.visitor import Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

URL = "https://ops.example.org"
BACK = f"{URL}/sign-in/provider/back"
ALERT = re.compile(r'role="alert">([^<]*)</p>')
ANN = {"email": "ann@example.org", "email_verified": True, "preferred_username": "ann"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sources(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sources]:
    async with night(tmp_path_factory.mktemp("night") / "store") as made:
        yield made


@pytest.fixture
def it(sources: Sources) -> Iterator[Provider]:
    with provider(BACK, sources.clock.now) as running:
        running.people["ann"] = ANN
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def door(sources: Sources, it: Provider) -> AsyncIterator[OpsDoor]:
    net = Net(now=sources.clock.now)
    made = ops_app(sources, logbook()[0], Entry(URL, b"a secret of this test"))
    made.offer(said(it), net)
    yield made
    await net.close()


@pytest.fixture
def browser(door: OpsDoor) -> Browser:
    return Browser(door)


def said(it: Provider, claim: str = "email", secret: str = SECRET) -> Oidc:
    return Oidc("Example Login", it.url, CLIENT, SecretStr(secret), claim)


def pass_time(door: OpsDoor, seconds: float) -> None:
    assert isinstance(door.clock, VirtualClock)
    door.clock.passed += seconds


async def out(browser: Browser, back: str = "/tickets/3") -> str:
    """Where the browser is sent to."""
    reply = await browser.get(f"/sign-in/provider?next={back}")
    assert 303 == reply.status, reply.text
    return reply.headers["location"]


async def there_and_back(browser: Browser, it: Provider, name: str = "ann") -> Reply:
    """Somebody signs in there, and comes back."""
    location = it.sign_in(await out(browser), name)
    return await browser.get(location.removeprefix(URL))


async def nobody_was_signed_in(browser: Browser, reply: Reply, status: int, words: str) -> None:
    assert status == reply.status, reply.text
    (said,) = ALERT.findall(unescape(reply.text))
    assert words in said
    assert "With a password" in reply.text, "there are other ways in"
    assert 303 == (await browser.get("/tickets/3")).status


# What goes well.


async def test_whoever_signs_in_there_is_signed_in_here(browser: Browser, it: Provider) -> None:
    page = await browser.get("/sign-in?next=/tickets/3")
    before = browser.cookie
    reply = await there_and_back(browser, it)

    assert "Sign in with Example Login" in page.text
    assert (303, "/tickets/3") == (reply.status, reply.headers["location"])
    assert "cards is down" in (await browser.get("/tickets/3")).text
    assert before != browser.cookie


async def test_a_browser_that_was_never_here_may_begin_at_the_provider(
    browser: Browser, it: Provider
) -> None:
    assert "" == browser.cookie
    await there_and_back(browser, it)

    assert "cards is down" in (await browser.get("/tickets/3")).text


async def test_what_somebody_may_is_said_by_the_configuration_alone(browser: Browser, it: Provider) -> None:
    it.claims = {"roles": ["administrator"], "groups": ["administrators"]}
    await there_and_back(browser, it)

    assert 403 == (await browser.get("/audit")).status


async def test_signing_out_ends_our_session(browser: Browser, it: Provider) -> None:
    await there_and_back(browser, it)
    done = await browser.fill_in("/account", "/sign-out")

    assert (303, "/sign-in") == (done.status, done.headers["location"])
    assert 303 == (await browser.get("/tickets/3")).status


async def test_who_came_in_how_is_in_the_access_log(browser: Browser, it: Provider, sources: Sources) -> None:
    it.people["eve"] = {"email": "eve@example.org", "email_verified": True}
    await there_and_back(browser, it)
    await there_and_back(Browser(browser.door), it, "eve")

    assert {
        ("ann", "signed in by Example Login"),
        ("eve@example.org", "was not let in by Example Login"),
    } <= await access_log(sources)


async def access_log(sources: Sources) -> set[tuple[str, str]]:
    def lines(accounts: Accounts) -> set[tuple[str, str]]:
        with accounts.database.transaction() as connection:
            return {(row.who, row.did) for row in connection.execute(tables.access_log.select())}

    return await sources.store.access(lines)


async def test_the_provider_wants_the_secret_in_the_body(browser: Browser, it: Provider) -> None:
    it.method = "client_secret_post"

    assert 303 == (await there_and_back(browser, it)).status


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
async def test_other_signatures_that_prove_something_will_do(
    browser: Browser, it: Provider, algorithm: str
) -> None:
    it.algorithm = algorithm
    if algorithm == "ES256":
        it.rotate("elliptic", ECKey, "P-256")

    assert 303 == (await there_and_back(browser, it)).status


async def test_what_the_token_does_not_say_is_asked_for(browser: Browser, it: Provider) -> None:
    it.in_token = ()

    assert 303 == (await there_and_back(browser, it)).status
    assert 1 == it.asked["/userinfo"]


async def test_another_claim_may_be_an_id_or_a_mail_address(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    door.offer(said(it, "preferred_username"), Net(now=door.clock.now))
    it.people["bo"] = {"preferred_username": "BO@example.org"}

    assert [303, 303] == [(await there_and_back(Browser(door), it, each)).status for each in ("ann", "bo")]


async def test_where_it_is_and_its_keys_are_asked_for_once(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    for _ in range(3):
        await there_and_back(Browser(door), it)
    asked = dict(it.asked)
    pass_time(door, KEPT_FOR)
    await there_and_back(Browser(door), it)

    assert (1, 1) == (asked[DISCOVERY], asked["/keys"])
    assert (2, 2) == (it.asked[DISCOVERY], it.asked["/keys"])


async def test_a_new_key_is_asked_for_once(door: OpsDoor, browser: Browser, it: Provider) -> None:
    await there_and_back(Browser(door), it)
    pass_time(door, KEYS_AGAIN_AFTER)
    it.rotate("second")
    first = await there_and_back(Browser(door), it)
    old, it.published = it.published, []
    it.rotate("third")
    it.published = old
    unknown = [await there_and_back(Browser(door), it) for _ in range(3)]

    assert (303, [403, 403, 403]) == (first.status, [each.status for each in unknown])
    assert 2 == it.asked["/keys"], "not at every token that names a key which nobody knows"


# Who is not let in.


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"email": "eve@example.org", "email_verified": True}, "knows you as eve@example.org"),
        ({"email": "ann@example.org"}, "has not verified that ann@example.org is yours"),
        ({"email": "ann@example.org", "email_verified": False}, "has not verified"),
        ({"email": "ann@example.org", "email_verified": "yes"}, "has not verified"),
        ({"email": ["ann@example.org"], "email_verified": True}, "does not say your `email`"),
        ({"email": "ann", "email_verified": True}, "knows you as ann, which nobody here has"),
        ({"email_verified": True}, "does not say your `email`"),
        ({"email": "", "email_verified": True}, "does not say your `email`"),
    ],
)
async def test_only_people_of_the_tree_with_a_verified_address_come_in(
    browser: Browser, it: Provider, claims: dict[str, Any], why: str
) -> None:
    it.people["eve"] = claims

    await nobody_was_signed_in(browser, await there_and_back(browser, it, "eve"), 403, why)


async def test_an_address_that_two_people_share_is_nobodys(
    browser: Browser, it: Provider, sources: Sources
) -> None:
    before = sources.configuration
    people = before.people
    shared = {**people, "bo": replace(people["bo"], reach=people["ann"].reach)}
    sources.world.accept(replace(before, people=shared))
    try:
        reply = await there_and_back(browser, it)
        await nobody_was_signed_in(browser, reply, 403, "which two people here have")
    finally:
        sources.world.accept(before)


async def test_whoever_says_no_there_is_told_so(browser: Browser, it: Provider) -> None:
    location = it.sign_in(await out(browser), "")
    reply = await browser.get(location.removeprefix(URL))

    await nobody_was_signed_in(browser, reply, 403, "Example Login said access_denied")


# What a token may not be.

HOUR = 3600


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another"}, "aud"),
        ({"aud": ["another", CLIENT]}, "azp"),
        ({"aud": None}, "aud"),
        ({"iss": "https://evil.example.org"}, "iss"),
        ({"iss": None}, "iss"),
        ({"nonce": "of somebody else"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": None}, "exp"),
        ({"exp": "never"}, "exp"),
        ({"sub": None}, "sub"),
        ({"at_hash": "x"}, "at_hash"),
    ],
)
async def test_a_token_that_is_not_for_us_and_now_proves_nothing(
    browser: Browser, it: Provider, claims: dict[str, Any], why: str
) -> None:
    it.claims = claims
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 403, "sent a token that will not do")
    assert why in reply.text


@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (-61, 403), (-HOUR, 403)])
async def test_an_expired_token_has_a_minute_of_grace_for_clocks(
    browser: Browser, it: Provider, seconds: int, status: int
) -> None:
    it.claims = {"exp": int(it.now().timestamp()) + seconds}

    assert status == (await there_and_back(browser, it)).status


async def test_a_token_from_the_future_proves_nothing(browser: Browser, it: Provider) -> None:
    it.claims = {"iat": int(it.now().timestamp()) + HOUR}

    await nobody_was_signed_in(
        browser, await there_and_back(browser, it), 403, "The token was issued in the future"
    )


async def test_an_unsigned_token_proves_nothing(browser: Browser, it: Provider) -> None:
    it.algorithm = "none"
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 403, "an algorithm that proves nothing (none)")


async def test_a_public_key_is_no_shared_secret(browser: Browser, it: Provider) -> None:
    it.algorithm = "HS256"
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 403, "an algorithm that proves nothing (HS256)")


async def test_a_token_of_another_key_proves_nothing(browser: Browser, it: Provider) -> None:
    it.key = RSAKey.generate_key(2048, {"kid": "first"}, private=True)
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 403, "bad_signature")


async def test_what_is_asked_for_must_be_about_the_same_person(browser: Browser, it: Provider) -> None:
    it.in_token, it.told = (), {"userinfo": {"sub": "bo"}}
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 403, "is about somebody else")


# Whose attempt it is.


async def test_a_way_back_in_another_browser_is_worth_nothing(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    other = Browser(door)
    await other.get("/sign-in")
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)

    for stranger in (other, Browser(door)):
        await nobody_was_signed_in(stranger, await stranger.get(back), 403, "too old, or its cookie")
    assert 0 == it.asked["/token"], "the code was not even tried"


async def test_a_way_back_works_once(browser: Browser, it: Provider) -> None:
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)
    first, again = await browser.get(back), await browser.get(back)

    assert (303, 403) == (first.status, again.status)


async def test_a_changed_state_is_worth_nothing(browser: Browser, it: Provider) -> None:
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)
    mark = back.rpartition("state=")[2]
    for other in (mark[:-1] + "0", mark[1:], "", "a.b.c.d", "x" * 5000, mark.replace(".", ".9", 1)):
        reply = await browser.get(back.replace(mark, other))
        assert 403 == reply.status or other == mark, other


async def test_an_attempt_ends_after_a_quarter_of_an_hour(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)
    pass_time(door, ATTEMPT_LASTS.total_seconds())

    await nobody_was_signed_in(browser, await browser.get(back), 403, "too old")


async def test_looking_ahead_signs_nobody_in(browser: Browser, it: Provider) -> None:
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)
    looked = await browser.get(back, method="HEAD")

    assert 200 == looked.status
    assert 0 == it.asked["/token"]
    assert 303 == (await browser.get(back)).status


async def test_nobody_is_led_elsewhere_afterwards(browser: Browser, it: Provider) -> None:
    location = it.sign_in(await out(browser, "https://evil.example.org/"), "ann")
    reply = await browser.get(location.removeprefix(URL))

    assert (303, "/") == (reply.status, reply.headers["location"])


async def test_another_providers_way_back_is_not_taken(browser: Browser, it: Provider) -> None:
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)
    reply = await browser.get(f"{back}&iss=https://evil.example.org")

    await nobody_was_signed_in(browser, reply, 403, "is not who sent you back here")


async def test_a_code_that_is_not_the_providers_is_refused_in_its_words(
    browser: Browser, it: Provider
) -> None:
    back = it.sign_in(await out(browser), "ann").removeprefix(URL)
    code = back.partition("code=")[2].partition("&")[0]
    reply = await browser.get(back.replace(code, "guessed"))

    await nobody_was_signed_in(browser, reply, 503, "Example Login answered 400 (invalid_grant)")


async def test_a_wrong_secret_is_refused_in_the_providers_words(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    door.offer(said(it, secret="another"), Net(now=door.clock.now))
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 503, "Example Login answered 401 (invalid_client)")


async def test_a_code_needs_the_verifier_of_its_attempt(browser: Browser, it: Provider) -> None:
    """A code that was stolen on its way, used in an attempt of the thief's own."""
    stolen = it.sign_in(await out(browser), "ann").partition("code=")[2].partition("&")[0]
    it.people["eve"] = ANN
    eve = Browser(browser.door)
    mine = it.sign_in(await out(eve), "eve").removeprefix(URL)
    code = mine.partition("code=")[2].partition("&")[0]
    reply = await eve.get(mine.replace(code, stolen))

    await nobody_was_signed_in(eve, reply, 503, "answered 400 (invalid_grant)")


# A provider that fails.

Fault = Callable[[Provider], Instead]
FAULTS: dict[str, tuple[Fault, str]] = {
    "hangs up": (lambda it: hanging_up, "closed the connection"),
    "is huge": (lambda it: endless, "answers with more than 256 KiB"),
    "fails": (lambda it: saying(500, {}), "answered 500"),
    "moves": (lambda it: saying(302, b"", location="http://169.254.169.254/"), "answered 302"),
    "is no JSON": (lambda it: saying(200, b"<html>"), "something else than expected"),
    "is a list": (lambda it: saying(200, []), "something else than expected"),
    "is nested": (lambda it: saying(200, b'{"x":' + b"[" * 90_000), "something else than expected"),
    "is empty": (lambda it: saying(200, b""), "something else than expected"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token", "/userinfo"])
async def test_a_provider_that_fails_is_said_and_nobody_is_in(
    browser: Browser, it: Provider, path: str, fault: str
) -> None:
    made, words = FAULTS[fault]
    it.instead[path], it.in_token = made(it), ()
    reply = await browser.get("/sign-in/provider")
    if reply.status == 303:
        back = it.sign_in(reply.headers["location"], "ann")
        reply = await browser.get(back.removeprefix(URL))

    await nobody_was_signed_in(browser, reply, 503, words)


async def test_a_silent_provider_costs_seconds_and_holds_up_nobody(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    it.instead[DISCOVERY] = silent(it)
    waiting = asyncio.ensure_future(browser.get("/sign-in/provider"))  # noqa: TID251 - a browser that waits
    await until(lambda: it.asked[DISCOVERY])
    others = await Browser(door).get("/sign-in")
    await door.clock.advance(timedelta(seconds=ANSWER_WITHIN))  # type: ignore[attr-defined]

    assert 200 == others.status
    await nobody_was_signed_in(browser, await waiting, 503, "did not answer within 5 s")


async def test_a_provider_that_is_down_is_asked_again_after_a_moment(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    it.instead[DISCOVERY] = hanging_up
    down = [(await Browser(door).get("/sign-in/provider")).status for _ in range(3)]
    asked = it.asked[DISCOVERY]
    del it.instead[DISCOVERY]
    pass_time(door, FAILED_FOR)

    assert ([503, 503, 503], 1) == (down, asked)
    assert 303 == (await there_and_back(browser, it)).status


async def test_nobody_listens_there(door: OpsDoor, browser: Browser) -> None:
    gone = Oidc("Example Login", "http://127.0.0.1:9", CLIENT, SecretStr(SECRET))
    door.offer(gone, Net(now=door.clock.now))
    reply = await browser.get("/sign-in/provider")

    await nobody_was_signed_in(browser, reply, 503, "Example Login refused the connection")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"issuer": "https://evil.example.org"}, "calls itself https://evil.example.org"),
        ({"issuer": None}, "calls itself None"),
        ({"token_endpoint": None}, "says no token_endpoint that can be asked"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "says no authorization_endpoint"),
        ({"authorization_endpoint": "https://x.example.org/?a=%zz b"}, "says no authorization_endpoint"),
        ({"jwks_uri": 5}, "says no jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "says no jwks_uri"),
    ],
)
async def test_a_provider_that_says_nonsense_of_itself_is_not_asked(
    browser: Browser, it: Provider, told: dict[str, Any], words: str
) -> None:
    it.told = told

    await nobody_was_signed_in(browser, await browser.get("/sign-in/provider"), 503, words)


async def test_a_provider_may_not_send_us_where_strangers_may_not(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    door.offer(said(it), Net(Guard(public=lambda address: address == "127.0.0.1"), now=door.clock.now))
    it.told = {"token_endpoint": "http://169.254.169.254/latest/meta-data"}
    reply = await there_and_back(browser, it)

    await nobody_was_signed_in(browser, reply, 503, "leads to the private address 169.254.169.254")


async def test_keys_that_are_none_are_left_out(browser: Browser, it: Provider) -> None:
    it.published = ["x", {"kty": "oct", "kid": "first", "k": "AAAA"}, {"kid": "x"}, *it.published]  # type: ignore[list-item]

    assert 303 == (await there_and_back(browser, it)).status


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "RSA", "n": "!!", "e": 5},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA"},
        {"kty": "EC", "crv": "nope", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": []},
    ],
)
async def test_a_key_that_is_nonsense_proves_nothing(
    browser: Browser, it: Provider, key: dict[str, Any]
) -> None:
    it.published = [{"kid": "first", **key}]

    await nobody_was_signed_in(browser, await there_and_back(browser, it), 403, "sent a token that")


@pytest.mark.parametrize("methods", [5, "client_secret_basic", {}, [5]])
async def test_ways_to_show_the_secret_may_be_nonsense(browser: Browser, it: Provider, methods: Any) -> None:
    it.told = {"token_endpoint_auth_methods_supported": methods}

    assert (await there_and_back(browser, it)).status in (303, 503)


async def test_a_long_way_back_is_kept(browser: Browser, it: Provider) -> None:
    long = "/tickets?words=" + "%C3%A4" * 400
    location = it.sign_in(await out(browser, long), "ann")
    reply = await browser.get(location.removeprefix(URL))

    assert (303, True) == (reply.status, reply.headers["location"].startswith("/tickets?words="))


async def test_whoever_comes_back_too_often_waits(door: OpsDoor, browser: Browser, it: Provider) -> None:
    location = it.sign_in(await out(browser), "ann").removeprefix(URL)
    code = location.partition("code=")[2].partition("&")[0]
    wrong = location.replace(code, "guessed")
    statuses = [(await browser.get(wrong)).status for _ in range(61)]

    assert [503] * 60 + [429] == statuses
    elsewhere = Browser(door, client="192.0.2.44")
    assert 303 == (await there_and_back(elsewhere, it)).status


# When there is none.


async def test_without_a_provider_there_is_no_such_way(door: OpsDoor, browser: Browser) -> None:
    door.offer(None, Net(now=door.clock.now))
    page, reply = await browser.get("/sign-in"), await browser.get("/sign-in/provider")

    assert "Sign in with Example" not in page.text
    assert (404, 404) == (reply.status, (await browser.get("/sign-in/provider/back?state=x&code=y")).status)


async def test_a_reload_keeps_what_was_heard_of_the_same_provider(
    door: OpsDoor, browser: Browser, it: Provider
) -> None:
    await there_and_back(browser, it)
    before = door.console.elsewhere.provider
    door.offer(said(it), Net(now=door.clock.now))
    same = door.console.elsewhere.provider
    door.offer(said(it, "sub"), Net(now=door.clock.now))

    assert before is same
    assert "sub" == door.console.elsewhere.provider.said.claim  # type: ignore[union-attr]


async def test_no_secret_is_shown(door: OpsDoor, it: Provider, browser: Browser) -> None:
    log, lines = logbook()
    door.console.elsewhere.log = log
    it.claims = {"nonce": "x"}
    reply = await there_and_back(browser, it)

    assert SECRET not in repr(door.console.elsewhere.provider.said)  # type: ignore[union-attr]
    for secret in (SECRET, *it.tokens):
        assert secret not in reply.text + repr(lines)
