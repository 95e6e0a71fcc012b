"""Whatever the core can say survives being stored: every record, fact and event, there and back."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from monitord.core.check import CheckResult, Outcome
from monitord.core.command import Comment
from monitord.core.health import Health
from monitord.store.codec import KINDS, coder, decode, decode_records, encode, encode_records
from monitord.store.faults import Undecodable

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PLAIN = {
    # `fold` tells two readings of a wall clock apart; UTC has none.
    datetime: st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    timedelta: st.timedeltas(),
    int: st.integers(-(2**63), 2**63 - 1),
    str: st.text(max_size=20),
    bool: st.booleans(),
    date: st.dates(),
    time: st.times().map(lambda at: at.replace(fold=0)),
    NoneType: st.none(),
}


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that a field with that annotation may hold."""
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is tuple:
        return tuples(get_args(hint))
    if isinstance(hint, UnionType):
        return st.one_of(*(values(part) for part in get_args(hint)))
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return st.builds(hint, **{field.name: values(hints[field.name]) for field in fields(hint)})
    return st.sampled_from(list(hint))


def tuples(parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if parts[-1] is Ellipsis:
        return st.lists(values(parts[0]), max_size=3).map(tuple)
    return st.tuples(*(values(part) for part in parts))


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=15, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_value_comes_back_the_same(kind: str, data: st.DataObject) -> None:
    value = data.draw(values(KINDS[kind]))

    back = decode(kind, encode(value))

    assert value == back
    assert repr(value) == repr(back)
    assert encode(value) == encode(back)


def test_no_two_classes_share_a_name() -> None:
    """A name that two classes bear would bring back the wrong one."""
    assert all(kind.__name__ == name for name, kind in KINDS.items())
    assert len(KINDS) == len({f"{kind.__module__}.{kind.__qualname__}" for kind in KINDS.values()})


def test_instants_come_back_in_utc_itself() -> None:
    health = decode("Health", encode(Health("web", since=NINE)))

    assert health.since.tzinfo is UTC


def test_another_zone_becomes_utc() -> None:
    at = NINE.astimezone(timezone(timedelta(hours=-6)))

    assert repr(NINE) == repr(decode("Health", encode(Health("web", since=at))).since)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(Undecodable, match="a stored Health cannot be read: since"):
        decode("Health", '{"probe":"web","since":"2026-01-05T09:00:00"}')


def test_a_field_that_an_older_version_did_not_write_takes_its_default() -> None:
    assert Health("web", up=False) == decode("Health", '{"probe":"web","up":false}')


def test_a_field_that_no_longer_exists_is_passed_over() -> None:
    assert Health("web") == decode("Health", '{"probe":"web","mood":"good"}')


def test_a_kind_that_nobody_knows_is_named() -> None:
    with pytest.raises(Undecodable, match="a Horoscope was stored, which this version does not know"):
        decode("Horoscope", "{}")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(Undecodable, match="a stored Comment cannot be read: by: Field required"):
        decode("Comment", '{"ticket":1,"text":"x"}')


def test_half_characters_from_outside_do_not_stop_a_commit() -> None:
    """A mail server's answer may be anything; SQLite and JSON are UTF-8."""
    comment = Comment(1, "bo", "caf\udce9")

    assert "caf?" == decode("Comment", encode(comment)).text


def test_records_travel_together() -> None:
    records = (Health("web", up=False), CheckResult("web", Outcome.OK, NINE, 'quote " and \\'))

    text = encode_records((type(record).__name__, encode(record)) for record in records)

    assert records == decode_records(text)
    assert ["Health", "CheckResult"] == [kind for kind, _ in json.loads(text)]


def test_a_class_is_looked_at_once() -> None:
    assert coder(Health) is coder(Health)
