"""Warnings: what loads, and will disappoint somebody one night."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from monitord.config import options
from monitord.config.entries import Entry, Written
from monitord.config.problem import Place, Problem, at, listed, quoted
from monitord.config.references import EVERYBODY, NOBODY, people_of
from monitord.config.scalars import format_duration
from monitord.core.organization import Priority

WATCHDOG_FORM = "add `watchdog: {url: …, every: 30s}` with the ping URL of a service outside this machine"
EXAMPLE_HOSTS = ("example.org", "example.net", "example.com", "example")
CHANNELS_MIN = 2
PRIORITIES = tuple(each.value for each in Priority)
HEARTBEAT = "heartbeat"  # the kind of integration that only gives heartbeats their addresses


def watchdog(written: Written) -> Iterator[Problem]:
    head = written.head
    if head is None:
        return
    if head.shape.watchdog is None:
        yield at(
            written.beginning,
            "there is no watchdog: nobody notices when monitord itself is gone",
            WATCHDOG_FORM,
        )
    elif is_placeholder(head.shape.watchdog.url):
        what = "the watchdog's URL is a placeholder, which is not asked: nobody notices when monitord is gone"
        yield at(head.place("watchdog", "url"), what, "write the ping URL of a service outside this machine")


def is_placeholder(url: str) -> bool:
    """Whether it was copied from an example (RFC 2606)."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return "…" in url or any(host == name or host.endswith(f".{name}") for name in EXAMPLE_HOSTS)


def last_resort(written: Written) -> Iterator[Problem]:
    if written.head is not None and not written.head.shape.last_resort:
        what = "there is no `last_resort`: nobody joins when all tiers stay silent"
        yield at(written.beginning, what, "add `last_resort:` with at least two people")


def contact_methods(written: Written) -> Iterator[Problem]:
    """Ways that people name and this installation does not have."""
    for entry in written.people.values():
        for index, method in enumerate(entry.shape.reach):
            if method.channel not in written.channels:
                who, way = quoted(entry.id), quoted(method.channel)
                what = f"there is no {way} under `channels`: {who} is never reached this way"
                yield at(
                    entry.place("reach", index),
                    what,
                    f"configure `{method.channel}` there, or remove it here",
                )


def reachability(written: Written) -> Iterator[Problem]:
    """Whoever may be paged needs two ways that do not fail together. Those who have the same one share a
    warning: where there is one channel only, it is everybody.
    """
    called, alone = on_call(written), defaultdict[tuple[str, ...], list[str]](list)
    for id, entry in written.people.items():
        usable = {
            each.channel
            for each in entry.shape.reach
            if each.channel in written.channels and "urgent" in (each.priorities or ("urgent",))
        }
        place = written.names["people"][id]
        if not usable:
            yield at(place, f"{quoted(id)} cannot be reached at all", "add a contact method under `reach`")
        elif id in called and len(usable) < CHANNELS_MIN:
            alone[tuple(usable)].append(id)
    for channels, people in alone.items():
        verb = "is" if len(people) == 1 else "are"
        who = listed(map(quoted, people), "and")
        what = f"{who} {verb} on call and {verb} reached by {', '.join(channels)} alone"
        yield at(written.names["people"][people[0]], what, "add a contact method of another channel")


def unserved(written: Written) -> Iterator[Problem]:
    """A priority that no contact method is for goes by the first of them, which may not be what was meant."""
    for entry in written.people.values():
        reach = [each for each in entry.shape.reach if each.channel in written.channels]
        served = {word for each in reach for word in each.priorities or PRIORITIES}
        missing = [word for word in PRIORITIES if word not in served]
        if reach and missing:
            what = f"nothing under `reach` is for {' and '.join(missing)} pages of {quoted(entry.id)}"
            yield at(
                entry.place("reach"), what, f"they go by {quoted(reach[0].channel)}, the first; add a method"
            )


def on_call(written: Written) -> set[str]:
    """Everybody whom a policy, or the last resort, may page."""
    targets = {
        target for each in written.policies.values() for tier in each.shape.tiers for target in tier.page
    }
    people = set(written.people) if EVERYBODY in targets else targets & written.people.keys()
    for id in targets & written.teams.keys():
        people.update(written.teams[id].shape.members)
    for id in targets & written.rotations.keys():
        people.update(people_of(written.rotations[id].shape))
    if written.head is not None:
        people.update(written.head.shape.last_resort)
    return people - {NOBODY}


def nobody_paged(written: Written) -> Iterator[Problem]:
    """Services, and probes that are one, without a policy for their urgent tickets."""
    for id, service in written.services.items():
        if not {"urgent", "default"} & service.shape.policies.keys():
            what = f"nobody is paged when the service {quoted(id)} fails"
            yield at(written.names["services"][id], what, "add `policies: {default: …}`")
    for id, probe in written.probes.items():
        if probe.shape.service is None and probe.shape.policy is None:
            what = f"nobody is paged when the probe {quoted(id)} fails"
            yield at(written.names["probes"][id], what, "add `service: …` or `policy: …`")


def working_hours(written: Written) -> Iterator[Problem]:
    """What is urgent must not wait for the morning."""
    named: list[tuple[str, Place]] = [
        (id, entry.place("policies"))
        for entry in written.services.values()
        for id in {shaped(entry).get("urgent", shaped(entry).get("default", ""))}
    ]
    named += [
        (entry.shape.policy, entry.place("policy")) for entry in written.probes.values() if entry.shape.policy
    ]
    for id, place in named:
        policy = written.policies.get(id)
        if policy is not None and policy.shape.only is not None:
            what = f"urgent tickets wait for the working hours of the policy {quoted(id)}"
            yield at(place, what, "name a policy without `only` for `urgent`")


def shaped(entry: Entry[Any]) -> dict[str, str]:
    found: dict[str, str] = entry.shape.policies
    return found


def timing(written: Written) -> Iterator[Problem]:
    for entry in written.probes.values():
        every, timeout = entry.shape.every, entry.shape.timeout
        if timeout > every:
            what = f"`timeout` ({format_duration(timeout)}) is longer than `every` ({format_duration(every)})"
            remedy = "a target that hangs is then checked less often; shorten `timeout`"
            yield at(entry.place("timeout" if "timeout" in entry.node.values else "every"), what, remedy)


def status_pages(written: Written) -> Iterator[Problem]:
    for id, entry in written.status_pages.items():
        if not entry.shape.components:
            what = f"the status page {quoted(id)} shows no components"
            yield at(written.names["status_pages"][id], what, "add `components: [{name: …}]`")
    if not written.names["status_pages"]:
        entries: tuple[Entry[Any], ...] = (*written.services.values(), *written.probes.values())
        for entry in entries:
            if entry.shape.components or getattr(entry.shape, "component", None):
                key = "components" if entry.shape.components else "component"
                yield at(
                    entry.place(key), "there is no status page to show this", "add it under `status_pages:`"
                )


def kinds(written: Written) -> Iterator[Problem]:
    """Kinds that are disabled because their file is broken."""
    for folder in (options.probers(), options.channels(), options.inbounds()):
        for found in folder.problems:
            yield at(
                written.beginning,
                f"the kind {quoted(found.kind)} is disabled: it {found.why}",
                "repair or remove it",
            )


def unclaimed(written: Written) -> Iterator[Problem]:
    """What no rule gives to anybody comes to whoever looks after monitord."""
    for entry in written.integrations.values():
        if entry.shape.service is None and entry.shape.kind != HEARTBEAT:
            what = f"what no rule of {quoted(entry.id)} fits belongs to no service"
            remedy = "it pages whoever is told of monitord's own troubles; add `service`"
            yield at(written.names["integrations"][entry.id], what, remedy)


Doubt = Callable[[Written], Iterator[Problem]]

DOUBTS: tuple[Doubt, ...] = (
    watchdog,
    last_resort,
    contact_methods,
    reachability,
    unserved,
    nobody_paged,
    working_hours,
    timing,
    status_pages,
    unclaimed,
    kinds,
)
