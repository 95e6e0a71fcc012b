"""What people write about signing in at a provider: who it is, how we are known there, who is who."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr, WithJsonSchema

from monitord.config import limits
from monitord.config.problem import Discreet, Wrong, quoted
from monitord.config.settings import EMAIL, Oidc
from monitord.config.words import STRING, Name, in_quotes, line, text, web_address
from monitord.net.target import target

AT_HOME = ("localhost", "127.0.0.1", "::1")
CLAIM_CHARS_MAX = 100


def issuer_url(value: object) -> str:
    """Exactly as the provider calls itself: a slash at its end is part of it."""
    found = web_address(value)
    if "?" in found or "#" in found:
        raise Wrong(
            f"{quoted(found)} has a query or fragment", "write the issuer as the provider calls itself"
        )
    where = target(found)
    if where.scheme != "https" and where.host not in AT_HOME:
        raise Wrong(f"{quoted(found)} is not encrypted", "write it as https://login.example.org")
    return found


def secret(value: object) -> SecretStr:
    """What the provider knows us by. It is never quoted."""
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise Discreet("a secret is a text", "put it in quotes, or better behind ${credential:NAME}")
    if not 1 <= len(value) <= limits.ADDRESS_CHARS_MAX or not value.isprintable():
        raise Discreet(
            "this secret is empty, too long, or more than a line", "copy it from the provider anew"
        )
    return SecretStr(value)


def claim_name(value: object) -> str:
    found = text(value, in_quotes(value))
    if not found or len(found) > CLAIM_CHARS_MAX or not found.isprintable() or " " in found:
        raise Wrong(f"{quoted(found)} is not the name of a claim", "write it as email or preferred_username")
    return found


class OidcShape(BaseModel):
    """An OpenID provider at which people may sign in to the console: who it is, and which claim names them.

    `email` counts only if the provider has verified it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True)

    issuer: Annotated[str, BeforeValidator(issuer_url), WithJsonSchema({**STRING, "format": "uri"})]
    client_id: Annotated[str, BeforeValidator(line(limits.ADDRESS_CHARS_MAX)), WithJsonSchema(STRING)]
    client_secret: Annotated[
        SecretStr, BeforeValidator(secret), WithJsonSchema({**STRING, "format": "password"})
    ]
    claim: Annotated[str, BeforeValidator(claim_name), WithJsonSchema(STRING)] = EMAIL
    name: Name | None = None


def oidc(shape: OidcShape | None) -> Oidc | None:
    """The provider; unless it says its name, it is called by its host."""
    if shape is None:
        return None
    name = shape.name or target(shape.issuer).host
    return Oidc(name, shape.issuer, shape.client_id, shape.client_secret, shape.claim)
