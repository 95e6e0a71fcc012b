"""A performance from curtain to curtain: opens the house, runs the play in it, and says how it went."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass

from rich.console import Console

from monitord.client import ClientFault
from monitord.config.settings import Door
from monitord.demo.cast import LOOPBACK
from monitord.demo.inbox import Inbox
from monitord.demo.interrupts import Interrupts, interruptible
from monitord.demo.keys import keyboard
from monitord.demo.mailbox import Mailbox, receiving
from monitord.demo.pages import Site
from monitord.demo.play import Left, Play
from monitord.demo.stage import Stage
from monitord.demo.story import Milestone, milestones, objection, script
from monitord.demo.target import Shop
from monitord.demo.theatre import DaemonEnded, PortTaken, Theatre, last_words, theatre
from monitord.demo.visitor import PageSaysNo, Visitor
from monitord.demo.watch import StoryBroke, Watch
from monitord.demo.witness import Witness
from monitord.engine.clock import RealClock
from monitord.net import Net
from monitord.net.http import HttpError
from monitord.web.answers import Answer
from monitord.web.doors import serve

ATTEMPTS = 3  # to find free ports that are still free when the daemon takes them
GONE_WITHIN = 2.0  # seconds from a connection that broke to the end of its process
INTERRUPTED = "it was interrupted"
KNOWN = (StoryBroke, DaemonEnded, PageSaysNo, HttpError, ClientFault)

Sites = Mapping[str, Callable[[str], Answer]]


@dataclass(frozen=True, slots=True)
class Ending:
    """`why` is empty if everything happened in its order, `signal` is what interrupted it, `log` is the end
    of the daemon's log where that may help.
    """

    milestones: tuple[Milestone, ...]
    why: str = ""
    signal: int = 0
    log: str = ""


def perform(console: Console, *, alone: bool) -> Ending:
    """Play it, `alone` or with whoever sits at the terminal; nothing of it is left behind."""
    with interruptible() as interrupts:
        for _ in range(ATTEMPTS):
            try:
                with theatre() as house:
                    return asyncio.run(evening(house, console, interrupts, alone=alone))
            except PortTaken:
                continue
    return Ending((), f"the daemon found its ports taken {ATTEMPTS} times")


async def evening(house: Theatre, console: Console, interrupts: Interrupts, *, alone: bool) -> Ending:
    """Everything that needs the event loop; whatever is known to go wrong is in the ending."""
    task = asyncio.current_task()
    assert task is not None
    clock = RealClock()
    async with AsyncExitStack() as stack:
        net = Net(now=clock.now)
        stack.push_async_callback(net.close)
        mailbox, shop = Mailbox(clock.now), Shop()
        stage = Stage(console, clock)
        stack.enter_context(stage.open())
        watch = Watch(house, stage, clock, Witness(net, house.ports, mailbox, house.control))
        keys = stack.enter_context(nullcontext() if alone else keyboard())
        play = Play(watch, Visitor(net, house.ports), shop, keys)
        sites = {"shop": shop.answer, "inbox": Inbox(mailbox).answer}
        await stack.enter_async_context(receiving(mailbox, house.sockets["smtp"]))
        stack.enter_context(interrupts.cancelling(task))
        return await curtain(play, sites, interrupts)


async def curtain(play: Play, sites: Sites, interrupts: Interrupts) -> Ending:
    """Run everything side by side, and find out how it ended."""
    try:
        await side_by_side(play, sites)
    except asyncio.CancelledError:
        return Ending(milestones(play.watch.view), INTERRUPTED, interrupts.number)
    except BaseExceptionGroup as group:
        return ended(play, first(group))
    return Ending(milestones(play.watch.view))


async def side_by_side(play: Play, sites: Sites) -> None:
    """The servers, the watch, the keys and the footer live as long as the play."""
    house = play.watch.house
    async with asyncio.TaskGroup() as group:
        beside = [group.create_task(play.watch.run()), group.create_task(play.listen())]
        beside.append(group.create_task(play.animate()))
        for name, answer in sites.items():
            door = Door(LOOPBACK, getattr(house.ports, name), house.ports.url(name))
            served = serve(Site(answer, play.clock), door, name=name, socks=[house.sockets[name]])
            beside.append(group.create_task(served))
        await acts(play)
        for task in beside:
            task.cancel()


async def acts(play: Play) -> None:
    """The play, whether its milestones are those of the script, and time to look around."""
    await play.perform()
    if play.keys is not None:  # people may do as they like
        await play.look_around()
    if why := objection(milestones(play.watch.view), script()):
        raise StoryBroke(why)


def ended(play: Play, error: BaseException) -> Ending:
    """What went wrong, as a sentence; a bug stays an exception."""
    told = milestones(play.watch.view)
    if isinstance(error, Left):
        return Ending(told)
    if not isinstance(error, KNOWN):
        raise error
    return Ending(told, reason(play.watch.house, error), log=last_words(play.watch.house.said()))


def reason(house: Theatre, error: BaseException) -> str:
    """A page that cannot be reached often means a daemon that has just gone."""
    if not isinstance(error, HttpError):
        return str(error)
    try:
        house.check(GONE_WITHIN)
    except DaemonEnded as gone:
        return str(gone)
    return f"a page could not be reached ({type(error).__name__} {error})"


def first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first thing that went wrong, out of however many groups."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
