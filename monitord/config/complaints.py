"""pydantic's complaints as problems: at the very key, in words for people, with what would be right."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from monitord.config import yaml
from monitord.config.known import Location, Schema, example, known_keys, place_in
from monitord.config.problem import Discreet, Misspelt, Place, Problem, Wrong, at, quoted
from monitord.config.scalars import format_duration
from monitord.config.suggest import Guesses
from monitord.config.words import named

EXPECTED = re.compile(r"'([^']*)'")
KEY = "[key]"
BEHIND = "it comes from a reference (${…}); check what that holds"

RARE = ("renamed_from",)

SEE_THE_SCHEMA = "see `monitord config schema`"


class Complaint(NamedTuple):
    """One complaint about the value `given`, which stands under `name`."""

    error: Mapping[str, Any]
    given: object
    name: str
    guesses: Guesses

    @property
    def value(self) -> str:
        return named(self.given)

    @property
    def context(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.error.get("ctx", {})
        return found


def problems(
    error: ValidationError, node: yaml.Node, guesses: Guesses, schema: Schema, hushed: Collection[str] = ()
) -> list[Problem]:
    """A problem for each complaint about `node`. Keys in `hushed` have values that are never quoted."""
    details = error.errors(include_url=False, include_input=False)
    # A list all of whose entries are refused counts as empty, which nobody wrote.
    above = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
    said = [each for each in details if not (each["type"] == "too_short" and each["loc"] in above)]
    return [problem(detail, node, guesses, schema, hushed) for detail in said]


def problem(
    detail: Mapping[str, Any], node: yaml.Node, guesses: Guesses, schema: Schema, hushed: Collection[str]
) -> Problem:
    location: Location = tuple(detail["loc"])
    found, place, name = located(node, location)
    if detail["type"] == "extra_forbidden":
        parent, _, _ = located(node, location[:-1])
        assert isinstance(parent, yaml.Mapping)
        word = str(location[-1])
        if home := home_of(word, parent, schema, location[:-1]):
            remedy = f"it is a key of {quoted(home)}; indent it like the others there"
            return at(parent.keys[word], f"the key {quoted(word)} is unknown here", remedy)
        return unknown_key(word, parent.keys[word], known_keys(schema, location[:-1]), guesses)
    if detail["type"] == "missing":
        like = example(place_in(schema, location), schema)
        return at(place, f"`{location[-1]}` is missing", f"add `{location[-1]}: {like}` here")
    discreet = isinstance(detail.get("ctx", {}).get("error"), Discreet)
    if secret(found) or (location and location[0] in hushed and not discreet):
        return at(
            place, f"`{name}`: its value will not do", BEHIND if secret(found) else "check how it is written"
        )
    what, remedy = said(Complaint(detail, yaml.value_of(found), name, guesses))
    return at(aimed(place, found, detail), what, remedy)


def unknown_key(word: str, place: Place, known: Collection[str], guesses: Guesses) -> Problem:
    if word in RARE:
        return at(place, f"only a probe can say {quoted(word)}", "remove it, and keep the `id` as it was")
    usual = [key for key in known if key not in RARE]
    remedy = guesses.remedy(word, usual, "remove it", "known are") or "remove it"
    return at(place, f"the key {quoted(word)} is unknown here", remedy)


def home_of(word: str, parent: yaml.Mapping, schema: Schema, location: Location) -> str | None:
    """The key beside it in which it is known and missing: perhaps its line is only not indented."""
    for key in known_keys(schema, location):
        value, below = parent.values.get(key), (*location, key)
        if isinstance(value, yaml.Sequence) and value.children:
            value, below = value.children[-1], (*below, 0)
        if isinstance(value, yaml.Mapping) and word not in value.values and word in known_keys(schema, below):
            return key
    return None


def located(node: yaml.Node, location: Location) -> tuple[yaml.Node, Place, str]:
    """The node that a location leads to, as far as it exists; where it stands, and under which key."""
    place, key, name = node.place, node.place, ""
    for part in location:
        match node:
            case yaml.Mapping() if part in node.values:
                name, key = str(part), node.keys[str(part)]
                node = node.values[str(part)]
                place = node.place
            case yaml.Sequence() if isinstance(part, int) and part < len(node.children):
                node = node.children[part]
                place = node.place
            case _:
                return node, key if part == KEY else place, name
    return node, place, name


def aimed(place: Place, node: yaml.Node, detail: Mapping[str, Any]) -> Place:
    """A complaint about one key of a mapping points at that key."""
    wrong = detail.get("ctx", {}).get("error")
    if isinstance(wrong, Wrong) and wrong.key is not None and isinstance(node, yaml.Mapping):
        return node.keys.get(wrong.key, place)
    return place


def secret(node: yaml.Node) -> bool:
    """Whether a revealed value is in it."""
    match node:
        case yaml.Scalar():
            return node.secret
        case yaml.Mapping():
            return any(secret(child) for child in node.values.values())
        case yaml.Sequence():
            return any(secret(child) for child in node.children)


# The words for each type of complaint

Words = Callable[[Complaint], tuple[str, str]]


def said(complaint: Complaint, table: Mapping[str, Words] | None = None) -> tuple[str, str]:
    """What is wrong, and what would be right; `table` where it is not YAML that somebody wrote."""
    words = (table or SAID).get(complaint.error["type"], anything_else)
    return words(complaint)


def anything_else(complaint: Complaint) -> tuple[str, str]:
    about = f"`{complaint.name}`" if complaint.name else "what stands here"
    return f"{about} cannot be {complaint.value}", SEE_THE_SCHEMA


def not_a(noun: str, form: str) -> Words:
    def words(complaint: Complaint) -> tuple[str, str]:
        about = f"`{complaint.name}` is" if complaint.name else "here is"
        shown = complaint.value.strip("`")
        return f"{about} {complaint.value}, not {noun}", form.format(value=shown)

    return words


def out_of_range(complaint: Complaint) -> tuple[str, str]:
    (bound,) = complaint.context.values()
    limit = format_duration(bound) if hasattr(bound, "total_seconds") else bound
    return f"`{complaint.name}` is {complaint.value}", f"it must be {BOUNDS[complaint.error['type']]} {limit}"


BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
}


def not_among(complaint: Complaint) -> tuple[str, str]:
    key = complaint.error["loc"][-1] == KEY
    word = str(complaint.error["loc"][-2]) if key else complaint.value.strip("`")
    expected = str(complaint.context.get("expected", ""))
    possible = EXPECTED.findall(expected) or [expected]
    where = f"in `{complaint.name}`" if complaint.name and not key else "here"
    return f"{quoted(word)} is not possible {where}", complaint.guesses.remedy(
        word, possible, noun="possible are"
    )


def too_few(complaint: Complaint) -> tuple[str, str]:
    least = complaint.context.get("min_length", 1)
    return (
        f"`{complaint.name}` is empty" if least == 1 else f"`{complaint.name}` is too short",
        f"at least {least}{characters(complaint, least)} must stand here",
    )


def too_many(complaint: Complaint) -> tuple[str, str]:
    most, actual = complaint.context.get("max_length"), complaint.context.get("actual_length")
    if not isinstance(complaint.given, str) and actual is not None:
        return f"`{complaint.name}` has {actual} entries", f"at most {most} may stand here"
    return f"`{complaint.name}` is too long", f"at most {most}{characters(complaint, most)} are read"


def characters(complaint: Complaint, number: object) -> str:
    """What a text is counted in; nothing for the entries of a list."""
    if not isinstance(complaint.given, str):
        return ""
    return " character" if number == 1 else " characters"


def wrong(complaint: Complaint) -> tuple[str, str]:
    """Our own parsers say what and what instead; those of kinds say a sentence."""
    error = complaint.context.get("error")
    about = f"`{complaint.name}`: " if complaint.name else ""
    if isinstance(error, Misspelt) and (near := complaint.guesses.nearest(error.word, error.known())):
        return f"{about}{error.what}", f"did you mean `{near}`?"
    if isinstance(error, Wrong):
        return f"{'' if error.key else about}{error.what}", error.remedy
    what, _, remedy = str(error or complaint.error["msg"]).partition("; ")
    return f"{about}{what}", remedy or SEE_THE_SCHEMA


def no_text(complaint: Complaint) -> tuple[str, str]:
    return f"`{complaint.name}` is not valid text", "write it in UTF-8"


def no_zone(complaint: Complaint) -> tuple[str, str]:
    return f"`{complaint.name}` is without a time zone", "write it like 2026-01-05T09:00:00Z"


def not_one(noun: str, form: str, otherwise: str) -> Words:
    """The same; where a mapping, a list or nothing stands, `otherwise`: those are no part of the form."""
    written, left_open = not_a(noun, form), not_a(noun, otherwise)

    def words(complaint: Complaint) -> tuple[str, str]:
        several = complaint.given is None or isinstance(complaint.given, dict | list)
        return (left_open if several else written)(complaint)

    return words


TEXT = not_one("a text", 'put it in quotes: "{value}"', "write a text")
WHOLE = not_a("a whole number", "write a number, as 3")
NUMBER = not_a("a number", "write a number, as 3 or 0.5")
TRUTH = not_a("true or false", "write true or false; other words are only words in YAML 1.2")
LIST = not_one("a list", "write it as [{value}]", "begin each entry with `- `")
MAPPING = not_a("a mapping", "write `key: value` lines below it")

INSTANT = not_a("an instant", "write it like 2026-01-05T09:00:00Z")

SAID: dict[str, Words] = {
    "value_error": wrong,
    **dict.fromkeys(BOUNDS, out_of_range),
    **dict.fromkeys(("literal_error", "enum"), not_among),
    **dict.fromkeys(("too_short", "string_too_short"), too_few),
    **dict.fromkeys(("too_long", "string_too_long"), too_many),
    **dict.fromkeys(("string_type", "secret_type"), TEXT),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), WHOLE),
    **dict.fromkeys(
        ("float_type", "float_parsing", "finite_number", "decimal_type", "decimal_parsing"), NUMBER
    ),
    **dict.fromkeys(("bool_type", "bool_parsing"), TRUTH),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), LIST),
    **dict.fromkeys(
        ("model_type", "model_attributes_type", "dict_type", "mapping_type", "dataclass_type"), MAPPING
    ),
    **dict.fromkeys(("string_unicode", "string_sub_type"), no_text),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
        INSTANT,
    ),
    "timezone_aware": no_zone,
}
