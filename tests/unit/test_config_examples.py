"""The example tree, and the one in the manual's words, run as they stand."""

from pathlib import Path

from monitord.config.loading import load

ROOT = Path(__file__).parents[2]


def test_the_example_loads_and_says_what_it_really_lacks() -> None:
    found = load(ROOT / "config" / "monitord.yaml", {})

    lacks = [problem.what for problem in found.warnings]
    assert [
        "there is no watchdog: nobody notices when monitord itself is gone",
        "`ann`, `bo`, `cem` and `dee` are on call and are reached by email alone",
    ] == lacks


def test_the_example_probes_monitord_itself() -> None:
    found = load(ROOT / "config" / "monitord.yaml", {})

    options = found.configuration.probes["shop"].options
    assert f"{found.settings.doors.ops.url}/healthz" == options.url  # type: ignore[attr-defined]
    assert ["primary", "secondary", "support", "dee"] == [
        tier.page[0] for tier in found.configuration.policies["urgent"].tiers
    ]
