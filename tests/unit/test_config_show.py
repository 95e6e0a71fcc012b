"""`config show` and `config schema`: the effective configuration loads again, and editors get a schema."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from monitord.config.loading import load
from monitord.config.schema import schema
from monitord.config.show import show
from tests.unit.config_tree import HEAD, loaded

ROOT = Path(__file__).parents[2]


def test_what_is_shown_loads_as_the_same(tmp_path: Path) -> None:
    found = load(ROOT / "config" / "monitord.yaml", {})
    (tmp_path / "all.yaml").write_text(show(found))

    again = load(tmp_path / "all.yaml", {})

    assert found.configuration == replace(again.configuration, revision=found.revision)
    assert found.settings.doors == again.settings.doors


def test_words_that_would_be_read_as_something_else_are_quoted(tmp_path: Path) -> None:
    found = loaded(tmp_path, head=HEAD.replace("Example Shop", '"0o17"') + "services: {'true': {}}\n")

    text = show(found)

    assert 'organization: "0o17"' in text
    assert '"true":' in text


def test_passwords_in_addresses_are_masked(tmp_path: Path) -> None:
    head = HEAD.replace("smtp://127.0.0.1:25", "smtps://monitord:geheim@127.0.0.1:465")

    assert "geheim" not in show(loaded(tmp_path, head=head))


def test_durations_are_shown_as_people_write_them(tmp_path: Path) -> None:
    probe = "probes: [{name: x, kind: http, url: http://x, warn_after: 1500ms, every: 90s, policy: urgent}]"

    shown: Any = yaml.safe_load(show(loaded(tmp_path, probe)))

    assert ("1s500ms", "1m30s") == (shown["probes"][0]["warn_after"], shown["probes"][0]["every"])


def keys(part: Any, *way: str) -> set[str]:
    for step in way:
        part = part[step]
    return set(part)


def test_the_schema_knows_every_section_and_kind() -> None:
    found = schema()
    sections = found["$defs"]["Sections"]["properties"]
    probes = sections["probes"]["anyOf"][0]["items"]["oneOf"]

    assert {"organization", "doors", "channels", "services", "policies", "people", "teams", "probes"} <= set(
        sections
    )
    assert {"http", "tcp"} <= {each["title"] for each in probes}
    http = next(each for each in probes if each["title"] == "http")
    assert {"name", "kind", "url", "every", "failures"} <= keys(http, "properties")
    assert {"name", "kind", "url"} == set(http["required"])
    assert "from" in keys(sections, "channels", "properties", "email", "properties")


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    found = schema()

    assert [] == [each for each in references(found) if each.removeprefix("#/$defs/") not in found["$defs"]]


def references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for each in part for found in references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for each in part.values() for found in references(each)]
