"""What an Ollama server tells of its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.domain.models import Ability, ModelCard
from simulator.domain.prices import FREE

if TYPE_CHECKING:
    import ollama

ABILITIES: frozenset[Ability] = frozenset({"seed", "logprobs", "choices"})
_LATEST = ":latest"


def full_name(name: str) -> str:
    """The name with its tag, as the server lists it."""
    return name if ":" in name.rpartition("/")[2] else f"{name}{_LATEST}"


def short_name(name: str) -> str:
    """The name as people write it."""
    return name.removesuffix(_LATEST)


def card(
    model: str, listed: ollama.ListResponse.Model | None, shown: ollama.ShowResponse | None
) -> ModelCard:
    """A card of what the list and the model's own page say, as far as each is there."""
    details = (shown and shown.details) or (listed and listed.details)
    chats = shown is None or shown.capabilities is None or "completion" in shown.capabilities
    return ModelCard(
        model,
        ABILITIES if chats else frozenset(),
        context_length=_context_length(shown),
        digest=listed.digest if listed else None,
        size_bytes=listed.size if listed else None,
        parameters=(details.parameter_size or None) if details else None,
        quantization=(details.quantization_level or None) if details else None,
        price=FREE,
    )


def _context_length(shown: ollama.ShowResponse | None) -> int | None:
    for key, value in ((shown and shown.modelinfo) or {}).items():
        if key.endswith(".context_length") and isinstance(value, int):
            return value
    return None
