"""SCIM's own words (RFC 7643, RFC 7644): its schemas, its media type, and what it says of mistakes."""

import json
from collections.abc import Mapping
from typing import Any

from monitord.web.answers import Answer, Headers
from monitord.web.ops.envelope import API_HEADERS

ROOT = "/scim/v2"
SCOPE = "scim"  # what a token must have
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
MEDIA = (b"content-type", b"application/scim+json; charset=utf-8")

BODY_BYTES_MAX = 64 * 1024
CHARS_MAX = 254  # of each text
ADDRESSES_MAX = 20
OPERATIONS_MAX = 50
FILTER_CHARS_MAX = 1000
COUNT, COUNT_MAX = 100, 200  # of one page


class Fault(Exception):
    """`word` is the scimType (RFC 7644, table 9), if there is one."""

    def __init__(self, status: int, detail: str, word: str = "", *headers: tuple[bytes, bytes]) -> None:
        super().__init__(detail)
        self.status, self.detail, self.word, self.headers = status, detail, word, headers

    def answer(self) -> Answer:
        said = {"schemas": [ERROR], "status": str(self.status), "detail": self.detail}
        return told(self.status, {**said, **({"scimType": self.word} if self.word else {})}, *self.headers)


def wrong(detail: str, word: str = "invalidValue") -> Fault:
    return Fault(400, detail, word)


def told(status: int, said: Mapping[str, Any] | None, *more: tuple[bytes, bytes]) -> Answer:
    """An answer in SCIM's form; None is one without a body."""
    headers: Headers = (*((MEDIA,) if said is not None else ()), *API_HEADERS, *more)
    return Answer(status, json.dumps(said).encode() + b"\n" if said is not None else b"", headers)


def listed(resources: list[dict[str, Any]], total: int, first: int) -> dict[str, Any]:
    """A page of them (RFC 7644, 3.4.2)."""
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": first,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }
