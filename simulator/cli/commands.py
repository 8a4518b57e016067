"""The command group: verbs by name, imported when they are used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click

from simulator import __version__
from simulator.cli.session import Session
from simulator.errors import UsageError

VERBS: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "Play a short conversation now, with the model that comes along."),
    "run": ("run", "Launch a design and watch its agents talk."),
    "launch": ("launch", "Play a design under every combination of what varies, as a batch."),
    "batch": ("batch", "List batches, see what became of their runs, stop them or go on."),
    "debate": ("debate", "Hold a debate that flags describe, or search for its temperatures."),
    "chatroom": ("chatroom", "Let models talk alone until a text replicates itself."),
    "telephone": ("telephone", "Pass texts from model to model, and see what becomes of them."),
    "reproduce": ("reproduce", "Play an original study again, and compare with the published."),
    "resume": ("resume", "Go on with runs that were paused, stopped or failed."),
    "fork": ("fork", "Start a new run from any message of another, with other words."),
    "menu": ("menu", "Go through all of it by plain questions."),
    "serve": ("serve", "Show the full-screen app in a browser."),
    "watch": ("watch", "Follow a run that another process plays, or see who plays what."),
    "ls": ("ls", "List experiments, their runs, or who plays what."),
    "show": ("show", "Read an experiment's design, or a run's transcript."),
    "verify": ("verify", "Check that a run still follows from its design."),
    "export": ("export", "Write a transcript as a file, or a whole study as a bundle."),
    "import": ("importing", "Take over designs, bundles, or what the original program stored."),
    "analyse": ("analyse", "Say how good debates are, or what becomes of texts passed on."),
    "bayes": ("bayes", "Let exact Bayesian learners do what a design asks of models."),
    "report": ("report", "Write one HTML file in which anyone can read runs and chains."),
    "models": ("models", "List, check and download the models that you can use."),
    "cache": ("cache", "Show or clear the replies that are kept to be given again."),
    "setup": ("setup", "Say where experiments live, with which model, and who you are."),
    "doctor": ("doctor", "Check store, models, permissions, clock, disk and versions."),
    "db": ("db", "Show the store, or copy experiments between two stores."),
    "validate": ("validate", "Find every fault of a design, with its line."),
    "schema": ("schema", "Print the JSON Schema of designs, for editors."),
    "duplicate": ("duplicate", "Copy an experiment's design, to be changed."),
    "diff": ("diff", "Show what differs between two designs, or from where one comes."),
    "star": ("annotating", "Mark an experiment or run as a favourite."),
    "note": ("annotating", "Write a note on an experiment or run."),
    "delete": ("delete", "Delete an experiment with its runs, or one run."),
}
"""Module and help of each verb, in the order of the help page."""

LOG_LEVELS = ("debug", "info", "warning", "error")

HELP = """A laboratory for societies of language models.

DESIGN is a YAML file, a seed such as `prison`, or a stored experiment. RUN is an id, its
beginning or end (4 characters or more), or `last`, your newest.
"""

EPILOG = """Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 permission, 5 invalid design,
6 service unavailable, 130 interrupted. Shell completion is click's: see
https://click.palletsprojects.com/shell-completion."""


class ReaderLeftError(Exception):
    """Nobody reads our output any more."""


def _set_json(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Session).output.json = True


def _set_store(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Session).store = value


def _set_level(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Session).log_level = value


def _show_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"LLM Interaction Simulator {__version__}")
        context.exit()


def shared_options() -> list[click.Parameter]:
    """The options that may stand before and after every verb."""
    return [
        click.Option(
            ["--store"], metavar="URL", callback=_set_store, expose_value=False, is_eager=True,
            help="Where experiments live, such as sqlite:///lab.db  [env: SIMULATOR_STORE]",
        ),
        click.Option(
            ["--json"], is_flag=True, callback=_set_json, expose_value=False, is_eager=True,
            help="Write JSON for programs instead of text for people.",
        ),
        click.Option(
            ["--log-level"], type=click.Choice(LOG_LEVELS, case_sensitive=False),
            callback=_set_level, expose_value=False, is_eager=True,
            help="How much the log file tells  [env: SIMULATOR_LOG_LEVEL]",
        ),
    ]  # fmt: skip


class Verb(click.Command):
    """A verb: takes the shared options besides its own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += shared_options()

    def invoke(self, ctx: click.Context) -> Any:
        """Run it, after the session has heard its name."""
        _, _, verb = ctx.command_path.partition(f"{ctx.find_root().info_name} ")
        ctx.ensure_object(Session).verb = verb
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # click would end the program itself, without a word in the log.
            raise ReaderLeftError from None


class VerbGroup(click.Group):
    """A verb that has verbs of its own; without one it does the first."""

    command_class = Verb

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subcommand_metavar = "[VERB] [ARGUMENTS]..."
        self.params += shared_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `models --json` as `models ls --json`."""
        named = any(word in self.commands for word in args)
        bare = not args or (args[0].startswith("-") and not named and "--help" not in args)
        return super().parse_args(ctx, [next(iter(self.commands)), *args] if bare else args)


class LazyGroup(click.Group):
    """Knows its verbs by name; a verb's module is imported when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of the help page."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"simulator.cli.verbs.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('import', 'import_')}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that the arguments begin with; near names when there is none."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, n=1, cutoff=0.5)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise UsageError(
                f"There is no verb {args[0]!r}.", remedy=f"{meant}Verbs are {', '.join(VERBS)}."
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs with their help, without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


cli = LazyGroup(
    name="simulator",
    help=HELP,
    epilog=EPILOG,
    params=[
        *shared_options(),
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False,
            help="Show the version and exit.",
            callback=_show_version,
        ),
    ],
    subcommand_metavar="VERB [ARGUMENTS]...",
)  # fmt: skip
