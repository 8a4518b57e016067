"""Runs to analyse for tests, and what the screen of analysis shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Select, Static

from screens.analysis.screen import AnalysisScreen
from screens.analysis.summary_table import SummaryTable
from screens.laboratory import Laboratory
from simulator.domain.journal import Step
from simulator.domain.records import Agent, Experiment, Run
from tests.analysis.journals import GUARD, NOW, PRISONER, SUMMARIZER, run, said
from tests.lab import design
from tests.screens.conftest import settled

HOSTILE = "[/foo] [bold red]x[/] \x1b[31m"
GOALS = {
    "goal": {
        "escape": {"prisoner": {"Goal": "Flee."}}, "yard time": {"prisoner": {"Goal": "Walk."}},
    }
}  # fmt: skip


async def played(laboratory: Laboratory, number: int = 2, **fields: Any) -> list[Run]:
    """Runs of a design with two goals, so many of each."""
    fields = {"model": "scripted/babble", "messages": 4, "days": 2, "factors": GOALS} | fields
    services, runs = laboratory.services, []
    for goal in ("escape", "yard time"):
        chosen: Any = {"levels": [{"name": "goal", "value": goal}]}
        runs += await services.launch(design(**fields), chosen, seed=1, repeat=number)
    await services.play_all(runs, listener=lambda event: None)
    return runs


async def stored(
    laboratory: Laboratory,
    journals: Sequence[Sequence[Step]],
    *,
    name: str = "Made up",
    agents: Sequence[Agent] = (GUARD, PRISONER, SUMMARIZER),
    **fields: Any,
) -> list[Run]:
    """Runs of a new experiment with journals that no model spoke."""
    store = laboratory.services.store
    experiment = Experiment(
        id=f"E-{name}", name=name, kind="conversation", design={}, design_hash="0" * 32,
        creator="ada", created_at=NOW,
    )  # fmt: skip
    await store.add_experiment(experiment)
    runs = [
        run(number, agents, **fields).model_copy(update={"experiment_id": experiment.id})
        for number in range(len(journals))
    ]
    for one, steps in zip(runs, journals, strict=True):
        named = [step.model_copy(update={"run_id": one.id}) for step in steps]
        await store.add_run(one, named)
    return runs


def screen_of(pilot: Pilot[int]) -> AnalysisScreen:
    screen = pilot.app.screen
    assert isinstance(screen, AnalysisScreen)
    return screen


def rows(pilot: Pilot[int]) -> list[list[str]]:
    table = pilot.app.screen.query_one(SummaryTable)
    return [[str(cell) for cell in table.get_row_at(place)] for place in range(table.row_count)]


def text(pilot: Pilot[int], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).content)


async def choose(pilot: Pilot[int], field: str, value: str) -> None:
    pilot.app.screen.query_one(f"#{field}", Select).value = value
    await settled(pilot)


def talk(*words: str) -> list[Step]:
    """Words of a guard and a prisoner in turn."""
    return [said(place, (GUARD, PRISONER)[place % 2], one) for place, one in enumerate(words)]
