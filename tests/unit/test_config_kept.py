"""kept: an accepted tree loads again from what was kept, and what it cannot have breaks nothing else."""

from pathlib import Path

import pytest

from monitord.config.kept import load_kept
from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused
from monitord.config.settings import Broken
from monitord.config.show import show
from tests.unit.config_tree import HEAD, PEOPLE, loaded, tree

MAIL = 'channels:\n  email: {server: "smtp://ann:${env:PASSWORD}@127.0.0.1:25", from: monitord@example.org}\n'
SECRETIVE = HEAD.split("channels:", maxsplit=1)[0] + MAIL
WEB = "probes:\n  - {name: web, kind: http, url: http://127.0.0.1/, policy: urgent}\n"
DB = "  - {name: db, kind: tcp, host: '${env:DATABASE}', port: 5432, policy: urgent, every: 30s}\n"


def accepted(folder: Path, more: str = "", environ: dict[str, str] | None = None, **parts: str) -> str:
    """What is kept of a tree; its files are gone."""
    found = loaded(folder, more, environ, **parts)
    for path in folder.rglob("*.yaml"):
        path.unlink()
    return found.content


def again(folder: Path, more: str = "", environ: dict[str, str] | None = None, **parts: str) -> Loaded:
    """Loaded from what was kept, where nothing is in the environment any more."""
    return load_kept(accepted(folder, more, environ, **parts), {})


def test_a_kept_tree_is_what_it_was(tmp_path: Path) -> None:
    first = loaded(tmp_path, WEB)

    second = load_kept(first.content, {})

    assert (first.configuration, first.settings) == (second.configuration, second.settings)
    assert (first.revision, first.content, ()) == (second.revision, second.content, second.broken)
    assert first.warnings == second.warnings


def test_the_example_is_kept_whole() -> None:
    first = load(Path(__file__).parents[2] / "config" / "monitord.yaml", {})

    assert first == load_kept(first.content, {})


def test_no_secret_is_kept(tmp_path: Path) -> None:
    kept = accepted(
        tmp_path, WEB + DB, {"PASSWORD": "hunter22", "DATABASE": "db1.example.org"}, head=SECRETIVE
    )

    assert "hunter22" not in kept
    assert "db1.example.org" not in kept


def test_without_its_password_only_the_channel_is_broken(tmp_path: Path) -> None:
    found = again(tmp_path, WEB, {"PASSWORD": "hunter22"}, head=SECRETIVE)

    assert Broken("the environment variable PASSWORD is not set") == found.settings.channels["email"]
    assert ["web"] == list(found.configuration.probes)
    assert 1 == len(found.configuration.people["ann"].reach)
    assert ["config/monitord.yaml:7:19"] == [
        str(each.place).replace(f"{tmp_path}/", "") for each in found.broken
    ]


def test_without_its_host_only_the_probe_is_broken(tmp_path: Path) -> None:
    found = again(tmp_path, WEB + DB, {"DATABASE": "db1"})

    assert {"web": False, "db": True} == {
        name: isinstance(probe.options, Broken) for name, probe in found.configuration.probes.items()
    }
    assert 30 == found.configuration.probes["db"].every.total_seconds()
    assert "tcp" == found.configuration.probes["db"].kind


X = "  - {name: x, kind: http, url: http://127.0.0.1/, policy: urgent}\n"
SHOP = "services: {shop: {policies: {default: urgent}}}\n"
BEATS = "heartbeats:\n  night: {service: shop, every: 1d}\n"


@pytest.mark.parametrize(
    ("lost", "kept"),
    [
        (X.replace("kind: http", "kind: '${env:LOST}'"), ["web", "x"]),
        (X.replace("policy: urgent", "policy: urgent, every: '${env:LOST}'"), ["web", "x"]),
        (X.replace("name: x", "name: '${env:LOST}'"), ["web"]),
        (X.replace("policy: urgent", "policy: '${env:LOST}'"), ["web", "x"]),
        (X.replace("policy: urgent", "policy: urgent, links: {a: '${env:LOST}'}"), ["web", "x"]),
    ],
)
def test_whatever_is_lost_of_a_probe_costs_that_probe_alone(
    lost: str, kept: list[str], tmp_path: Path
) -> None:
    before = {"name": "x", "kind": "http", "every": "30s", "policy": "urgent", "a:": "https://x.example.org"}
    value = next(value for word, value in before.items() if f"{word}: '$" in lost or f"{word} '$" in lost)
    found = again(tmp_path, WEB + lost, {"LOST": value})

    assert kept == sorted(found.configuration.probes)
    assert not isinstance(found.configuration.probes["web"].options, Broken)
    assert ["ann", "bo", "cem"] == sorted(found.configuration.people)
    assert "the environment variable LOST is not set" in {each.what for each in found.broken}


