"""What models say that take and give words alone."""

from __future__ import annotations

from simulator.errors import BackendError


def wordy(model: str) -> BackendError:
    """That a model has no soft tokens."""
    return BackendError(
        f"{model} takes and gives words alone, not vectors.",
        remedy="Choose pocket or hf/… for a debate in embeddings.",
    )
