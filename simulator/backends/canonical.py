"""Requests and replies as JSON that is the same on every machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from simulator.domain.models import Completion, GenerateRequest, ModelBackend
from simulator.domain.prompts import Prompt

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Document = dict[str, Any]


def request_document(backend: ModelBackend, request: GenerateRequest) -> Document:
    """All that makes a reply to this request what it is, as the model's server gets it."""
    sampling = request.sampling.limited_to(backend.sampling_options - {"seed"})
    return {
        "model": backend.model,
        "messages": _messages(request.prompt),
        "sampling": sampling.model_dump(mode="json", exclude_defaults=True),
        "seed": request.seed,
        "repetition": request.repetition,
        "choices": list(request.choices),
        "top_logprobs": request.top_logprobs,
    }


def score_document(backend: ModelBackend, prompt: Prompt, options: Sequence[str]) -> Document:
    """All that makes the scores of these options what they are."""
    return {
        "model": backend.model, "messages": _messages(prompt), "options": list(options),
    }  # fmt: skip


def completion_document(completion: Completion) -> Document:
    """A completion, to be written down."""
    document: Document = _completions().dump_python(completion, mode="json")
    return document


def completion_of(document: Document) -> Completion:
    """What `completion_document` wrote down, to be given again, which costs nothing.

    Raises:
        ValueError: It is something else.
    """
    completion = _completions().validate_python(document)
    free = completion.usage.model_copy(update={"cost_usd": 0.0, "unpriced_calls": 0})
    return replace(completion, usage=free, from_cache=True)


def canonical(document: Document) -> str:
    """The document on one line of ASCII, with its keys in order."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _messages(prompt: Prompt) -> list[list[str]]:
    return [[entry.role, entry.content] for entry in prompt.merged()]


@cache
def _completions() -> TypeAdapter[Completion]:
    from pydantic import TypeAdapter

    return TypeAdapter(Completion)
