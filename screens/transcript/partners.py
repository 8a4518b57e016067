"""Which runs a run can be compared with."""

from __future__ import annotations

from simulator.domain.records import Run, RunQuery
from simulator.errors import NotFoundError
from simulator.presentation.notices import short_id
from simulator.presentation.plans import models_text, parameters_text
from simulator.services import Services

MOST = 300
"""Runs of an experiment that are offered, the newest."""


async def partners(services: Services, run: Run) -> list[tuple[str, str]]:
    """Its parent, its forks, then the other runs: what each is called, and its id."""
    runs = await services.store.runs(RunQuery(experiment_id=run.experiment_id, limit=MOST))
    others = {other.id: other for other in runs if other.id != run.id}
    origin = run.forked_from
    if origin is not None and origin.run_id not in others:
        try:
            others[origin.run_id] = await services.store.run(origin.run_id)
        except NotFoundError:
            origin = None
    first = sorted(others.values(), key=lambda other: _distance(run, other))
    return [(_called(run, other), other.id) for other in first]


def _distance(run: Run, other: Run) -> int:
    if run.forked_from is not None and run.forked_from.run_id == other.id:
        return 0
    if other.forked_from is not None and other.forked_from.run_id == run.id:
        return 1
    is_sibling = (
        run.forked_from is not None
        and other.forked_from is not None
        and run.forked_from.run_id == other.forked_from.run_id
    )
    return 2 if is_sibling else 3


def _called(run: Run, other: Run) -> str:
    kinship = ("what it was forked from · ", "a fork of it · ", "forked from the same · ", "")
    facts = [f"seed {other.seed}", models_text(other.agents), parameters_text(other.parameters)]
    told = " · ".join([other.status, *filter(None, facts)])
    return f"{kinship[_distance(run, other)]}{short_id(other.id)} · {told}"
