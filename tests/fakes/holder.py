"""Somebody with a browser and an authenticator: does what the console's script does, without one.

holder = Holder(door)
await holder.get("/sign-in")
reply = await holder.signs_in(await holder.asked())        # 303, or why not
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from monitord.store.reads import Reads
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.authenticator import Answer, Authenticator, Options
from tests.fakes.signed_in import signed_in
from tests.fakes.visitor import Body, Reply, Visitor

WAY_IN, ACCOUNT = "/sign-in/passkey", "/account/passkeys"


@dataclass
class Holder(Visitor):
    """Keeps its cookie, as browsers do; `origin` is where its browser believes to be."""

    origin: str = "https://ops.example.org"
    device: Authenticator = field(default_factory=Authenticator)
    held: str = ""

    async def ask(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Reply:
        sent = {"cookie": f"{self.door.console.entry.cookie}={self.held}"} if self.held else {}
        reply = await super().ask(method, path, body, {**sent, **headers})
        if baked := reply.headers.get("set-cookie"):
            self.held = baked.partition(";")[0].partition("=")[2]
        return reply

    @property
    def token(self) -> str:
        return str(self.door.console.entry.token(self.held))

    async def press(self, path: str, **form: str) -> Reply:
        """Send a form of ours."""
        return await self.post(path, {"csrf": self.token, **form})

    async def told(self, reply: Reply) -> str:
        """What the page says to which a form led."""
        return (await self.get(reply.headers["location"])).text if reply.status == 303 else reply.text

    # At the entrance.

    async def asked(self, where: str = WAY_IN, **form: str) -> Options:
        """The options that the script is given."""
        if not self.held:
            await self.get("/sign-in")
        return options(await self.press(f"{where}/challenge", **form))

    async def signs_in(self, given: Answer | None = None, **form: str) -> Reply:
        """With an answer, or with the device's own."""
        given = given or self.device.get(await self.asked(), self.origin)
        return await self.press(WAY_IN, credential=json.dumps(given), **form)

    # At one's account.

    async def adds(self, name: str = "a phone", given: Answer | None = None, **form: str) -> Reply:
        given = given or self.device.create(await self.asked(ACCOUNT, **form), self.origin)
        return await self.press(ACCOUNT, credential=json.dumps(given), passkey=name)

    async def ids(self) -> list[str]:
        """Of the passkeys that the account lists."""
        return re.findall(rf'action="{ACCOUNT}/([0-9a-f]+)/remove"', (await self.get("/account")).text)


def options(reply: Reply) -> Any:
    assert "application/json" == reply.headers["content-type"], reply.text
    return json.loads(reply.text)


async def holder(door: OpsDoor, name: str = "ann", **more: Any) -> Holder:
    """Somebody of that name, signed in by a link."""
    return Holder(door, held=(await signed_in(door, name)).held, **more)


def elsewhere(ann: Holder, **more: Any) -> Holder:
    """Another browser with the same telephone beside it."""
    return Holder(ann.door, device=ann.device, **more)


async def log_of(sources: Sources) -> list[str]:
    """What the log of access says, oldest first."""
    lines = await sources.store.ask(Reads.access_log, None, 100)
    return [line.did for _, line in reversed(lines)]
