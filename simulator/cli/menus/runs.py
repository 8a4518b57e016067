"""Choosing a run, and what can be done with it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.menus.comparing import show_comparison
from simulator.cli.menus.guide import Deed, Guide
from simulator.cli.menus.questions import BackError, Option
from simulator.cli.run_tables import SHOWN_ON_A_TERMINAL, status_text
from simulator.domain.journal import Step
from simulator.domain.records import Experiment, Run, RunQuery
from simulator.presentation.moments import age
from simulator.presentation.notices import short_id
from simulator.presentation.plans import parameters_text
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.services import Services

FORMATS = {"markdown": "md", "csv": "csv", "jsonl": "jsonl"}
"""Of exports, with the endings of their files."""


def choose_run(guide: Guide, experiment: Experiment | None = None) -> None:
    """List runs, of an experiment or of all, and stay with the one that is chosen."""

    def options() -> list[Option[Deed]]:
        listed = guide.look(lambda services: _labelled(services, experiment))
        found: list[Option[Deed]] = [
            Option(option.label, partial(with_run, guide, option.value)) for option in listed
        ]
        if not found:
            guide.session.output.line("There are no runs yet. Launch an experiment first.")
        if len(found) == SHOWN_ON_A_TERMINAL:
            found.append(Option("Another, by its id …", lambda: with_run(guide, _named(guide))))
        return found

    guide.stay(lambda: "Which run?", options)


async def _labelled(services: Services, experiment: Experiment | None) -> list[Option[str]]:
    """The newest runs with their ids, what is most telling of them first."""
    store = services.store
    query = RunQuery(experiment_id=experiment.id if experiment else None, limit=SHOWN_ON_A_TERMINAL)
    runs = await store.runs(query)
    counts = await store.count_messages([run.id for run in runs])
    players = await services.players()
    names = {} if experiment else await services.experiment_names(run.experiment_id for run in runs)
    return [
        Option(
            " · ".join(
                filter(
                    None,
                    (
                        ("* " if services.settings.creator in run.starred_by else "")
                        + short_id(run.id),
                        names.get(run.experiment_id, ""), status_text(run, players),
                        counted(counts[run.id], "message"), age(run.created_at),
                        parameters_text(run.parameters),
                    ),
                )
            ),
            run.id,
        )
        for run in runs
    ]  # fmt: skip


def _named(guide: Guide) -> str:
    name = guide.questions.text("Its id, or the end of it:")
    if not name:
        raise BackError
    return guide.look(lambda services: services.find_run(name)).id


def with_run(guide: Guide, run_id: str) -> None:
    """Ask what to do with a run."""
    known: list[Run] = []

    def question() -> str:
        run = guide.look(lambda services: services.store.run(run_id))
        known[:] = [run]
        return f"Run {short_id(run_id)}, {run.status}"

    def options() -> list[Option[Deed]]:
        run = known[0]
        go_on: list[Option[Deed]] = []
        if run.status != "completed":
            go_on = [Option("Go on with it", partial(guide.do, "resume", run_id))]
        return [
            Option("Read it", partial(guide.do, "show", run_id, is_paged=True)),
            *go_on,
            Option("Fork it at a message, with other words …", partial(_fork, guide, run)),
            Option("Compare it with another run …", partial(_compare, guide, run)),
            Option("Export it …", partial(_export, guide, run_id)),
            *deeds_for_all(guide, run),
        ]

    guide.stay(question, options)


def deeds_for_all(guide: Guide, record: Experiment | Run) -> list[Option[Deed]]:
    """What may be done with experiments and runs alike."""
    is_starred = guide.session.settings.creator in record.starred_by
    star = ["star", record.id, *(["--off"] if is_starred else [])]
    return [
        Option("No favourite any more" if is_starred else "Make it a favourite",
               partial(guide.do, *star)),
        Option("Write a note on it …", partial(_note, guide, record)),
        Option("Delete it …", partial(_delete, guide, record)),
    ]  # fmt: skip


def _note(guide: Guide, record: Experiment | Run) -> None:
    if record.note:
        guide.session.output.line(f"Its note: {record.note}")
    text = guide.questions.text("Note (empty removes it):", one_line(record.note))
    guide.do("note", record.id, "--", text)


def _delete(guide: Guide, record: Experiment | Run) -> bool:
    from simulator.cli.verbs.delete import what_goes

    what = guide.look(lambda services: what_goes(services, record))
    if not guide.questions.agreed(f"Delete {what} for good?", usual=False):
        guide.session.output.line("Nothing was deleted.")
        return False
    return guide.do("delete", record.id, "--yes") == 0


def _fork(guide: Guide, run: Run) -> None:
    steps = guide.look(lambda services: services.store.steps(run.id))
    spoken = {step.position: step for step in steps if step.in_transcript}
    if not spoken:
        guide.session.output.line("Nothing was said yet, so there is nothing to fork from.")
        return
    last = max(spoken)

    def check(text: str) -> str | None:
        is_there = text.isdecimal() and int(text) in spoken
        return None if is_there else f"Type the number of a message, 0 to {last}, as reading shows."

    at = int(guide.questions.text(f"Last message to take over (0 to {last}):", str(last), check))
    step = spoken[at]
    guide.session.output.line(f"{at} {step.speaker}: {step.content}")
    words = guide.questions.text("Other words for it (empty keeps them):")
    guide.do("fork", run.id, "--at", str(at), *([f"--replace={words}"] if words else []))


def _compare(guide: Guide, run: Run) -> None:
    async def others(services: Services) -> list[Option[str]]:
        experiment = await services.store.experiment(run.experiment_id)
        listed = await _labelled(services, experiment)
        return [option for option in listed if option.value != run.id]

    listed = [*guide.look(others), Option("Another, by its id …", "")]
    other = guide.questions.pick(f"Compare {short_id(run.id)} with", listed) or _named(guide)

    async def read(services: Services) -> tuple[list[Step], Run, list[Step]]:
        found = await services.store.run(other)
        return await services.store.steps(run.id), found, await services.store.steps(other)

    steps, found, other_steps = guide.look(read)
    show_comparison(guide.session.output, (run, steps), (found, other_steps))


def _export(guide: Guide, run_id: str) -> None:
    formats = [Option(f"{name} (.{ending})", name) for name, ending in FORMATS.items()]
    chosen = guide.questions.pick("As what?", formats)
    usual = f"run-{short_id(run_id)}.{FORMATS[chosen]}"
    file = guide.questions.text("Into which file?", usual)
    force: list[str] = []
    if Path(file).expanduser().is_file():
        if not guide.questions.agreed(f"{file} exists. Write over it?", usual=False):
            return
        force = ["--force"]
    guide.do("export", run_id, "--format", chosen, f"--output={file}", *force)
