"""What SCIM says of itself here: what is supported, which resources there are, and their schema."""

from typing import Any

from monitord.web.ops.scim_words import CONFIG, COUNT_MAX, RESOURCE_TYPE, ROOT, SCHEMA, USER

NO = {"supported": False}


def config(url: str) -> dict[str, Any]:
    """RFC 7643, 5."""
    return {
        "schemas": [CONFIG],
        "documentationUri": f"{url}/docs/access",
        "patch": {"supported": True},
        "bulk": {**NO, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": COUNT_MAX},
        "changePassword": NO,
        "sort": NO,
        "etag": NO,
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "monitord token create NAME --machine --scope scim",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{url}{ROOT}/ServiceProviderConfig"},
    }


def resource_type(url: str) -> dict[str, Any]:
    """RFC 7643, 6."""
    return {
        "schemas": [RESOURCE_TYPE],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "Somebody who works here",
        "schema": USER,
        "meta": {"resourceType": "ResourceType", "location": f"{url}{ROOT}/ResourceTypes/User"},
    }


def attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    """RFC 7643, 7; what is not said is usual."""
    return {
        "name": name,
        "type": kind,
        "multiValued": False,
        "description": "",
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        **more,
    }


def schema(url: str) -> dict[str, Any]:
    """The attributes that are kept."""
    name = [attribute(each) for each in ("formatted", "familyName", "givenName")]
    email = [attribute("value"), attribute("type"), attribute("primary", "boolean")]
    return {
        "schemas": [SCHEMA],
        "id": USER,
        "name": "User",
        "description": "Somebody who works here",
        "attributes": [
            attribute("userName", required=True, uniqueness="server"),
            attribute("displayName"),
            attribute("name", "complex", subAttributes=name),
            attribute("emails", "complex", multiValued=True, subAttributes=email),
            attribute("active", "boolean", required=True),
        ],
        "meta": {"resourceType": "Schema", "location": f"{url}{ROOT}/Schemas/{USER}"},
    }
