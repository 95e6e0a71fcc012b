"""What an account may be called and have, and what is said of it; the same with a daemon and without one."""

from collections.abc import Collection
from typing import Annotated

from fastapi import Path
from pydantic import Field

from monitord.client.accounts import AccountRow
from monitord.core.check import Instant
from monitord.store.accounts import Account, Holder
from monitord.web.access.limits import NAME_CHARS_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN
from monitord.web.access.passwords import PasswordRefused, hashed
from monitord.web.ops.asked import Body
from monitord.web.ops.errors import did_you_mean
from monitord.web.refusal import No

CHAR = r"\s\x00-\x1f/"  # not one of these
SOME_NAME = f"^[^{CHAR}]*[^.{CHAR}][^{CHAR}]*$"  # `.` and `..` are no parts of an address
AccountName = Annotated[str, Path(min_length=1, max_length=NAME_CHARS_MAX, pattern=SOME_NAME)]
LENGTH = {"minLength": PASSWORD_CHARS_MIN, "maxLength": PASSWORD_CHARS_MAX}  # `hashed` says it in words
Password = Annotated[str, Field(json_schema_extra={**LENGTH})]


class Setting(Body):
    """`administrator` for a person: besides what the configuration gives them. Nobody's account is one."""

    password: Password = Field(repr=False)
    administrator: bool = False


def wanted(name: str, said: Setting, people: Collection[str], now: Instant) -> Account:
    """The account with that password; takes a while. Raises No."""
    try:
        stored = hashed(said.password)
    except PasswordRefused as refused:
        raise No(422, str(refused), "think of a longer one", "body.password") from refused
    person = name in people
    return Account(name, stored, said.administrator or not person, now, person)


def nothing_of(name: str, known: Collection[str]) -> No:
    """There is nothing to take away; `known` are those who have something."""
    return No(404, f"{name} has no password, no passkey and no session", did_you_mean(name, known))


def row(holder: Holder, people: Collection[str]) -> AccountRow:
    return AccountRow(
        name=holder.name,
        person=holder.name in people,
        administrator=holder.administrator,
        password=holder.password,
        sessions=holder.sessions,
        used=holder.used,
        passkeys=holder.passkeys,
    )
