"""Wrong use of the command line in our words: what is wrong, and what would be right."""

import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

import click
from click.exceptions import NoSuchCommand, NoSuchOption

from monitord.cli.options import BIG, shown

GIVEN = re.compile(r"^'?(.*?)'? is not ", re.DOTALL)
WORD = re.compile(r"[A-Z]+")
ALIKE = 0.7  # how much of two words is the same; options are short, and have letters in common by chance
BEGUN_MIN = 3  # letters that a word must share with one that is longer


def in_our_words(error: click.UsageError) -> str:
    """A sentence and its remedy."""
    what, remedy = next(said(error) for kind, said in SAID.items() if isinstance(error, kind))
    return f"{what}; {remedy or more(error)}"


Said = tuple[str, str]


def no_command(error: click.UsageError) -> Said:
    assert isinstance(error, NoSuchCommand)
    group = error.ctx.command if error.ctx else None
    known = group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx else []
    return f"there is no command `{shown(error.command_name)}`", nearest(error.command_name, known)


def no_option(error: click.UsageError) -> Said:
    assert isinstance(error, NoSuchOption)
    what, word = f"there is no option `{shown(error.option_name)}` here", error.option_name.lstrip("-")
    options, arguments = parts(error.ctx) if error.ctx else ({}, set())
    near = near_to(word, [*options, *arguments])
    if near is None or not alike(word, near):
        return what, ""
    known = options.get(near)
    return what, f"did you mean `{known}`?" if known else f"leave it out: the form is `{form(error)}`"


def parts(ctx: click.Context) -> tuple[dict[str, str], set[str]]:
    """What the command takes: its options by their bare names, and the words of its arguments."""
    parameters = ctx.command.get_params(ctx)
    names = [name for each in parameters if isinstance(each, click.Option) for name in each.opts]
    arguments = [each.make_metavar(ctx) for each in parameters if isinstance(each, click.Argument)]
    words = {word.lower() for each in arguments for word in WORD.findall(each)}
    return {name.lstrip("-"): name for name in names}, words


def alike(word: str, near: str) -> bool:
    """So that `--person` does not mean `--json`."""
    ratio = SequenceMatcher(None, word, near).ratio()
    return near.startswith(word) or word.startswith(near) or ratio >= ALIKE


def missing(error: click.UsageError) -> Said:
    assert isinstance(error, click.MissingParameter)
    if isinstance(error.param, click.Option) and error.ctx:
        return f"{name_of(error)} is missing", f"add `{option_form(error.param, error.ctx)}`"
    return f"{name_of(error)} is missing", f"the form is `{form(error)}`"


def bad_value(error: click.UsageError) -> Said:
    assert isinstance(error, click.BadParameter)
    found = GIVEN.match(error.message)
    given = f"`{shown(found[1])}`" if found else "this"
    match error.param.type if error.param else None:
        case click.Choice() as choice:
            possible = [str(each) for each in choice.choices]
            return f"{given} is not possible for {name_of(error)}", of_these(
                found[1] if found else "", possible
            )
        case click.IntRange() as number:
            least, most = number.min, number.max
            upward = f"from {least}" + (f" to {most}" if most is not None and most < BIG else "")
            return f"{given} will not do for {name_of(error)}", f"write a whole number {upward}"
    return f"{name_of(error)}: {error.message.rstrip('.')}", ""


def otherwise(error: click.UsageError) -> Said:
    words = error.format_message().rstrip(".")
    return words[:1].lower() + words[1:], f"the form is `{form(error)}`" if error.ctx else ""


SAID: Mapping[type[click.UsageError], Callable[[click.UsageError], Said]] = {
    NoSuchCommand: no_command,
    NoSuchOption: no_option,
    click.MissingParameter: missing,
    click.BadParameter: bad_value,
    click.UsageError: otherwise,
}


def of_these(word: str, possible: list[str]) -> str:
    """`did you mean …?`, or all of them."""
    from monitord.config.suggest import Guesses  # noqa: PLC0415 - only when something was wrong

    return Guesses().remedy(word, possible, noun="possible are")


def nearest(word: str, known: list[str]) -> str:
    """`did you mean …?`, or nothing."""
    near = near_to(word, known)
    return f"did you mean `{near}`?" if near else ""


def near_to(word: str, known: list[str]) -> str | None:
    from monitord.config.suggest import Guesses  # noqa: PLC0415 - only when something was wrong

    begun = [each for each in known if len(word) >= BEGUN_MIN and each.startswith(word)]
    longer = [each for each in known if len(each) >= BEGUN_MIN and word.startswith(each)]
    return Guesses().nearest(word, known) or next(iter([*begun, *longer]), None)


def name_of(error: click.BadParameter) -> str:
    """As it is typed: `--state`, or NUMBER."""
    if isinstance(error.param, click.Option):
        return f"`{max(error.param.opts, key=len)}`"
    return error.param.make_metavar(error.ctx) if error.param and error.ctx else "a value"


def option_form(option: click.Option, ctx: click.Context) -> str:
    """`--from T`."""
    return f"{max(option.opts, key=len)} {option.make_metavar(ctx)}"


def form(error: click.UsageError) -> str:
    if error.ctx is None:
        return "monitord --help"
    pieces = error.ctx.command.collect_usage_pieces(error.ctx)
    return " ".join([error.ctx.command_path, *pieces])


def more(error: click.UsageError) -> str:
    return (
        f"`{error.ctx.command_path} --help` says more"
        if error.ctx
        else "`--help` behind the command says more"
    )
