"""A visitor of the console who has signed in: carries the cookie, and the token that every form needs."""

import re
from dataclasses import dataclass

from monitord.store.accounts import Account
from monitord.web.ops_door import OpsDoor
from tests.fakes.visitor import Reply, Visitor

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class SignedIn(Visitor):
    """`held` is what the browser holds."""

    held: str = ""

    async def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        console = self.door.console
        cookie = {"cookie": f"{console.entry.cookie}={self.held}"} if self.held else {}
        return await super().ask(method, path, body, {**cookie, **headers})

    @property
    def token(self) -> str:
        return str(self.door.console.entry.token(self.held))

    async def press(self, path: str, **form: str) -> Reply:
        """Send a form as a page of ours would, and follow to the page that says what came of it."""
        reply = await self.post(path, {"csrf": self.token, **form})
        if reply.status != 303:
            return reply
        return await self.get(reply.headers["location"])

    async def seen(self, path: str) -> str:
        """What a page's forms carry about what it shows."""
        return dict(HIDDEN.findall((await self.get(path)).text)).get("seen", "")


async def signed_in(
    door: OpsDoor, name: str = "ann", client: str = "198.51.100.7", *, administrator: bool = False
) -> SignedIn:
    """Somebody of that name, in a browser of their own; the administrator has an account of that name."""
    if administrator:
        account = Account(name, "", administrator=True, created=door.clock.now())
        await door.console.sessions.keep(account, "a shell")
    held, _ = await door.console.sessions.begin(name, "a mailed link", client, "a browser", door.clock.now())
    return SignedIn(door, client, held)
