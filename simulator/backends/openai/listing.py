"""What a server tells of its models."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.backends.openai.addresses import Address
from simulator.backends.openai.endpoints import Endpoint, load_endpoints
from simulator.domain.models import ModelCard

if TYPE_CHECKING:
    from openai import AsyncOpenAI

TIMEOUT_S = 5.0
"""A list of models that takes longer is not waited for."""

_CONTEXT_LENGTHS = (
    "loaded_context_length", "max_model_len", "context_length", "context_window",
    "max_context_length",
)  # fmt: skip
"""Where servers say how many tokens a model can take."""
_OF_WEIGHTS = ("publisher", "arch", "compatibility_type", "quantization")
"""What LM Studio tells of the weights behind a name."""
_OF_FILES = ("n_params", "size", "n_vocab", "n_embd")
"""What llama.cpp tells of them."""


async def listed_models(
    client: AsyncOpenAI, address: Address, endpoint: Endpoint
) -> list[dict[str, Any]]:
    """The models that chat, as the server lists them; each has an `id`.

    Raises:
        openai.APIError: The server does not answer, or with an error.
        ValueError: It answers with something else.
    """
    path = endpoint.models_path
    url = address.root + path[1:] if path.startswith("//") else path
    answer: object = await client.get(url, cast_to=object, options={"timeout": TIMEOUT_S})
    entries = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(entries, list):
        raise ValueError("no list of models")
    found = [
        {**entry, "id": str(entry["id"]).removeprefix("models/")}
        for entry in entries
        if isinstance(entry, dict) and entry.get("id")
    ]
    if not endpoint.not_for_chat:
        return found
    return [entry for entry in found if not re.search(endpoint.not_for_chat, entry["id"])]


def card_of(card: ModelCard, entry: Mapping[str, Any]) -> ModelCard:
    """A card with what the server's entry adds to it."""
    meta = entry.get("meta")
    details = meta if isinstance(meta, dict) else {}
    lengths = [entry.get(name) for name in _CONTEXT_LENGTHS]
    lengths += [details.get("n_ctx"), details.get("n_ctx_train")]
    quantization = entry.get("quantization")
    return replace(
        card,
        context_length=next((n for n in lengths if isinstance(n, int) and n > 0), None),
        digest=_digest(entry, details),
        size_bytes=_count(details.get("size")),
        parameters=_parameters(_count(details.get("n_params"))),
        quantization=quantization if isinstance(quantization, str) else None,
    )


def is_another_server(endpoint: Endpoint, listed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether what answers at an endpoint's usual address is a server of another kind.

    Several kinds of server have the same usual port.
    """
    others = {other.owner for other in load_endpoints().values()} - {"", endpoint.owner}
    owners = {str(entry.get("owned_by")) for entry in listed}
    return not others.isdisjoint(owners) or (endpoint.checks_names and not listed)


def _digest(entry: Mapping[str, Any], details: Mapping[str, Any]) -> str | None:
    """What tells weights from others under the same name; None where nothing is told of them."""
    told = {name: entry.get(name) for name in _OF_WEIGHTS}
    told |= {name: details.get(name) for name in _OF_FILES}
    if (root := entry.get("root")) != entry.get("id"):  # vLLM's and SGLang's path of the weights
        told["root"] = root
    return " ".join(f"{name}={value}" for name, value in told.items() if value) or None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _parameters(count: int | None) -> str | None:
    if count is None:
        return None
    return f"{count / 1e9:.1f}B" if count >= 1e9 else f"{count / 1e6:.1f}M"
