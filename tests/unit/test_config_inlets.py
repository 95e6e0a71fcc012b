"""integrations and heartbeats in a tree: what they become, and what is said against them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.config.inlets import Inlet, Rule
from monitord.config.kept import load_kept
from monitord.config.patterns import fits, misunderstood
from monitord.config.schema import schema
from monitord.config.settings import Broken
from monitord.config.show import show
from monitord.config.timetable import Cron
from monitord.core.heartbeat import Every, Heartbeat
from monitord.core.organization import Priority
from monitord.core.report import Integration
from monitord.engine.keyring import Keyring
from tests.unit.config_tree import complaints, loaded, warnings

SERVICES = "services: {shop: {policies: {default: urgent}}}\n"
CANARY = "canary-7f3a-secret"
TREE = f"""{SERVICES}
integrations:
  prom:
    kind: alertmanager
    service: shop
    secret: [{CANARY}, other-0123456789]
    severities: {{Boom: urgent}}
    rules:
      - {{where: {{team: db}}, like: {{instance: "db[0-9]+"}}, priority: low}}
    key: group
heartbeats:
  nightly: {{cron: "30  3 * * *", time_zone: America/Chicago, grace: 1h, service: shop, key: {CANARY}-2}}
  often: {{every: 5m, service: shop, priority: high}}
