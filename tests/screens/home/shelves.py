"""Experiments and runs that are the same in every test, and how tests look at the screen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from textual.pilot import Pilot

from screens.dialogs.dialog import Dialog
from screens.home.screen import HomeScreen
from screens.laboratory import Laboratory
from simulator.domain.records import Experiment, Run
from simulator.files.designs import design_document, design_hash
from tests.lab import design
from tests.screens import conftest
from tests.screens.host import NOW, Host
from tests.waiting import until

BABBLE = "scripted/babble"
HOSTILE = "[/foo] [bold red]x[/] \x1b[31m\N{GRINNING FACE}\u202eabc\u200b"


async def add(
    laboratory: Laboratory, id_: str, name: str = "Prison", *, days_old: int = 0, **fields: Any
) -> Experiment:
    """Store an experiment."""
    kept = {"creator": "ada", "note": "", "starred_by": (), "parent_id": None}
    written = {key: fields.pop(key) for key in kept if key in fields}
    made = design(name=name, **({"model": BABBLE, "messages": 2} | fields))
    experiment = Experiment(
        id=id_, name=name, kind=made.kind, design=design_document(made),
        design_hash=design_hash(made), created_at=NOW - timedelta(days=days_old),
        **(kept | written),
    )  # fmt: skip
    await laboratory.services.store.add_experiment(experiment)
    return experiment


async def add_runs(
    laboratory: Laboratory, experiment: Experiment, *ids: str, **fields: Any
) -> list[Run]:
    """Store runs of an experiment."""
    services = laboratory.services
    made = services.design_of(experiment)
    kind = services.kind(experiment.kind)
    runs = [
        Run.model_validate(
            {
                "id": id_, "experiment_id": experiment.id, "kind": experiment.kind,
                "design_hash": experiment.design_hash, "seed": seed, "creator": "ada",
                "agents": kind.cast(kind.resolve(made, {}), seed), "created_at": NOW,
                "provenance": {"simulator_version": "0", "python_version": "3", "platform": "x"},
            }
            | fields
        )
        for seed, id_ in enumerate(ids, 1)
    ]  # fmt: skip
    for run in runs:
        await services.store.add_run(run)
    return runs


def home(pilot: Pilot[int]) -> HomeScreen:
    """The screen, whatever is in front of it."""
    found = [screen for screen in pilot.app.screen_stack if isinstance(screen, HomeScreen)]
    return found[0]


async def settled(pilot: Pilot[int]) -> None:
    """Wait until all is done, or a deed waits for an answer."""
    app = pilot.app
    await pilot.pause()
    await until(
        lambda: all(
            worker.group == "deed" and isinstance(app.screen, Dialog) for worker in app.workers
        )
    )
    await pilot.pause()
    if not isinstance(app.screen, Dialog):
        await conftest.settled(pilot)


async def ready(pilot: Pilot[int]) -> HomeScreen:
    """Wait until all is read, and the experiment under the cursor is shown."""
    screen = home(pilot)

    def is_shown() -> bool:
        details = screen.pane.details
        return screen.is_read and screen.table.selected == (
            None if details is None else details.experiment.id
        )

    await until(is_shown)
    await settled(pilot)
    return screen


def listed(pilot: Pilot[int]) -> list[str]:
    """Ids, from top to bottom."""
    return [line.entry.id for line in home(pilot).table.lines]


def told(pilot: Pilot[int]) -> str:
    """All that was told in passing."""
    return "\n".join(note.message for note in pilot.app._notifications)


def asked(pilot: Pilot[int]) -> list[object]:
    """Where the screen asked to go."""
    assert isinstance(pilot.app, Host)
    return list(pilot.app.asked)


def plain(pilot: Pilot[int]) -> str:
    """The letters of the screen, a line for each of its lines."""
    return "\n".join(
        "".join(segment.text for segment in strip)
        for strip in pilot.app.screen._compositor.render_strips()
    )


async def typed(pilot: Pilot[int], text: str) -> None:
    """Put a text in place of what the field in focus has, and accept it."""
    field: Any = pilot.app.focused
    if hasattr(field, "text"):
        field.text = text
        await pilot.press("ctrl+s")
    else:
        field.value = text
        await pilot.press("enter")
    await settled(pilot)
