"""`show`: read what the store has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from simulator.cli.commands import Verb
from simulator.cli.session import Session
from simulator.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from simulator.domain.designs import Design
    from simulator.domain.journal import Usage
    from simulator.domain.records import Experiment, Lease, Run
    from simulator.presentation.ordering import Ordering
    from simulator.services import Services


@click.command(cls=Verb)
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option("--prompts", is_flag=True, help="Also show every agent's system prompt.")
@click.option("--raw", is_flag=True, help="Also show replies as the models gave them.")
@click.option("--all", "everything", is_flag=True,
              help="Also show steps that nobody heard, such as choices of a speaker.")  # fmt: skip
@click.option("--reasoning", is_flag=True,
              help="Also show what models thought before they spoke.")  # fmt: skip
@click.option("--tokens", is_flag=True,
              help="Also show what was likely at each soft token of vectors.")  # fmt: skip
@click.option("--usage", is_flag=True, help="Also show the tokens and money of every agent.")
@click.option("--part", type=click.IntRange(min=1), metavar="N",
              help="Only question N of a debate, chain N of a game of telephone, or generation N "
                   "of learners.")  # fmt: skip
@click.pass_obj
def show(session: Session, /, name: str, part: int | None, **also: bool) -> int:
    """Read an experiment with its runs, a run with its transcript, or a seed design."""

    async def main(services: Services) -> int:
        from simulator.cli.finding import find_either
        from simulator.domain.records import Run

        try:
            found = await find_either(session, services, name)
        except NotFoundError:
            design = await _file(services, name)
            if design is None:
                raise
            _only_of_runs(part)
            _show_design(session, design)
            session.output.result({"design": design.model_dump(mode="json"), "runs": []})
            return 0
        if isinstance(found, Run):
            await _show_run(session, services, found, part, **also)
        else:
            _only_of_runs(part)
            await _show_experiment(session, services, found)
        return 0

    return session.work(main)


async def _file(services: Services, name: str) -> Design | None:
    from simulator.cli.finding import design_named
    from simulator.files.seeds import find_design_file

    if name == "last" or find_design_file(name) is None:
        return None
    return (await design_named(services, name))[0]


def _show_design(session: Session, design: Design) -> None:
    from simulator.files.designs import write_design

    if not session.output.json:
        session.output.raw(write_design(design))


async def _show_experiment(session: Session, services: Services, experiment: Experiment) -> None:
    from simulator.cli.run_tables import SHOWN_ON_A_TERMINAL, show_runs
    from simulator.domain.records import RunQuery
    from simulator.presentation.moments import stamp

    output = session.output
    limit = SHOWN_ON_A_TERMINAL if output.is_terminal else None
    runs = await services.store.runs(RunQuery(experiment_id=experiment.id, limit=limit))
    parent = await services.experiment_or_none(experiment.parent_id)
    children = await services.children(experiment)
    output.result(
        {
            "experiment": experiment.model_dump(mode="json"),
            "parent": None if parent is None else _named(parent),
            "children": [_named(child) for child in children],
            "runs": [run.model_dump(mode="json", exclude={"agents"}) for run in runs],
        }
    )
    _facts(
        session,
        {
            "experiment": experiment.name,
            "id": experiment.id,
            "creator": experiment.creator,
            "created": stamp(experiment.created_at),
            "copy of": _titled(parent) if parent else experiment.parent_id,
            "original": experiment.original_id,
            "copies": ", ".join(_titled(child) for child in children),
            "starred by": ", ".join(experiment.starred_by),
            "note": experiment.note,
        },
    )
    if output.json:
        return
    output.line()
    _show_design(session, services.design_of(experiment))
    output.line()
    if not runs:
        output.line("It has no runs yet. Start one with:")
        output.line(f"  {session.command('run', experiment.id)}", wrap=False)
        return
    await show_runs(output, services, runs, with_experiment=False)
    more = (await services.store.count_runs([experiment.id]))[experiment.id] - len(runs)
    if more > 0:
        output.aside(f"{more:,} more; see them with:")
        output.aside(f"  {session.command('ls', '--runs', experiment.id, '--limit', '0')}")


def _named(experiment: Experiment) -> dict[str, str]:
    return {"id": experiment.id, "name": experiment.name}


def _titled(experiment: Experiment) -> str:
    return f"{experiment.name} ({experiment.id})"


async def _show_run(
    session: Session,
    services: Services,
    run: Run,
    part: int | None,
    *,
    prompts: bool,
    raw: bool,
    everything: bool,
    reasoning: bool,
    tokens: bool,
    usage: bool,
) -> None:
    from simulator.cli.prompts import not_sent, show_prompts
    from simulator.cli.usage import show_usage
    from simulator.cli.voices import Printer
    from simulator.domain.journal import Usage
    from simulator.files.transcripts import message_document, remarks
    from simulator.presentation.scores import unheard_text
    from simulator.presentation.tally import Tally
    from simulator.presentation.usage import usage_by_agent

    output = session.output
    experiment, steps = await services.transcript(run)
    ordering = await _ordering(services, run, experiment)
    if part is not None:
        _only_with_parts(ordering, part)
    shown = [
        step
        for step in steps
        if (everything or step.in_transcript)
        and part in (None, ordering.section(step.scope, step.day))
    ]
    used = usage_by_agent(steps)
    if output.json:
        output.result(
            {
                "run": run.model_dump(mode="json"),
                "experiment": {"id": experiment.id, "name": experiment.name},
                "messages": [message_document(step) for step in shown],
                "usage_by_agent": [agent.document() for agent in used],
            }
        )
        return
    player = await services.player(run) if run.status == "running" else None
    total = Usage.total(agent.usage for agent in used)
    _run_facts(session, run, experiment, player, total)
    _facts(session, {"not sent": not_sent(run, steps), "beware": str(Tally(steps))})
    output.line()
    if prompts:
        show_prompts(output, run.agents)
    for step in steps:
        ordering.add(step)
    printer = Printer(output, run.agents, numbered=True, raw=raw, reasoning=reasoning,
                      ordering=ordering, tokens=tokens)  # fmt: skip
    for step in sorted(shown, key=ordering.key):
        if step.in_transcript:
            printer.message(step)
        else:
            facts = [*ordering.notes(step), *remarks(step)]
            how = f" ({', '.join(facts)})" if facts else ""
            told = unheard_text(step)
            output.line(f"{step.position:>3} {step.speaker} {told}{how}", "dim")
    if not shown:
        output.line("Nothing was said yet.")
    if usage:
        output.line()
        show_usage(output, used)
    if run.status != "completed":
        output.line()
        output.aside("Go on with:")
        output.aside(f"  {session.command('resume', run.id)}")


def _only_of_runs(part: int | None) -> None:
    if part is not None:
        raise UsageError(
            "--part is of a run; this is an experiment or a design.",
            remedy="Name one of its runs: `ls --runs EXPERIMENT` lists them.",
        )


def _only_with_parts(ordering: Ordering, part: int) -> None:
    if not ordering.part:
        raise UsageError(
            "This run has no parts: only debates have questions, games of telephone chains, and "
            "learners generations.",
            remedy="Leave --part out.",
        )
    if ordering.parts is not None and part > ordering.parts:
        raise UsageError(
            f"This run has no {ordering.part} {part:,}: there are {ordering.parts:,}.",
            remedy=f"Choose from 1 to {ordering.parts:,}.",
        )


async def _ordering(services: Services, run: Run, experiment: Experiment) -> Ordering:
    """How the run is read; by its kind alone where its design cannot be read any more."""
    from simulator.errors import SimulatorError
    from simulator.presentation.orderings import ordering_of

    try:
        return ordering_of(run.kind, await services.resolved(run, experiment))
    except SimulatorError:
        return ordering_of(run.kind, None)


def _run_facts(
    session: Session, run: Run, experiment: Experiment, player: Lease | None, used: Usage
) -> None:
    from simulator.files.transcripts import ended_by
    from simulator.presentation.moments import stamp
    from simulator.presentation.plans import parameters_text
    from simulator.presentation.usage import usage_in_full

    origin = run.forked_from
    forked = ""
    if origin is not None:
        edit = ", which has other words" if origin.edited else ""
        seed = f", then seed {origin.seed}" if origin.seed is not None else ""
        forked = f"run {origin.run_id} after message {origin.position}{edit}{seed}"
    models = dict.fromkeys(agent.model for agent in run.agents)
    _facts(
        session,
        {
            "run": run.id,
            "experiment": _titled(experiment),
            "status": "running on record, but nobody plays it"
            if run.status == "running" and player is None
            else run.status,
            "played by": player.player if player else None,
            "ended by": ended_by(run.outcome) if run.outcome else None,
            "error": run.error,
            "model": ", ".join(models),
            "seed": str(run.seed),
            "launched": parameters_text(run.parameters),
            "forked": forked,
            "original": run.original_id,
            "creator": run.creator,
            "created": stamp(run.created_at),
            "used": usage_in_full(used) if used.calls else None,
            "starred by": ", ".join(run.starred_by),
            "note": run.note,
        },
    )


def _facts(session: Session, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if value:
            session.output.line(f"{name:<11}{value}", wrap=False)
