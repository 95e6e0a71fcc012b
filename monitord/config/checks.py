"""What must fit together across a tree, beside names: circles, doubles, old names, addresses."""

from collections.abc import Callable, Iterator

from pydantic import SecretStr

from monitord.config import yaml
from monitord.config.build import layer_name, quiet
from monitord.config.people_shapes import BESIDE_A_CHANNEL
from monitord.config.problem import Place, Problem, at, quoted
from monitord.config.public_holidays import NONE, countries, subdivisions
from monitord.config.references import ANY, Names, leaves, people_at_most, references
from monitord.config.sections import raw_id, text_of
from monitord.core.quiet import never_ends
from monitord.net.mailbox import mail_address

LAST_RESORT_MIN = 2
STOPS_MAX = 10  # of a circle, that are shown


def last_resort(names: Names) -> Iterator[Problem]:
    head = names.written.head
    if head is not None and len(set(head.shape.last_resort)) == 1:
        what = "`last_resort` is one person alone, who may be asleep"
        yield at(head.place("last_resort"), what, f"name at least {LAST_RESORT_MIN} people")


def tiers(names: Names) -> Iterator[Problem]:
    """More people than a tier can have never acknowledge."""
    written = names.written
    for entry in written.policies.values():
        for index, tier in enumerate(entry.shape.tiers):
            most = people_at_most(written, tier.page)
            if isinstance(tier.acknowledge, int) and tier.acknowledge > most:
                what = f"{tier.acknowledge} must acknowledge, but this tier has {most} at most"
                place = entry.place("tiers", index, "acknowledge")
                yield at(place, what, "name more people or a smaller number, or write `each`")


def contact_methods(names: Names) -> Iterator[Problem]:
    for raw in names.written.raw["people"]:
        reach = raw.node.values.get("reach")
        for method in reach.children if isinstance(reach, yaml.Sequence) else ():
            if isinstance(method, yaml.Mapping):
                yield from contact_method(names, method)


def urgent_pages(names: Names) -> Iterator[Problem]:
    """Whoever can be reached at all can be reached when it is urgent."""
    for entry in names.written.people.values():
        reach = entry.shape.reach
        if reach and not any("urgent" in (each.priorities or ("urgent",)) for each in reach):
            what = f"nothing under `reach` is for urgent pages of {quoted(entry.id)}"
            yield at(
                entry.place("reach"), what, "add `urgent` to the `for` of one of them, or leave `for` out"
            )


def quiet_hours(names: Names) -> Iterator[Problem]:
    """What is always quiet would never be told."""
    for entry in names.written.people.values():
        hours = quiet(entry.shape.quiet)
        if hours is not None and never_ends(hours):
            what = f"the quiet hours of {quoted(entry.id)} never end"
            yield at(entry.place("quiet"), what, "leave some time of the week out of them")


def contact_method(names: Names, method: yaml.Mapping) -> Iterator[Problem]:
    for key, node in method.values.items():
        if key in BESIDE_A_CHANNEL:
            continue
        if key not in names.channels:
            yield names.unknown("channel", key, names.channels, method.keys[key], "name a channel")
        elif key == "email" and isinstance(node, yaml.Scalar) and isinstance(node.value, str):
            yield from unlike_a_mail_address(node.text, node.place)


def unlike_a_mail_address(address: str, place: Place) -> Iterator[Problem]:
    """Whether somebody reads it only a mail can tell."""
    try:
        mail_address(address)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        yield at(place, what, remedy or "write it as ann@example.org")


def layers(names: Names) -> Iterator[Problem]:
    """Layers of one rotation have different names, and overrides name one of them."""
    for entry in names.written.rotations.values():
        seen: dict[str, Place] = {}
        for index, layer in enumerate(entry.shape.layers):
            name, place = layer_name(index, layer), entry.place("layers", index, "name")
            if name in seen:
                yield at(
                    place, f"two layers are called {quoted(name)}; the first is at {seen[name]}", "rename one"
                )
            seen.setdefault(name, place)
        for index, override in enumerate(entry.shape.overrides):
            if override.layer is not None and override.layer not in seen:
                place = entry.place("overrides", index, "layer")
                yield names.unknown("layer", override.layer, seen, place, "leave `layer` out")


def own_services(names: Names) -> Iterator[Problem]:
    """A probe without `service` is a service of its own; its id must be free."""
    for raw in names.written.raw["probes"]:
        id = raw_id(raw)
        service = names.written.names["services"].get(id)
        if "service" not in raw.node.values and service is not None:
            what = f"the probe {quoted(id)} is a service of its own, and there is another at {service}"
            yield at(raw.place, what, f"say `service: {id}`, or rename one")


def circles(names: Names) -> Iterator[Problem]:
    """Probes that wait for each other would hold each other back for ever; each circle is said once."""
    probes = {raw_id(raw): raw.node for raw in names.written.raw["probes"]}
    depends = {id: tuple(map(text_of, leaves(node, ("depends_on", ANY)))) for id, node in probes.items()}
    done: set[str] = set()
    for start in depends:
        circle = circle_from(start, depends, done)
        if circle:
            place = probes[circle[0]].values["depends_on"].place
            what = f"probes depend on each other in a circle: {way_through(circle)}"
            yield at(place, what, "remove one of these dependencies")


