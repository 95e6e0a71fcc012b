"""Warnings: what loads, and will disappoint somebody one night."""

from pathlib import Path

import pytest

from tests.unit.config_tree import HEAD, PEOPLE, warnings

USUAL = [
    "config/monitord.yaml:1:1: there is no `last_resort`: nobody joins when all tiers stay silent; "
    "add `last_resort:` with at least two people",
    "config/monitord.yaml:1:1: there is no watchdog: nobody notices when monitord itself is gone; "
    "add `watchdog: {url: …, every: 30s}` with the ping URL of a service outside this machine",
    "config/people.yaml:2:3: `ann` is on call and is reached by email alone; "
    "add a contact method of another channel",
]


ALL_BY_EMAIL = (
    "config/people.yaml:2:3: `ann`, `bo` and `cem` are on call and are reached by email alone; "
    "add a contact method of another channel"
)


def test_what_the_least_tree_lacks_is_said(tmp_path: Path) -> None:
    assert USUAL == warnings(tmp_path)


def test_a_last_resort_and_a_watchdog_are_enough(tmp_path: Path) -> None:
    head = HEAD + "last_resort: [bo, cem]\nwatchdog: {url: https://ping.monitord.dev/x}\n"

    assert [ALL_BY_EMAIL] == warnings(tmp_path, head=head)


@pytest.mark.parametrize(
    ("more", "place", "said"),
    [
        ("people: {dee: {}}", "1:10", "`dee` cannot be reached at all; add a contact method under `reach`"),
        (
            'people: {dee: {reach: [{email: dee@example.org}, {sms: "+1"}]}}',
            "1:50",
            "there is no `sms` under `channels`: `dee` is never reached this way; "
            "configure `sms` there, or remove it here",
        ),
        (
            "people: {dee: {reach: [{email: dee@example.org, for: [urgent, high]}]}}",
            "1:23",
            "nothing under `reach` is for medium and low pages of `dee`; "
            "they go by `email`, the first; add a method",
        ),
        (
            "services: {x: {}}",
            "1:12",
            "nobody is paged when the service `x` fails; add `policies: {default: …}`",
        ),
        (
            "probes: [{name: x, kind: tcp, host: h, port: 1}]",
            "1:17",
            "nobody is paged when the probe `x` fails; add `service: …` or `policy: …`",
        ),
        (
            "probes: [{name: x, kind: tcp, host: h, port: 1, policy: urgent, every: 1s, timeout: 5s}]",
            "1:85",
            "`timeout` (5s) is longer than `every` (1s); "
            "a target that hangs is then checked less often; shorten `timeout`",
        ),
        (
            "status_pages: [{name: S}]",
            "1:23",
            "the status page `S` shows no components; add `components: [{name: …}]`",
        ),
        (
            "probes: [{name: x, kind: tcp, host: h, port: 1, policy: urgent, component: Shop}]",
            "1:76",
            "there is no status page to show this; add it under `status_pages:`",
        ),
    ],
)
def test_what_may_disappoint_is_said_at_its_place(more: str, place: str, said: str, tmp_path: Path) -> None:
    assert [*USUAL, f"probes/x.yaml:{place}: {said}"] == warnings(tmp_path, more)


def test_everybody_a_policy_may_page_is_on_call(tmp_path: Path) -> None:
    people = PEOPLE.replace("page: [ann]", "page: [everybody]")

    assert ALL_BY_EMAIL in warnings(tmp_path, people=people)


def test_whoever_stands_in_a_rotation_or_team_is_on_call(tmp_path: Path) -> None:
    people = PEOPLE.replace("page: [ann]", "page: [primary, support]")
    rotation = "rotation: primary\nlayers: [{people: [cem]}]\n"

    assert ALL_BY_EMAIL in warnings(tmp_path, people=people, primary=rotation)
