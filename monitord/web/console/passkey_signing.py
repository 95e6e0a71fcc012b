"""Signing in with a passkey: a challenge for whoever asks, and a session for whoever answers it rightly.

Theory of operation. Nobody says a name: the device knows which passkey it has for this address, and the
credential says whose it is. An answer opens the door only if its challenge was drawn for this very browser
a few minutes ago and not used yet, if the device has checked its owner, and if the user handle is the
account's.
Wrong answers are counted by network and passkey, so that nobody can lock out somebody else. A passkey that
counts backwards may have been copied: it is refused, and its owner reads so at their account.
"""

import json
from contextlib import suppress
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.engine.clock import Clock
from monitord.store import passkeys
from monitord.store.accounts import LogLine
from monitord.store.faults import StoreError
from monitord.store.passkeys import Passkey, called
from monitord.web.access.keyring import Keyring
from monitord.web.access.limits import PASSKEYS_PER_VISITOR
from monitord.web.access.links import SIGN_IN
from monitord.web.answers import NO_SCRIPTS, NOT_KEPT, Answer, secured
from monitord.web.console.signing import Form, Signing, Told
from monitord.web.console.visit import Visit
from monitord.web.limits import Buckets, network_of
from monitord.web.passkeys import ceremony
from monitord.web.passkeys.ceremony import Answered, AnswerRefused
from monitord.web.passkeys.challenges import Challenges, ChallengeStale
from monitord.web.passkeys.site import Site, Unfit, site_of
from monitord.web.threads import in_thread

PASSKEY = f"{SIGN_IN}/passkey"
CHALLENGE = f"{PASSKEY}/challenge"
PURPOSE = "sign in"
NOT_HERE = 409
TOO_LATE = Told(
    410, wrong="That took too long, or was sent twice. Nobody was signed in; please try once more."
)
UNKNOWN = Told(403, wrong="That passkey does not open this console. Nobody was signed in.")
SLOWLY = Told(429, wrong="Too many attempts with that passkey from here. Wait a few minutes, or use a link.")
BACKWARDS = Told(
    403,
    wrong="That passkey may have been copied, so it was refused. Sign in another way, and see your account.",
)


class PasskeySigning:
    """`signing` opens the session; `secret` keys the user handles."""

    def __init__(
        self,
        signing: Signing,
        keyring: Keyring,
        challenges: Challenges,
        clock: Clock,
        log: FilteringBoundLogger,
    ) -> None:
        self.signing, self.keyring, self.challenges = signing, keyring, challenges
        self.clock, self.log = clock, log
        self.tries = Buckets(PASSKEYS_PER_VISITOR)

    async def submitted(self, visit: Visit, path: str, form: Form) -> Answer:
        """What our script sends: for a challenge, and with the answer to it."""
        return self.challenge(visit) if path == CHALLENGE else await self.sign_in(visit, form)

    def challenge(self, visit: Visit) -> Answer:
        """What the browser's `navigator.credentials.get` is to be given."""
        site = site_of(visit.entry.url)
        if isinstance(site, Unfit):
            return as_json(NOT_HERE, said(site.why))
        drawn = self.challenges.draw(PURPOSE, visit.held, self.clock.monotonic())
        return as_json(200, {"publicKey": ceremony.request_options(site, drawn)})

    async def sign_in(self, visit: Visit, form: Form) -> Answer:
        """The answer of a device."""
        site = site_of(visit.entry.url)
        if isinstance(site, Unfit):
            return await self.signing.page(visit, Told(NOT_HERE, wrong=site.why))
        try:
            answered = ceremony.read(form.get("credential", ""))
            return await self.answered(visit, site, answered, form)
        except AnswerRefused as refused:
            return await self.signing.page(visit, Told(400, wrong=f"{refused} Nobody was signed in."))
        except ChallengeStale:
            return await self.signing.page(visit, TOO_LATE)

    async def answered(self, visit: Visit, site: Site, answered: Answered, form: Form) -> Answer:
        """Whoever has to wait uses no challenge up. Raises ChallengeStale."""
        since = self.signing.sessions.changes
        found = await self.keyring.find(answered.credential, site.name)
        now, network = self.clock.monotonic(), network_of(visit.request.client)
        asked = (network, found.id if found else "")
        if self.tries.wait(asked, now):
            return await self.signing.page(visit, SLOWLY)
        self.challenges.spend(answered.challenge, PURPOSE, visit.held, network, now)
        told = await self.judged(visit, site, answered, found)
        if told is not None or found is None:
            self.tries.take(asked, now)
            return await self.signing.page(visit, told or UNKNOWN)
        how = f"the passkey {found.name}"
        inside = await self.signing.let_in(visit, found.account, how, form, since, found.id)
        if await self.keyring.find(found.credential, found.site):
            return inside
        await self.keyring.end([found.id], visit.now)  # whoever removed it found no session to end yet
        return await self.signing.page(
            visit, await self.refused(visit, found, "it was removed meanwhile", UNKNOWN)
        )

    async def judged(
        self, visit: Visit, site: Site, answered: Answered, found: Passkey | None
    ) -> Told | None:
        """What is wrong; None if the door opens."""
        if found is None:
            self.log.info("passkey refused", why="not known here", client=visit.request.client)
            return UNKNOWN
        if answered.handle != ceremony.handle_of(visit.entry.secret, found.account):
            return await self.refused(visit, found, "its user handle is not the account's", UNKNOWN)
        try:
            counter = await in_thread(ceremony.counted, site, answered, answered.challenge, found.public_key)
        except AnswerRefused as wrong:
            told = Told(403, wrong=f"{wrong} Nobody was signed in.")
            return await self.refused(visit, found, str(wrong), told)
        return await self.counted(visit, found, counter)

    async def counted(self, visit: Visit, found: Passkey, counter: int) -> Told | None:
        """A passkey whose device counts has to count on; one that never counts says 0."""
        counted_on = counter > found.counter or found.counter == counter == 0
        if counted_on:
            with suppress(StoreError):  # a full disk locks nobody out
                counted_on = await self.keyring.store.access(passkeys.use, found.id, counter, visit.now)
        if counted_on:
            return None
        why = f"it counted {counter} after {found.counter}, and may have been copied"
        line = LogLine(visit.now, found.account, f"refused the passkey {called(found)}: {why}")
        with suppress(StoreError):
            await self.keyring.store.access(passkeys.suspect, found.id, line)
        self.log.warning("passkey counted backwards", passkey=found.id, account=found.account, why=why)
        return BACKWARDS

    async def refused(self, visit: Visit, found: Passkey, why: str, told: Told) -> Told:
        """Noted under the name whose passkey it is: somebody tries to be them."""
        client = visit.request.client
        self.log.info("passkey refused", passkey=found.id, why=why, client=client)
        did = f"refused the passkey {called(found)}: {why}"
        await self.keyring.sessions.tell(visit.now, found.account, did, client)
        return told


def as_json(status: int, body: dict[str, Any]) -> Answer:
    """For our own script."""
    headers = ((b"content-type", b"application/json"), *NOT_KEPT, *secured(NO_SCRIPTS))
    return Answer(status, json.dumps(body).encode() + b"\n", headers)


def said(what: str) -> dict[str, Any]:
    """A sentence that the script shows."""
    return {"error": {"what": what}}