def way_through(circle: list[str]) -> str:
    """The circle as a message shows it; the middle of a long one is left out."""
    stops = [*map(quoted, circle), quoted(circle[0])]
    if len(stops) > STOPS_MAX:
        stops = [*stops[: STOPS_MAX // 2], "…", *stops[-STOPS_MAX // 2 :]]
    return " → ".join(stops)


def circle_from(start: str, depends: dict[str, tuple[str, ...]], done: set[str]) -> list[str]:
    """The first circle on the ways from `start` that leads through nothing in `done`, which grows."""
    way: list[str] = []
    stack: list[tuple[str, Iterator[str]]] = []
    position: dict[str, int] = {}

    def enter(probe: str) -> None:
        position[probe] = len(way)
        way.append(probe)
        stack.append((probe, iter(depends.get(probe, ()))))

    if start not in done:
        enter(start)
    while stack:
        probe, parents = stack[-1]
        parent = next((each for each in parents if each not in done), None)
        if parent is None:
            stack.pop()
            done.add(way.pop())
            del position[probe]
        elif parent in position:
            done.update(way)
            return way[position[parent] :]
        else:
            enter(parent)
    return []


def status_pages(names: Names) -> Iterator[Problem]:
    for entry in names.written.status_pages.values():
        seen: dict[str, Place] = {}
        for index, component in enumerate(entry.shape.components):
            id, place = component.id or component.name, entry.place("components", index)
            if id in seen:
                what = f"the component {quoted(id)} is defined twice; the first is at {seen[id]}"
                yield at(place, what, "rename or remove one of them")
            seen.setdefault(id, place)


def old_names(names: Names) -> Iterator[Problem]:
    """What was renamed has left its old id; nothing else may have it."""
    taken, said = names.written.names["probes"], dict[str, Place]()
    for raw in names.written.raw["probes"]:
        node = raw.node.values.get("renamed_from")
        old = text_of(node)
        if node is not None and old in taken:
            what = f"the old id {quoted(old)} is in use at {taken[old]}"
            yield at(node.place, what, "remove `renamed_from`, or rename the other")
        elif node is not None and old in said:
            what = f"the old id {quoted(old)} is said at {said[old]} already"
            yield at(node.place, what, "one probe only can go on with its history; remove this one")
        elif node is not None and old:
            said[old] = node.place


def secrets(names: Names) -> Iterator[Problem]:
    """By its secret a sender is known: no two may have the same."""
    seen: dict[str, Place] = {}
    for place, secret in said_secrets(names):
        value = secret.get_secret_value()
        if value in seen:
            what = f"this secret is in use at {seen[value]} already"
            yield at(place, what, "give each sender a secret of its own")
        seen.setdefault(value, place)


def said_secrets(names: Names) -> Iterator[tuple[Place, SecretStr]]:
    for integration in names.written.integrations.values():
        for secret in integration.shape.secret or ():
            yield integration.place("secret"), secret
    for heartbeat in names.written.heartbeats.values():
        for key in heartbeat.shape.key or ():
            yield heartbeat.place("key"), key


def doors(names: Names) -> Iterator[Problem]:
    """Two doors cannot listen at one address."""
    head = names.written.head
    if head is None:
        return
    seen: dict[tuple[str, int], str] = {}
    for name in ("public", "edge", "ops"):
        listen = getattr(head.shape.doors, name).listen
        if listen in seen and listen[1] != 0:
            what = f"the doors `{seen[listen]}` and `{name}` listen at the same address"
            yield at(head.place("doors", name, "listen"), what, "give each its own port")
        seen.setdefault(listen, name)


def holidays(names: Names) -> Iterator[Problem]:
    """The countries whose public holidays somebody is away on, or a policy waits over, and their parts."""
    heads = [names.written.head.node] if names.written.head else []
    waiting = (raw.node.values.get("only") for raw in names.written.raw["policies"])
    only = [node for node in waiting if isinstance(node, yaml.Mapping)]
    for node in (*heads, *(raw.node for raw in names.written.raw["people"]), *only):
        said = node.values.get("public_holidays")
        if isinstance(said, yaml.Mapping):
            yield from holidays_of(names, said)


def holidays_of(names: Names, node: yaml.Mapping) -> Iterator[Problem]:
    country, part = (text_of(node.values.get(key)) for key in ("country", "subdivision"))
    if country in ("", NONE):
        return
    if country not in countries():
        yield names.unknown(
            "country", country, {*countries(), NONE}, node.values["country"].place, "write two letters, as US"
        )
    elif part and part not in subdivisions(country):
        place, known = node.values["subdivision"].place, subdivisions(country)
        yield names.unknown(f"subdivision of {country}", part, known, place, "leave `subdivision` out")


Check = Callable[[Names], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    references,
    last_resort,
    tiers,
    contact_methods,
    urgent_pages,
    quiet_hours,
    layers,
    own_services,
    circles,
    status_pages,
    old_names,
    secrets,
    doors,
    holidays,
)
