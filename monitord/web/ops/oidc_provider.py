"""A provider of OpenID Connect: where it is to be asked, by which keys it signs, what it says of a person.

Theory of operation. The issuer is what the administrator wrote; every other address is the provider's
word, so the egress guard is asked about it, and it must be encrypted if the issuer is. Each answer has a
deadline and a size, no redirect is followed, and nothing is asked before somebody wants to sign in: while a
provider is down nobody waits for it but those who chose it, and not one after the other.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from monitord.config.settings import Oidc
from monitord.engine.clock import Clock, DeadlinePassed, within
from monitord.net import Net, Reach
from monitord.net.documents import Unreadable, read_object
from monitord.net.exchange import Answer, Rules, ask
from monitord.net.faults import Fault
from monitord.net.request import Request, basic
from monitord.net.target import Target, target
from monitord.web.ops.oidc_attempt import Attempt
from monitord.web.ops.oidc_limits import (
    ANSWER_BYTES_MAX,
    ANSWER_WITHIN,
    FAILED_FOR,
    KEPT_FOR,
    KEYS_AGAIN_AFTER,
)
from monitord.web.ops.oidc_token import Claims, Expected, Key, KeyUnknown, Untrue, checked
from monitord.web.threads import in_thread

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPES = "openid email profile"
RULES = Rules(redirects=0, verify=True, bytes_max=ANSWER_BYTES_MAX)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Accept": "application/json"}
SHOWN_CHARS_MAX = 60

T = TypeVar("T")


class ProviderFails(Exception):
    """It did not do its part; the text continues a sentence about it."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where what is asked; `reach` is how far its word may send us."""

    authorization: str
    token: Target
    keys: Target
    userinfo: Target | None
    secret_in_body: bool
    reach: Reach


