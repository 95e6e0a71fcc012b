"""Whose address is shown to whom: an address is personal, and not a secret of its channel.

Theory of operation. Whoever answers for tickets has to reach people, by telephone if need be, and sees every
address as it is; so does a person their own. A viewer, also one whose token only reads, sees which way there
is and enough of the address to recognise it: `a…@example.org`, `…00`. Who subscribed is for those who speak
to the public, and a subscriber's name is not shown at all.
"""

from dataclasses import replace

from monitord.core.delivery import Delivery
from monitord.web.access.roles import Actor, Role

DIGITS_SHOWN = 2
LONG_ENOUGH = 6  # characters of an address of which two give nothing away


def discreet(delivery: Delivery, actor: Actor | None) -> Delivery:
    """The message as this actor may see it."""
    if delivery.subscriber is not None:
        if actor is not None and actor.may(Role.OPERATOR):
            return delivery
        return replace(delivery, address=f"…@{delivery.address.rpartition('@')[2]}")
    if delivery.person is None:
        return delivery
    return replace(delivery, address=address_for(actor, delivery.person, delivery.address))


def address_for(actor: Actor | None, person: str, address: str) -> str:
    """A person's address, or what a viewer sees of it."""
    return address if knows(actor, person) else masked(address)


def knows(actor: Actor | None, person: str) -> bool:
    """May they see how that person is reached?"""
    if actor is None:
        return False
    return actor.by == person or (actor.anywhere >= Role.RESPONDER and actor.covered(Role.RESPONDER))


def masked(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}…@{domain}"
    return f"…{address[-DIGITS_SHOWN:]}" if len(address) >= LONG_ENOUGH else "…"
