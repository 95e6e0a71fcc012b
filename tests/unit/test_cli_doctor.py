"""`monitord doctor`: each thing that monitord stands on, found or not, with a remedy."""

import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from monitord.cli import doctor
from monitord.cli.checkup import machine, place, post, tree
from monitord.cli.checkup.here import Machine
from monitord.cli.checkup.row import Examination, Patient, Row, State
from monitord.client.calendars import CalendarRow
from monitord.client.shapes import Counts, Doubt, StatusNow
from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused, Place, at
from monitord.engine.clock import RealClock
from monitord.store import Store
from monitord.store.backup import back_up
from monitord.store.database import LIVE
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.shop import MORNING
from tests.unit.cli import answer, run_in
from tests.unit.config_tree import HEAD, loaded

ROTATION = """\
rotation: primary
layers:
  - {people: [ann], start: 2026-01-05 09:00, turn: 1 week, until: 2026-01-12 09:00}
"""


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient({}, MORNING, loaded(tmp_path))


def found(examine: Examination, patient: Patient) -> list[tuple[State, str]]:
    return [(row.state, row.found) for row in examine(patient)]


def states(rows: Any) -> list[State]:
    return [row.state for row in rows]


def test_without_a_daemon_it_answers_all_the_same(tmp_path: Path) -> None:
    result = run_in(tmp_path, "", "doctor", "--json")
    rows = {row["what"]: row for row in answer(result)["examined"]}

    assert "warn" == rows["daemon"]["state"]
    assert {"configuration", "revision", "store", "disk", "people", "watchdog", "time zones"} <= rows.keys()
    assert all(row["remedy"] for row in rows.values() if row["state"] != "ok")
    assert answer(result)["ok"] is (result.exit_code == 0)


def test_people_see_the_remedy_below_each_finding(tmp_path: Path) -> None:
    result = run_in(tmp_path, "", "doctor")

    assert "warn  daemon" in result.stdout
    assert "→ systemctl start monitord" in result.stdout
    assert "warnings" in result.stdout.splitlines()[-1]


def test_a_mistake_in_the_tree_is_named_with_its_line(tmp_path: Path) -> None:
    result = run_in(tmp_path, "probes: [{name: web, kind: htpp}]\n", "doctor", "--json")
    first = answer(result)["examined"][0]

    assert 1 == result.exit_code
    assert ("configuration", "fail") == (first["what"], first["state"])
    assert "probes/x.yaml:1:28" in first["found"] and "http" in first["remedy"]


def test_a_bug_in_one_question_keeps_no_other_from_being_asked(patient: Patient) -> None:
    def broken(patient: Patient) -> list[Row]:
        raise ZeroDivisionError("oops")

    assert [State.FAIL, State.OK] == states(doctor.examined(patient, (broken, machine.zones)))


# The tree.


def test_a_tree_that_is_not_in_force_is_said(tmp_path: Path, patient: Patient) -> None:
    store = Store.open(Path(patient.loaded.settings.store), now=MORNING)  # type: ignore[union-attr]
    store.accept_revision("another", patient.loaded.content, MORNING, "x", "start")  # type: ignore[union-attr]
    store.close()
    (state, words), *_ = found(tree.revision, patient)

    assert State.WARN is state
    assert "another is in force" in words


def test_a_bad_tree_leaves_a_revision_in_force_that_is_named(tmp_path: Path, patient: Patient) -> None:
    store = Store.open(Path(patient.loaded.settings.store), now=MORNING)  # type: ignore[union-attr]
    store.accept_revision("4f1c2e9a77b0cafe", patient.loaded.content, MORNING, "x", "start")  # type: ignore[union-attr]
    store.close()
    place = Place("probes/x.yaml", 1, 1)
    bad = replace(patient, refused=ConfigurationRefused([at(place, "it is odd", "make it even")]))
    said = "4f1c2e9a77b0 is in force, and not the tree, which has 1 mistake, as said above"

    assert [(State.WARN, said)] == found(tree.revision, bad)
    assert [(State.FAIL, "probes/x.yaml:1:1: it is odd")] == found(tree.configuration, bad)


def test_a_bad_tree_before_the_first_start_is_said(patient: Patient) -> None:
    place = Place("probes/x.yaml", 1, 1)
    bad = replace(patient, loaded=None, refused=ConfigurationRefused([at(place, "it is odd", "")] * 2))
    said = "nothing was accepted yet, and the tree has 2 mistakes: no start can succeed"

    assert [(State.FAIL, said)] == found(tree.revision, bad)


def test_who_cannot_be_reached_is_named(tmp_path: Path) -> None:
    mute = Patient({}, MORNING, loaded(tmp_path, "people: {dee: {reach: [{sms: '+13125550100'}]}}\n"))
    rows = list(tree.people(mute))

    assert ["cannot be reached: dee", "is nobody"] == [row.found for row in rows]


