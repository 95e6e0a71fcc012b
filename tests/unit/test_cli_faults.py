"""What goes wrong is a sentence and an exit code; a bug stays a bug."""

import pytest

from monitord.cli.faults import as_commands, known
from monitord.client.faults import DaemonUnreachable, Refused, WrongUse

SENTENCES = [
    ("there is no ticket 7; GET /api/v1/tickets lists them", "`monitord ticket list --state all` lists them"),
    ("the ticket is resolved; GET /api/v1/tickets/7 shows it", "`monitord ticket show 7` shows it"),
    ("not true; GET /api/v1/incidents shows how they stand", "`monitord status list` shows how they stand"),
    ("body.service: there is no service shp", "there is no service shp"),
    ("body.matchers.0.name: `name` is empty", "`name` is empty"),
    ("body.why: `why` is empty", "`--why` is empty"),
    ("body.reason: `reason` is blank", "`--reason` is blank"),
    ("body.overruled.0: `overruled.0` is empty", "`--overrule` is empty"),
    ("body.people.0: `people.0` is empty", "the name of a person is empty"),
    ("body.who: `who` is too long", "the name of a person is too long"),
    ("path.token: `abc` cannot be `token`", "`abc` cannot be `token`"),
    ("there is no silence s9; GET /api/v1/silences lists them", "`monitord silence list` lists them"),
    ("kept for 7 days; GET /api/v1/events lists them", "`monitord event list` lists them"),
    ("`until` is missing; add `until`; see /api/v1/openapi.json", "add `until`"),
]


@pytest.mark.parametrize(("said", "shown"), SENTENCES)
def test_what_the_daemon_tells_programs_is_told_in_commands(said: str, shown: str) -> None:
    assert shown == as_commands(said).rpartition("; ")[2]


@pytest.mark.parametrize(("fault", "code"), [(Refused, 1), (WrongUse, 2), (DaemonUnreachable, 3)])
def test_each_fault_has_its_exit_code(fault: type[Refused | WrongUse | DaemonUnreachable], code: int) -> None:
    stopped = known(fault("it is so", "do that"))

    assert stopped is not None
    assert (code, "it is so; do that") == (stopped.exit_code, stopped.message)


def test_a_bug_is_not_hidden() -> None:
    assert known(AttributeError("x")) is None
