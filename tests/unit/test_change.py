"""What a changed configuration would alter: gaps, nights, other people; said as a comment in Markdown."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from monitord.cli.simulated_change import markdown
from monitord.core.organization import ContactMethod, Person, Quiet, Service
from monitord.core.override import Override, OverrideKind
from monitord.core.policy import EACH, Policy, Tier
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration
from monitord.play.change import Change, Gap, Nights, compare
from tests.unit.cli import answer, run
from tests.unit.config_tree import tree

START = datetime(2026, 12, 21, 9, tzinfo=UTC)
MONTH = timedelta(days=28)
CHRISTMAS = (datetime(2026, 12, 24, 8, tzinfo=UTC), datetime(2026, 12, 24, 12, tzinfo=UTC))
WEEKLY = Layer("weekly", (("ann",), ("bo",)), start=datetime(2026, 12, 21, 9), turn=Turn(1, Unit.WEEKS))
TREE = """\
services: {shop: {policies: {default: up}}}
policies: {up: {tiers: [{page: [primary], for: 5m}, {page: [cem], for: 10m}]}}
"""
PRIMARY = "rotation: primary\nlayers: [{people: [ann, bo], start: 2026-12-21 09:00, turn: 1 week}]\n"


def configuration(rotation: Rotation | None = None, *tiers: Tier) -> Configuration:
    """Primary, then cem; ann and bo take weekly turns."""
    way = tiers or (Tier(("primary",), timedelta(minutes=5)), Tier(("cem",), timedelta(minutes=10)))
    return Configuration(
        services={"shop": Service("shop", "Shop", policies=(("default", "up"),))},
        people={
            name: Person(name, name, "UTC", (ContactMethod("email", f"{name}@x"),))
            for name in ("ann", "bo", "cem")
        },
        rotations={"primary": rotation or Rotation("primary", "UTC", layers=(WEEKLY,))},
        policies={"up": Policy("up", way)},
    )


def changed(after: Configuration, before: Configuration | None = None) -> Change:
    return compare(before or configuration(), after, START, MONTH)


def comment(change: Change) -> list[str]:
    return list(markdown(change, ZoneInfo("UTC")))


def with_people(*people: tuple[str, ...]) -> Rotation:
    return Rotation("primary", "UTC", layers=(replace(WEEKLY, people=people),))


def cleared(start: datetime, end: datetime) -> Rotation:
    away = Override("away", start, end, OverrideKind.REMOVE, who="ann")
    return Rotation("primary", "UTC", layers=(WEEKLY,), overrides=(away,))


def test_a_change_of_nothing_alters_nothing() -> None:
    found = changed(configuration())

    assert not found.harms
    assert "- nobody is called at another time, or in another way" == comment(found)[-1]


def test_the_same_people_at_other_times_are_said_with_the_times() -> None:
    """Tier 1 has 45 minutes instead of 5: everybody after it comes later."""
    slower = Tier(("primary",), timedelta(minutes=45)), Tier(("cem",), timedelta(minutes=10))
    found = comment(changed(configuration(None, *slower)))

    assert "- the same people are called, at other times" in found
    assert "| Mon 21 Dec 09:00 – Mon 28 Dec 09:00 | ann → cem after 5m | ann → cem after 45m |" in found


def test_what_else_is_written_otherwise_is_said() -> None:
    tiers = Tier(("primary",), timedelta(minutes=5), EACH), Tier(("cem",), timedelta(minutes=10))
    after = configuration(None, *tiers)
    hours = Workhours((0, 1), ((time(9), time(17)),), "UTC")
    policy = replace(after.policies["up"], acknowledgement_lasts=timedelta(hours=2), only=hours)
    ann = replace(after.people["ann"], quiet=Quiet(((time(22), time(7)),)))
    found = comment(changed(replace(after, policies={"up": policy}, people={**after.people, "ann": ann})))

    assert [
        "- **up**: acknowledgements that tier 1 takes: each, no longer any",
        "- **up**: how long an acknowledgement lasts: 2h, no longer 30m",
        "- **up**: the hours in which it pages: mon tue 09:00-17:00 UTC, no longer none",
        "- **ann**: quiet hours: every day 22:00-07:00, no longer none",
    ] == found[4:8]


def test_who_is_called_first_at_night_is_counted() -> None:
    found = changed(configuration(with_people(("ann",), ("cem",))))

    assert (Nights("bo", 14, 0), Nights("cem", 0, 14)) == found.nights
    assert "- wakes **cem** on 14 more nights (0 before, 14 after)" in comment(found)
    assert not found.harms


def test_who_is_called_instead_is_a_row_for_each_time() -> None:
    found = changed(configuration(with_people(("ann",), ("cem",))))

    assert [
        "#### shop: urgent, high, medium, low (policy `up`)",
        "",
        "| when | before | after |",
        "| --- | --- | --- |",
        "| Mon 28 Dec 09:00 – Mon 4 Jan 09:00 | bo → cem | cem → cem |",
        "| Mon 11 Jan 09:00 – Mon 18 Jan 09:00 | bo → cem | cem → cem |",
    ] == comment(found)[-6:]


def test_a_gap_that_opens_is_said_with_its_time() -> None:
    found = changed(configuration(cleared(*CHRISTMAS)))

    assert (Gap("up", 1, ("primary",), *CHRISTMAS),) == found.opened
    assert found.harms
    assert "- **opens a gap**: policy `up`, tier 1 (primary): Thu 24 Dec 08:00 – 12:00" in comment(found)


def test_a_gap_that_goes_on_has_no_end() -> None:
    ended = Rotation("primary", "UTC", layers=(replace(WEEKLY, until=datetime(2026, 12, 31)),))
    found = comment(changed(configuration(ended)))

    assert "- **opens a gap**: policy `up`, tier 1 (primary): from Thu 31 Dec 00:00 on" in found


def test_a_gap_that_closes_harms_nobody() -> None:
    found = changed(configuration(), before=configuration(cleared(*CHRISTMAS)))

    assert ((), (Gap("up", 1, ("primary",), *CHRISTMAS),)) == (found.opened, found.closed)
    assert not found.harms


def test_many_gaps_of_a_tier_are_one_line() -> None:
    office = Rotation("primary", "UTC", layers=(replace(WEEKLY, hours=((time(9), time(17)),)),))

    said = next(line for line in comment(changed(configuration(office))) if "opens" in line)

    assert said.startswith(
        "- **opens 28 gaps**: policy `up`, tier 1 (primary): Mon 21 Dec 17:00 – Tue 22 Dec 09:00, "
    )
    assert said.endswith(", and 25 more")


def test_a_policy_whose_last_tier_has_nobody_any_more_is_a_dead_end() -> None:
    only = Tier(("primary",), timedelta(minutes=5))

    found = changed(configuration(cleared(*CHRISTMAS), only), before=configuration(None, only))

    assert ("up",) == found.dead_ends
    assert "- **policy `up` no longer ends in people**" in comment(found)


def test_a_service_that_loses_its_policy_is_a_dead_end() -> None:
    bare = replace(configuration(), services={"shop": Service("shop", "Shop")})

    found = changed(bare)

    assert found.harms
    assert "| Mon 21 Dec 09:00 – Mon 28 Dec 09:00 | ann → cem | **nobody** |" in comment(found)


def test_a_person_who_loses_every_contact_method_opens_a_gap() -> None:
    known = configuration()
    mute = replace(known, people={**known.people, "cem": replace(known.people["cem"], reach=())})

    found = changed(mute)

    assert ("up",) == found.dead_ends
    assert [("up", 2)] == [(gap.policy, gap.tier) for gap in found.opened]
    assert "- reaches **cem** by nothing, no longer by email cem@x" in comment(found)


def test_a_shorter_way_up_opens_no_gap() -> None:
    found = changed(configuration(None, Tier(("cem",), timedelta(minutes=5))))

    assert not found.harms


def test_the_command_exits_1_if_a_gap_opens(tmp_path: Path) -> None:
    before = tree(tmp_path / "before", TREE, primary=PRIMARY)
    office = PRIMARY.replace("turn: 1 week", 'turn: 1 week, hours: ["09:00-17:00"]')
    tree(tmp_path / "after", TREE, primary=office)
    words = ("simulate", "--change", tmp_path / "after", "--at", "2026-12-21 09:00", "--days", "1")

    ran = run(*words, "--config", before)
    found = answer(run(*words, "--json", "--config", before))

    assert 1 == ran.exit_code
    assert "- **opens a gap**: policy `up`, tier 1 (primary): from Mon 21 Dec 17:00 on\n" in ran.stdout
    assert [{"person": "ann", "before": 1, "after": 0}, {"person": "cem", "before": 0, "after": 1}] == found[
        "nights"
    ]
    assert [[["ann"], ["cem"]], [[], ["cem"]]] == [
        found["ways"][0]["differences"][0][side] for side in ("before", "after")
    ]


def test_one_trouble_alone_can_be_asked_about(tmp_path: Path) -> None:
    before = tree(tmp_path / "before", TREE, primary=PRIMARY)
    tree(tmp_path / "after", TREE, primary=PRIMARY.replace("[ann, bo]", "[cem, bo]"))

    ran = run(
        *("simulate", "service", "shop", "--priority", "high", "--change", tmp_path / "after"),
        *("--at", "2026-12-21 09:00", "--config", before),
    )

    assert 0 == ran.exit_code
    assert "#### shop: high (policy `up`)\n" in ran.stdout


def test_a_folder_without_a_tree_is_refused(tmp_path: Path) -> None:
    before = tree(tmp_path / "before", TREE, primary=PRIMARY)
    empty = tmp_path / "empty"
    empty.mkdir()

    ran = run("simulate", "--change", empty, "--config", before)

    assert 2 == ran.exit_code
    assert f"{empty} has no config/monitord.yaml and no monitord.yaml; name the main file" in ran.stderr