"""


def test_an_integration_is_an_inlet_and_a_name(tmp_path: Path) -> None:
    found = loaded(tmp_path, TREE)

    inlet: Inlet = found.settings.inlets["prom"]
    assert ("alertmanager", "shop", Priority.URGENT, 120) == (
        inlet.kind,
        inlet.service,
        inlet.priority,
        inlet.quota,
    )
    assert (Rule((("team", "db"),), (("instance", "db[0-9]+"),), "", Priority.LOW),) == inlet.rules
    assert (Priority.URGENT, Priority.MEDIUM) == (inlet.severities["boom"], inlet.severities["warning"])
    assert [CANARY, "other-0123456789"] == [each.get_secret_value() for each in inlet.secrets]
    assert (
        Integration("prom", "alertmanager", "prom", "shop", Priority.URGENT)
        == (found.configuration.integrations["prom"])
    )


def test_a_heartbeat_has_a_timetable(tmp_path: Path) -> None:
    found = loaded(tmp_path, TREE)

    nightly, often = (found.configuration.heartbeats[id] for id in ("nightly", "often"))
    assert Cron("30 3 * * *", "America/Chicago") == nightly.timetable
    assert (
        Heartbeat("often", "often", "shop", Priority.HIGH, Every(timedelta(minutes=5)), timedelta(minutes=5))
        == often
    )
    assert ["nightly"] == list(found.settings.heartbeat_keys)


def test_a_heartbeat_has_two_keys_while_one_is_changed(tmp_path: Path) -> None:
    found = loaded(tmp_path, TREE.replace(f"key: {CANARY}-2", f"key: [fresh-0123456, {CANARY}-2]"))
    keyring = Keyring(b"the store's", found.settings, found.configuration.heartbeats)

    (made_up,) = keyring.heartbeat_keys["often"]
    assert "fresh-0123456" == keyring.heartbeat_keys["nightly"][0], "the one that is shown"
    assert ["nightly", "nightly", "often", None] == [
        keyring.heartbeat(key) for key in ("FRESH-0123456", f"{CANARY}-2", made_up, "another")
    ]
    assert CANARY not in show(found)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    found = loaded(tmp_path, TREE)

    assert CANARY not in show(found)
    assert CANARY not in repr(found)
    assert "secret: ['***', '***']" in show(found)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            "integrations: {a: {kind: alertmanagr}}",
            "there is no kind `alertmanagr`; did you mean `alertmanager`?",
        ),
        (
            "integrations: {a: {kind: generic, service: shp}}",
            "there is no service `shp`; did you mean `shop`?",
        ),
        ("integrations: {a: {kind: generic, secret: 12345}}", "a secret is a text; put it in quotes"),
        (
            "integrations: {a: {kind: generic, secret: short}}",
            "this secret has 5 characters; one of 12 to 200",
        ),
        ('integrations: {a: {kind: generic, secret: "with a space in it"}}', "cannot stand in a header"),
        ("integrations: {a: {kind: generic, rules: [{where: {x: y}}]}}", "this rule changes nothing"),
        (
            'integrations: {a: {kind: generic, rules: [{like: {x: "("}, priority: low}]}}',
            "`(` is not a pattern that RE2 understands: missing )",
        ),
        ("integrations: {a: {kind: generic, rules: [{service: nope}]}}", "there is no service `nope`"),
        (
            "integrations: {a: {kind: generic, titel: x}}",
            "the key `titel` is unknown here; did you mean `title`?",
        ),
        ("integrations: {a: {kind: generic, quota: 0}}", "`quota` is `0`; it must be at least 1"),
        ('integrations: {a: {kind: generic, signature: {header: "X Y"}}}', "is not the name of a header"),
        ("integrations: {a: {kind: generic, signature: {header: X-Y}}}", "a signature needs a secret"),
        ("heartbeats: {a: {every: 1d}}", "`service` is missing"),
        ("heartbeats: {a: {service: shop}}", "it says neither `every` nor `cron`"),
        (
            'heartbeats: {a: {service: shop, every: 1d, cron: "* * * * *"}}',
            "`every` and `cron` both stand here",
        ),
        ("heartbeats: {a: {service: shop, cron: daily}}", "`daily` has 1 fields; write five fields"),
        ('heartbeats: {a: {service: shop, cron: "61 * * * *"}}', "is not a cron expression: Bad minute"),
        ('heartbeats: {a: {service: shop, cron: "0 0 31 2 *"}}', "is not a cron expression"),
        ("heartbeats: {a: {service: shop, every: 1d, time_zone: UTC}}", "`every` needs no time zone"),
        ("heartbeats: {a: {service: shop, every: 0s}}", "`0s` is too short"),
        (
            "heartbeats: {a: {service: shop, every: 1d, key: same-0123456789}, "
            "b: {service: shop, every: 1d, key: same-0123456789}}",
            "this secret is in use at probes/x.yaml:2:49 already",
        ),
    ],
)
def test_a_mistake_has_its_place_and_what_would_be_right(tmp_path: Path, wrong: str, says: str) -> None:
    (said,) = complaints(tmp_path, SERVICES + wrong)

    assert said.startswith("probes/x.yaml:2:")
    assert says in said
    assert "same-0123456789" not in said and "short" not in said.replace("too short", "")


def test_a_secret_behind_a_reference_is_not_shown_when_it_will_not_do(tmp_path: Path) -> None:
    tree = SERVICES + "integrations: {a: {kind: generic, secret: '${env:TOO}'}}"

    (said,) = complaints(tmp_path, tree, {"TOO": "tiny-7f3a"})
    assert "tiny-7f3a" not in said
    assert "comes from a reference" in said


def test_what_belongs_to_nobody_is_warned_of(tmp_path: Path) -> None:
    found = warnings(tmp_path, "integrations: {a: {kind: generic}, pings: {kind: heartbeat}}")

    assert ["what no rule of `a` fits belongs to no service"] == [
        line.partition(": ")[2].partition(";")[0] for line in found if "rule" in line
    ]


def test_editors_know_the_keys_of_each_kind() -> None:
    things = schema()["$defs"]["Sections"]["properties"]["integrations"]["anyOf"][0]["additionalProperties"]

    titles = {choice["title"]: choice["properties"] for choice in things["oneOf"]}
    assert {"alertmanager", "generic", "heartbeat"} <= titles.keys()
    assert {"rules", "secret", "each"} <= titles["generic"].keys()


# Cron expressions and patterns.


@pytest.mark.parametrize(
    ("expression", "zone", "after", "following"),
    [
        ("30 3 * * *", "UTC", "2026-01-05T03:30", "2026-01-06T03:30"),
        ("30 3 * * *", "America/Chicago", "2026-01-05T03:30", "2026-01-05T09:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00", "2026-03-29T01:00"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-26T01:30"),
        ("0 9 * * mon-fri", "UTC", "2026-01-09T12:00", "2026-01-12T09:00"),
        ("0 0 29 2 *", "UTC", "2026-01-01T00:00", "2028-02-29T00:00"),
    ],
)
def test_a_cron_expression_is_on_the_wall_clock(
    expression: str, zone: str, after: str, following: str
) -> None:
    at = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert datetime.fromisoformat(following).replace(tzinfo=UTC) == Cron(expression, zone).following(at)


def test_patterns_fit_the_whole_text_in_linear_time() -> None:
    assert fits("db[0-9]+", "db17")
    assert not fits("db", "db17")
    assert not fits("(", "(")
    assert not fits("(a+)+$", "a" * 4000 + "!")
    assert "missing )" in misunderstood("(")
    assert "" == misunderstood("a.*")


def test_an_accepted_tree_whose_secret_is_gone_keeps_its_integration_closed(tmp_path: Path) -> None:
    tree = SERVICES + "integrations: {a: {kind: generic, service: shop, secret: '${env:SHARED}'}}"
    found = loaded(tmp_path, tree, {"SHARED": CANARY})

    kept = load_kept(found.content, {})
    assert isinstance(kept.settings.inlets["a"].options, Broken)
    assert ["a"] == list(kept.configuration.integrations)


def test_a_rules_severity_sets_its_priority_by_the_organisations_table(tmp_path: Path) -> None:
    more = """
    severities: {2: {priority: urgent}}
    integrations: {a: {kind: generic, rules: [{where: {x: y}, severity: 2}]}}
    """
    rule = loaded(tmp_path, more).settings.inlets["a"].rules[0]

    assert (Priority.URGENT, 2) == (rule.priority, rule.severity)