class Heard(Generic[T]):
    """What was heard last, for a while; and for a moment, that nothing was. One asks, the others wait."""

    def __init__(self, fetch: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self.fetch, self.clock = fetch, clock
        self.lock = asyncio.Lock()
        self.value: T | None = None
        self.failure, self.at = "", 0.0

    async def get(self, age_max: float = KEPT_FOR) -> T:
        """At most so many seconds old. Raises ProviderFails."""
        async with self.lock:
            age = self.clock.monotonic() - self.at
            if self.failure and age < FAILED_FOR:
                raise ProviderFails(self.failure)
            if self.value is None or self.failure or age >= age_max:
                await self.renew()
            assert self.value is not None
            return self.value

    async def renew(self) -> None:
        try:
            self.value, self.failure = await self.fetch(), ""
        except ProviderFails as failure:
            self.failure = str(failure)
            raise
        finally:
            self.at = self.clock.monotonic()


class Provider:
    """`said` is what the configuration says of it."""

    def __init__(self, said: Oidc, net: Net, clock: Clock) -> None:
        self.said, self.net, self.clock = said, net, clock
        self.places = Heard(self.discover, clock)
        self.keys = Heard(self.fetch_keys, clock)

    # Where it is.

    async def discover(self) -> Places:
        """Raises ProviderFails."""
        where = target(self.said.issuer.rstrip("/") + WELL_KNOWN)
        answer = await self.asked(Request("GET", where, JSON), Reach.ANYWHERE)
        told = document(answer)
        if told.get("issuer") != self.said.issuer:
            raise ProviderFails(f"calls itself {shown(told.get('issuer'))}, and not {self.said.issuer}")
        methods = told.get("token_endpoint_auth_methods_supported")
        userinfo = self.place(told, "userinfo_endpoint") if told.get("userinfo_endpoint") else None
        self.place(told, "authorization_endpoint")
        return Places(
            authorization=told["authorization_endpoint"],
            token=self.place(told, "token_endpoint"),
            keys=self.place(told, "jwks_uri"),
            userinfo=userinfo,
            secret_in_body=isinstance(methods, list) and "client_secret_basic" not in methods,
            reach=self.net.guard.onward(answer.peer),
        )

    def place(self, told: Claims, name: str) -> Target:
        """An address that it says. Raises ProviderFails."""
        written = told.get(name)
        try:
            found = target(written if isinstance(written, str) else "")
        except ValueError as error:
            raise ProviderFails(f"says no {name} that can be asked: {error}") from error
        if found.scheme != "https" and target(self.said.issuer).scheme == "https":
            raise ProviderFails(f"says a {name} that is not encrypted")
        return found

    async def fetch_keys(self) -> list[Key]:
        """Raises ProviderFails."""
        places = await self.places.get()
        found = document(await self.asked(Request("GET", places.keys, JSON), places.reach)).get("keys")
        if not isinstance(found, list):
            raise ProviderFails("does not list its keys")
        return [key for key in found if isinstance(key, dict)]

    # What it does.

    async def leading_there(self, attempt: Attempt, back_to: str) -> str:
        """The address at which a person signs in. Raises ProviderFails."""
        places = await self.places.get()
        return await in_thread(authorization, places.authorization, self.said.client_id, attempt, back_to)

    async def claims(self, attempt: Attempt, code: str, back_to: str) -> Claims:
        """What it says of who has signed in there. Raises ProviderFails, Untrue."""
        places = await self.places.get()
        told = document(await self.asked(self.token_request(places, attempt, code, back_to), places.reach))
        token, access_token = told.get("id_token"), told.get("access_token")
        if not isinstance(token, str) or not isinstance(access_token, str):
            raise ProviderFails("gave no ID token")
        claims = await self.proven(token, access_token, attempt)
        if self.said.claim in claims or places.userinfo is None:
            return claims
        return {**await self.more(places, access_token, claims["sub"]), **claims}

    def token_request(self, places: Places, attempt: Attempt, code: str, back_to: str) -> Request:
        """The code for a token (RFC 6749, 4.1.3), with our secret where the provider wants it."""
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": attempt.verifier,
        }
        id, secret = self.said.client_id, self.said.client_secret.get_secret_value()
        if places.secret_in_body:
            body, headers = {**asked, "client_id": id, "client_secret": secret}, {**FORM, **JSON}
        else:
            us = basic(quote(id, safe=""), quote(secret, safe=""))
            body, headers = asked, {**FORM, **JSON, "Authorization": us}
        return Request("POST", places.token, headers, urlencode(body).encode())

    async def proven(self, token: str, access_token: str, attempt: Attempt) -> Claims:
        """What the token says. A key that we do not know may be a new one. Raises ProviderFails, Untrue."""
        expected = Expected(self.said.issuer, self.said.client_id, attempt.nonce)
        now = self.clock.now()
        try:
            return await in_thread(checked, token, await self.keys.get(), expected, access_token, now)
        except KeyUnknown:
            fresh = await self.keys.get(KEYS_AGAIN_AFTER)
            return await in_thread(checked, token, fresh, expected, access_token, now)

    async def more(self, places: Places, access_token: str, subject: str) -> Claims:
        """What it says of the same person when asked. Raises ProviderFails, Untrue."""
        assert places.userinfo is not None
        headers = {**JSON, "Authorization": f"Bearer {printable(access_token)}"}
        told = document(await self.asked(Request("GET", places.userinfo, headers), places.reach))
        if told.get("sub") != subject:
            raise Untrue("is about somebody else than the provider's other answer")
        return told

    async def asked(self, request: Request, reach: Reach) -> Answer:
        """Whatever it answers, in time and whole. Raises ProviderFails."""
        same = request.target.host == target(self.said.issuer).host
        asking = ask(self.net, request, RULES, Reach.ANYWHERE if same else reach)
        try:
            answer = await within(self.clock, ANSWER_WITHIN, asking)
        except DeadlinePassed:
            raise ProviderFails(f"did not answer within {ANSWER_WITHIN:.0f} s") from None
        if isinstance(answer, Fault):
            raise ProviderFails(answer.words)
        if answer.cut:
            raise ProviderFails(f"answers with more than {ANSWER_BYTES_MAX // 1024} KiB")
        return answer


def authorization(place: str, client_id: str, attempt: Attempt, back_to: str) -> str:
    """The address with all that the provider has to know (OpenID Connect Core, 3.1.2.1; RFC 7636, 4.3)."""
    # Imported when first wanted, as in oidc_token.py.
    from authlib.oauth2.rfc6749 import parameters  # type: ignore[import-untyped]  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import (  # type: ignore[import-untyped]  # noqa: PLC0415
        create_s256_code_challenge,
    )

    found: str = parameters.prepare_grant_uri(
        place,
        client_id,
        "code",
        redirect_uri=back_to,
        scope=SCOPES,
        state=attempt.state,
        nonce=attempt.nonce,
        code_challenge=create_s256_code_challenge(attempt.verifier),
        code_challenge_method="S256",
    )
    return found


def document(answer: Answer) -> dict[str, Any]:
    """The object that it answered with. Raises ProviderFails."""
    if answer.status != 200:
        raise ProviderFails(f"answered {answer.status}{reason(answer.body)}")
    try:
        return read_object(answer.body)
    except Unreadable as error:
        raise ProviderFails(f"answered with something else than expected: {error}") from error


def reason(body: bytes) -> str:
    """The word for an error that stands there (RFC 6749, 5.2), if one does."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    word = told.get("error") if isinstance(told, dict) else None
    return f" ({shown(word)})" if isinstance(word, str) else ""


def shown(word: object) -> str:
    """A provider's word, as we repeat it."""
    text = str(word)[:SHOWN_CHARS_MAX]
    return text if text.isprintable() else repr(text)


def printable(token: str) -> str:
    """It goes into a header. Raises ProviderFails."""
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ProviderFails("gave an access token that cannot be")
    return token
