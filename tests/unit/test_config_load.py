"""Loading: where the tree is looked for, which files are read, and what the shell gets."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused
from monitord.config.settings import Door, Watchdog
from tests.unit.config_tree import HEAD, PEOPLE, complaints, loaded, tree, warnings


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the process stands in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(path: Path | None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationRefused) as found:
        load(path, environ or {})
    return str(found.value)


def test_the_least_tree_has_three_keys(tmp_path: Path) -> None:
    found = loaded(tmp_path, people="")

    assert {} == found.configuration.probes
    assert ("Example Shop", "UTC") == (found.settings.organization, found.settings.time_zone)
    assert Door("127.0.0.1", 8080, "http://127.0.0.1:8080") == found.settings.doors.public
    assert str(tmp_path / "var") == found.settings.store
    assert tmp_path == found.settings.tree
    assert timedelta(minutes=30) == found.configuration.reopen_within
    assert "127.0.0.1:25" == found.settings.channels["email"].where


def test_an_empty_tree_lacks_what_is_required(tmp_path: Path) -> None:
    assert [
        "config/monitord.yaml:1:1: `channels` is missing: nobody can be reached; add `channels: {email: "
        '{server: "smtp://127.0.0.1:25", from: "monitord@example.org"}}`',
        'config/monitord.yaml:1:1: `doors` is missing; add `doors: {public: {listen: "127.0.0.1:8080"}, '
        'edge: {listen: "127.0.0.1:8081"}, ops: {listen: "127.0.0.1:8082"}}` here',
        "config/monitord.yaml:1:1: `organization` is missing; add `organization: Example Shop` here",
    ] == complaints(tmp_path, head="# nothing\n", people="")


def test_without_any_file_it_says_where_it_looked(elsewhere: Path) -> None:
    assert (
        "config/monitord.yaml:1:1: there is no configuration; looked at $MONITORD_CONFIG (not set), "
        "/etc/monitord/config/monitord.yaml and config/monitord.yaml; name one with --config FILE"
    ) == refused(None)


def test_a_file_that_is_named_and_not_there_is_said(elsewhere: Path) -> None:
    assert (
        "nowhere.yaml:1:1: nowhere.yaml does not exist; name the main file, as config/monitord.yaml"
        == refused(Path("nowhere.yaml"))
    )
    assert ".:1:1: . is a folder; name the main file, as config/monitord.yaml" == refused(Path())


def test_the_environment_names_the_main_file(elsewhere: Path) -> None:
    main = tree(elsewhere / "a")

    assert elsewhere / "a" == load(None, {"MONITORD_CONFIG": str(main)}).settings.tree


def test_a_tree_below_the_folder_one_stands_in_is_found(elsewhere: Path) -> None:
    tree(elsewhere)

    assert elsewhere == load(None, {}).settings.tree


@pytest.mark.parametrize(
    ("folder", "main", "shown"),
    [
        (".", "config/monitord.yaml", "probes/x.yaml"),
        ("config", "monitord.yaml", "../probes/x.yaml"),
        ("probes", "../config/monitord.yaml", "../probes/x.yaml"),
    ],
)
def test_files_are_called_as_one_would_type_them(
    folder: str, main: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, "probs: []")
    monkeypatch.chdir(tmp_path / folder)

    assert f"{shown}:1:1: the key `probs` is unknown here; did you mean `probes`?" == refused(Path(main))


def test_every_yaml_file_below_the_three_folders_is_read(tmp_path: Path) -> None:
    main = tree(tmp_path)
    deep = tmp_path / "probes" / "eu" / "shop.yaml"
    deep.parent.mkdir()
    deep.write_text("services: {deep: {}}")
    (tmp_path / "rotations").mkdir()
    (tmp_path / "rotations" / ".#swap.yaml").write_text("services: {editor: {}}")
    (tmp_path / "elsewhere.yaml").write_text("services: {elsewhere: {}}")

    assert {"deep"} == set(load(main, {}).configuration.services)


def test_without_the_folders_the_files_beside_the_main_one_are_read(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(HEAD)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "probes").mkdir()
    (tmp_path / "probes" / "a.yaml").write_text("services: {shop: {policies: {default: urgent}}}")

    found = load(tmp_path / "main.yaml", {})

    assert ({"shop"}, {"ann", "bo", "cem"}) == (
        set(found.configuration.services),
        set(found.configuration.people),
    )
    assert tmp_path == found.settings.tree


def test_a_file_with_nearly_the_right_name_is_pointed_out(tmp_path: Path) -> None:
    main = tree(tmp_path)
    (tmp_path / "probes" / "y.yml").write_text("x")

    said = [str(problem) for problem in load(main, {}).warnings]

    assert f"{tmp_path}/probes/y.yml:1:1: this file is not read; call it y.yaml" in said


def test_a_pipe_among_the_files_is_no_configuration(tmp_path: Path) -> None:
    main = tree(tmp_path)
    os.mkfifo(tmp_path / "probes" / "pipe.yaml")

    assert (
        f"{tmp_path}/probes/pipe.yaml:1:1: this is not a regular file; remove it, or put a file in its place"
        == refused(main)
    )


def test_a_link_to_nothing_is_said(tmp_path: Path) -> None:
    main = tree(tmp_path)
    (tmp_path / "probes" / "gone.yaml").symlink_to("nowhere")

    assert "gone.yaml:1:1: cannot be read: No such file or directory" in refused(main)


def test_the_revision_is_the_content_whatever_the_files_are_called(tmp_path: Path) -> None:
    one = loaded(tmp_path / "one", "services: {a: {}}").revision
    renamed = tree(tmp_path / "two", "")
    (tmp_path / "two" / "probes" / "x.yaml").rename(tmp_path / "two" / "probes" / "y.yaml")
    (tmp_path / "two" / "probes" / "y.yaml").write_text("services: {a: {}}")
    changed = loaded(tmp_path / "three", "services: {b: {}}").revision

    assert one == load(renamed, {}).revision
    assert one != changed


@pytest.mark.parametrize(
    ("store", "environ", "place"),
    [
        ("sqlite:///var", {}, "{tree}/var"),
        ("sqlite:///var", {"STATE_DIRECTORY": "/var/lib/monitord:/var/lib/other"}, "/var/lib/monitord/var"),
        ("sqlite:////srv/x", {"STATE_DIRECTORY": "/var/lib/monitord"}, "/srv/x"),
        ("sqlite:///.", {}, "{tree}"),
    ],
)
def test_the_store_lies_in_the_state_directory_or_the_tree(
    store: str, environ: dict[str, str], place: str, tmp_path: Path
) -> None:
    found = loaded(tmp_path, head=f"{HEAD}store: {store}\n", environ=environ)

    assert place.format(tree=tmp_path) == found.settings.store


@pytest.mark.parametrize(
    "store", ["postgresql://ann:geheim@db/monitord", "postgresql+psycopg://db", "postgres://x"]
)
def test_postgresql_comes_later(store: str, tmp_path: Path) -> None:
    assert [
        "config/monitord.yaml:8:8: `store`: this version keeps its store in SQLite; "
        "PostgreSQL comes with high availability; write `store: sqlite:///var`"
    ] == complaints(tmp_path, head=f"{HEAD}store: {store}\n")


@pytest.mark.parametrize("store", ["var", "sqlite://", "sqlite:///", "mysql://x", "{}", "12"])
def test_what_is_no_store_is_refused(store: str, tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, head=f"{HEAD}store: {store}\n")

    assert said.startswith("config/monitord.yaml:8:8: `store`: ")


def test_a_watchdog_is_asked_unless_it_is_a_placeholder(tmp_path: Path) -> None:
    real = loaded(tmp_path, head=HEAD + "watchdog: {url: https://ping.monitord.dev/x, every: 1m}\n")
    placeholder = loaded(tmp_path, head=HEAD + 'watchdog: {url: "https://hc.example.net/ping/…"}\n')

    assert Watchdog("https://ping.monitord.dev/x", timedelta(minutes=1)) == real.settings.watchdog
    assert placeholder.settings.watchdog is None
    assert any(
        "placeholder" in said
        for said in warnings(tmp_path, head=HEAD + 'watchdog: {url: "https://example.org"}\n')
    )


def test_ten_thousand_probes_load_in_a_few_seconds(tmp_path: Path) -> None:
    probes = "".join(
        f"- {{name: p{n}, kind: tcp, host: h, port: 1, policy: urgent, depends_on: [p{n + 1}]}}\n"
        for n in range(9_999)
    )
    last = "- {name: p9999, kind: tcp, host: h, port: 1, policy: urgent}\n"

    assert 10_000 == len(loaded(tmp_path, "probes:\n" + probes + last).configuration.probes)
