"""What OpenAI does not accept in a request, in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase

from tests.servers.openai_faults import Answer, Body, error

CHAT_FIELDS = {*CompletionCreateParamsBase.__annotations__, "stream"}
RESPONSES_FIELDS = {*ResponseCreateParamsBase.__annotations__, "stream"}
ROLES = ("system", "assistant", "user", "function", "tool", "developer")
MOST_STOPS = 4

_REASONING = re.compile(r"(o\d|gpt-5(?!.*chat)|codex)")
_RESPONSES_ONLY = re.compile(r"(o\d-pro|gpt-5(\.\d+)?-pro|.*codex|.*deep-research)")
_EFFORTS = (
    (re.compile(r"gpt-5\.\d"), ("none", "low", "medium", "high", "xhigh")),
    (re.compile(r"gpt-5"), ("minimal", "low", "medium", "high")),
    (re.compile(r""), ("low", "medium", "high")),
)


def is_reasoning(model: str) -> bool:
    return _REASONING.match(model) is not None


def is_responses_only(model: str) -> bool:
    return _RESPONSES_ONLY.match(model) is not None


def chat_violation(body: Body) -> Answer | None:
    """The first thing wrong with a request for a chat completion."""
    return next(_chat_violations(body), None)


def responses_violation(body: Body) -> Answer | None:
    """The first thing wrong with a request to the responses API."""
    return next(_responses_violations(body), None)


def _chat_violations(body: Body) -> Iterator[Answer]:
    for name in body.keys() - CHAT_FIELDS:
        yield error(400, f"Unrecognized request argument supplied: {name}")
    if not body.get("model"):
        yield error(400, "you must provide a model parameter")
    model = str(body.get("model"))
    if is_responses_only(model):
        said = "This is only supported in v1/responses and not in v1/chat/completions."
        yield error(404, said, param="model")
    if not body.get("messages"):
        yield _missing("messages")
    yield from _wrong_roles("messages", body.get("messages", ()))
    yield from _out_of_range(body)
    yield from _wrong_stops(body.get("stop"))
    if body.get("stream_options") is not None and not body.get("stream"):
        said = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        yield error(400, said, param="stream_options")
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        said = "'logprobs' must be true when 'top_logprobs' is set."
        yield error(400, said, param="top_logprobs")
    yield from _model_rules(
        body, ("temperature", "top_p", "logprobs", "top_logprobs", "stop", "max_tokens"),
        body.get("reasoning_effort"), "reasoning_effort",
    )  # fmt: skip
    form = body.get("response_format") or {}
    if form.get("type") == "json_schema":
        yield from _wrong_schema(form.get("json_schema") or {}, "response_format")


def _responses_violations(body: Body) -> Iterator[Answer]:
    for name in body.keys() - RESPONSES_FIELDS:
        yield error(400, f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")
    if not body.get("model"):
        yield _missing("model")
    if not body.get("input"):
        yield _missing("input")
    if not isinstance(body.get("input"), str):
        yield from _wrong_roles("input", body.get("input", ()))
    yield from _out_of_range(body)
    limit = body.get("max_output_tokens")
    if limit is not None and limit < 16:
        said = "integer below minimum value. Expected a value >= 16, but got"
        yield _invalid("max_output_tokens", f"{said} {limit} instead.", "integer_below_min_value")
    effort = (body.get("reasoning") or {}).get("effort")
    names = ("temperature", "top_p", "top_logprobs")
    yield from _model_rules(body, names, effort, "reasoning.effort")
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        yield from _wrong_schema(form, "text.format")


def _model_rules(
    body: Body, refused: Sequence[str], effort: str | None, effort_field: str
) -> Iterator[Answer]:
    """Reasoning models take fewer options than others, and others take no effort."""
    model = str(body.get("model"))
    if not is_reasoning(model):
        if effort is not None:
            yield error(400, f"Unrecognized request argument supplied: {effort_field}")
        return
    supported = next(names for pattern, names in _EFFORTS if pattern.match(model))
    if effort is not None and effort not in supported:
        listed = ", ".join(f"'{name}'" for name in supported)
        yield error(
            400,
            f"Unsupported value: '{effort_field}' does not support '{effort}' with this model. "
            f"Supported values are: {listed}.",
            param=effort_field,
            code="unsupported_value",
        )
    if "none" in supported and effort in (None, "none"):
        refused = [name for name in refused if name in ("stop", "max_tokens")]
    for name in refused:
        value = body.get(name)
        if value is None or (name in ("temperature", "top_p") and value == 1):
            continue
        instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
        said = f"Unsupported parameter: '{name}' is not supported with this model.{instead}"
        yield error(400, said, param=name, code="unsupported_parameter")


def _out_of_range(body: Body) -> Iterator[Answer]:
    for name, kind, low, high in (
        ("temperature", "decimal", 0, 2),
        ("top_p", "decimal", 0, 1),
        ("top_logprobs", "integer", 0, 20),
        ("seed", "integer", -(2**63), 2**63 - 1),
        ("max_tokens", "integer", 1, 2**31),
        ("max_completion_tokens", "integer", 1, 2**31),
    ):
        value = body.get(name)
        if value is None or low <= value <= high:
            continue
        side, sign, bound = ("below", ">=", low) if value < low else ("above", "<=", high)
        size = "min" if side == "below" else "max"
        said = f"{kind} {side} {size}imum value. Expected a value {sign} {bound}, but got"
        yield _invalid(name, f"{said} {value} instead.", f"{kind}_{side}_{size}_value")


def _wrong_roles(name: str, entries: Sequence[dict[str, Any]]) -> Iterator[Answer]:
    for place, entry in enumerate(entries):
        if entry.get("role") not in ROLES:
            yield error(
                400,
                f"Invalid value: '{entry.get('role')}'. Supported values are: "
                + ", ".join(f"'{role}'" for role in ROLES),
                param=f"{name}[{place}].role",
                code="invalid_value",
            )
        if not isinstance(entry.get("content"), str | list):
            said = "expected one of a string or array of objects"
            yield _invalid(f"{name}[{place}].content", f"{said}.", "invalid_type")


def _wrong_stops(stop: Any) -> Iterator[Answer]:
    if isinstance(stop, list) and len(stop) > MOST_STOPS:
        said = f"array too long. Expected an array with maximum length {MOST_STOPS}, but got"
        said = f"{said} an array with length {len(stop)} instead."
        yield _invalid("stop", said, "array_above_max_length")


def _wrong_schema(form: dict[str, Any], param: str) -> Iterator[Answer]:
    name, schema = str(form.get("name", "")), form.get("schema") or {}
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
        said = "string does not match pattern. Expected a string that matches the pattern"
        yield _invalid(f"{param}.name", f"{said} '^[a-zA-Z0-9_-]+$'.", "invalid_value")
    problem = None
    if schema.get("type") != "object":
        problem = f"schema must be a JSON Schema of 'type: \"object\"', got {schema.get('type')!r}."
    elif form.get("strict") and schema.get("additionalProperties") is not False:
        problem = (
            "In context=(), 'additionalProperties' is required to be supplied and to be false."
        )
    elif form.get("strict") and set(schema.get("required", ())) != set(schema["properties"]):
        problem = (
            "In context=(), 'required' is required to be supplied and to be an array including "
            "every key in properties."
        )
    if problem:
        yield error(400, f"Invalid schema for response_format '{name}': {problem}", param=param)


def _missing(name: str) -> Answer:
    said = f"Missing required parameter: '{name}'."
    return error(400, said, param=name, code="missing_required_parameter")


def _invalid(name: str, problem: str, code: str) -> Answer:
    return error(400, f"Invalid '{name}': {problem}", param=name, code=code)
