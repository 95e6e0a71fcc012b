"""`monitord config`: valid or not, with its warnings beside the answer and not in it."""

from pathlib import Path

from monitord.store import Store
from tests.fakes.shop import MORNING
from tests.unit.cli import answer, run_in
from tests.unit.config_tree import PEOPLE, loaded, tree

PROBE = """\
probes:
  - {name: shop, kind: tcp, host: 127.0.0.1, port: 1, policy: urgent}
"""
BROKEN = """\
probes:
  - {name: shop, kind: tcp, host: 127.0.0.1, port: 1, policy: urgnt}
  - {name: desk, kind: tpc, host: 127.0.0.1, port: 1, policy: urgent}
"""
SECRET = """\
probes:
  - {name: shop, kind: http, url: "http://127.0.0.1/", password: "hunter2", username: ann, policy: urgent}
"""


def test_a_valid_tree_is_counted_in_one_line(tmp_path: Path) -> None:
    checked = run_in(tmp_path, PROBE, "config", "check")

    line = "The configuration is valid (3 warnings): 1 probe, 1 service, 3 people, 0 rotations, 1 policy.\n"
    assert (0, line) == (checked.exit_code, checked.stdout)


def test_warnings_go_to_stderr_with_their_place(tmp_path: Path) -> None:
    checked = run_in(tmp_path, PROBE, "config", "check")

    assert 3 == checked.stderr.count("warning: ")
    assert "config/people.yaml:2:3: `ann` is on call and is reached by email alone; add" in checked.stderr


def test_json_holds_the_counts_and_the_warnings(tmp_path: Path) -> None:
    said = answer(run_in(tmp_path, PROBE, "config", "check", "--json"))

    assert (1, 3, 3) == (said["probes"], said["people"], len(said["warnings"]))


DAYTIME = """\
rotation: day
layers: [{people: [ann], hours: ["08:00-20:00"]}]
"""


def test_a_tier_that_will_be_empty_is_told_with_its_first_time(tmp_path: Path) -> None:
    more = "policies: {calm: {tiers: [{page: [day], for: 5m}, {page: [bo], for: 5m}]}}"

    checked = run_in(tmp_path, more, "config", "check", day=DAYTIME)

    assert "tier 1 of the policy `calm` is skipped from " in checked.stderr
    assert " times more within 90 days: nobody is on call in day; close the gap" in checked.stderr


def test_a_tier_that_stays_empty_is_told_without_an_end(tmp_path: Path) -> None:
    """Where it stops looking is not where the gap ends."""
    ended = "rotation: ended\nlayers: [{people: [ann], until: 2020-01-01 00:00}]\n"
    more = "policies: {calm: {tiers: [{page: [ended], for: 5m}, {page: [bo], for: 5m}]}}"

    checked = run_in(tmp_path, more, "config", "check", ended=ended)

    assert " UTC on, with no end within 90 days: nobody is on call in ended; close" in checked.stderr


def test_a_policy_that_does_not_end_in_people_is_told(tmp_path: Path) -> None:
    more = "policies: {calm: {tiers: [{page: [bo], for: 5m}, {page: [day], for: 5m}]}}"

    checked = run_in(tmp_path, more, "config", "check", day=DAYTIME)

    assert "probes/x.yaml:1:12: the policy `calm` does not end in people: nobody is on" in checked.stderr


def test_every_mistake_is_told_at_once_with_exit_code_2(tmp_path: Path) -> None:
    checked = run_in(tmp_path, BROKEN, "config", "check")

    assert (2, "") == (checked.exit_code, checked.stdout)
    first, second, last = checked.stderr.splitlines()
    assert "probes/x.yaml:2:63: there is no policy `urgnt`; did you mean `urgent`?" in first
    assert "probes/x.yaml:3:24: there is no kind `tpc`; did you mean `tcp`?" in second
    assert "monitord: the configuration has 2 problems" == last


def test_show_says_defaults_and_no_secret(tmp_path: Path) -> None:
    shown = run_in(tmp_path, SECRET, "config", "show")

    assert 0 == shown.exit_code
    assert "every: 1m" in shown.stdout
    assert "hunter2" not in shown.stdout


