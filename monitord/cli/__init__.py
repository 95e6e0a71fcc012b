"""The command line: one file a verb group, loaded only when it is called, so that `monitord oncall` is quick.

Exit codes: 0 done, 1 the answer is no, 2 wrong use or configuration, 3 the daemon cannot be reached.
"""

import gc
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from monitord import __version__
from monitord.cli.faults import told
from monitord.cli.options import config_option
from monitord.cli.terminal import harmless_streams

GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "The daemon": {
        "run": ("monitord.cli.run:run", "the daemon, in the foreground"),
        "demo": ("monitord.cli.demo:demo", "a whole outage in a minute, on real sockets"),
    },
    "Before anything happens": {
        "config": ("monitord.cli.config:config", "validate the configuration, or show what it means"),
        "check": ("monitord.cli.check:check", "run probes once, now"),
        "doctor": ("monitord.cli.doctor:doctor", "is everything there that monitord stands on?"),
        "oncall": ("monitord.cli.oncall:oncall", "who is on call, now or at any instant; shifts and gaps"),
        "simulate": ("monitord.cli.simulate:simulate", "who would be paged, when, by what"),
        "rehearse": ("monitord.cli.rehearse:rehearse", "play transcripts on the configuration: its tests"),
    },
    "When something happens": {
        "ticket": ("monitord.cli.ticket:ticket", "list, show, explain, acknowledge, resolve tickets"),
        "page": ("monitord.cli.page:page", "page a person, rotation or team now"),
        "status": ("monitord.cli.status:status", "what the public is told"),
        "subscriber": ("monitord.cli.subscriber:subscriber", "who hears of it"),
        "silence": ("monitord.cli.silence:silence", "keep what fits from paging anybody, for a while"),
        "contact": ("monitord.cli.contact:contact", "addresses of people, and whether they are verified"),
        "override": ("monitord.cli.override:override", "somebody else on call than whose turn it is"),
        "away": ("monitord.cli.away:away", "who is on leave, and says so"),
        "event": ("monitord.cli.event:event", "what came in from outside, and what was made of it"),
    },
    "Who else reports": {
        "integration": ("monitord.cli.hears:integration", "who may report, and where"),
        "heartbeat": ("monitord.cli.hears:heartbeat", "what must be heard of in time, and where"),
    },
    "Who may": {
        "account": ("monitord.cli.account:account", "who may sign in at the console: passwords, ways in"),
        "token": ("monitord.cli.token:token", "keys for programs, and for people elsewhere"),
    },
    "When you keep it": {
        "backup": ("monitord.cli.backup:backup", "copy the store into one file, also while it is used"),
        "restore": ("monitord.cli.backup:restore", "make a backup the store; the daemon must be stopped"),
    },
}
COMMANDS = {name: place for group in GROUPS.values() for name, (place, _) in group.items()}
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Verbs(click.Group):
    """Finds a command by its name, and imports its file only then."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command: click.Command = getattr(imported(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, words) for name, (_, words) in commands.items()])

    def main(self, *args: Any, **kwargs: Any) -> Any:
        with harmless_streams():
            return super().main(*args, **kwargs)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Whatever is known to go wrong is a sentence and an exit code."""
        with told():
            return super().invoke(ctx)


@click.group(cls=Verbs, context_settings=CONTEXT)
@config_option
@click.version_option(__version__, prog_name="monitord")
@click.pass_context
def cli(ctx: click.Context, path: Path | None) -> None:
    """Checks services, pages people until somebody answers, and tells customers the truth meanwhile."""
    ctx.obj = path


def imported(name: str) -> ModuleType:
    """A module; what is imported stays, so nobody looks for garbage among it meanwhile."""
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.enable()


def main() -> None:
    """The entry point."""
    cli(prog_name="monitord")
