"""Finds what a name on the command line means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.domain.records import Experiment, ExperimentQuery, Run
from simulator.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from simulator.services import Services


async def find_either(services: Services, name: str) -> Experiment | Run:
    """The experiment or run of that name, id or part of an id; an exact name goes first.

    Raises:
        NotFoundError: There is neither.
        UsageError: Several.
    """
    if await services.store.experiments(ExperimentQuery(name=name)):
        return await services.find_experiment(name)
    run = await _run_or_none(services, name)
    try:
        experiment = await services.find_experiment(name)
    except NotFoundError as error:
        if run is not None:
            return run
        raise NotFoundError(
            f"There is no experiment or run {name!r}.",
            remedy=error.remedy if error.remedy and error.remedy.startswith("Did you mean")
            else "`ls` lists experiments, `ls --runs` lists runs.",
        ) from None  # fmt: skip
    if run is not None and experiment.name.casefold() != name.casefold():
        raise UsageError(f"{name!r} is not unique: experiment {experiment.id}, run {run.id}.")
    return experiment


async def _run_or_none(services: Services, name: str) -> Run | None:
    try:
        return await services.find_run(name)
    except NotFoundError:
        if name == "last":
            raise
        return None
