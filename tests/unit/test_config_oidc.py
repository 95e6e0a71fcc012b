"""Signing in at a provider, in the tree: what it says, what it hides, what is wrong with it."""

from pathlib import Path

import pytest

from monitord.config.difference import differences
from monitord.config.kept import load_kept
from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused
from monitord.config.schema import schema
from monitord.config.settings import Oidc
from monitord.config.show import show
from tests.unit.config_tree import HEAD, PEOPLE

SECRET = "a-secret-between-us-and-them"
OIDC = """\
oidc:
  issuer: https://login.example.org/
  client_id: monitord
  client_secret: ${env:OIDC}
"""
ENVIRON = {"OIDC": SECRET}


def tree(path: Path, text: str = OIDC) -> Path:
    (path / "all.yaml").write_text(HEAD + PEOPLE + text)
    return path / "all.yaml"


def complaint(path: Path, text: str) -> str:
    with pytest.raises(ConfigurationRefused) as refused:
        load(tree(path, text), ENVIRON)
    (problem,) = refused.value.problems
    return str(problem).removeprefix(f"{path}/all.yaml:")


def provider(path: Path, text: str = OIDC) -> Oidc:
    found = load(tree(path, text), ENVIRON).settings.oidc
    assert found is not None
    return found


def test_without_it_nobody_signs_in_at_a_provider(tmp_path: Path) -> None:
    assert load(tree(tmp_path, ""), {}).settings.oidc is None


def test_a_provider_is_called_by_its_host_and_people_by_their_mail_address(tmp_path: Path) -> None:
    found = provider(tmp_path)

    assert ("login.example.org", "https://login.example.org/") == (found.name, found.issuer)
    assert ("monitord", SECRET) == (found.client_id, found.client_secret.get_secret_value())
    assert "email" == found.claim


def test_a_provider_may_have_a_name_and_another_claim(tmp_path: Path) -> None:
    found = provider(tmp_path, f"{OIDC}  name: Example Login\n  claim: preferred_username\n")

    assert ("Example Login", "preferred_username") == (found.name, found.claim)


def test_its_secret_is_never_shown(tmp_path: Path) -> None:
    written_out = load(tree(tmp_path, OIDC.replace("${env:OIDC}", SECRET)), {})
    loaded = load(tree(tmp_path), ENVIRON)

    for each in (loaded, written_out):
        assert "client_secret: '***'" in show(each) or 'client_secret: "***"' in show(each)
        assert SECRET not in show(each) + repr(each)


FIRST = len((HEAD + PEOPLE).splitlines()) + 1


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ("issuer: http://login.example.org", 1, "is not encrypted"),
        ("issuer: https://login.example.org?x=1", 1, "has a query or fragment"),
        ("issuer: ftp://login.example.org", 1, "a URL begins with http:// or https://"),
        ("issuer: [x]", 1, "a list is not a text"),
        ("client_id: ''", 2, "a text of 1 to"),
        ("client_secret: 5", 3, "a secret is a text"),
        ("client_secret: ''", 3, "this secret is empty"),
        ("claim: your name", 4, "`your name` is not the name of a claim"),
        ("claims: email", 4, "the key `claims` is unknown here; did you mean `claim`?"),
    ],
)
def test_a_mistake_is_said_with_its_place(tmp_path: Path, line: str, where: int, what: str) -> None:
    lines = OIDC.splitlines()
    lines[where:] = [f"  {line}", *lines[where + 1 :]]
    said = complaint(tmp_path, "\n".join(lines) + "\n")

    assert said.startswith(f"{FIRST + where}:") and what in said, said
    assert SECRET not in said


@pytest.mark.parametrize("key", ["issuer", "client_id", "client_secret"])
def test_what_is_missing_is_named(tmp_path: Path, key: str) -> None:
    text = "".join(line for line in OIDC.splitlines(keepends=True) if f" {key}:" not in line)

    assert f"`{key}` is missing" in complaint(tmp_path, text)


@pytest.mark.parametrize("issuer", ["http://localhost:9000", "http://127.0.0.1:9000", "http://[::1]:9000/x"])
def test_on_the_same_machine_it_need_not_be_encrypted(tmp_path: Path, issuer: str) -> None:
    text = OIDC.replace("https://login.example.org/", f'"{issuer}"')

    assert issuer == provider(tmp_path, text).issuer


def test_a_changed_provider_is_a_difference_without_its_secret(tmp_path: Path) -> None:
    before = load(tree(tmp_path), ENVIRON).written
    text = OIDC.replace("monitord", "console").replace("${env:OIDC}", "another-secret")
    now = load(tree(tmp_path, text), ENVIRON).written

    assert ["~ setting: oidc.client_id: monitord → console"] == [
        str(each) for each in differences(before, now)
    ]


def test_without_its_secret_an_accepted_tree_goes_on_without_the_provider(tmp_path: Path) -> None:
    kept = load_kept(load(tree(tmp_path), ENVIRON).content, {})

    assert kept.settings.oidc is None
    assert ["the environment variable OIDC is not set"] == [each.what for each in kept.broken]
    assert "ann" in kept.configuration.people


def test_editors_know_its_keys() -> None:
    found = schema()["$defs"]["OidcShape"]["properties"]

    assert ["issuer", "client_id", "client_secret", "claim", "name"] == list(found)
    assert "password" == found["client_secret"]["format"]
