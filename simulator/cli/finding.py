"""Finds what a name on the command line means, and says what to type where it means several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.domain.ids import id_fragment
from simulator.domain.records import Experiment, ExperimentQuery, Run, RunQuery
from simulator.errors import NotFoundError, UsageError
from simulator.library import LAUNCH_IT
from simulator.presentation.moments import age
from simulator.presentation.notices import short_id
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.cli.session import Session
    from simulator.domain.designs import Design
    from simulator.services import Services

_NAMED = 8
"""Candidates that are listed."""
_NOT_UNIQUE = "is not unique"


class AmbiguousError(UsageError):
    """A name means several things; `problems` has a line for each, the newest first."""

    def __init__(self, name: str, what: str, newest: str, lines: Sequence[str]) -> None:
        super().__init__(
            f"{name!r} {_NOT_UNIQUE}: {len(lines)} {what} match.",
            remedy=f"Use its id or its last 8 characters; the newest is {newest}.",
        )
        more = len(lines) - _NAMED
        self.problems = (*lines[:_NAMED], *([f"… and {more} more"] if more > 0 else []))


async def find_experiment(services: Services, name: str) -> Experiment:
    """As `Services.find_experiment`, with the candidates when there are several."""
    try:
        return await services.find_experiment(name)
    except UsageError as error:
        raise await _experiments_apart(services, name, error) from None


async def design_named(services: Services, name: str) -> tuple[Design, Experiment | None]:
    """As `Services.design_named`, with the candidates when there are several."""
    try:
        return await services.design_named(name)
    except UsageError as error:
        raise await _experiments_apart(services, name, error) from None


async def find_run(session: Session, services: Services, name: str) -> Run:
    """As `Services.find_run`, with the candidates when there are several."""
    try:
        return await services.find_run(name)
    except NotFoundError as error:
        if name != "last":
            raise
        raise NotFoundError(
            error.message, remedy=f"Start one with: {session.command('run', 'prison')}"
        ) from None
    except UsageError as error:
        raise await _runs_apart(services, name, error) from None


async def find_either(session: Session, services: Services, name: str) -> Experiment | Run:
    """The experiment or run of that name, id or part of an id; an exact name goes first.

    Raises:
        NotFoundError: There is neither.
        UsageError: Several.
    """
    try:
        experiment = await services.experiment_called(name)
    except UsageError as error:
        raise await _experiments_apart(services, name, error) from None
    if experiment is not None and experiment.name == name:
        return experiment
    run = await _run_or_none(session, services, name)
    if experiment is not None and run is not None:
        raise UsageError(f"{name!r} is not unique: experiment {experiment.id}, run {run.id}.")
    found = experiment or run
    if found is not None:
        return found
    try:
        return await services.find_experiment(name)
    except NotFoundError as error:
        raise NotFoundError(
            f"There is no experiment or run {name!r}.",
            remedy=error.remedy
            if error.remedy and error.remedy.startswith(("Did you mean", LAUNCH_IT))
            else "`ls` lists experiments, `ls --runs` lists runs.",
        ) from None  # fmt: skip


async def _run_or_none(session: Session, services: Services, name: str) -> Run | None:
    try:
        return await find_run(session, services, name)
    except NotFoundError:
        if name == "last":
            raise
        return None


async def _experiments_apart(services: Services, name: str, error: UsageError) -> UsageError:
    """The error with every experiment that the name means, if that is the error."""
    if _NOT_UNIQUE not in error.message:
        return error
    found = await services.store.experiments(ExperimentQuery(name=name))
    if not found:
        found = await services.store.experiments(ExperimentQuery(id_fragment=id_fragment(name)))
    if not found:
        return error
    counts = await services.store.count_runs([one.id for one in found])
    lines = [
        "  ".join(
            (
                short_id(one.id), one_line(one.name), one_line(one.creator),
                f"{age(one.created_at)} old", counted(counts[one.id], "run"), one_line(one.note),
            )
        ).rstrip()
        for one in found
    ]  # fmt: skip
    return AmbiguousError(name, "experiments", short_id(found[0].id), lines)


async def _runs_apart(services: Services, name: str, error: UsageError) -> UsageError:
    """The error with every run that the name means, if that is the error."""
    if _NOT_UNIQUE not in error.message:
        return error
    found = await services.store.runs(RunQuery(id_fragment=id_fragment(name)))
    if not found:
        return error
    lines = [
        "  ".join(
            (
                short_id(one.id), one_line(one.creator), f"{age(one.created_at)} old", one.status,
                one_line(one.note),
            )
        ).rstrip()
        for one in found
    ]  # fmt: skip
    return AmbiguousError(name, "runs", short_id(found[0].id), lines)
