"""Who has a new way in is written to: by the account, by the shell, and what the mail says."""

import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitord.client import Client
from monitord.core.delivery import Delivery
from monitord.core.way_in import WarnOwner, WayIn
from monitord.engine.clock import VirtualClock
from monitord.engine.engine import WAITING_MAX, Lane
from monitord.engine.letters import compose
from monitord.engine.links import Links
from monitord.store.reads import Reads
from monitord.web.access.roles import account_of
from monitord.web.console.visit import Entry
from monitord.web.ops.owners import warn_owner
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from tests.fakes.holder import ACCOUNT, holder
from tests.fakes.shop import DOORS, SECRET, SETTINGS, logbook
from tests.fakes.signed_in import signed_in
from tests.fakes.terminal import terminal, typed

OLD, NEW = "a long night in november", "another night in december"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LETTER = """\
A passkey was added to your account: a phone
That was at monitord of Example Shop, on 2026-11-22 02:36 CST, by somebody who was signed in as you, with \
Firefox on Linux, from 198.51.100.7.
If it was you, there is nothing to do.
If it was not, remove it at your account in the console, and ask whoever looks after monitord to run at once \
`monitord account revoke ann`: it ends every session, passkey and password of yours. You sign in again by a \
mailed link.
"""


@pytest.fixture
def door(sources: Sources) -> OpsDoor:
    return ops_app(sources, logbook()[0], Entry("https://ops.example.org", b"a secret of this test"))


@pytest.fixture
async def client(sources: Sources, tmp_path: Path) -> AsyncIterator[Client]:
    async with terminal(sources, tmp_path / "var") as beside:
        yield beside.client()


async def warnings(sources: Sources) -> list[Delivery]:
    """All that were posted, oldest first."""
    await sources.engine.submit(WarnOwner("nobody", WayIn.PASSWORD_SET, "nobody", "console"))
    kept = await sources.store.ask(Reads.messages, None, None, 100)
    return [each for each in reversed(kept) if "/way-in/" in each.id]


async def minute_later(sources: Sources) -> None:
    assert isinstance(sources.clock, VirtualClock)
    await sources.clock.advance(timedelta(minutes=1))


async def told(sources: Sources) -> list[tuple[str | None, str, str]]:
    return [(each.person, each.address, each.text.subject) for each in await warnings(sources)]


async def test_whoever_adds_a_passkey_is_written_to(sources: Sources, door: OpsDoor) -> None:
    ann = await holder(door)
    given = ann.device.create(await ann.asked(ACCOUNT), ann.origin)
    form = {"csrf": ann.token, "credential": json.dumps(given), "passkey": "a phone"}
    await ann.post(ACCOUNT, form, user_agent=FIREFOX)
    (delivery,) = await warnings(sources)
    person = sources.configuration.people["ann"]
    letter = compose(delivery, Links(SECRET, DOORS), SETTINGS, person)

    assert ("ann@example.org", "A passkey was added to your account") == (letter.address, letter.subject)
    assert letter.text.startswith(LETTER), letter.text
    assert "To Ann Example, from monitord at" in letter.text


async def test_whoever_sets_a_password_is_written_to(sources: Sources, door: OpsDoor) -> None:
    bo = await signed_in(door, "bo")
    first = await bo.post("/account/password", {"csrf": bo.token, "new": OLD})
    bo.held = first.headers["set-cookie"].partition(";")[0].partition("=")[2]
    await minute_later(sources)
    await bo.press("/account/password", old="a wrong one", new=NEW)
    await bo.press("/account/password", old=OLD, new=NEW)

    assert [
        ("bo", "bo@example.org", "Your password was set"),
        ("bo", "bo@example.org", "Your password was changed"),
    ] == await told(sources)


async def test_whose_password_a_shell_sets_is_written_to(sources: Sources, client: Client) -> None:
    await typed(client.set_password, "ann", OLD)
    await minute_later(sources)
    await typed(client.set_password, "ann", NEW)
    await typed(client.set_password, "break-glass", OLD)
    first, then = await warnings(sources)

    assert ["Your password was set", "Your password was changed"] == [
        each.text.subject for each in (first, then)
    ]
    assert then.text.lines[1].endswith(f", by {account_of(os.geteuid())}, in a shell on its machine.")


async def test_whose_password_an_administrator_sets_hears_who_did(sources: Sources) -> None:
    await sources.engine.submit(WarnOwner("bo", WayIn.PASSWORD_CHANGED, "dee", "console"))
    (delivery,) = await warnings(sources)

    assert delivery.text.lines[1].endswith(", by Dee Example, who looks after accounts.")


async def test_who_has_no_mail_address_has_a_password_all_the_same(sources: Sources, door: OpsDoor) -> None:
    eve = await signed_in(door, "eve")
    await eve.press("/account/password", new=OLD)
    account = await sources.sessions.account("eve", sources.now)

    assert account is not None and account.password
    assert [] == await warnings(sources)


async def test_that_nobody_could_be_written_to_is_in_the_log(sources: Sources) -> None:
    engine, changed = sources.engine, WarnOwner("ann", WayIn.PASSWORD_SET, "ann", "console")
    engine.log, lines = logbook()
    engine.post(changed)
    engine.lanes[Lane.URGENT].extend([*engine.lanes[Lane.URGENT]] * WAITING_MAX)
    warn_owner(sources, changed)
    engine.lanes[Lane.URGENT].clear()

    assert [("owner not warned", "ann")] == [(each["event"], each["person"]) for each in lines]
