"""One's own passkeys, at one's account: to add one, with a name to know it by, and to take one away.

Theory of operation. Whoever has a password says it before a passkey is made, because a phone may lie around:
the challenge is drawn only then, for this account and this browser. What the device made comes back in a form
like every other.
"""

from dataclasses import dataclass

from monitord.core.way_in import WayIn
from monitord.store.faults import StoreError
from monitord.store.passkeys import Passkey, PasskeyKnown, TooManyPasskeys, id_of
from monitord.web.access.limits import PASSKEY_NAME_CHARS_MAX, PASSKEYS_PER_ACCOUNT, PASSKEYS_PER_VISITOR
from monitord.web.access.links import SIGN_IN
from monitord.web.access.passwords import Passwords, TooManyAtOnce
from monitord.web.access.sessions import ChangedMeanwhile
from monitord.web.answers import Answer
from monitord.web.console.acts import Buttons
from monitord.web.console.browsers import browser
from monitord.web.console.owner import warn
from monitord.web.console.passkey_signing import NOT_HERE, as_json, said
from monitord.web.console.room import Told
from monitord.web.console.signing import Form
from monitord.web.console.visit import Visit
from monitord.web.console.words import BAD, GOOD
from monitord.web.limits import Buckets, network_of
from monitord.web.ops.sources import Sources
from monitord.web.passkeys import ceremony
from monitord.web.passkeys.ceremony import AnswerRefused, Whose
from monitord.web.passkeys.challenges import Challenges, ChallengeStale
from monitord.web.passkeys.site import Site, Unfit, site_of
from monitord.web.text import clean, counted
from monitord.web.threads import in_thread

PLACE = "/account"
TOO_LATE = "That took too long, or was sent twice. No passkey was added; please try once more."
FULL = (
    f"You have {PASSKEYS_PER_ACCOUNT} passkeys, as many as anybody may have: remove one that you do not use."
)
UNNAMED = "a passkey"
UNREAD = Unfit("Your passkeys cannot be read now: the store does not answer.")


@dataclass(frozen=True, slots=True)
class Own:
    """What the account shows: one's passkeys, where they work or why not, and how a new one is called."""

    passkeys: list[Passkey]
    site: Site | Unfit
    name: str
    most: int = PASSKEYS_PER_ACCOUNT
    name_chars: int = PASSKEY_NAME_CHARS_MAX

    @property
    def why_not(self) -> str:
        """A sentence; "" if one can be added now."""
        if isinstance(self.site, Unfit):
            return self.site.why
        return FULL if len(self.passkeys) >= self.most else ""


class OwnPasskeys:
    def __init__(
        self, sources: Sources, buttons: Buttons, passwords: Passwords, challenges: Challenges
    ) -> None:
        self.sources, self.buttons, self.passwords = sources, buttons, passwords
        self.challenges = challenges
        self.tries = Buckets(PASSKEYS_PER_VISITOR)

    async def own(self, visit: Visit) -> Own:
        try:
            mine, site = await self.sources.passkeys.of(visit.me), site_of(visit.entry.url)
        except StoreError:
            mine, site = [], UNREAD
        return Own(mine, site, called(browser(visit.agent)))

    async def challenge(self, visit: Visit, form: Form) -> Answer:
        """What the browser's `navigator.credentials.create` is to be given."""
        own = await self.own(visit)
        if isinstance(own.site, Unfit) or own.why_not:
            return as_json(NOT_HERE, said(own.why_not))
        if wrong := await self.unproven(visit, form.get("password", "")):
            return as_json(403, said(wrong))
        drawn = self.challenges.draw(purpose(visit), visit.held, self.sources.clock.monotonic())
        configuration = self.sources.configuration
        person = configuration.people.get(visit.me)
        whose = Whose(visit.me, (person and person.name) or visit.me, configuration.organization)
        there = [each.credential for each in own.passkeys]
        handle = ceremony.handle_of(visit.entry.secret, visit.me)
        options = ceremony.creation_options(own.site, whose, handle, drawn, there)
        return as_json(200, {"publicKey": options})

    async def unproven(self, visit: Visit, password: str) -> str:
        """Whoever has a password says it; a sentence if it does not fit."""
        account = await self.sources.sessions.account(visit.me, visit.now)
        if account is None or not account.password:
            return ""
        now, asked = self.sources.clock.monotonic(), (network_of(visit.request.client), visit.me)
        if self.tries.wait(asked, now):
            return "Too many passwords that did not fit. Wait a few minutes."
        try:
            if await self.passwords.fits(account.password, password):
                return ""
        except TooManyAtOnce:
            return "Many sign in just now. Please try again."
        self.tries.take(asked, now)
        return "Your password does not fit."

    async def add(self, visit: Visit, form: Form) -> Answer:
        """What the device made."""
        site = site_of(visit.entry.url)
        if isinstance(site, Unfit):
            return self.back(visit, Told(BAD, site.why))
        try:
            told = await self.added(visit, site, form)
        except AnswerRefused as refused:
            told = Told(BAD, f"{refused} No passkey was added.")
        except ChallengeStale:
            told = Told(BAD, TOO_LATE)
        except TooManyPasskeys:
            told = Told(BAD, FULL)
        except PasskeyKnown:
            told = Told(BAD, "That passkey is known here already. None was added.")
        except ChangedMeanwhile:
            return visit.to_sign_in()
        return self.back(visit, told)

    async def added(self, visit: Visit, site: Site, form: Form) -> Told:
        """Whoever was revoked, or signed out, while it was looked at adds none. Raises ChangedMeanwhile."""
        since = self.sources.sessions.changes
        answered = ceremony.read(form.get("credential", ""))
        now, network = self.sources.clock.monotonic(), network_of(visit.request.client)
        self.challenges.spend(answered.challenge, purpose(visit), visit.held, network, now)
        made = await in_thread(ceremony.made, site, answered, answered.challenge)
        if await self.sources.sessions.find(visit.held, visit.now) is None:
            raise ChangedMeanwhile
        name = called(form.get("passkey", ""))
        kept = Passkey(
            id=id_of(made.credential),
            credential=made.credential,
            public_key=made.public_key,
            account=visit.me,
            name=name,
            site=site.name,
            counter=made.counter,
            created=visit.now,
        )
        await self.sources.passkeys.add(kept, visit.request.client, since)
        warn(self.sources, visit, WayIn.PASSKEY_ADDED, name)
        return Told(GOOD, f"The passkey {name} is added.", ("You can sign in with it from now on.",))

    async def remove(self, visit: Visit, id: str, form: Form) -> Answer:
        """It opens nothing any more, and what it opened ends."""
        ended = await self.sources.passkeys.remove(id, visit.me, visit.me, visit.now, visit.request.client)
        if ended is None:
            return self.back(visit, Told(BAD, "That passkey was removed already."))
        if visit.session is not None and visit.session.id in ended:
            return visit.to(SIGN_IN, visit.entry.baking(""))
        more = (f"What it had opened has ended: {counted(len(ended), 'session')}.",) if ended else ()
        return self.back(visit, Told(GOOD, "The passkey is removed.", more))

    def back(self, visit: Visit, told: Told) -> Answer:
        return self.buttons.back(visit, PLACE, told)


def purpose(visit: Visit) -> str:
    """What a challenge at one's account is good for."""
    return f"add for {visit.me}"


def called(name: str) -> str:
    """A name of one line, as people wrote it."""
    return " ".join(clean(name).split())[:PASSKEY_NAME_CHARS_MAX].strip() or UNNAMED
