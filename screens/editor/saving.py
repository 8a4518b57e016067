"""Where a design goes when it is saved: in place, into a copy, or into a new experiment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from simulator.domain.designs import Design
from simulator.domain.records import Experiment
from simulator.errors import ConflictError, PermissionDeniedError
from simulator.services import Services

Agrees = Callable[[str, str], Awaitable[bool]]
"""Asks the user: a question, and what follows."""


async def save(
    services: Services,
    design: Design,
    opened: Experiment | None,
    *,
    parent_id: str | None,
    as_copy: bool,
    agrees: Agrees,
) -> Experiment | None:
    """The experiment that has the design now; None when the user wants none.

    Args:
        services: Where to.
        design: Without problems.
        opened: What was edited, as it was then; where it has runs or is somebody else's, a copy is
            made if the user agrees.
        parent_id: What it is to be a copy of, if nothing was edited in place.
        as_copy: Whether to leave what was edited as it is in any case.
        agrees: Asks the user.

    Raises:
        ConflictError: Somebody edited the experiment meanwhile.
        UsageError: It is of another kind.
    """
    if opened is None or as_copy:
        return await services.save_design(design, parent_id=opened.id if opened else parent_id)
    current = await services.experiment_or_none(opened.id)
    if current is None:
        if not await agrees(
            "The experiment was deleted meanwhile. Save it as a new one?",
            "The design is as you see it; its runs are gone.",
        ):
            return None
        return await services.save_design(design)
    try:
        await services.check_revision(current)
    except (ConflictError, PermissionDeniedError) as error:
        if not await agrees("Save as a copy?", f"{error.message} The original stays as it is."):
            return None
        return await services.save_design(design, parent_id=opened.id)
    return await services.revise(opened, design)
