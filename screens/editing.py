"""Opens the editor: on the template of a kind, an experiment, a copy of one, or a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screens.laboratory import Laboratory
from simulator.errors import ConflictError
from simulator.files.templates import design_template
from simulator.files.writing import write_design

if TYPE_CHECKING:
    from screens.editor.resuming import Ask
    from screens.editor.screen import EditorScreen


async def new_design(laboratory: Laboratory, kind: str) -> EditorScreen:
    """An editor on the template of a kind."""
    from screens.editor.screen import EditorScreen

    text = design_template(laboratory.services.kind(kind))
    return EditorScreen(laboratory, text, is_template=True)


async def edited_experiment(laboratory: Laboratory, experiment_id: str) -> EditorScreen:
    """An editor that changes an experiment in place.

    Raises:
        ConflictError: It has runs.
        NotFoundError: It is gone.
        DesignChangedError: This version cannot read its design.
    """
    from screens.editor.screen import EditorScreen

    services = laboratory.services
    experiment = await services.store.experiment(experiment_id)
    if (await services.store.count_runs([experiment_id]))[experiment_id]:
        raise ConflictError(
            f"Experiment {experiment.name!r} has runs, so its design stays as it is.",
            remedy="Edit a copy of it (D).",
        )
    text = write_design(services.design_of(experiment))
    return EditorScreen(laboratory, text, experiment_id=experiment_id)


async def edited_copy(laboratory: Laboratory, experiment_id: str) -> EditorScreen:
    """An editor on a copy of an experiment; raises as `edited_experiment`, for runs it does not."""
    from screens.editor.screen import EditorScreen

    services = laboratory.services
    experiment = await services.store.experiment(experiment_id)
    design = services.design_of(experiment)
    design = design.model_copy(update={"name": f"{design.name} copy", "parent": None})
    return EditorScreen(laboratory, write_design(design), parent_id=experiment_id)


async def resumed_draft(laboratory: Laboratory, ask: Ask) -> EditorScreen | None:
    """An editor on a draft that the user chooses; None when they want none."""
    from screens.editor.resuming import chosen_draft

    return await chosen_draft(laboratory, ask)
