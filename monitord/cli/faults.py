"""What can go wrong as a sentence on stderr and an exit code: 1 no, 2 wrong use or configuration, 3 no
daemon.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

NO = 1
WRONG = 2
UNREACHABLE = 3


class Stopped(click.ClickException):
    """Ends the command with a sentence and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        setattr(self, "exit_code", code)  # noqa: B010 - click thinks that a class has one code for all

    def show(self, file: object = None) -> None:
        click.echo(f"monitord: {self.message}", err=True)


@contextmanager
def told() -> Iterator[None]:
    """Turn what is known to go wrong into a sentence; the imports wait until something did."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise misused(error) from None
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except Exception as error:
        stopped = known(error)
        if stopped is None:
            raise
        raise stopped from None


def misused(error: click.UsageError) -> Stopped:
    from monitord.cli.misuse import in_our_words  # noqa: PLC0415 - only when something went wrong

    return Stopped(in_our_words(error), WRONG)


def known(error: Exception) -> Stopped | None:
    """The errors that people can do something about."""
    from monitord.config.problem import ConfigurationRefused  # noqa: PLC0415 - only when something went wrong

    if isinstance(error, ConfigurationRefused):
        for problem in error.problems:
            click.echo(str(problem), err=True)
        if error.unread:
            click.echo(f"names were not compared, because {files(error.unread)} could not be read", err=True)
        problems = len(error.problems)
        return Stopped(f"the configuration has {problems} problem{'s'[: problems != 1]}", WRONG)
    code = getattr(error, "exit_code", None) or next(
        (CODES[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in CODES), None
    )
    return Stopped(as_commands(str(error)), code) if code is not None else None


def files(unread: Sequence[str]) -> str:
    """The first of them, and how many more: there may be a whole folder."""
    more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
    return f"{unread[0]}{more}"


def as_commands(sentence: str) -> str:
    """The daemon answers programs, with paths and fields; here the same, in words that can be typed."""
    for path, command in COMMANDS:
        sentence = path.sub(command, sentence)
    return sentence


OPTIONS = {  # by the field that an option fills
    "why": "--why",
    "reason": "--reason",
    "layer": "--layer",
    "cover": "--cover",
    "overruled": "--overrule",
    "taker": "--ask",
    "giver": "--of",
    "note": "--note",
    "channel": "--channel",
    "scopes": "--scope",
    "service": "--service",
}
COMMANDS = (
    (re.compile(r"^(body|path|query)(\.\w+)*: "), ""),
    *(
        (re.compile(rf"^`{field}(\.\d+)?`(?= is (empty|blank|too long))"), f"`{option}`")
        for field, option in OPTIONS.items()
    ),
    (re.compile(r"^`(people\.\d+|who|person)`(?= is (empty|too long))"), "the name of a person"),
    (re.compile(r"^`whom(\.\d+)?` is empty; .*"), "WHO is empty; name a person, a rotation or a team"),
    (re.compile(r"`giver`; `--of` on the command line"), "--of PERSON, or act for them with --by PERSON"),
    (re.compile(r"GET /api/v1/tickets/(\d+)"), r"`monitord ticket show \1`"),
    (re.compile(r"GET /api/v1/tickets\b"), "`monitord ticket list --state all`"),
    *(
        (re.compile(rf"GET /api/v1/{listed}\b"), f"`monitord {command} list`")
        for listed, command in (
            ("incidents", "status"),
            ("tokens", "token"),
            ("passkeys", "account passkey"),
            ("silences", "silence"),
            ("overrides", "override"),
            ("contacts", "contact"),
            ("swaps", "override swap"),
            ("leave", "away"),
            ("events", "event"),
            ("accounts", "account"),
            ("subscribers", "subscriber"),
        )
    ),
    (re.compile(r"make it a pattern \(`is_regex`\)"), "write =~ for ="),
    (re.compile(r"; see /api/v1/openapi\.json"), ""),
    (re.compile(r"see /api/v1/openapi\.json"), "`--help` behind the command says more"),
)
CODES = {"StoreRefused": WRONG, "StoreError": NO, "DoorRefused": WRONG}
