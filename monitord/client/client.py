"""The client: one method a question or an act; answers are values, and whatever goes wrong is a sentence.

Theory of operation. An act carries a key of its own, so that the same act sent twice is done once; that is
why an act whose answer was lost is sent once more. What the daemon says in its `error` becomes the exception
whose exit code the command line ends with.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitord.client.access import TokenMade, TokenRow, Whoever
from monitord.client.accounts import AccountRow, LinkMade, PasskeyRow
from monitord.client.asking import spelled
from monitord.client.lists import Lists
from monitord.client.shapes import (
    BackupRow,
    ComponentRow,
    DeliveryRow,
    Done,
    IncidentRow,
    IncidentStory,
    OnCallNow,
    ProbeNow,
    ProbeStory,
    StatusNow,
    TicketRow,
    TicketStory,
)
from monitord.client.staff import StaffRow

BACKUP_WITHIN = 3600.0  # seconds


class Client(Lists):
    """Speaks to one daemon; `by` is the id of the person who acts (None: whoever runs this process).

    Every method raises a ClientFault.
    """

    # Questions.

    def status(self) -> StatusNow:
        return self.get(StatusNow, "status")

    def tickets(
        self,
        state: str | None = None,
        service: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> tuple[TicketRow, ...]:
        """Newest first; `before` is a number, to turn the page."""
        return self.get(
            tuple[TicketRow, ...], "tickets", state=state, service=service, before=before, limit=limit
        )

    def ticket(self, number: int) -> TicketStory:
        return self.get(TicketStory, f"tickets/{number}")

    def probes(self) -> tuple[ProbeNow, ...]:
        return self.get(tuple[ProbeNow, ...], "probes")

    def probe(self, probe: str) -> ProbeStory:
        return self.get(ProbeStory, f"probes/{spelled(probe)}")

    def oncall(self, at: datetime | None = None) -> tuple[OnCallNow, ...]:
        return self.get(tuple[OnCallNow, ...], "oncall", at=at.isoformat() if at else None)

    def components(self) -> tuple[ComponentRow, ...]:
        return self.get(tuple[ComponentRow, ...], "components")

    def incidents(self) -> tuple[IncidentRow, ...]:
        return self.get(tuple[IncidentRow, ...], "incidents")

    def incident(self, incident: str) -> IncidentStory:
        return self.get(IncidentStory, f"incidents/{spelled(incident)}")

    def deliveries(self, ticket: int) -> tuple[DeliveryRow, ...]:
        return self.get(tuple[DeliveryRow, ...], "deliveries", ticket=ticket)

    def whoami(self) -> Whoever:
        return self.get(Whoever, "whoami")

    def tokens(self) -> tuple[TokenRow, ...]:
        """The newest first; never what they open with."""
        return self.get(tuple[TokenRow, ...], "tokens")

    # Acts.

    def open_ticket(
        self,
        title: str,
        service: str,
        priority: str | None = None,
        text: str = "",
        severity: int | None = None,
    ) -> Done:
        """Urgent, unless a priority is said, or a severity, which sets it."""
        how = {"priority": priority, "severity": severity}
        chosen = {key: value for key, value in how.items() if value is not None}
        return self.act("tickets", title=title, service=service, text=text, **chosen)

    def acknowledge(self, ticket: int) -> Done:
        return self.act(f"tickets/{ticket}/acknowledge")

    def decline(self, ticket: int) -> Done:
        return self.act(f"tickets/{ticket}/decline")

    def hand_over(self, ticket: int, to: str) -> Done:
        return self.act(f"tickets/{ticket}/hand_over", to=to)

    def resolve(self, ticket: int, note: str = "", hold_until_clear: bool = False) -> Done:
        return self.act(f"tickets/{ticket}/resolve", note=note, hold_until_clear=hold_until_clear)

    def reopen(self, ticket: int, note: str = "") -> Done:
        """It is not over after all; for a day after its end."""
        return self.act(f"tickets/{ticket}/reopen", note=note)

    def escalate(self, ticket: int) -> Done:
        """To the next tier, now."""
        return self.act(f"tickets/{ticket}/escalate")

    def comment(self, ticket: int, text: str) -> Done:
        return self.act(f"tickets/{ticket}/comment", text=text)

    def snooze(self, ticket: int, until: datetime) -> Done:
        """`until` is an instant, a day from now at most."""
        return self.act(f"tickets/{ticket}/snooze", until=until.isoformat())

    def set_priority(self, ticket: int, priority: str) -> Done:
        return self.act(f"tickets/{ticket}/priority", priority=priority)

    def set_severity(self, ticket: int, severity: int) -> Done:
        """1 (worst) to 4; of a catastrophe it says that it is none any more."""
        return self.act(f"tickets/{ticket}/severity", severity=severity)

    def call_everybody_for(self, ticket: int, text: str = "") -> Done:
        """The whole staff for this ticket, until it is remedied or called off."""
        return self.act(f"tickets/{ticket}/catastrophe", confirm="everybody", text=text)

    def page_for(self, ticket: int, whom: Sequence[str], text: str = "") -> Done:
        """These people, rotations or teams, too, now."""
        return self.act(f"tickets/{ticket}/page", whom=list(whom), text=text)

    def page(self, whom: Sequence[str], text: str, severity: int | None = None) -> Done:
        """A ticket for these people, rotations or teams alone."""
        more = {"severity": severity} if severity is not None else {}
        return self.act("pages", whom=list(whom), text=text, **more)

    def call_everybody(self, text: str, service: str | None = None) -> Done:
        """The whole staff, at once and again, until everybody has answered or it is remedied."""
        more = {"service": service} if service else {}
        return self.act("catastrophes", text=text, confirm="everybody", **more)

    def begin_incident(
        self,
        title: str,
        body: str,
        affects: Mapping[str, str],
        phase: str = "investigating",
    ) -> Done:
        """A new public story; `affects` is component to state."""
        return self.act("incidents", title=title, body=body, phase=phase, affects=dict(affects))

    def post(
        self, incident: str, body: str, phase: str = "investigating", affects: Mapping[str, str] | None = None
    ) -> Done:
        """The next entry of a public story."""
        where = f"incidents/{spelled(incident)}/posts"
        return self.act(where, body=body, phase=phase, affects=dict(affects or {}))

    def create_token(
        self,
        owner: str,
        scopes: Sequence[str],
        expires: datetime | None = None,
        *,
        machine: bool = False,
        note: str = "",
    ) -> TokenMade:
        """The only time that the token is shown."""
        until = {"expires": expires.isoformat()} if expires else {}
        body = {"owner": owner, "machine": machine, "scopes": list(scopes), "note": note, **until}
        return self.done(TokenMade, "tokens", body)

    def revoke_token(self, token: str) -> TokenRow:
        """From now on it opens nothing; `token` is its id."""
        return self.done(TokenRow, f"tokens/{spelled(token)}/revoke", {})

    # Who may sign in at the console.

    def accounts(self) -> tuple[AccountRow, ...]:
        """Who has a password, and who is signed in."""
        return self.get(tuple[AccountRow, ...], "accounts")

    def set_password(self, name: str, password: str, *, administrator: bool = False) -> AccountRow:
        """Whoever was signed in under that name no longer is."""
        body = {"password": password, "administrator": administrator}
        return self.done(AccountRow, f"accounts/{spelled(name)}/password", body)

    def sign_in_link(self, name: str) -> LinkMade:
        """A way in that works once."""
        return self.done(LinkMade, f"accounts/{spelled(name)}/link", {})

    def revoke_account(self, name: str) -> AccountRow:
        """Its password and passkeys are gone, and its sessions have ended."""
        return self.done(AccountRow, f"accounts/{spelled(name)}/revoke", {})

    def staff(self) -> tuple[StaffRow, ...]:
        """Who works here or has left, as the directory says."""
        return self.get(tuple[StaffRow, ...], "staff")

    def passkeys(self) -> tuple[PasskeyRow, ...]:
        """By which somebody signs in."""
        return self.get(tuple[PasskeyRow, ...], "passkeys")

    def remove_passkey(self, passkey: str) -> PasskeyRow:
        """From now on it opens nothing; `passkey` is its id."""
        return self.done(PasskeyRow, f"passkeys/{spelled(passkey)}/remove", {})

    def back_up(self, to: str = "") -> BackupRow:
        """Copy the store; takes as long as it takes. `to` is a whole path, "" the configured folder."""
        patient = Client(self.place, self.by, BACKUP_WITHIN)
        return patient.done(BackupRow, "backups", {"to": to})

    def backups(self) -> tuple[BackupRow, ...]:
        """Those in the configured folder, newest first."""
        return self.get(tuple[BackupRow, ...], "backups")
