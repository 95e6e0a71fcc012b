"""What strangers send: read within limits, refused with the place of the mistake."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitord.net.documents import (
    Unreadable,
    fields_twice,
    read_document,
    read_fields,
    read_json,
    read_list,
    read_object,
    read_text,
)
from monitord.net.instants import read_instant, rfc3339, sane
from monitord.net.json_text import DEPTH_MAX, Twice, deeper_than

NOW = datetime(2026, 11, 22, 1, 21, 48, tzinfo=UTC)


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_json_is_read_up_to_its_depth() -> None:
    assert nested(DEPTH_MAX) == read_json(json.dumps(nested(DEPTH_MAX)).encode())
    assert {"a": 1} == read_object(b'\xef\xbb\xbf{"a": 1}')
    assert not deeper_than(nested(3), 3)
    assert deeper_than({"a": {"b": {}}}, 1)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xc3\x28", "byte 0 is 0xc3"),
        (b'{"a": 1,}', "line 1, column 9"),
        (b"{\n\n x}", "line 3, column 2"),
        (b'{"a":\n -Infinity}', "-Infinity in line 2, column 2 is no number"),
        (json.dumps(nested(DEPTH_MAX + 1)).encode(), "nested more than 32 deep"),
        (b"[" * 200_000, "nested more than 32 deep"),
        (
            b'{"a": -' + b"9" * 6000 + b"}",
            "the number in line 1, column 7 has 6000 digits; write a shorter one",
        ),
        (b"[]", "a list, not an object"),
    ],
)
def test_what_is_no_document_is_refused_with_the_place(body: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says) as refused:
        read_object(body)

    assert 400 == refused.value.status


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "the body is empty"),
        (b"{'a': 1}", "a key is expected in line 1, column 2; a text and every key stand in double quotes"),
        (b'{"a": yes}', "a value is expected in line 1, column 7; write a text in double quotes"),
        (b'{"a" 1}', "a `:` is missing after the key in line 1, column 6"),
        (b'{"a": 1 "b": 2}', "a `,` or the end is expected in line 1, column 9; put a comma"),
        (b"{} {}", "something stands behind the end in line 1, column 4"),
        (b'{"a": "b', "a text begins that does not end in line 1, column 7"),
        (b'{"a": "b\nc"}', "a line break or control character stands in a text"),
        (b'{"a": "C:\\dir"}', r"no such escape in line 1, column 10; write \\ for a backslash"),
        (b'{"a": "\\u12"}', "no such escape"),
    ],
)
def test_what_is_not_json_is_said_in_our_words(body: bytes, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_object(body)

    assert says in str(refused.value)


def test_what_stands_twice_is_found_wherever_it_stands() -> None:
    body = b'{"a": 1, "b": [{"c": {"d": 1, "d": 2, "d": 3}}, {"a": 1}], "a": 2}'

    found = read_document(body)

    assert {"a": 2, "b": [{"c": {"d": 3}}, {"a": 1}]} == found.value
    assert (Twice("b.0.c.d", 3), Twice("a", 2)) == found.twice
    assert (Twice("a", 2),) == fields_twice(read_fields("a=1&b=2&a="))


def test_a_list_has_a_length() -> None:
    assert [1] == read_list(b"[1]")
    with pytest.raises(Unreadable) as refused:
        read_list(b"[" + b"1," * 10_000 + b"1]")
    assert 413 == refused.value.status


def test_forms() -> None:
    assert (("a", "1"), ("a", "2"), ("b", "")) == read_fields("a=1&a=2&b=")
    for wrong in ("&".join(f"a{n}=1" for n in range(201)), "a=%ff"):
        with pytest.raises(Unreadable):
            read_fields(wrong)


def test_text_is_utf_8() -> None:
    assert "ä" == read_text("ä".encode())
    with pytest.raises(Unreadable, match="byte 1 is 0xff"):
        read_text(b"a\xff")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-22T01:21:48Z", NOW),
        ("2026-11-22T01:21:48.000000000Z", NOW),
        ("2026-11-22T02:21:48+0100", NOW),
        ("2026-11-22 01:21:48", NOW),
        (1795310508, NOW),
        (1795310508000, NOW),
        ("1795310508", NOW),
        ("0001-01-01T00:00:00Z", None),
        ("+00:00Z", None),
        ("soon", None),
        ("", None),
        (True, None),
        (None, None),
        (float("inf"), None),
        (10**400, None),
        ("9999-12-31T23:59:59-23:00", None),
    ],
)
def test_instants_as_strangers_write_them(written: object, meant: datetime | None) -> None:
    assert meant == read_instant(written)


def test_an_instant_that_no_clock_will_see_is_none() -> None:
    assert NOW == sane(NOW, NOW)
    assert None is sane(NOW + timedelta(days=4000), NOW)
    assert "2026-11-22T01:21:48.000Z" == rfc3339(NOW)
