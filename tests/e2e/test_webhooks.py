"""A running daemon tells another system, which hangs, comes back, and hears everything once, in order."""

import asyncio
from pathlib import Path

from tests.fakes.daemon import daemon, until
from tests.fakes.mailbox import mail_server
from tests.fakes.receiver import SECRET, receiving


async def test_a_system_that_hangs_delays_no_page_and_hears_everything_in_order(tmp_path: Path) -> None:
    with receiving(0) as it:
        hook = {"audit": {"url": it.url, "secrets": [SECRET], "timeout": "1s"}}
        async with mail_server() as post, daemon(tmp_path, post, webhooks=hook) as monitord:
            client = monitord.acting("ann")
            opened = await asyncio.to_thread(client.open_ticket, "Tills are slow", "shop")
            await post["ann@example.org"].expects("Tills are slow")
            await asyncio.to_thread(client.acknowledge, opened.ticket)
            await monitord.kill9()
            await monitord.restart()
            await asyncio.to_thread(client.resolve, opened.ticket)
            await until(lambda: "resolved" in it.events)

            assert ["triggered", "acknowledged", "resolved"] == list(dict.fromkeys(it.events))
            assert 3 == len({each.id for each in it.heard})
            assert all((SECRET,) == each.signed for each in it.heard)
            story = await asyncio.to_thread(client.ticket, opened.ticket)
            kinds = {(each.channel, each.state) for each in story.deliveries if each.purpose == "webhook"}
            assert {("webhook/audit", "sent")} == kinds
            assert SECRET not in monitord.log
