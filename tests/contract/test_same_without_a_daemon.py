"""What is said about access without a daemon is what the daemon says: every command, once each way."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitord.cli import cli
from monitord.config.loading import load
from monitord.store import Store
from monitord.store.accounts import LogLine
from monitord.store.passkeys import Passkey, id_of, keep
from monitord.store.reads import Reads
from monitord.web.ops.sources import Sources
from tests.fakes.night import MIDNIGHT, night
from tests.fakes.terminal import terminal, typed
from tests.unit.config_tree import tree

PASSWORD = "a long night in november"
KEY = id_of(b"a credential")
PASSKEY = Passkey(KEY, b"a credential", b"a key", "ann", "a phone", "ops.example.org", 0, MIDNIGHT)
ADDED = LogLine(MIDNIGHT, "ann", "added it")
DRAWN = (  # what is another one each time
    (re.compile(r"mon_[\w-]{43}"), "SECRET"),
    (re.compile(r"\b(?!0{12})[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|Z)?"), "INSTANT"),
)


@dataclass
class Shell:
    """Two trees that say the same; a daemon runs on one of them."""

    asking: Path
    opening: Path
    sources: Sources

    async def types(self, *words: str, typed_in: str = "") -> tuple[str, str]:
        """What comes of it with a daemon and without one."""
        return await self.said(self.asking, words, typed_in), await self.said(self.opening, words, typed_in)

    async def said(self, main: Path, words: tuple[str, ...], typed_in: str) -> str:
        own = [word.format(newest=await self.newest(main)) if "{" in word else word for word in words]
        done = await typed(CliRunner().invoke, cli, [*own, "--config", str(main)], input=typed_in)
        return alike(f"{done.exit_code} {done.output}")

    async def noted(self) -> tuple[list[str], list[str]]:
        """Who did what, in the log of either."""
        with closing(Store.open(Path(load(self.opening).settings.store), now=MIDNIGHT)) as store:
            without = store.reads.access_log(None, 100)
        return lines(await self.sources.store.ask(Reads.access_log, None, 100)), lines(without)

    async def newest(self, main: Path) -> str:
        """The id of the token that was made last."""
        done = await typed(CliRunner().invoke, cli, ["token", "list", "--config", str(main)])
        return done.stdout.split()[0]


def lines(noted: Sequence[tuple[int, LogLine]]) -> list[str]:
    return [alike(f"{line.who} {line.did}") for _, line in noted]


def alike(said: str) -> str:
    for drawn, word in DRAWN:
        said = drawn.sub(word, said)
    return said


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    async with night(tmp_path / "asking" / "var") as sources:
        people = "people:\n" + "".join(f"  {name}: {{}}\n" for name in sources.configuration.people)
        people += "teams: {support: {members: [ann, bo, cem], managers: [dee]}}\n"
        asking, opening = (tree(tmp_path / each, people=people) for each in ("asking", "opening"))
        await sources.store.access(keep, PASSKEY, 10, ADDED)
        with closing(Store.open(Path(load(opening).settings.store), now=MIDNIGHT)) as store:
            keep(store.accounts, PASSKEY, 10, ADDED)
        async with terminal(sources, tmp_path / "asking" / "var"):
            yield Shell(asking, opening, sources)


def password(name: str, *more: str) -> tuple[str, ...]:
    return ("account", "password", name, "--stdin", *more)


STORIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "a person's password": (password("ann", "--json"), password("ann"), ("account", "list", "--json")),
    "an administrator of nobody": (password("root", "--json"), ("account", "list")),
    "a person who is made an administrator": (
        password("bo", "--administrator", "--json"),
        ("account", "list"),
        ("account", "revoke", "bo", "--json"),
        ("account", "list", "--json"),
    ),
    "a name with a slash": (password("a/b"), ("account", "revoke", "a/b"), ("account", "list")),
    "a name with a space": (password("a b"), ("account", "revoke", "a b")),
    "a name that is none": (password(""), ("account", "revoke", ""), password(".."), password(".")),
    "a name that is too long": (password("a" * 255), ("account", "revoke", "a" * 255)),
    "nothing to revoke": (("account", "revoke", "dee"), ("account", "revoke", "an")),
    "a person's passkeys are revoked": (
        ("account", "revoke", "ann", "--json"),
        ("account", "revoke", "ann"),
        ("account", "list", "--json"),
        ("account", "passkey", "list"),
    ),
    "a passkey": (
        ("account", "passkey", "list", "--json"),
        ("account", "passkey", "remove", KEY),
        ("account", "passkey", "remove", KEY),
        ("account", "list"),
    ),
    "a passkey that is none": (
        ("account", "passkey", "remove", "000000000000"),
        ("account", "passkey", "remove", "phone"),
        ("account", "passkey", "remove", "a/b"),
    ),
    "a token": (
        ("token", "create", "ann", "--scope", "read", "--note", "her\u202e telephone", "--json"),
        ("token", "list"),
        ("token", "revoke", "{newest}", "--json"),
        ("token", "list", "--json"),
    ),
    "a token of a program": (
        ("token", "create", "robot", "--machine", "--expires", "2d"),
        ("token", "list", "--json"),
    ),
    "a token that is none": (
        ("token", "revoke", "000000000000"),
        ("token", "revoke", "mine"),
        ("token", "revoke", "a/b"),
    ),
    "a token that cannot be": (
        ("token", "create", "ben"),
        ("token", "create", "ann", "--machine"),
        ("token", "create", "", "--machine"),
        ("token", "create", "\u202e", "--machine"),
        ("token", "create", "a" * 201, "--machine"),
        ("token", "create", "ann", "--scope", "reed"),
        ("token", "create", "ann", "--scope", ""),
        ("token", "create", "ann", *("--scope", "read") * 21),
        ("token", "create", "ann", "--note", "a" * 501),
        ("token", "create", "ann", "--expires", "3651d"),
        ("token", "list"),
    ),
}


@pytest.mark.parametrize("story", STORIES)
async def test_it_is_the_same_without_a_daemon(
    shell: Shell, story: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "somebody-else")  # the kernel knows better
    for words in STORIES[story]:
        with_one, without = await shell.types(*words, typed_in=f"{PASSWORD}\n")

        assert with_one == without, " ".join(words)
    with_one_noted, without_noted = await shell.noted()

    assert with_one_noted == without_noted


@pytest.mark.parametrize("typed_in", ["short\n", "a" * 257 + "\n", "\n"])
async def test_a_password_that_will_not_do_is_refused_alike(shell: Shell, typed_in: str) -> None:
    with_one, without = await shell.types(*password("root"), typed_in=typed_in)

    assert with_one == without
    assert "2 monitord: a password has 12 to 256 characters here; think of a longer one\n" == without