def test_a_gap_now_fails_and_one_ahead_warns(tmp_path: Path) -> None:
    told = loaded(tmp_path, primary=ROTATION)
    (ahead,) = tree.gaps(Patient({}, MORNING, told))
    (now,) = tree.gaps(Patient({}, MORNING.replace(month=3), told))

    assert (State.WARN, State.FAIL) == (ahead.state, now.state)
    assert ahead.found.startswith("primary: nobody is on call")


def test_a_secret_that_others_can_read_fails(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hush")
    secret.chmod(0o644)
    head = HEAD.replace("Example Shop", '"${file:password}"')
    it = Patient({}, MORNING, loaded(tmp_path, head=head))
    assert State.FAIL is states(tree.secrets(it))[0]

    secret.chmod(0o600)
    assert [State.OK] == states(tree.secrets(it))


def test_a_comment_refers_to_no_secret(tmp_path: Path) -> None:
    it = Patient({}, MORNING, loaded(tmp_path, head=f"# write ${{file:PATH}}\n{HEAD}"))

    assert [] == states(tree.secrets(it))


# This machine.


def test_a_store_of_two_accounts_fails(tmp_path: Path, patient: Patient) -> None:
    folder = Path(patient.loaded.settings.store)  # type: ignore[union-attr]
    assert (State.OK, f"{folder} is made by the first start") == found(place.store, patient)[0]

    folder.mkdir(mode=0o700)
    (folder / "ballast").write_bytes(bytes(2 * place.MEGABYTE))
    assert [State.OK] == [state for state, words in found(place.store, patient) if "free" not in words][:1]


def test_a_store_that_cannot_be_made_fails(patient: Patient) -> None:
    assert patient.loaded is not None
    nowhere = replace(patient.loaded, settings=replace(patient.loaded.settings, store="/proc/nope"))

    assert (State.FAIL, "/proc/nope cannot be made in /proc") == found(
        place.store, replace(patient, loaded=nowhere)
    )[0]


def test_a_store_that_a_start_would_refuse_fails(patient: Patient) -> None:
    folder = Path(patient.loaded.settings.store)  # type: ignore[union-attr]
    Store.open(folder, now=MORNING).close()
    before = sorted(path.name for path in folder.iterdir())
    assert State.FAIL not in states(place.sound(folder / LIVE))
    assert before == sorted(path.name for path in folder.iterdir()), "it only looks"

    with closing(sqlite3.connect(folder / LIVE)) as it, it:
        it.execute("UPDATE alembic_version SET version_num = '9999'")
    (row,) = place.sound(folder / LIVE)
    assert (State.FAIL, "install the monitord that has written it, or a newer one") == (row.state, row.remedy)

    with (folder / LIVE).open("r+b") as it:
        it.seek(8192)
        it.write(b"\xff" * 50_000)
    (row,) = place.sound(folder / LIVE)
    assert State.FAIL is row.state
    assert row.found.startswith(f"{folder / LIVE} is damaged: ")


def test_a_backup_that_is_too_old_fails(tmp_path: Path, patient: Patient) -> None:
    assert [State.WARN] == states(place.backups(patient))

    it = Patient({}, MORNING, loaded(tmp_path, head=f"{HEAD}backup: {{to: nights}}\n"))
    assert [State.WARN] == states(place.backups(it))
    store = Store.open(Path(it.loaded.settings.store), now=MORNING)  # type: ignore[union-attr]
    store.close()
    (tmp_path / "nights").mkdir()
    back_up(Path(it.loaded.settings.store), tmp_path / "nights", MORNING)  # type: ignore[union-attr]
    assert [State.OK] == states(place.backups(it))
    assert [State.FAIL] == states(place.backups(replace(it, now=MORNING.replace(day=9))))


@pytest.mark.parametrize(("megabytes", "state"), [(10, State.FAIL), (500, State.WARN), (5000, State.OK)])
def test_a_full_disk_is_said_in_time(megabytes: int, state: State) -> None:
    assert [state] == states(place.free_space(Path("/"), megabytes * place.MEGABYTE))


def test_links_that_lead_nowhere_are_said(patient: Patient) -> None:
    rows = [row for row in place.doors(patient) if "links say" in row.found]

    assert ["public door", "edge door"] == [row.what for row in rows]


def test_a_door_that_somebody_else_has_is_said(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        it = Patient({}, MORNING, loaded(tmp_path, head=HEAD.replace("8080", str(port))))
        first = next(iter(place.doors(it)))

    assert (State.FAIL, f"somebody listens at 127.0.0.1:{port}, and no daemon answers us") == (
        first.state,
        first.found,
    )


def test_the_clock_is_asked_of_the_kernel(patient: Patient) -> None:
    assert all(row.what == "clock" for row in machine.clock(patient))


def test_a_time_zone_that_is_gone_fails(patient: Patient) -> None:
    assert patient.loaded is not None
    on_mars = replace(patient.loaded.configuration, time_zone="Mars/Olympus")
    there = replace(patient, loaded=replace(patient.loaded, configuration=on_mars))

    assert [State.OK] == states(machine.zones(patient))
    assert [(State.FAIL, "not known here: Mars/Olympus")] == found(machine.zones, there)


def test_starts_that_came_to_nothing_are_counted(tmp_path: Path, patient: Patient) -> None:
    it = replace(patient, environ={"STATE_DIRECTORY": str(tmp_path)})
    (tmp_path / "starts").write_text("2026-01-05T09:00\n" * 3)

    assert ["starts", "lifeboat"] == [row.what for row in machine.lifeboat(it)]
    assert [] == list(machine.lifeboat(patient))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=0", State.OK),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=disabled\nNRestarts=0", State.WARN),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=7", State.WARN),
        ("LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\nResult=watchdog", State.FAIL),
        ("LoadState=not-found", State.WARN),
    ],
)
def test_what_systemd_says_of_the_unit(said: str, state: State, patient: Patient) -> None:
    assert state is next(iter(machine.unit(under_systemd(patient, said)))).state


