"""`run`: launch a design and play it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.launch_options import (
    LARGEST_SEED,
    launch_options,
    launch_parameters,
    pace_option,
)
from simulator.cli.limit_options import limit_options, limits_of
from simulator.cli.model_options import model_options
from simulator.cli.session import Session
from simulator.cli.set_options import grid_of, set_option

if TYPE_CHECKING:
    from simulator.domain.records import Run
    from simulator.engine.limits import Limits
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("design")
@launch_options
@set_option
@click.option("--seed", "-s", type=click.IntRange(0, LARGEST_SEED), metavar="N",
              help="Seed of the first run; the next ones count up from it.")  # fmt: skip
@click.option("--repeat", "-r", type=click.IntRange(1, 10_000), default=1, metavar="R",
              help="Runs to play side by side.")  # fmt: skip
@limit_options
@pace_option
@click.option("--preview", is_flag=True, help="Only show every prompt as it would be.")
@model_options
@click.pass_obj
def run(
    session: Session,
    /,
    design: str,
    sets: tuple[str, ...],
    seed: int | None,
    repeat: int,
    cost_limit: float | None,
    token_limit: int | None,
    pace: float,
    preview: bool,
    **options: Any,
) -> int:
    """Launch DESIGN and watch its agents talk.

    DESIGN is a YAML file, a seed such as `prison`, or a stored experiment. Ctrl-C pauses the run;
    `resume` goes on with it.
    """
    parameters = launch_parameters(**options)

    async def main(services: Services) -> int:
        if preview:
            return await _preview(session, services, design, parameters, sets, seed or 0)
        return await launch_and_play(
            session, services, design, parameters, sets, seed=seed, repeat=repeat, pace_s=pace,
            limits=limits_of(session.settings, cost_limit, token_limit),
        )  # fmt: skip

    return session.work(main)


async def launch_and_play(
    session: Session,
    services: Services,
    name: str,
    parameters: dict[str, Any],
    sets: Sequence[str] = (),
    *,
    seed: int | None,
    repeat: int = 1,
    pace_s: float = 0.0,
    limits: Limits | None = None,
) -> int:
    """Queue runs of a design and play them; the exit code."""
    from simulator.cli.finding import design_named
    from simulator.cli.playing import Player, check_person
    from simulator.presentation.plans import plan_of

    design, experiment = await design_named(services, name)
    if experiment is None:
        design = await services.completed(design)
    kind = services.kind(design.kind)
    grid = grid_of(kind.parameters(design) if sets else (), sets, parameters)
    resolved = kind.resolve(design, grid.cell(0).parameters)
    check_person(session.output, kind.outlook(resolved).needs_person, repeat * grid.size)
    with session.interrupts.held():
        runs = await services.launch_grid(
            design, grid, seed=seed, repeat=repeat, experiment=experiment, limits=limits
        )
        plans = [
            plan_of(kind, run, kind.resolve(design, run.parameters) if sets else resolved)
            for run in runs
        ]
        player = Player(session, services, plans, pace_s=pace_s, limits=limits)
    exit_code = await player.play(announce=True)
    if not session.output.json:
        await _tell(session, services, design.kind, runs)
    return exit_code


async def _tell(session: Session, services: Services, kind: str, runs: Sequence[Run]) -> None:
    """Say what runs came to, as the verbs of their kinds do."""
    if kind == "chatroom":
        from simulator.cli.chatrooms import tell_talks

        await tell_talks(session, services, runs)
    elif kind == "telephone":
        from simulator.cli.telephones import tell_games

        await tell_games(session, services, runs)


async def _preview(
    session: Session,
    services: Services,
    name: str,
    parameters: dict[str, Any],
    sets: Sequence[str],
    seed: int,
) -> int:
    from simulator.cli.finding import design_named
    from simulator.cli.prompts import show_prompts

    design, experiment = await design_named(services, name)
    if experiment is None:
        design = await services.completed(design)
    grid = grid_of(services.kind(design.kind).parameters(design) if sets else (), sets, parameters)
    agents = services.preview(design, grid.cell(0).parameters, seed)
    show_prompts(session.output, agents, services.ignored_options)
    if design.kind == "iterated":
        from simulator.presentation.explaining import explained

        resolved = services.kind(design.kind).resolve(design, grid.cell(0).parameters)
        about = explained(resolved)
        for title, text in (
            (
                "What there is to learn",
                "\n".join(f"{one}: {value}" for one, value in about.facts.items() if value),
            ),
            *about.texts,
        ):
            session.output.line(f"=== {title}", "bold")
            session.output.line(text)
            session.output.line()
    listed = [
        agent.model_dump(mode="json") | {"not_sent": sorted(services.ignored_options(agent))}
        for agent in agents
    ]
    session.output.result({"design": design.name, "seed": seed, "agents": listed})
    return 0
