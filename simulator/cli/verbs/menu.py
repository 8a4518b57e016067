"""`menu`: everything that matters, by plain questions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.cli.menus.guide import Guide


@click.command(cls=Verb)
@click.pass_obj
def menu(session: Session) -> int:
    """Go through everything by plain questions: design, launch, read, fork, compare, models.

    For terminals in which the full-screen app cannot run. Ctrl-C goes back by one question, and at
    the first one leaves. Every answer is also shown as the command that it stands for.
    """
    output = session.output
    if output.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "`menu` asks questions, and nobody can be asked here.",
            remedy="Use the verbs instead: `ls`, `run`, `show` and so on; see --help.",
        )
    from simulator.cli.menus.guide import Guide
    from simulator.cli.menus.questions import questions_for

    session.store_settings()
    with session.interrupts.raised():
        _lead(Guide(session, questions_for(output)))
    return 0


def _lead(guide: Guide) -> None:
    from functools import partial

    from simulator.cli.menus.experiments import choose_experiment
    from simulator.cli.menus.guide import Deed
    from simulator.cli.menus.models import with_models
    from simulator.cli.menus.questions import Option
    from simulator.cli.menus.runs import choose_run

    def set_up() -> None:
        guide.do("setup")
        guide.session = guide.session.another(anew=True)

    options: list[Option[Deed]] = [
        Option("Experiments: launch, read, copy …", partial(choose_experiment, guide)),
        Option("Runs: read, go on, fork, compare …", partial(choose_run, guide)),
        Option("Who plays what now", partial(guide.do, "watch")),
        Option("Models …", partial(with_models, guide)),
        Option("Settings …", set_up),
        Option("See whether all is well", partial(guide.do, "doctor")),
    ]
    guide.stay(lambda: "What would you like to do?", lambda: options, back="Leave")