def test_what_depends_on_a_probe_that_is_lost_goes_on_without_it(tmp_path: Path) -> None:
    lost = X.replace("name: x", "id: '${env:LOST}', name: x")
    found = again(tmp_path, WEB.rstrip("}\n") + ", depends_on: [db]}\n" + lost, {"LOST": "db"})

    web = found.configuration.probes["web"]
    assert ((), False) == (web.depends_on, isinstance(web.options, Broken))


def test_two_losses_cost_no_more_than_each(tmp_path: Path) -> None:
    lost = X.replace("name: x", "name: '${env:NAME}'")
    found = again(
        tmp_path,
        WEB + lost + DB,
        {"PASSWORD": "hunter22", "DATABASE": "db1", "NAME": "x"},
        head=SECRETIVE,
    )

    assert ["db", "web"] == sorted(found.configuration.probes)
    assert isinstance(found.settings.channels["email"], Broken)
    assert isinstance(found.configuration.probes["db"].options, Broken)


@pytest.mark.parametrize(
    ("lost", "value", "kept"),
    [
        ("b: {service: '${env:LOST}', every: 1h}", "shop", ["night"]),
        ("b: {service: shop, every: '${env:LOST}'}", "1h", ["night"]),
        ("b: {service: shop, every: 1h, grace: '${env:LOST}'}", "1h", ["b", "night"]),
        ("b: {service: shop, every: 1h, key: '${env:LOST}'}", "key-0123456789abcdef", ["b", "night"]),
    ],
)
def test_whatever_is_lost_of_a_heartbeat_costs_no_other(
    lost: str, value: str, kept: list[str], tmp_path: Path
) -> None:
    found = again(tmp_path, f"{SHOP}{BEATS}  {lost}\n", {"LOST": value})

    assert kept == sorted(found.configuration.heartbeats)


def test_without_its_secret_only_the_integration_is_broken(tmp_path: Path) -> None:
    text = """
        services: {shop: {policies: {default: urgent}}}
        integrations:
          any: {kind: generic, service: shop}
          sig: {kind: generic, service: shop, secret: "${env:KEY}", signature: {header: X-Signature}}
        """
    found = again(tmp_path, text, {"KEY": "sig-0123456789ab"})

    assert {"any": False, "sig": True} == {
        name: isinstance(inlet.options, Broken) for name, inlet in found.settings.inlets.items()
    }


def test_a_value_that_has_become_wrong_breaks_no_more_than_a_missing_one(tmp_path: Path) -> None:
    kept = accepted(
        tmp_path, WEB + "  - {name: x, kind: http, url: '${env:URL}', policy: urgent}\n", {"URL": "http://a"}
    )
    found = load_kept(kept, {"URL": "no url at all"})

    assert isinstance(found.configuration.probes["x"].options, Broken)
    assert "no url at all" not in repr(found.broken)


def test_a_lost_address_leaves_the_other_contact_methods(tmp_path: Path) -> None:
    people = PEOPLE.replace("{email: ann@example.org}", "{email: '${env:ANN}'}, {email: ann@example.com}")
    found = again(tmp_path, WEB, {"ANN": "ann@example.org"}, people=people)

    assert ["ann@example.com"] == [each.address for each in found.configuration.people["ann"].reach]
    assert ["bo@example.org"] == [each.address for each in found.configuration.people["bo"].reach]


def test_a_lost_watchdog_is_no_watchdog(tmp_path: Path) -> None:
    head = HEAD + "watchdog: {url: '${env:PING}'}\nlast_resort: [ann, bo]\n"
    found = again(tmp_path, WEB, {"PING": "https://ping.example.de/x"}, head=head)

    assert found.settings.watchdog is None
    assert ("ann", "bo") == found.configuration.last_resort


def test_where_the_doors_are_is_no_secret(tmp_path: Path) -> None:
    head = HEAD.replace("127.0.0.1:8080", "${env:LISTEN}")
    found = again(tmp_path, WEB, {"LISTEN": "127.0.0.1:9090"}, head=head)

    assert (9090, ()) == (found.settings.doors.public.port, found.broken)


def test_a_broken_tree_can_be_shown(tmp_path: Path) -> None:
    shown = show(again(tmp_path, WEB + DB, {"PASSWORD": "hunter22", "DATABASE": "db1"}, head=SECRETIVE))

    assert "***" in shown


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"files": 3}', '{"main": 1, "root": 2, "files": {}, "said": {}}']
)
def test_what_is_no_kept_tree_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationRefused):
        load_kept(text, {})


def test_names_that_could_not_be_compared_are_said(tmp_path: Path) -> None:
    main = tree(tmp_path, WEB)
    (tmp_path / "probes" / "x.yaml").write_text("probes: [")

    with pytest.raises(ConfigurationRefused) as refused:
        load(main, {})

    assert (str(tmp_path / "probes" / "x.yaml"),) == refused.value.unread
