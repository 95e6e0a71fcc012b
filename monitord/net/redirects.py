"""Redirects: each is a stranger's word, so the egress guard is asked anew, and there is an end to them.

A redirect may lead to the host that the file names; elsewhere it reaches private addresses only if the
target itself is at a private one, or by the allow-list. Another site does not get the headers and the body
that were meant for this one.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeGuard

from monitord.core.check import Phases
from monitord.net.connector import Net
from monitord.net.egress import Reach
from monitord.net.exchange import Answer, Rules, ask
from monitord.net.faults import Fault
from monitord.net.request import Request
from monitord.net.target import onward

REDIRECTS = (301, 302, 303, 307, 308)
SAME_METHOD = (307, 308)
NEVER_CHANGED = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Journey:
    """What came of a request in the end: the last request, its answer, and the time that all of them took."""

    request: Request
    answer: Answer | Fault
    phases: Phases
    redirects: int = 0


async def travel(net: Net, request: Request, rules: Rules) -> Journey:
    """Ask, and follow redirects; one that is one too many is an answer like any other."""
    journey = first = await leg(net, request, rules, Reach.ANYWHERE)
    while journey.redirects < rules.redirects and leads_on(journey.answer):
        moved = redirected(journey.request, journey.answer)
        if isinstance(moved, Fault):
            return replace(journey, answer=moved)
        journey = joined(journey, await leg(net, moved, rules, reach(net, first, moved)))
    return journey


async def leg(net: Net, request: Request, rules: Rules, reach: Reach) -> Journey:
    """One exchange."""
    answer = await ask(net, request, rules, reach)
    return Journey(request, answer, answer.phases if isinstance(answer, Answer) else Phases())


def leads_on(answer: Answer | Fault) -> TypeGuard[Answer]:
    """Whether the answer is a redirect."""
    return isinstance(answer, Answer) and answer.status in REDIRECTS and "location" in answer.headers


def redirected(request: Request, answer: Answer) -> Request | Fault:
    """The request that a redirect asks for (RFC 9110 §15.4), or why we do not make it."""
    try:
        there = onward(request.target, answer.headers["location"])
    except ValueError as error:
        return Fault(f"redirects to an address that cannot be: {error}")
    moved = replace(request, target=there)
    if answer.status not in SAME_METHOD and request.method not in NEVER_CHANGED:
        moved = replace(moved, method="GET", body=b"")
    if there.origin == request.target.origin:
        return moved
    if moved.body:
        return Fault(f"redirects a {moved.method} to {there.authority}, which must not get what it holds")
    return replace(moved, headers={})


def reach(net: Net, first: Journey, moved: Request) -> Reach:
    """How far the redirect may lead."""
    if moved.target.host == first.request.target.host or not isinstance(first.answer, Answer):
        return Reach.ANYWHERE
    return net.guard.onward(first.answer.peer)


def joined(before: Journey, after: Journey) -> Journey:
    """One journey from two: whoever waits for the page waits for both."""
    phases = Phases(
        resolve=total(before.phases.resolve, after.phases.resolve),
        connect=total(before.phases.connect, after.phases.connect),
        tls=total(before.phases.tls, after.phases.tls),
        first_byte=total(before.phases.first_byte, after.phases.first_byte),
        transfer=total(before.phases.transfer, after.phases.transfer),
    )
    return replace(after, phases=phases, redirects=before.redirects + 1)


def total(*durations: timedelta | None) -> timedelta | None:
    """The sum of those that there are; None if there is none."""
    known = [duration for duration in durations if duration is not None]
    return sum(known, timedelta(0)) if known else None
