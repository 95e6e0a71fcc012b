"""Overrides from files and made at run time, in any order: who is on call is what an obvious account says."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.core.amendment import AddOverride, Amendment, OverrideAdded, RemoveOverride
from monitord.core.check import Instant
from monitord.core.organization import Person
from monitord.core.override import Override, OverrideKind
from monitord.core.roster import in_force
from monitord.core.rotation import Layer, Rotation, Turn, Unit, on_call, shifts
from monitord.core.swap import AcceptSwap, AskSwap, SwapAccepted
from monitord.core.world import Configuration
from tests.fakes.house import START, House

QUARTER = timedelta(minutes=15)
PEOPLE = ("ann", "bo", "cem", "dee")
BEGIN: datetime = START.replace(tzinfo=None)
DAILY = Layer("daily", (("ann",), ("bo", "cem")), BEGIN, Turn(4, Unit.HOURS))
HORIZON = 80  # quarters of an hour

people = st.sampled_from(PEOPLE)
comers = st.lists(people, min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def wishes(draw: st.DrawFn) -> AddOverride:
    kind = draw(st.sampled_from(OverrideKind))
    takes_away = kind in (OverrideKind.REPLACE, OverrideKind.REMOVE)
    begin = draw(st.integers(0, HORIZON))
    return AddOverride(
        rotation="primary",
        start=START + begin * QUARTER,
        end=START + (begin + draw(st.integers(1, 30))) * QUARTER,
        kind=kind,
        by=draw(people),
        why="something came up",
        who=draw(people) if takes_away else None,
        people=() if kind is OverrideKind.REMOVE else draw(comers),
        overruled=tuple(f"o{number}" for number in draw(st.sets(st.integers(1, 8), max_size=8))),
    )


removals = st.builds(RemoveOverride, st.integers(1, 8).map(lambda number: f"o{number}"), people)
pauses = st.integers(0, 6).map(lambda quarters: quarters * QUARTER)
acts = st.lists(st.tuples(pauses, wishes() | removals), max_size=12)
files = st.lists(wishes(), max_size=3).map(
    lambda found: tuple(
        Override(f"file {n}", w.start or START, w.end, w.kind, w.who, w.people, order=n)
        for n, w in enumerate(found)
    )
)


def house_of(overrides: tuple[Override, ...]) -> House:
    rotation = Rotation("primary", "UTC", layers=(DAILY,), overrides=overrides)
    return House(
        Configuration(people={name: Person(name, name) for name in PEOPLE}, rotations={"primary": rotation})
    )


def obvious(overrides: list[Override], at: Instant) -> tuple[str, ...]:
    """Whose turn it is, and then one override after the other, the newest last; of those that take the same
    person away only the newest."""
    turn = int((at - START) / (16 * QUARTER)) % 2
    said = list(DAILY.people[turn])
    for place, each in enumerate(overrides):
        taken_later = any(other.who == each.who for other in overrides[place + 1 :])
        if each.kind is OverrideKind.REPLACE_ALL:
            said = list(each.by)
        elif each.kind is OverrideKind.ADD:
            said += each.by
        elif each.who in said and not taken_later:
            where = said.index(each.who)
            said[where : where + 1] = each.by
        said = list(dict.fromkeys(said))
    return tuple(said)


def voided(overrides: list[Override]) -> list[Override]:
    """Without those that an `all` has made void."""
    alls = [place for place, each in enumerate(overrides) if each.kind is OverrideKind.REPLACE_ALL]
    return overrides[alls[-1] :] if alls else overrides


@settings(max_examples=150)
@given(files, acts)
def test_the_newest_wins_whether_from_a_file_or_made_at_run_time(
    written: tuple[Override, ...], acted: list[tuple[timedelta, AddOverride | RemoveOverride]]
) -> None:
    house = house_of(written)
    made: dict[str, Override] = {}
    for pause, act in acted:
        house.wait(pause)
        for event in house.do(act).events:
            if isinstance(event, OverrideAdded):
                made[event.amendment.id] = event.amendment.override
            elif isinstance(act, RemoveOverride) and act.override in made:
                known = made[act.override]
                if house.now < known.end:
                    made[act.override] = replace(known, end=max(house.now, known.start))

    rotation = in_force(house.world).rotations["primary"]
    for quarter in range(HORIZON + 31):
        at = START + quarter * QUARTER
        there = [each for each in (*written, *made.values()) if each.start <= at < each.end]
        assert obvious(voided(there), at) == on_call(rotation, at), at


@given(acts)
def test_what_is_removed_was_and_is_no_more(
    acted: list[tuple[timedelta, AddOverride | RemoveOverride]],
) -> None:
    """Shifts that are over by the time of an act are the same after it."""
    house = house_of(())
    for pause, act in acted:
        house.wait(pause)
        before = shifts(in_force(house.world).rotations["primary"], START, house.now)
        house.do(act)

        assert before == shifts(in_force(house.world).rotations["primary"], START, house.now)


@given(wishes(), st.permutations(PEOPLE))
def test_of_several_who_decide_the_same_exactly_one_wins(wish: AddOverride, askers: list[str]) -> None:
    house = house_of(())
    for asker in askers:
        house.do(replace(wish, by=asker, overruled=()))

    won = [each.by for each in house.world.all(Amendment)]
    assert (won == askers[:1]) or (wish.who in wish.people and not won)


@given(acts, st.integers(1, HORIZON), st.integers(1, 20), people, people)
def test_a_swap_changes_nobody_until_it_is_accepted_and_then_only_those_two(
    acted: list[tuple[timedelta, AddOverride | RemoveOverride]],
    begin: int,
    lasts: int,
    giver: str,
    taker: str,
) -> None:
    house = house_of(())
    for _, act in acted:
        house.do(act)
    start = START + begin * QUARTER
    span = (START, START + (HORIZON + 31) * QUARTER)
    before = shifts(in_force(house.world).rotations["primary"], *span)

    house.do(AskSwap("primary", giver, taker, start, start + lasts * QUARTER, giver, "a wedding"))
    assert before == shifts(in_force(house.world).rotations["primary"], *span)

    accepted = house.do(AcceptSwap("w1", taker))
    after = in_force(house.world).rotations["primary"]
    if not any(isinstance(event, SwapAccepted) for event in accepted.events):
        assert before == shifts(after, *span)
        return
    for shift in before:
        there = set(on_call(after, shift.start))
        assert set(shift.people) - {giver} <= there <= set(shift.people) | {taker}
