"""What the pane says of an experiment: facts, prompts, runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from screens.home.listing import entry_of
from screens.voices import Voices
from screens.widgets.text_list import TextRow
from simulator.domain.records import Agent, Experiment, Lease, Run, RunQuery
from simulator.domain.tokens import estimated_tokens, text_bytes
from simulator.errors import SimulatorError
from simulator.presentation.explaining import Explained, explained
from simulator.presentation.moments import stamp
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line, shortened
from simulator.presentation.wording import counted
from simulator.services import Services

MOST_RUNS = 200
"""Runs that are listed, the newest."""
LONGEST_FACT = 500
"""Characters of a name or a note that are shown among the facts."""
_WIDTH = 11


@dataclass(frozen=True, slots=True)
class Details:
    """An experiment with all that is shown of it."""

    experiment: Experiment
    agents: tuple[Agent, ...]
    """As a run of the design as it is written would have them; none where there is a problem."""
    explained: Explained
    """What else there is to know of the design."""
    problem: str
    """Why the design cannot be shown; empty for most."""
    parent: Experiment | None
    copies: Sequence[Experiment]
    runs: Sequence[Run]
    """At most `MOST_RUNS`, the newest first."""
    runs_total: int
    messages: Mapping[str, int]
    """In the transcript of each run."""
    players: Mapping[str, Lease]
    """Who plays which runs now."""

    @property
    def is_at_rest(self) -> bool:
        """Whether no run listed will change by itself."""
        return all(run.status in ("completed", "failed", "cancelled") for run in self.runs)


async def read_details(services: Services, experiment_id: str) -> Details:
    """Read an experiment, its relatives and its runs. Raises NotFoundError."""
    store = services.store
    experiment = await store.experiment(experiment_id)
    runs = await store.runs(RunQuery(experiment_id=experiment_id, limit=MOST_RUNS))
    counts = await store.count_runs([experiment_id])
    agents, known, problem = await _cast(services, experiment)
    return Details(
        experiment=experiment,
        agents=agents,
        explained=known,
        problem=problem,
        parent=await services.experiment_or_none(experiment.parent_id),
        copies=await services.children(experiment),
        runs=runs,
        runs_total=counts[experiment_id],
        messages=await store.count_messages([run.id for run in runs]),
        players=await services.players() if any(run.status == "running" for run in runs) else {},
    )


async def _cast(
    services: Services, experiment: Experiment
) -> tuple[tuple[Agent, ...], Explained, str]:
    try:
        design = services.design_of(experiment)
        agents = await asyncio.to_thread(services.preview, design, {})
        resolved = services.kind(design.kind).resolve(design, {})
        return agents, await asyncio.to_thread(explained, resolved), ""
    except SimulatorError as error:
        return (), Explained(), f"{error.message}\n{error.remedy or ''}".strip()


# ---------------------------------------------------------------- in words


def detail_rows(details: Details) -> list[TextRow]:
    """The texts of the pane: facts first, then the prompt of each agent, and what is asked."""
    experiment = details.experiment
    rows = [TextRow(shortened(one_line(experiment.name), LONGEST_FACT), _facts(details))]
    if details.problem:
        return [*rows, TextRow("this design cannot be shown", details.problem)]
    voices = Voices(details.agents)
    are_told = details.explained.agents_differ or any(one.system_prompt for one in details.agents)
    for agent in details.agents if are_told else ():
        tokens = estimated_tokens(text_bytes(agent.system_prompt))
        size = f" · at most {tokens:,} tokens" if agent.system_prompt else ""
        title = f"{voices.mark(agent.name, agent.role)} {agent.name}{size}"
        rows.append(TextRow(title, agent.system_prompt or "(no system prompt)"))
    rows += [TextRow(title, text) for title, text in details.explained.texts]
    return rows


def _facts(details: Details) -> str:
    experiment = details.experiment
    entry = entry_of(experiment, details.runs_total, "")
    facts = {
        "kind": experiment.kind,
        "agents": _groups(details.agents),
        "models": ", ".join(entry.models),
        **details.explained.facts,
        "factors": _factors(experiment.design.get("factors")),
        "creator": experiment.creator,
        "created": stamp(experiment.created_at),
        "copied from": _parent(details),
        "copies": ", ".join(map(_titled, details.copies)),
        "starred by": ", ".join(experiment.starred_by),
        "original": experiment.original_id,
        "id": experiment.id,
        "note": experiment.note,
    }
    return "\n".join(
        f"{name:<{_WIDTH}} {shortened(one_line(value), LONGEST_FACT)}"
        for name, value in facts.items()
        if value
    )


def _groups(agents: Sequence[Agent]) -> str:
    """Such as `1 guard, 2 prisoners`."""
    counts: dict[str, int] = {}
    for agent in agents:
        if agent.number:
            counts[agent.role] = counts.get(agent.role, 0) + 1
    return ", ".join(counted(number, role) for role, number in counts.items())


def _factors(value: JsonValue) -> str:
    """Such as `goal 2 × risks 3`."""
    return " × ".join(_factor_texts(value))


def _factor_texts(value: JsonValue) -> Iterator[str]:
    for factor in value if isinstance(value, list) else ():
        if isinstance(factor, dict):
            levels = factor.get("levels")
            yield f"{factor.get('name')} {len(levels) if isinstance(levels, list) else 0}"


def _parent(details: Details) -> str | None:
    if details.parent is not None:
        return f"{_titled(details.parent)} - p goes there"
    parent_id = details.experiment.parent_id
    return None if parent_id is None else f"{parent_id}, which is not here"


def _titled(experiment: Experiment) -> str:
    return f"{experiment.name} ({experiment.creator}, {short_id(experiment.id)})"
