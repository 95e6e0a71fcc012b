"""What each way to be told owes us, whoever wrote it: a new file in the folder is tested here unnamed."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter

import monitord.inbound
from monitord.config.inlet_shapes import IntegrationShape
from monitord.kinds import Beat, Inbound, Kind, Reply, Request, Route, Said, Standing, discover
from monitord.net.documents import Unreadable

FOUND = discover(monitord.inbound, "monitord.inbound")
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOBODY = Standing("any", (), (), NOW, NOW)
CANARY = "canary-7f3a"  # stands for a secret

every_inbound = pytest.mark.parametrize("kind", FOUND.kinds.values(), ids=lambda kind: kind.name)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("alerts", "labels", "annotations", "status", "startsAt", "endsAt", "fingerprint"),
                    *("groupKey", "truncatedAlerts", "matchers", "name", "value", "title", "key", "state"),
                )
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)
BODIES = (
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"{}",
    b'"\\ud800"',
    b'{"alerts": [{}]}',
    b'[{"labels": {"a": "\\ud800"}}]',
    b'{"title": "\\u0000\\ud800", "status": "\\u202e"}',
    b"[" * 600,
    b'{"title": "' + b"x" * 100_000 + b'"}',
    b"1" * 5000,
    b"title=a&title=b",
)


@cache
def example(kind: Kind[Inbound[Any]]) -> Any:
    """The options of the manual's example; its other keys are those of every integration."""
    written = yaml.safe_load(kind.example)
    ours = {field.name for field in fields(kind.spec.options)}
    return TypeAdapter(kind.spec.options).validate_python(
        {key: value for key, value in written.items() if key in ours}
    )


def telling(kind: Kind[Inbound[Any]]) -> list[Route]:
    return [route for route in kind.spec.routes if route.tells]


def asked(kind: Kind[Inbound[Any]], route: Route, body: bytes, **headers: str) -> Reply | None:
    """What the kind makes of it; None if it refuses to understand."""
    request = Request(route.method, route.path.replace("{}", "s1"), (), headers, body)
    try:
        if route.tells:
            return kind.spec.read(example(kind), request, NOW)
        assert kind.spec.answer is not None
        return kind.spec.answer(example(kind), request, NOBODY)
    except Unreadable as error:
        refused(kind, error)
        return None


def refused(kind: Kind[Inbound[Any]], error: Unreadable) -> None:
    refusal = kind.spec.refuse(error.status, str(error))
    assert 400 <= refusal.status < 500
    assert str(error).isprintable()


def test_no_inbound_is_disabled() -> None:
    assert () == FOUND.problems
    assert {"alertmanager", "generic", "heartbeat"} <= FOUND.kinds.keys()


@every_inbound
def test_options_are_frozen_and_can_be_told_apart(kind: Kind[Inbound[Any]]) -> None:
    assert is_dataclass(kind.spec.options)
    assert kind.spec.options.__dataclass_params__.frozen
    assert hash(example(kind)) == hash(example(kind))


@every_inbound
def test_the_example_of_the_manual_loads(kind: Kind[Inbound[Any]]) -> None:
    written = yaml.safe_load(kind.example)
    ours = {field.name for field in fields(kind.spec.options)}
    assert kind.name == written["kind"]
    assert set(written) - ours <= set(IntegrationShape.model_fields)
    assert isinstance(example(kind), kind.spec.options)
    assert isinstance(kind.spec.options(), kind.spec.options)


@every_inbound
def test_the_manual_begins_with_the_name(kind: Kind[Inbound[Any]]) -> None:
    assert kind.manual.startswith(f"{kind.name}: ")


@every_inbound
def test_the_options_have_a_json_schema_and_no_key_of_every_integration(kind: Kind[Inbound[Any]]) -> None:
    ours = {field.name for field in fields(kind.spec.options)}
    assert not ours & set(IntegrationShape.model_fields)
    assert TypeAdapter(kind.spec.options).json_schema()["type"] == "object"


@every_inbound
def test_it_can_be_told_something_at_its_own_address(kind: Kind[Inbound[Any]]) -> None:
    assert [route for route in telling(kind) if route.path == ""]
    assert all(route.method.isupper() for route in kind.spec.routes)
    assert all(route.path == "" or route.path.startswith("/") for route in kind.spec.routes)
    assert not [route for route in telling(kind) if route.open], "whoever tells something shows a secret"


@every_inbound
@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
def test_whatever_comes_there_is_an_answer_or_a_refusal(kind: Kind[Inbound[Any]], body: bytes) -> None:
    for route in kind.spec.routes:
        for coding in ("application/json", "application/x-www-form-urlencoded"):
            reply = asked(kind, route, body, **{"content-type": coding})
            if reply is not None:
                storable(reply)


@every_inbound
@settings(max_examples=12)
@given(document=JSON)
def test_whatever_json_comes_what_is_heard_can_be_stored(kind: Kind[Inbound[Any]], document: Any) -> None:
    body = json.dumps(document).encode()
    for route in telling(kind):
        first = asked(kind, route, body, **{"content-type": "application/json"})
        assert first == asked(kind, route, body, **{"content-type": "application/json"}), "it is no function"
        if first is not None:
            storable(first)


def storable(reply: Reply) -> None:
    """Everything in it is bounded, in one line, and text that UTF-8 has."""
    for each in reply.heard:
        if isinstance(each, Beat):
            continue
        assert isinstance(each, Said)
        assert each.key and len(each.key) <= 200 and each.key.isprintable()
        assert each.title.isprintable() and len(each.title) <= 200
        assert each.summary.isprintable() and len(each.summary) <= 300
        assert len(each.labels) <= 64
        for text in (each.key, each.title, each.group, *(word for pair in each.labels for word in pair)):
            text.encode()


@every_inbound
def test_a_refusal_says_why(kind: Kind[Inbound[Any]]) -> None:
    reply = kind.spec.refuse(503, "monitord is starting")

    assert (503, ()) == (reply.status, reply.heard)
    assert b"monitord is starting" in reply.body


@every_inbound
def test_secrets_are_never_shown(kind: Kind[Inbound[Any]]) -> None:
    secret = {
        field.name: SecretStr(CANARY)
        for field in fields(kind.spec.options)
        if isinstance(getattr(example(kind), field.name), SecretStr)
    }
    assert CANARY not in repr(secret)
