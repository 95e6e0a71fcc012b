"""A SCIM User, read and written: of all that a directory knows about somebody we keep what says who they are.

Attributes that we do not keep (telephones, titles, extensions) are taken and forgotten, as RFC 7644, 3.3
allows: a directory need not be told to leave them out.
"""

from collections.abc import Mapping
from typing import Any

from monitord.core.employment import Address, Employment, Said
from monitord.web.ops.scim_words import ADDRESSES_MAX, CHARS_MAX, ROOT, USER, wrong

NAMES = {"formatted": "formatted", "givenName": "given", "familyName": "family"}
TEXTS = {"userName": "name", "externalId": "external", "displayName": "display"}
ALWAYS = ("schemas", "id")
TRUTHS = {"true": True, "false": False}  # Entra writes them as texts
Document = Mapping[str, Any]


def says_active(document: Document) -> bool:
    """Does it say whether they are here? Whoever is changed stays as they are if it does not."""
    return any(name.lower() == "active" for name in document)


def said_of(document: Document) -> Said:
    """What it says of somebody; names of attributes in any case. Raises Fault."""
    told = {name.lower(): value for name, value in document.items()}
    schemas = told.get("schemas", [USER])
    if not isinstance(schemas, list) or USER not in schemas:
        raise wrong(f"`schemas` must name {USER}", "invalidSyntax")
    texts = {ours: text(told.get(theirs.lower()), theirs) for theirs, ours in TEXTS.items()}
    if not texts["name"]:
        raise wrong("`userName` is missing")
    name = told.get("name") or {}
    if not isinstance(name, dict):
        raise wrong("`name` is an object")
    parts = {each.lower(): value for each, value in name.items()}
    texts |= {ours: text(parts.get(theirs.lower()), f"name.{theirs}") for theirs, ours in NAMES.items()}
    return Said(**texts, active=truth(told.get("active", True)), addresses=addresses(told.get("emails")))


def text(value: object, name: str) -> str:
    """A text in one line; "" for none. Raises Fault."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > CHARS_MAX or not value.isprintable():
        raise wrong(f"`{name}` is a text of at most {CHARS_MAX} characters in one line")
    return value.strip()


def truth(value: object, name: str = "active") -> bool:
    """Raises Fault."""
    found = TRUTHS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise wrong(f"`{name}` is true or false")
    return found


def addresses(value: object) -> tuple[Address, ...]:
    """Each once. Raises Fault."""
    entries = value if isinstance(value, list) else [] if value is None else [value]
    if len(entries) > ADDRESSES_MAX:
        raise wrong(f"there are at most {ADDRESSES_MAX} `emails` here")
    found = [address(each if isinstance(each, dict) else {"value": each}) for each in entries]
    return tuple({each.value: each for each in found if each.value}.values())


def address(entry: Document) -> Address:
    """Raises Fault."""
    primary = entry.get("primary")
    return Address(
        text(entry.get("value"), "emails.value"),
        text(entry.get("type"), "emails.type"),
        None if primary is None else truth(primary, "emails.primary"),
    )


def document_of(said: Said) -> dict[str, Any]:
    """The same as SCIM writes it; what is not known is left out."""
    name = {theirs: value for theirs, ours in NAMES.items() if (value := getattr(said, ours))}
    found = {
        "schemas": [USER],
        **{theirs: getattr(said, ours) for theirs, ours in TEXTS.items()},
        "name": name,
        "emails": [entry(each) for each in said.addresses],
    }
    return {**{key: value for key, value in found.items() if value}, "active": said.active}


def entry(address: Address) -> dict[str, Any]:
    found = {"value": address.value, "type": address.kind or None, "primary": address.primary}
    return {key: value for key, value in found.items() if value is not None}


def shaped(document: Document, asked: Document) -> dict[str, Any]:
    """Only the attributes that were asked for, or without those that were not (RFC 7644, 3.9)."""
    wanted, unwanted = (names_in(asked.get(each)) for each in ("attributes", "excludedAttributes"))
    return {
        name: value
        for name, value in document.items()
        if name in ALWAYS or ((not wanted or name.lower() in wanted) and name.lower() not in unwanted)
    }


def names_in(said: object) -> set[str]:
    """Top-level names, in lower case; a part of an attribute stands for all of it."""
    written = said if isinstance(said, list) else str(said or "").split(",")
    names = (str(each).strip().lower().removeprefix(f"{USER.lower()}:") for each in written)
    return {each.partition(".")[0] for each in names if each}


def resource(employment: Employment, url: str) -> dict[str, Any]:
    """What a directory is answered about one of them."""
    return {
        **document_of(employment.said),
        "id": employment.id,
        "meta": {
            "resourceType": "User",
            "created": instant(employment.made_at),
            "lastModified": instant(employment.changed_at),
            "location": location(employment, url),
        },
    }


def location(employment: Employment, url: str) -> str:
    return f"{url}{ROOT}/Users/{employment.id}"


def instant(at: Any) -> str:
    written: str = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return written
