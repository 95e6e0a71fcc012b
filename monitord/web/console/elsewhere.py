"""Signing in elsewhere: at the provider that the configuration names; who comes back must be a person here.

Theory of operation. This is one way in among others: when the provider is down, slow or lies, the page says
so, and mailed links and passwords work as ever. Setting out changes nothing and is a GET, because a form
would not be let out of our own pages. What comes back counts only in the browser that set out
(oidc_attempt.py). The provider says who somebody is, and nothing else: what they may is the configuration's
word.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from monitord.config.settings import EMAIL
from monitord.core.organization import Person, folded
from monitord.web.access.links import SIGN_IN
from monitord.web.answers import Answer
from monitord.web.console.post import MAIL
from monitord.web.console.signing import STALE, Signing, Told, cookie
from monitord.web.console.visit import Visit, inside
from monitord.web.limits import Buckets, network_of
from monitord.web.ops.oidc_attempt import begun, returned
from monitord.web.ops.oidc_limits import (
    CODE_CHARS_MAX,
    EXCHANGES_AT_ONCE,
    NAMED_CHARS_MAX,
    RETURNS_PER_NETWORK,
)
from monitord.web.ops.oidc_provider import Provider, ProviderFails, shown
from monitord.web.ops.oidc_token import Untrue

OUT, BACK = f"{SIGN_IN}/provider", f"{SIGN_IN}/provider/back"
OTHERWISE = "Use a mailed link or a password meanwhile."
NONE_HERE = Told(404, wrong="Nobody signs in elsewhere here.")
SLOWLY = Told(429, wrong="Too many attempts from your network. Wait a few minutes, or use a mailed link.")
CROWDED = Told(503, wrong=f"So many sign in just now that this had to wait. Please try again. {OTHERWISE}")


class Elsewhere:
    """`provider` is the one in force, or None."""

    def __init__(self, signing: Signing) -> None:
        self.signing, self.log = signing, signing.log
        self.provider: Provider | None = None
        self.returns = Buckets(RETURNS_PER_NETWORK)
        self.exchanges = 0

    def offer(self, provider: Provider | None) -> None:
        """From now on people may sign in there; what was heard of the same one is still known."""
        if self.provider is None or provider is None or self.provider.said != provider.said:
            self.provider = provider
            self.signing.elsewhere = provider.said.name if provider else ""

    async def answer(self, visit: Visit, path: str) -> Answer:
        """Out or back."""
        if self.provider is None:
            return await self.signing.page(visit, NONE_HERE)
        if path == OUT:
            return await self.out(visit, self.provider)
        if visit.request.method != "GET":
            return await self.signing.page(visit)
        return await self.back(visit, self.provider)

    @property
    def address(self) -> str:
        """Where the provider sends people back to; it has to know this address."""
        return self.signing.entry.url + BACK

    async def out(self, visit: Visit, provider: Provider) -> Answer:
        back = inside(visit.query.get("next", "/"))
        attempt = begun(visit.entry.secret, visit.held, back, visit.now)
        try:
            there = await provider.leading_there(attempt, self.address)
        except ProviderFails as failure:
            return await self.failed(visit, provider, str(failure))
        return visit.to(there, *cookie(visit))

    async def back(self, visit: Visit, provider: Provider) -> Answer:
        attempt = returned(
            visit.entry.secret, visit.entry.held(visit.request), visit.query.get("state", ""), visit.now
        )
        if attempt is None:
            return await self.signing.page(visit, STALE)
        code, network = visit.query.get("code", ""), network_of(visit.request.client)
        if "error" in visit.query or not 0 < len(code) <= CODE_CHARS_MAX:
            return await self.refused(visit, provider, f"said {shown(visit.query.get('error', 'nothing'))}")
        if visit.query.get("iss", provider.said.issuer) != provider.said.issuer:  # RFC 9207
            return await self.refused(visit, provider, "is not who sent you back here")
        now = self.signing.clock.monotonic()
        if self.returns.wait(network, now):
            return await self.signing.page(visit, SLOWLY)
        if self.exchanges >= EXCHANGES_AT_ONCE:
            return await self.signing.page(visit, CROWDED)
        self.returns.take(network, now)
        since = self.signing.sessions.changes
        self.exchanges += 1
        try:
            claims = await provider.claims(attempt, code, self.address)
        except ProviderFails as failure:
            return await self.failed(visit, provider, str(failure))
        except Untrue as untrue:
            return await self.refused(visit, provider, f"sent a token that {untrue}")
        finally:
            self.exchanges -= 1
        return await self.welcome(visit, provider, claims, attempt.back, since)

    async def welcome(
        self, visit: Visit, provider: Provider, claims: Mapping[str, Any], back: str, since: int
    ) -> Answer:
        """Whoever it is must be one of ours."""
        named, why = name_of(claims, provider.said.claim)
        if not named:
            return await self.refused(visit, provider, why)
        found = ours(named, provider.said.claim, self.signing.configuration().people.values())
        if len(found) == 1:
            return await self.signing.let_in(visit, found[0], provider.said.name, {"next": back}, since)
        client = visit.request.client
        await self.signing.sessions.tell(visit.now, named, f"was not let in by {provider.said.name}", client)
        whose = "two people here have" if found else "nobody here has"
        return await self.refused(visit, provider, f"knows you as {named}, which {whose}")

    # What is said when nobody is signed in.

    async def failed(self, visit: Visit, provider: Provider, why: str) -> Answer:
        """The provider's fault, or the network's."""
        self.log.warning("sign-in provider failed", provider=provider.said.name, why=why)
        return await self.say(visit, 503, f"{provider.said.name} {why}. {OTHERWISE}")

    async def refused(self, visit: Visit, provider: Provider, why: str) -> Answer:
        """Nobody is let in by this."""
        client = visit.request.client
        self.log.warning("sign-in refused", provider=provider.said.name, why=why, client=client)
        return await self.say(visit, 403, f"{provider.said.name} {why}. Nobody was signed in.")

    async def say(self, visit: Visit, status: int, words: str) -> Answer:
        return await self.signing.page(visit, Told(status, wrong=words))


def name_of(claims: Mapping[str, Any], claim: str) -> tuple[str, str]:
    """How the provider calls somebody, or why that does not count."""
    said = claims.get(claim)
    if not isinstance(said, str) or not said.strip() or not said.isprintable():
        return "", f"does not say your `{claim}`"
    if claim == EMAIL and claims.get("email_verified") not in (True, "true"):
        return "", f"has not verified that {said[:NAMED_CHARS_MAX]} is yours"
    return said.strip()[:NAMED_CHARS_MAX], ""


def ours(named: str, claim: str, people: Iterable[Person]) -> list[str]:
    """Everybody of that mail address; by another claim than that, of that id as well."""
    found = [
        person.id
        for person in people
        if (claim != EMAIL and person.id == named)
        or any(m.channel == MAIL and folded(m.address) == folded(named) for m in person.reach)
    ]
    return list(dict.fromkeys(found))
