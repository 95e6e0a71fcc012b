"""SCIM's PATCH (RFC 7644, 3.5.2): operations on what is known of somebody, as Okta and Entra write them.

A path names an attribute, or a part of one (`name.givenName`, `emails[type eq "work"].value`); without a path
the value is an object of such paths. Attributes that we do not keep are passed over.
"""

import re
from collections.abc import Mapping
from typing import Any

from monitord.core.employment import Said
from monitord.web.ops.scim_resource import NAMES, TEXTS, document_of, said_of
from monitord.web.ops.scim_words import OPERATIONS_MAX, PATCH, USER, wrong

WORDS = ("add", "replace", "remove")
PATHS = re.compile(r"([A-Za-z$][\w$-]{0,60})(\[[^\[\]]{0,200}\])?(?:\.([A-Za-z$][\w$-]{0,60}))?")
EXTENSION = re.compile(r"urn:[\w.:-]{1,200}", re.IGNORECASE)
KIND = re.compile(r'\[\s*type\s+eq\s+"([^"]{0,100})"\s*\]', re.IGNORECASE)
ATTRIBUTES = {each.lower(): each for each in (*TEXTS, "active", "name", "emails")}
PARTS = {each.lower(): each for each in NAMES}


def patched(said: Said, body: Mapping[str, Any]) -> Said:
    """What is said of somebody after all of these operations. Raises Fault."""
    told = {name.lower(): value for name, value in body.items()}
    operations, schemas = told.get("operations"), told.get("schemas")
    named = isinstance(schemas, list) and PATCH in schemas
    if not named or not isinstance(operations, list) or not operations:
        raise wrong(f"a PATCH has `schemas` with {PATCH}, and `Operations`", "invalidSyntax")
    if len(operations) > OPERATIONS_MAX:
        raise wrong(f"a PATCH has at most {OPERATIONS_MAX} operations here", "invalidSyntax")
    document = document_of(said)
    for operation in operations:
        operate(document, operation)
    return said_of(document)


def operate(document: dict[str, Any], operation: object) -> None:
    """One operation on the document. Raises Fault."""
    if not isinstance(operation, dict):
        raise wrong("an operation is an object", "invalidSyntax")
    told = {name.lower(): value for name, value in operation.items()}
    word, path, value = str(told.get("op", "")).lower(), told.get("path"), told.get("value")
    if word not in WORDS:
        raise wrong(f"`op` is one of {', '.join(WORDS)}", "invalidSyntax")
    if path is not None and not isinstance(path, str):
        raise wrong("`path` is a text", "invalidPath")
    if path:
        set_at(document, path, None if word == "remove" else value, word)
    elif word == "remove":
        raise wrong("`remove` needs a path", "noTarget")
    elif isinstance(value, dict):
        for name, each in value.items():
            set_at(document, name, each, word)
    else:
        raise wrong("without a path the value is an object")


def set_at(document: dict[str, Any], path: str, value: Any, word: str) -> None:
    """Let the document say that there. Raises Fault."""
    within = path[len(USER) + 1 :] if path.lower().startswith(USER.lower() + ":") else path
    if EXTENSION.match(within) or within.lower() == "schemas":
        return  # an extension, of which nothing is kept
    found = PATHS.fullmatch(within)
    if found is None:
        raise wrong(f"this is no path that can be followed: {path:.80}", "invalidPath")
    attribute, part = ATTRIBUTES.get(found[1].lower()), found[3]
    if attribute == "active" and value is None:
        raise wrong("`active` is true or false, and cannot be removed", "mutability")
    if attribute == "name":
        set_name(document, value, part)
    elif attribute == "emails":
        set_emails(document, value, found[2], part, word)
    elif attribute is not None:
        document[attribute] = value


def set_name(document: dict[str, Any], value: Any, part: str | None) -> None:
    name = document.get("name") or {}
    if not isinstance(name, dict):
        raise wrong("`name` is an object")
    if part is None:
        document["name"] = {**name, **value} if isinstance(value, dict) else value
    elif part.lower() in PARTS:
        document["name"] = {**name, PARTS[part.lower()]: value}


def set_emails(document: dict[str, Any], value: Any, which: str | None, part: str | None, word: str) -> None:
    """The whole list; or a part of those that are meant, of the first one where the path does not say."""
    known = [dict(each) if isinstance(each, dict) else {"value": each} for each in document.get("emails", [])]
    if which is None and part is None:
        added = value if isinstance(value, list) else [] if value is None else [value]
        document["emails"] = [*known, *added] if word == "add" else added
        return
    kind = kind_in(which)
    meant = [each for each in known if kind is None or each.get("type") == kind]
    if kind is None:
        meant = meant[:1]
    if value is None and part is None:
        document["emails"] = [each for each in known if each not in meant]
        return
    if not meant:
        meant = [{} if kind is None else {"type": kind}]
        known += meant
    for each in meant:
        each.update(value if part is None and isinstance(value, dict) else {part or "value": value})
    document["emails"] = known


def kind_in(which: str | None) -> str | None:
    """The type of address that a path means; None for whichever is first. Raises Fault."""
    if which is None:
        return None
    found = KIND.fullmatch(which)
    if found is None:
        raise wrong(f'an address is meant by [type eq "work"] here, not by {which:.80}', "invalidFilter")
    return found[1]
