"""`monitord rehearse FILE…`: transcripts kept beside the configuration, played on it."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from monitord.cli.faults import NO, WRONG, Stopped
from monitord.cli.options import chosen, config_option, count, json_option, print_json
from monitord.config.limits import FILE_BYTES_MAX
from monitord.config.loading import load
from monitord.config.problem import one_line
from monitord.core.world import Configuration
from monitord.play.rehearsal import rehearse as played
from monitord.play.story import Mistake

SUFFIX = ".txt"
COLORS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A transcript: what is written, and what happens."""

    path: Path
    written: str
    happens: str

    @property
    def difference(self) -> list[str]:
        """The lines of a unified diff; [] if what happens is what is written."""
        return list(
            difflib.unified_diff(
                self.written.splitlines(),
                self.happens.splitlines(),
                f"{self.path} as written",
                f"{self.path} as it happens",
                lineterm="",
            )
        )


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="write what happens into the files; read the difference then")
@config_option
@json_option
@click.pass_context
def rehearse(
    ctx: click.Context, paths: tuple[Path, ...], update: bool, path: Path | None, as_json: bool
) -> None:
    """Play transcripts on the configuration, and say where what happens is not what is written.

    A folder stands for the transcripts (*.txt) in it. Exit code 1 if something differs. Nothing is sent.
    """
    configuration = load(chosen(ctx, path)).configuration
    found = [rehearsed(configuration, each) for each in transcripts(paths)]
    differing = [each for each in found if each.difference]
    if update:
        for each in differing:
            each.path.write_text(each.happens, encoding="utf-8")
    if as_json:
        print_json([{"file": str(each.path), "difference": each.difference} for each in found])
    else:
        say(found, updated=update)
    if differing and not update:
        ctx.exit(NO)


def transcripts(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files that were named; of a folder those in it, by name. Stopped for an empty folder."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(path.glob(f"*{SUFFIX}"))
        if not inside:
            raise Stopped(f"{path} has no transcripts (*{SUFFIX})", WRONG)
        yield from inside


def rehearsed(configuration: Configuration, path: Path) -> Rehearsed:
    """Stopped, with the place, for what cannot be played."""
    written = text_of(path)
    try:
        return Rehearsed(path, written, played(configuration, written))
    except Mistake as mistake:
        raise Stopped(one_line(f"{path}:{mistake.line}: {mistake.wrong}"), WRONG) from None


def text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise Stopped(
                f"{path} is larger than {FILE_BYTES_MAX} bytes; make several transcripts of it", WRONG
            )
        return content.decode("utf-8")
    except OSError as error:
        raise Stopped(f"{path} cannot be read: {error.strerror}", WRONG) from None
    except UnicodeDecodeError:
        raise Stopped(f"{path} is not a text in UTF-8", WRONG) from None


def say(found: list[Rehearsed], *, updated: bool) -> None:
    for each in found:
        for line in each.difference:
            click.echo(click.style(line, fg=COLORS.get(line[0])))
    differing = sum(1 for each in found if each.difference)
    rehearsals = count(len(found), "rehearsal")
    if not differing:
        click.echo(f"{rehearsals}: everything happens as it is written.")
    elif updated:
        click.echo(f"{rehearsals}: {differing} written anew.")
    else:
        click.echo(f"{rehearsals}: in {differing} something else happens. --update writes what happens.")
