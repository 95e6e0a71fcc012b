"""`config check` beside a store: who may be paged and has not verified two ways."""

from pathlib import Path

import pytest

from monitord.cli.reached import verified
from monitord.config.loading import load
from monitord.core.contact import AskForCode, SayCode
from tests.fakes.told_store import told_store
from tests.unit.cli import run
from tests.unit.config_tree import HEAD, PEOPLE, tree

TWO = "ann: {reach: [{email: ann@example.org}, {webhook: ann}]}"
HOOK = "  webhook: {url: 'https://hooks.example.org/x', secrets: [a-secret-of-this-test]}\n"
CODE = "123456"


@pytest.fixture
def main(tmp_path: Path) -> Path:
    people = PEOPLE.replace("ann: {reach: [{email: ann@example.org}]}", TWO)
    return tree(tmp_path, head=HEAD + HOOK + f"store: sqlite:///{tmp_path}/var\n", people=people)


def keep(main: Path, folder: Path, *channels: str) -> None:
    """A store in which ann has verified her addresses on these channels."""
    addresses = {each.channel: each.address for each in load(main).configuration.people["ann"].reach}
    asked = [("ann", channel, addresses[channel], "ann", CODE) for channel in channels]
    told_store(main, folder, (fact(*each) for each in asked for fact in (AskForCode, SayCode)))


def warnings(main: Path) -> list[str]:
    """About ann."""
    said = run("--config", main, "config", "check").output
    return [line.split(": ", 2)[2] for line in said.splitlines() if "`ann`" in line]


def test_without_a_store_nothing_is_said(main: Path, tmp_path: Path) -> None:
    assert [] == warnings(main)
    assert None is verified(tmp_path / "var")


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ((), ["`ann` may be paged, and has not verified email and webhook; see `monitord contact list`"]),
        (("email",), ["`ann` may be paged, and has not verified webhook; see `monitord contact list`"]),
        (("email", "webhook"), []),
    ],
)
def test_what_the_store_knows_as_verified_counts(
    main: Path, tmp_path: Path, channels: tuple[str, ...], expected: list[str]
) -> None:
    keep(main, tmp_path / "var", *channels)

    assert expected == warnings(main)