def under_systemd(patient: Patient, says: str) -> Patient:
    """On a machine whose tools all say that."""
    return replace(patient, machine=Machine(runs_systemd=True, told=lambda *words: says))


@pytest.mark.parametrize(("exposure", "state"), [("1.1", State.OK), ("4.7", State.WARN)])
def test_a_unit_that_was_loosened_is_said(exposure: str, state: State, patient: Patient) -> None:
    line = f"LoadState=loaded\n→ Overall exposure level for monitord.service: {exposure} OK"

    assert [state] == states(machine.hardening(under_systemd(patient, line)))


# The mail server.


@pytest.fixture
async def office() -> AsyncIterator[Post]:
    async with mail_server() as served:
        yield served


async def test_the_mail_server_is_greeted_and_no_mail_is_sent(tmp_path: Path, office: Post) -> None:
    head = HEAD.replace("smtp://127.0.0.1:25", office.url)
    it = Patient({}, RealClock().now(), loaded(tmp_path, head=head))
    options = it.loaded.settings.channels["email"]  # type: ignore[union-attr]

    assert "" == await post.greeted(options, it)
    assert [] == office.mails


async def test_a_test_mail_goes_where_somebody_says(tmp_path: Path, office: Post) -> None:
    head = HEAD.replace("smtp://127.0.0.1:25", office.url)
    it = Patient({}, RealClock().now(), loaded(tmp_path, head=head), send_to="ann@example.org")
    options = it.loaded.settings.channels["email"]  # type: ignore[union-attr]

    assert "has taken it for ann@example.org" in str(await post.sent_to(it.send_to, options, it))
    await office["ann@example.org"].expects("monitord doctor: this mail arrived")


def test_a_mail_server_that_is_not_there_fails(tmp_path: Path) -> None:
    it = Patient({}, MORNING, loaded(tmp_path, head=HEAD.replace(":25", ":1")))

    assert [State.FAIL] == states(post.mail(it))


def test_a_tree_that_never_loaded_leaves_the_machine_to_look_at(tmp_path: Path) -> None:
    broken = tmp_path / "monitord.yaml"
    broken.write_text("organization: [half")
    with pytest.raises(ConfigurationRefused) as refused:
        load(broken)
    it = Patient({}, MORNING, None, refused.value)

    assert State.FAIL in states(doctor.examined(it))


def test_looking_creates_nothing(tmp_path: Path, patient: Patient) -> None:
    list(doctor.examined(patient))

    assert not Path(patient.loaded.settings.store).exists()  # type: ignore[union-attr]


def running() -> StatusNow:
    """A daemon that is well."""
    counts = Counts(*(0 for _ in fields(Counts)))
    return StatusNow(
        "Shop",
        "1",
        "r",
        "UTC",
        MORNING,
        MORNING,
        0.0,
        ready=True,
        missing=(),
        last_cycle=0.0,
        counts=counts,
        queues=(),
    )


def test_who_is_on_call_and_may_not_be_reached_is_named(patient: Patient) -> None:
    doubted = replace(running(), doubts=(Doubt("ann", "has not verified sms"),))

    assert [] == found(tree.contacts, patient)
    assert [State.OK] == [state for state, _ in found(tree.contacts, replace(patient, status=running()))]
    assert [(State.WARN, "ann is on call, and has not verified sms")] == found(
        tree.contacts, replace(patient, status=doubted)
    )


def test_a_calendar_that_cannot_be_read_is_named_with_what_stays_in_force(tmp_path: Path) -> None:
    head = HEAD + "public_holidays: {calendar: 'https://days.example.org/0123456789.ics'}\n"
    patient = Patient({}, MORNING, loaded(tmp_path, head=head))
    row = CalendarRow("c1", "days.example.org", (), ("ann",), 0, (), None, MORNING, "it answered 500")
    failing = replace(running(), calendars=(row, replace(row, read=MORNING)))

    assert [] == found(tree.calendars, patient)
    assert [(State.OK, "all 1 could be read")] == found(tree.calendars, replace(patient, status=running()))
    said = [words for _, words in found(tree.calendars, replace(patient, status=failing))]
    about = "the one at days.example.org about ann cannot be read: it answered 500"
    assert [
        f"{about}; nobody knows it",
        f"{about}; what it said at {MORNING:%Y-%m-%d %H:%M} UTC is in force",
    ] == said
