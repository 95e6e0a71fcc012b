"""Webhooks in the tree: what they hear, where they are, what signs them, and what is wrong with them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from monitord.channels.webhook import Options
from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused
from monitord.config.schema import schema
from monitord.config.show import show
from monitord.config.webhooks import EventName
from monitord.core.organization import Priority
from monitord.core.webhook import EVENTS, Webhook
from tests.unit.config_tree import HEAD, loaded

AUDIT = """\
services: {shop: {}}
webhooks:
  audit:
    url: https://audit.example.org/hook
    secrets: ["${env:OLD}", "${env:NEW}"]
    services: [shop]
    priorities: [urgent, high]
    events: [incident.triggered, incident.resolved]
  everything:
    url: https://chat.example.org/hook
    secrets: a-secret-that-signs
    timeout: 2s
"""
ENVIRON = {"OLD": "the-old-secret-of-it", "NEW": "the-new-secret-of-it"}


def tree(path: Path, text: str) -> Path:
    (path / "all.yaml").write_text(HEAD + text)
    return path / "all.yaml"


def test_a_webhook_hears_what_it_says_and_is_signed_for(tmp_path: Path) -> None:
    found = load(tree(tmp_path, AUDIT), ENVIRON)

    urgent = (Priority.URGENT, Priority.HIGH)
    assert {
        "audit": Webhook("audit", ("shop",), urgent, ("incident.triggered", "incident.resolved")),
        "everything": Webhook("everything"),
    } == found.configuration.webhooks
    options: Options = found.settings.webhooks["audit"]
    assert ["the-old-secret-of-it", "the-new-secret-of-it"] == [s.get_secret_value() for s in options.secrets]
    assert 2.0 == found.settings.webhooks["everything"].timeout.total_seconds()


def test_its_secrets_are_never_shown(tmp_path: Path) -> None:
    found = load(tree(tmp_path, AUDIT), ENVIRON)

    text = show(found)
    shown: Any = yaml.safe_load(text)["webhooks"]

    assert (["***", "***"], ["***"]) == (shown["audit"]["secrets"], shown["everything"]["secrets"])
    assert ("https://audit.example.org/hook", "2s") == (shown["audit"]["url"], shown["everything"]["timeout"])
    for secret in (*ENVIRON.values(), "a-secret-that-signs"):
        assert secret not in text + repr(found)


@pytest.mark.parametrize(
    ("line", "where", "what"),
    [
        ("url: ftp://x", 1, "a URL begins with http:// or https://"),
        ("secrets: short", 2, "`secrets`: its value will not do"),
        ("secrets: [a-secret-that-signs, a-secret-that-signs, a-secret-that-signs]", 2, "2"),
        ("services: [shpo]", 3, "there is no service `shpo`; did you mean `shop`?"),
        ("priorities: [now]", 3, "now"),
        ("events: [incident.opened]", 3, "incident.opened"),
        ("retries: 3", 3, "retries"),
    ],
)
def test_each_mistake_has_its_place(tmp_path: Path, line: str, where: int, what: str) -> None:
    said = {"url": "url: https://example.org/", "secrets": "secrets: a-secret-that-signs"}
    said[line.partition(":")[0]] = line
    text = "services: {shop: {}}\nwebhooks:\n  audit:\n" + "".join(f"    {each}\n" for each in said.values())

    with pytest.raises(ConfigurationRefused) as refused:
        load(tree(tmp_path, text), {})

    (problem,) = refused.value.problems
    assert (what in str(problem), problem.line) == (True, HEAD.count("\n") + 3 + where), str(problem)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        load(tree(tmp_path, "webhooks: {audit: {}}\n"), {})

    assert {"`url` is missing", "`secrets` is missing"} <= {
        problem.what.partition(":")[0] for problem in refused.value.problems
    }


def test_a_person_may_be_reached_through_one(tmp_path: Path) -> None:
    head = HEAD + '  webhook: {url: "http://g/", secrets: a-secret-that-signs}\n'

    head += "people: {ann: {reach: [{webhook: ann}]}}\n"
    found = loaded(tmp_path, people="", head=head)

    assert [("webhook", "ann")] == [(m.channel, m.address) for m in found.configuration.people["ann"].reach]


def test_every_event_may_be_asked_for() -> None:
    assert EVENTS == EventName.__args__  # type: ignore[attr-defined]


def test_an_editor_knows_its_keys() -> None:
    (things, _) = schema()["$defs"]["Sections"]["properties"]["webhooks"]["anyOf"]

    assert {"url", "secrets", "services", "priorities", "events", "timeout", "verify"} <= set(
        things["additionalProperties"]["properties"]
    )
    assert ["url", "secrets"] == things["additionalProperties"]["required"]
