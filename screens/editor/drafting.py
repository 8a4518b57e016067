"""The draft of what is being edited: written while somebody types, gone once it is saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from screens.laboratory import Laboratory
from simulator.drafts import Draft, Drafts, new_draft_id
from simulator.redaction import masked_address


def store_name(laboratory: Laboratory) -> str:
    """The store that is open, as drafts name it."""
    return masked_address(laboratory.services.settings.store_url)


def drafts_of(laboratory: Laboratory, drafts: Drafts) -> list[Draft]:
    """The drafts of designs for the store that is open, the newest first.

    Raises SimulatorError when they cannot be read.
    """
    here = store_name(laboratory)
    return [draft for draft in drafts.list() if draft.store == here]


@dataclass(slots=True)
class Drafting:
    """Keeps one draft."""

    laboratory: Laboratory
    drafts: Drafts
    experiment_id: str | None
    """What is edited in place."""
    parent_id: str | None
    """What it is a copy of."""
    saved_text: str | None
    """The text that needs no draft; None when it is kept as one only."""
    draft_id: str = field(default_factory=new_draft_id)

    def is_changed(self, text: str) -> bool:
        """Whether a text would be lost without a draft."""
        return text != self.saved_text

    def keep(self, text: str) -> datetime | None:
        """Write the draft, or remove it where the text needs none; when it was written.

        Raises SimulatorError when it cannot be written.
        """
        if not self.is_changed(text):
            self.drafts.discard(self.draft_id)
            return None
        now = self.laboratory.now()
        self.drafts.save(
            Draft(
                id=self.draft_id, text=text, experiment_id=self.experiment_id,
                parent_id=self.parent_id, store=store_name(self.laboratory), saved_at=now,
            )
        )  # fmt: skip
        return now

    def saved(self, text: str, experiment_id: str) -> None:
        """The text is an experiment now."""
        self.drafts.discard(self.draft_id)
        self.saved_text, self.experiment_id, self.parent_id = text, experiment_id, None

    def others(self) -> list[Draft]:
        """Earlier drafts of the same experiment, or of new designs if this is one."""
        return [
            draft
            for draft in drafts_of(self.laboratory, self.drafts)
            if (draft.experiment_id, draft.parent_id) == (self.experiment_id, self.parent_id)
            and draft.id != self.draft_id
        ]
