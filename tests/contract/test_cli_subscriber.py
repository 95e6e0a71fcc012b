"""`monitord subscriber`: who hears is listed, and removed only when that was meant."""

from pathlib import Path

from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.core.subscription import Subscribe, Subscriber
from tests.fakes.night import night
from tests.fakes.terminal import named_tree, terminal, typed


async def test_a_subscriber_is_listed_and_removed(tmp_path: Path) -> None:
    tree = named_tree(tmp_path)
    async with night(tmp_path / "var") as sources, terminal(sources, tmp_path / "var"):
        await sources.engine.submit(Subscribe("sub@example.org"))

        async def say(*words: str) -> Result:
            return await typed(CliRunner().invoke, cli, ["--config", str(tree), "subscriber", *words])

        listed = await say("list")
        asked = await say("remove", "sub@example.org", "--by", "dee")
        kept = len(sources.world.all(Subscriber))
        removed = await say("remove", "sub@example.org", "--by", "dee", "--yes")
        gone = await say("remove", "sub@example.org", "--yes")

    assert "sub@example.org" in listed.output and "1 subscriber." in listed.output
    assert (2, 1) == (asked.exit_code, kept) and "say --yes" in asked.output
    assert (0, 1) == (removed.exit_code, gone.exit_code), removed.output
    assert [] == sources.world.all(Subscriber)
