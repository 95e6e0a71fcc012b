"""All facts and records: what has a time of its own is due for a fact, and everything has its place."""

from typing import get_args

from monitord.core.facts import DUE_FACTS, RECORDS, Due, Fact, Installation


def test_what_has_a_time_of_its_own_is_due_for_a_fact_of_its_own() -> None:
    assert set(get_args(Due)) == set(DUE_FACTS.values())
    assert len(DUE_FACTS) == len(set(DUE_FACTS.values()))
    assert set(get_args(Due)) <= set(get_args(Fact))
    assert set(DUE_FACTS) <= set(RECORDS)


def test_every_record_says_under_which_key_it_is_found() -> None:
    assert [] == [kind for kind in RECORDS if not hasattr(kind, "key")]


def test_there_is_one_installation() -> None:
    assert "" == Installation("e1", 8).key
