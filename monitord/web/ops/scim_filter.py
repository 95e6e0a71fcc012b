"""SCIM's filters, as far as directories ask here: one attribute that equals one value (RFC 7644, 3.4.2.2)."""

import json
import re
from collections.abc import Callable

from monitord.core.employment import Employment
from monitord.core.organization import folded
from monitord.web.ops.scim_words import FILTER_CHARS_MAX, wrong

FORM = re.compile(
    r'\s*([\w.]+|emails\[type eq "\w*"\]\.value)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false)\s*', re.IGNORECASE
)
KNOWN: dict[str, Callable[[Employment], tuple[str, ...]]] = {
    "id": lambda each: (each.id,),
    "username": lambda each: (folded(each.said.name),),
    "externalid": lambda each: (folded(each.said.external),),
    "displayname": lambda each: (folded(each.said.display),),
    "active": lambda each: (str(each.active).lower(),),
    "emails": lambda each: tuple(folded(address.value) for address in each.said.addresses),
}
Fits = Callable[[Employment], bool]


def fitting(written: str) -> Fits:
    """Whom the filter means; everybody without one. Raises Fault."""
    if not written:
        return lambda each: True
    found = FORM.fullmatch(written) if len(written) <= FILTER_CHARS_MAX else None
    attribute = re.split(r"[.\[]", found[1])[0].lower() if found else ""
    if found is None or attribute not in KNOWN:
        names = "userName, externalId, id, displayName, emails.value or active"
        raise wrong(f'a filter is ATTRIBUTE eq "VALUE" here, of {names}', "invalidFilter")
    wanted = value_of(found[2])
    return lambda each: wanted in KNOWN[attribute](each)


def value_of(written: str) -> str:
    """Raises Fault."""
    try:
        return folded(str(json.loads(written if written[0] == '"' else written.lower())))
    except ValueError as error:
        raise wrong("the value of the filter is no text of JSON", "invalidFilter") from error
