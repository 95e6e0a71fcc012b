"""A body for each act that needs one, as the OpenAPI document shows it; a test sends them all."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "open_ticket": {
        "title": "The card reader of the second till is dead",
        "service": "shop",
        "priority": "high",
        "text": "Since noon; cash works.",
    },
    "hand_over_ticket": {"to": "bo"},
    "resolve_ticket": {"note": "The certificate was renewed", "hold_until_clear": True},
    "reopen_ticket": {"note": "It is back for some customers"},
    "comment_on_ticket": {"text": "Failing over to db2, ten minutes"},
    "snooze_ticket": {"until": "2026-11-22T15:00:00Z"},
    "set_priority_of_ticket": {"priority": "medium"},
    "set_severity_of_ticket": {"severity": 2},
    "call_everybody_for_ticket": {"confirm": "everybody", "text": "The other site is down as well"},
    "page_for_ticket": {"whom": ["dee"], "text": "Please call the supplier"},
    "page_people": {"whom": ["support"], "text": "Meet in the war room"},
    "call_everybody": {"text": "The data centre is on fire", "confirm": "everybody"},
    "begin_incident": {
        "title": "Slow checkout",
        "body": "Payments take longer than usual. We look into it.",
        "phase": "investigating",
        "affects": {"shop": "degraded"},
    },
    "write_post": {"body": "We have found the cause.", "phase": "identified"},
    "add_silence": {
        "matchers": [{"name": "service", "value": "mail"}],
        "reason": "The mail server moves to another rack",
        "end": "2026-11-22T10:00:00Z",
    },
    "add_override": {
        "rotation": "primary",
        "start": "2026-11-22T08:00:00Z",
        "end": "2026-11-22T20:00:00Z",
        "kind": "replace",
        "who": "ann",
        "people": ["bo"],
        "why": "ann is ill",
    },
    "add_leave": {
        "person": "ann",
        "start": "2026-12-24T00:00:00Z",
        "end": "2026-12-28T00:00:00Z",
        "why": "skiing",
        "cover": "cem",
    },
    "ask_swap": {
        "rotation": "primary",
        "start": "2026-11-24T08:00:00Z",
        "end": "2026-11-24T20:00:00Z",
        "giver": "ann",
        "taker": "cem",
        "why": "a wedding",
    },
    "verify_contact": {"person": "ann", "address": "ann@example.org"},
    "confirm_contact": {"person": "ann", "address": "ann@example.org", "code": "123456"},
    "create_token": {"owner": "ann", "scopes": ["respond"], "note": "ann's telephone"},
    "set_password": {"password": "correct horse battery staple"},
}
