"""announce: posts go to subscribers, in chunks; addresses come and go."""

from heapq import nsmallest

from monitord.core.delivery import DeliveryState, withdrawn
from monitord.core.statuspage import PostPublished
from monitord.core.subscription import (
    CHUNK_MAX,
    Broadcast,
    BroadcastExpanded,
    BroadcastStarted,
    ConfirmSubscription,
    ExpandBroadcast,
    Subscribe,
    Subscriber,
    SubscriberDue,
    SubscriberState,
    SubscriptionConfirmed,
    SubscriptionEnded,
    SubscriptionRequested,
    Unsubscribe,
    asked,
    broadcast,
    chunk,
    confirmation,
    confirmed,
    gone,
    subscriber_id,
)
from monitord.core.wording import confirm_text
from monitord.core.world import Draft, Stage


def page_name(draft: Draft) -> str:
    pages = draft.configuration.status_pages
    return pages[0].name if pages else draft.configuration.organization


def start_broadcast(draft: Draft, event: PostPublished) -> None:
    """One row for all of its audience."""
    if any(True for _ in draft.keys("confirmed", "all")):
        draft.put(broadcast(event.post))
        draft.tell(BroadcastStarted(event.post.key, event.post.incident))


def expand(draft: Draft, fact: ExpandBroadcast) -> None:
    """The next chunk of a broadcast, behind the last subscriber who has their delivery."""
    waiting = draft.get(Broadcast, fact.post)
    if waiting is None:
        return
    audience = confirmed_after(draft, waiting.after)
    after, deliveries = chunk(draft.installation.epoch, waiting, audience, page_name(draft), draft.now)
    draft.put(after, *deliveries)
    draft.tell(BroadcastExpanded(waiting.post, len(deliveries), after.done))


def confirmed_after(draft: Draft, mark: str) -> tuple[Subscriber, ...]:
    """The next confirmed subscribers in order of id: a chunk, and one more if there are any."""
    keys = nsmallest(CHUNK_MAX + 1, (key for key in draft.keys("confirmed", "all") if key > mark))
    return tuple(found for key in keys if (found := draft.get(Subscriber, key)) is not None)


def ask(draft: Draft, command: Subscribe) -> None:
    """A confirmation mail, unless there was one just now; the page answers the same in every case."""
    known = draft.get(Subscriber, subscriber_id(draft.installation.epoch, command.channel, command.address))
    subscriber, mail = asked(known, draft.installation.epoch, command, draft.now)
    if not mail:
        return
    text = confirm_text(page_name(draft), subscriber.id)
    draft.put(subscriber, confirmation(draft.installation.epoch, subscriber, text, draft.now))
    draft.tell(SubscriptionRequested(subscriber.id))


def confirm(draft: Draft, command: ConfirmSubscription) -> None:
    subscriber = draft.get(Subscriber, command.subscriber)
    if subscriber is not None and subscriber.state is SubscriberState.PENDING:
        draft.put(confirmed(subscriber, draft.now))
        draft.tell(SubscriptionConfirmed(subscriber.id))


def unsubscribe(draft: Draft, command: Unsubscribe) -> None:
    subscriber = draft.get(Subscriber, command.subscriber)
    if subscriber is not None:
        let_go(draft, subscriber, "unsubscribed")


def expire(draft: Draft, fact: SubscriberDue) -> None:
    subscriber = draft.get(Subscriber, fact.subscriber)
    if subscriber is not None and subscriber.due is not None and subscriber.due <= draft.now:
        let_go(draft, subscriber, "not confirmed in time")


def let_go(draft: Draft, subscriber: Subscriber, why: str) -> None:
    """Nothing more is sent there, and the address is forgotten."""
    for delivery in draft.find("deliveries by subscriber", subscriber.id):
        if delivery.state is DeliveryState.PENDING:
            gone_delivery, event = withdrawn(delivery, why)
            draft.put(gone_delivery)
            draft.tell(event)
    draft.put(gone(subscriber))
    draft.tell(SubscriptionEnded(subscriber.id, why))


ANNOUNCE: Stage = {
    PostPublished: start_broadcast,
    ExpandBroadcast: expand,
    Subscribe: ask,
    ConfirmSubscription: confirm,
    Unsubscribe: unsubscribe,
    SubscriberDue: expire,
}
