"""`monitord config`: valid or not, with its warnings beside the answer and not in it."""

from pathlib import Path

from tests.unit.cli import answer, run_in

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


def test_every_mistake_is_told_at_once_with_exit_code_2(tmp_path: Path) -> None:
    checked = run_in(tmp_path, BROKEN, "config", "check")

    assert (2, "") == (checked.exit_code, checked.stdout)
    first, second, last = checked.stderr.splitlines()
    assert "probes/x.yaml:2:63: there is no policy `urgnt`; did you mean `urgent`?" in first
    assert "probes/x.yaml:3:24: there is no kind `tpc`; did you mean `tcp`?" in second
    assert "monitord: the configuration has 2 problems; nothing was changed" == last


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
