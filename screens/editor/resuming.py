"""Goes on with a draft that was left in this store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from screens.editor.drafting import drafts_of
from screens.editor.drafts_dialog import DraftsDialog
from screens.editor.screen import EditorScreen
from screens.laboratory import Laboratory
from simulator.drafts import Draft, Drafts
from simulator.settings import default_drafts

Ask = Callable[[DraftsDialog], Awaitable[Draft | None]]
"""Shows the dialog and waits for its answer: `app.push_screen_wait`."""


async def chosen_draft(
    laboratory: Laboratory, ask: Ask, drafts: Drafts | None = None
) -> EditorScreen | None:
    """Offer the drafts of this store; the editor on the chosen one, None without any.

    Raises SimulatorError when they cannot be read.
    """
    drafts = drafts or Drafts(default_drafts())
    found = drafts_of(laboratory, drafts)
    draft = await ask(DraftsDialog(drafts, found, laboratory.now())) if found else None
    if draft is None:
        return None
    return EditorScreen(
        laboratory, draft.text, experiment_id=draft.experiment_id, parent_id=draft.parent_id,
        draft_id=draft.id, drafts=drafts,
    )  # fmt: skip
