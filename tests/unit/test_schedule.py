"""schedule: slots that never drift, spread by the probes' ids."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from monitord.core.check import Probe
from monitord.engine.schedule import ABANDONED_MAX, Schedule, begun, share

MINUTE = Probe("web", "shop", every=timedelta(minutes=1))


def slots(probe: Probe, number: int, start: float = 1000.0) -> list[float]:
    """The slots of a probe that is always looked at in time."""
    turns, found = begun(probe, start), list[float]()
    for _ in range(number):
        found.append(turns.slot)
        turns.move_on(turns.slot)
    return found


@pytest.mark.parametrize("every", [0.1, 1, 10, 60, 3600])
def test_the_first_check_comes_within_ten_seconds_and_within_a_period(every: float) -> None:
    probes = [Probe(f"p{number}", "shop", every=timedelta(seconds=every)) for number in range(200)]

    assert all(0 <= slots(probe, 1)[0] - 1000 < min(every, 10) for probe in probes)


def test_after_its_first_check_a_probe_keeps_its_period_exactly() -> None:
    for number in range(100):
        first, *rest = slots(replace(MINUTE, id=f"p{number}"), 50)

        assert 0 < rest[0] - first <= 60
        assert {60.0} == {round(after - before, 6) for before, after in pairwise(rest)}


def test_ten_thousand_probes_spread_themselves_over_the_period() -> None:
    regular = [slots(replace(MINUTE, id=f"p{number}"), 2)[1] for number in range(10_000)]
    a_second = Counter(int(slot) % 60 for slot in regular)

    assert max(a_second.values()) < 1.5 * 10_000 / 60


def test_a_probes_place_is_the_same_after_a_restart() -> None:
    assert 0.29441 == round(share("web"), 5)


def test_a_slot_that_has_passed_by_is_left_out() -> None:
    turns = begun(MINUTE, 0)
    turns.move_on(turns.slot)
    due = turns.slot

    assert 5 == turns.move_on(due + 5 * 60 + 1)
    assert due + 6 * 60 == turns.slot


def test_a_new_configuration_keeps_the_slots_of_what_stays() -> None:
    schedule = Schedule()
    schedule.update({"web": MINUTE}, 0)
    web = schedule.turns["web"]
    web.move_on(web.slot)
    slot = web.slot

    schedule.update({"web": replace(MINUTE, failures=7), "db": replace(MINUTE, id="db")}, 20)

    assert (slot, 7) == (schedule.turns["web"].slot, schedule.turns["web"].probe.failures)
    assert 20 <= schedule.turns["db"].slot < 30


def test_another_period_is_another_rhythm() -> None:
    schedule = Schedule()
    schedule.update({"web": MINUTE}, 0)
    schedule.update({"web": replace(MINUTE, every=timedelta(seconds=5))}, 100)

    assert 100 <= schedule.turns["web"].slot < 105
    assert [schedule.turns["web"]] == [turns for _, turns in schedule.due(200)]


def test_what_is_no_longer_configured_is_never_due() -> None:
    schedule = Schedule()
    schedule.update({"web": MINUTE}, 0)
    schedule.update({}, 1)

    assert [] == list(schedule.due(1000))


def test_a_probe_whose_checks_do_not_stop_is_busy() -> None:
    turns = begun(MINUTE, 0)
    assert not turns.busy

    turns.abandoned = ABANDONED_MAX
    assert turns.busy
