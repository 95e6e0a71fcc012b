"""The address of a calendar elsewhere, as people write it; whoever knows it can read the calendar."""

from typing import Annotated

from pydantic import BeforeValidator, SecretStr, WithJsonSchema

from monitord.config.limits import URL_CHARS_MAX
from monitord.config.problem import Discreet
from monitord.net.target import target

HIDDEN = {"type": "string", "format": "password"}
FORM = "write it as https://calendar.example.org/ann.ics, or better behind ${credential:NAME}"
SUBSCRIBED = "webcal://"


def calendar_address(value: object) -> SecretStr:
    """It is never quoted; `webcal:` is what links for calendar programs say for `https:`."""
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str) or len(value) > URL_CHARS_MAX:
        raise Discreet("this is not the address of a calendar", FORM)
    address = f"https://{value[len(SUBSCRIBED) :]}" if value.startswith(SUBSCRIBED) else value
    try:
        target(address)
    except ValueError as error:
        raise Discreet("this is not the address of a calendar", FORM) from error
    return SecretStr(address)


CalendarAddress = Annotated[SecretStr, BeforeValidator(calendar_address), WithJsonSchema(HIDDEN)]
