"""Overrides: which of them count, and what each makes of an answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.override import Override, OverrideKind, Standing, in_force, settled

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BASE = Standing(("ann", "bo"), ("weekly",), (("weekly", 7),))


def override(kind: OverrideKind, who: str | None = None, by: str = "", **more: object) -> Override:
    made = Override("one", NOON, NOON + HOUR, kind, who, tuple(by.split()))
    return replace(made, **more)  # type: ignore[arg-type]


ALL, REPLACE, ADD, REMOVE = OverrideKind


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([override(ALL, by="cem dee")], "cem dee"),
        ([override(ALL)], ""),
        ([override(REPLACE, "ann", "cem")], "cem bo"),
        ([override(REPLACE, "ann", "cem dee")], "cem dee bo"),
        ([override(REPLACE, "ann", "bo")], "bo"),
        ([override(REPLACE, "sub", "cem")], "ann bo"),
        ([override(ADD, by="cem")], "ann bo cem"),
        ([override(ADD, by="ann")], "ann bo"),
        ([override(REMOVE, "ann")], "bo"),
        ([override(REMOVE, "sub")], "ann bo"),
        ([override(REPLACE, "ann", "cem"), override(REPLACE, "bo", "dee")], "cem dee"),
        ([override(REPLACE, "bo", "dee"), override(REPLACE, "ann", "cem")], "cem dee"),
        ([override(REMOVE, "ann"), override(ADD, by="cem")], "bo cem"),
        ([override(REPLACE, "ann", "cem"), override(REPLACE, "ann", "dee")], "dee bo"),
        ([override(REPLACE, "ann", "cem"), override(REMOVE, "ann")], "bo"),
        ([override(REMOVE, "ann"), override(REPLACE, "ann", "cem")], "cem bo"),
        ([override(REPLACE, "ann", "cem"), override(REPLACE, "cem", "dee")], "dee bo"),
        ([override(REMOVE, "ann"), override(ADD, by="ann")], "bo ann"),
        ([override(ADD, by="cem"), override(REMOVE, "cem")], "ann bo"),
        ([override(ALL, by="cem"), override(ADD, by="dee")], "cem dee"),
        ([override(ALL, by="cem"), override(REPLACE, "ann", "dee")], "cem"),
        ([override(REMOVE, "ann"), override(ALL, by="ann")], "ann"),
    ],
)
def test_overrides_about_different_people_compose_and_the_newer_wins(
    made: list[Override], expected: str
) -> None:
    """Oldest first, on ann and bo, who are on call together."""
    assert tuple(expected.split()) == settled(BASE, made).people


@pytest.mark.parametrize("made", [override(REPLACE, "sub", "cem"), override(REMOVE, "sub")])
def test_one_about_somebody_not_on_call_leaves_no_trace(made: Override) -> None:
    assert BASE == settled(BASE, [made])


def test_one_that_leaves_the_turn_in_place_keeps_its_layer_and_number() -> None:
    assert BASE._replace(people=("cem", "bo"), override=True) == settled(
        BASE, [override(REPLACE, "ann", "cem")]
    )


def test_replacing_everything_is_no_turn() -> None:
    assert Standing(("cem",), (), (), override=True) == settled(BASE, [override(ALL, by="cem")])
    assert Standing(("cem",), ("weekly",), (), override=True) == settled(
        BASE, [override(ALL, by="cem", layer="weekly")]
    )


def test_an_override_begins_at_its_start_and_is_over_at_its_end() -> None:
    made = override(ADD, by="cem")
    instants = [NOON - timedelta(seconds=1), NOON, NOON + HOUR - timedelta(seconds=1), NOON + HOUR]

    assert [[], [made], [made], []] == [in_force([made], at) for at in instants]


def test_run_time_wins_over_files_newer_over_older_later_lines_over_earlier() -> None:
    first = override(ADD, id="line 3", order=3)
    second = override(ADD, id="line 9", order=9)
    third = override(ADD, id="older", made_at=NOON - 2 * HOUR, order=5)
    fourth = override(ADD, id="newer", made_at=NOON - HOUR)
    fifth = override(ADD, id="same time", made_at=NOON - HOUR, order=1)

    assert [first, second, third, fourth, fifth] == in_force([fourth, second, fifth, first, third], NOON)


def test_one_that_replaces_everything_makes_older_ones_void() -> None:
    older = override(ADD, by="cem", order=1)
    clearing = override(ALL, by="dee", order=2)
    newer = override(REMOVE, "sub", order=3)

    assert [clearing, newer] == in_force([newer, older, clearing], NOON)


def test_one_that_replaces_a_layer_does_not() -> None:
    older = override(ADD, by="cem", order=1)
    layer = override(ALL, by="dee", order=2, layer="weekly")

    assert [older, layer] == in_force([layer, older], NOON)
