"""`chatroom`: let models talk alone until a text replicates itself, and test the text.

The original's flags are taken as they are, with one or more words after `--models`,
`--initial_prompts` and `--system_prompts`; `docs/chatroom.md` has them beside ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.chatroom_options import SPREADS, chatroom_options
from simulator.cli.launch_options import LARGEST_SEED, pace_option
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.session import Session
from simulator.cli.spreading import SpreadVerb
from simulator.errors import UsageError

if TYPE_CHECKING:
    from simulator.services import Services


@click.command(cls=SpreadVerb, spreads=SPREADS)
@click.argument("design", required=False)
@chatroom_options
@click.option("--seed", "-r", type=click.IntRange(0, LARGEST_SEED), metavar="N",
              help="Of the first run, the next ones count up; 0 is a seed too.")  # fmt: skip
@click.option("--repeat", type=click.IntRange(1, 10_000), default=1, metavar="R",
              help="Runs with new seeds.")  # fmt: skip
@click.option("--save", is_flag=False, flag_value="", metavar="[WORD]",
              help="Taken for the original's sake: everything is stored anyway.")  # fmt: skip
@click.option("--name", metavar="NAME", help="Of the experiment, instead of what the flags say.")
@click.option("--dry-run", is_flag=True, help="Only say what it would take.")
@limit_options
@pace_option
@model_options
@click.pass_obj
def chatroom(
    session: Session,
    /,
    design: str | None,
    seed: int | None,
    repeat: int,
    save: str | None,
    name: str | None,
    dry_run: bool,
    cost_limit: float | None,
    token_limit: int | None,
    pace: float,
    **options: Any,
) -> int:
    """Let models talk alone until a text replicates itself.

    DESIGN is a YAML file, a seed such as `chatroom`, or a stored experiment, and goes before the
    options; without one the options alone describe the chatroom. Ctrl-C pauses; `resume` goes on.
    """
    is_test = options["replicate"] is not None or options["text"] is not None
    check(options, design, is_test=is_test)

    async def main(services: Services) -> int:
        from simulator.cli.chatrooms import Room
        from simulator.cli.wanted import Wanted

        if save is not None:
            session.output.aside(
                "--save: everything is stored; `export last --format original` writes the "
                "original's file."
            )
        wanted = Wanted(
            options, design, name or "", seed, repeat, dry_run, pace,
            limits_of(session.settings, cost_limit, token_limit),
        )  # fmt: skip
        room = Room(session, services, wanted)
        return await (room.replicate() if is_test else room.talk())

    return session.work(main)


_OF_TESTS = ("copies", "phase")
_OF_TALKS = (
    "initial_prompts", "system_prompts", "window", "min_repetitions", "max_iterations", "speakers",
    "weights", "roles", "max_period", "run_on", "classic",
)  # fmt: skip


def check(options: dict[str, Any], design: str | None, *, is_test: bool) -> None:
    """Raises UsageError when options contradict each other."""
    idle = _OF_TALKS if is_test else _OF_TESTS
    given = [name for name in idle if options[name] not in (None, False, ())]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        what = "a replication test" if is_test else "a talk"
        remedy = "Leave it out." if is_test else "Leave it out, or name a run with --replicate."
        raise UsageError(f"{option} says nothing of {what}.", remedy=remedy)
    if options["phase"] is not None and options["text"] is not None:
        raise UsageError("--phase chooses a text of a run's cycle.", remedy="Leave --text out.")
    if is_test and design is not None:
        raise UsageError(
            "A replication test takes its design from the run.", remedy=f"Leave {design!r} out."
        )