def test_show_as_json_has_the_sections(tmp_path: Path) -> None:
    shown = answer(run_in(tmp_path, PROBE, "config", "show", "--json"))

    assert "shop" == shown["probes"][0]["name"]


def test_schema_is_a_json_schema(tmp_path: Path) -> None:
    schema = answer(run_in(tmp_path, "", "config", "schema"))

    assert "https://json-schema.org/draft/2020-12/schema" == schema["$schema"]


# What would change.

HEADLESS = PROBE.replace("name: shop", "name: desk")


def accept(folder: Path, more: str) -> None:
    """As a daemon does that starts with this tree."""
    found = loaded(folder, more)
    store = Store.open(Path(found.settings.store), now=MORNING)
    store.accept_revision(found.revision, found.content, MORNING, "2026a", "start")
    store.close()


def test_nothing_differs_from_what_was_accepted(tmp_path: Path) -> None:
    accept(tmp_path, PROBE)
    compared = run_in(tmp_path, "# a comment\n" + PROBE, "config", "diff")

    assert (0, "Nothing differs.\n") == (compared.exit_code, compared.stdout)


def test_what_a_reload_would_change_is_said_thing_by_thing(tmp_path: Path) -> None:
    accept(tmp_path, PROBE + "  - {name: mail, kind: tcp, host: mx, port: 25, policy: urgent}\n")
    people = PEOPLE.replace("bo@example.org", "bo@example.com").replace("for: 5m", "for: 10m")
    more = (
        PROBE.replace("port: 1,", "port: 2, every: 5m,")
        + "  - {name: desk, kind: tcp, host: d, port: 9, policy: urgent}\n"
    )
    compared = run_in(tmp_path, more, "config", "diff", people=people)

    assert [
        "~ policy urgent: tiers: [{page: [ann], for: 5m, acknowledge: any}] → "
        "[{page: [ann], for: 10m, acknowledge: any}]",
        "~ person bo: reach: [{email: bo@example.org, after: 0s}] → [{email: bo@example.com, after: 0s}]",
        "~ probe shop: every: 1m → 5m",
        "~ probe shop: port: 1 → 2",
        "+ probe desk",
        "- probe mail",
    ] == compared.stdout.splitlines()
    assert 1 == compared.exit_code


def test_differences_are_also_json(tmp_path: Path) -> None:
    accept(tmp_path, PROBE)
    found = answer(run_in(tmp_path, PROBE.replace("port: 1,", "port: 2,"), "config", "diff", "--json"))

    expected = {"change": "changed", "what": "probe", "id": "shop", "key": "port", "before": 1, "now": 2}
    assert [expected] == found["differences"]
    assert found["against"] != found["revision"]


def test_two_trees_are_compared(tmp_path: Path) -> None:
    other = tree(tmp_path / "other", PROBE)
    compared = run_in(tmp_path / "this", HEADLESS, "config", "diff", "--against", str(other))
    folder = run_in(tmp_path / "this", HEADLESS, "config", "diff", "--against", str(tmp_path / "other"))

    assert ["+ probe desk", "- probe shop"] == compared.stdout.splitlines() == folder.stdout.splitlines()


def test_a_secret_is_in_no_difference(tmp_path: Path) -> None:
    accept(tmp_path, SECRET)
    compared = run_in(tmp_path, SECRET.replace("hunter2", "hunter3").replace("ann,", "bo,"), "config", "diff")

    assert "hunter" not in compared.output
    assert ["~ probe shop: username: ann → bo"] == compared.stdout.splitlines()


def test_without_a_store_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    compared = run_in(tmp_path, PROBE, "config", "diff")

    assert 2 == compared.exit_code
    assert f"nothing was accepted yet: there is no store in {tmp_path}/var" in compared.stderr


def test_names_that_were_not_compared_are_said(tmp_path: Path) -> None:
    checked = run_in(tmp_path, "probes: [", "config", "check")

    assert 2 == checked.exit_code
    assert "names were not compared, because" in checked.stderr
    assert "probes/x.yaml could not be read" in checked.stderr
