"""The API about those who subscribed: who they are, and how somebody is removed."""

from fastapi import APIRouter

from monitord.client.directory import SubscriberRow
from monitord.client.shapes import Done
from monitord.core.subscription import Subscriber, Unsubscribe
from monitord.store.listings import subscribers
from monitord.web.access.roles import Role, needs
from monitord.web.ops.asked import By, Key, Nothing
from monitord.web.ops.desk import Desk
from monitord.web.ops.guard import routes
from monitord.web.ops.leaves import Turning
from monitord.web.ops.reads import Id
from monitord.web.ops.sources import Sources
from monitord.web.refusal import No


def subscriber_routes(sources: Sources) -> APIRouter:
    """Over these sources."""
    router, desk = routes(), Desk(sources)

    @router.get("/subscribers")
    @needs(Role.OPERATOR)
    async def list_subscribers(leaf: Turning) -> list[SubscriberRow]:
        """Those who hear of public stories, or have been asked whether they want to."""
        after = leaf.after(str)
        found = await sources.store.ask(subscribers, str(after[0]) if after else "", leaf.more)
        return [row(each) for each in leaf.cut(found, lambda each: (each.id,))]

    @router.post("/subscribers/{subscriber}/remove")
    @needs(Role.OPERATOR)
    async def remove_subscriber(
        subscriber: Id, actor: By, body: Nothing | None = None, key: Key = None
    ) -> Done:
        """They hear nothing any more, and nothing of the address is kept."""
        if sources.world.get(Subscriber, subscriber) is None:
            raise No(404, f"there is no subscriber {subscriber}", "GET /api/v1/subscribers lists them")
        return await desk.act(actor, key, Unsubscribe(subscriber))

    return router


def row(subscriber: Subscriber) -> SubscriberRow:
    return SubscriberRow(
        id=subscriber.id,
        channel=subscriber.channel,
        address=subscriber.address,
        state=subscriber.state.value,
        asked=subscriber.asked,
        confirmed=subscriber.confirmed,
    )
