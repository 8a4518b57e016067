"""An experiment of the original program as a classic conversation design."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from simulator.domain.records import Experiment
from simulator.domain.sampling import Sampling
from simulator.files.designs import design_document, design_hash
from simulator.files.originals.documents import (
    Fields,
    UnusableError,
    created,
    part,
    parts,
    people,
    record_id,
    required,
)
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.parameters import ConversationParameters
from simulator.kinds.conversation.placeholders import role_key
from simulator.kinds.conversation.rules import problems

_ROLE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _-]*")
_LONGEST_NAMES = 50


def experiment_of(
    original_id: str, document: Fields, conversations: Iterable[Fields], remarks: list[str]
) -> Experiment:
    """An experiment with a classic design.

    The original asks for lengths, counts and the speaker's method at each launch; the design takes
    those of the first conversation, and the first model.

    Args:
        original_id: Its `_id`.
        document: It.
        conversations: Those that it lists.
        remarks: Gets a sentence for each thing in it that has no place in a design.

    Raises:
        UnusableError: Something that the design needs is not there.
    """
    id_ = record_id("experiment", original_id)
    launches = list(_launches(conversations))
    note = str(document.get("note") or "")
    design = _design(document, launches, remarks)
    names = ", ".join(role_names(document))
    name = f"{names[:_LONGEST_NAMES]} ({id_[-6:]})"
    remarks += _idle_models(document, launches)
    remarks += (f"its design cannot be run as it is: {fault}" for fault in problems(design))
    return Experiment(
        id=id_,
        name=name,
        kind=design.kind,
        design=design_document(design),
        design_hash=design_hash(design),
        note=note,
        original_id=original_id,
        created_at=created(document, original_id),
        **people(document),
    )


def role_names(document: Mapping[str, Any]) -> dict[str, str]:
    """What each role is called in the design: its name, made to fit where it does not."""
    names: dict[str, str] = {}
    for number, role in enumerate(parts(document, "roles"), 1):
        name = required(role, "name", str)
        letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9 _-]+", "-", letters)
        names[name] = next(
            (each for each in (name, plain) if _ROLE_NAME.fullmatch(each)), f"role {number}"
        )
    return names


def parameters_of(conversation: Mapping[str, Any]) -> dict[str, Any]:
    """What a conversation was launched with; roles as the original calls them.

    Raises:
        UnusableError: Something is missing or out of range.
    """
    agents = []
    for entry in required(conversation, "agent_combination", list):
        match entry:
            case [str(role), int(count)] if not isinstance(count, bool):
                agents.append({"role": role, "count": count})
            case _:
                raise UnusableError("the field `agent_combination` is not what it should be")
    model, sampling = _model(required(conversation, "llm", dict))
    parameters = {
        "messages": required(conversation, "n_messages", int),
        "days": required(conversation, "days", int),
        "speaker": required(conversation, "speaker_selection_method", str),
        "agents": agents,
        "model": model,
        "sampling": sampling.model_dump(mode="json", exclude_defaults=True),
    }
    try:
        ConversationParameters.model_validate(parameters)
    except ValidationError as error:
        raise UnusableError(_fault(error)) from None
    return parameters


def _launches(conversations: Iterable[Fields]) -> Iterable[dict[str, Any]]:
    for conversation in conversations:
        try:
            yield parameters_of(conversation)
        except UnusableError:
            continue


def _design(
    document: Fields, launches: list[dict[str, Any]], remarks: list[str]
) -> ConversationDesign:
    roles = [part(role) for role in required(document, "roles", list)]
    writer = _Writer(role_names(document), remarks)
    llms = required(document, "llms", list)
    if not llms:
        raise UnusableError("the field `llms` is empty")
    model, sampling = _model(part(llms[0]))
    shared_start, shared = writer.prompt(document, "shared_sections", "all roles")
    written: dict[str, Any] = {
        "name": "imported",
        "starting_message": required(document, "starting_message", str),
        "classic": True,
        "speaker": "auto",
        "model": model,
        "sampling": sampling,
        "shared_sections": shared,
        "roles": [writer.role(role, shared_start) for role in roles],
    }
    start, sections = writer.prompt(document, "summarizer_sections", "the summarizer")
    if start is not None:
        written["summarizer"] = {"starting_prompt": start, "sections": sections}
    elif sections:
        raise UnusableError("the summarizer has no starting prompt")
    for launch in launches[:1]:
        counts = {entry["role"]: entry["count"] for entry in launch["agents"]}
        for role, ours in zip(roles, written["roles"], strict=True):
            ours["count"] = counts.get(role["name"], 1)
        written |= {key: launch[key] for key in ("messages", "days", "speaker")}
    try:
        return ConversationDesign.model_validate(written)
    except ValidationError as error:
        raise UnusableError(_fault(error)) from None


class _Writer:
    """Writes sections as designs have them, and remarks on what it changes."""

    def __init__(self, names: Mapping[str, str], remarks: list[str]) -> None:
        self._names = names
        self._remarks = remarks
        changed = {name: ours for name, ours in names.items() if name != ours}
        self._tags = {f"<{name.upper()}_": f"<{role_key(ours)}_" for name, ours in changed.items()}
        remarks += (f"the role {name!r} is called {ours!r}" for name, ours in changed.items())

    def role(self, role: Fields, shared_start: str | None) -> dict[str, Any]:
        name = required(role, "name", str)
        start, sections = self.prompt(role, "sections", f"the role {name!r}")
        if start is None and shared_start is None:
            raise UnusableError(f"the role {name!r} has no starting prompt")
        return {
            "name": self._names[name],
            "starting_prompt": start or shared_start,
            "sections": sections,
        }

    def prompt(
        self, document: Fields, name: str, whose: str
    ) -> tuple[str | None, list[dict[str, str]]]:
        """The starting prompt, which has index 0, and the other sections in order."""
        start: str | None = None
        sections = []
        for section in sorted(parts(document, name), key=lambda s: required(s, "index", int)):
            content = self._text(required(section, "content", str))
            if section["index"] == 0:
                start = content if start is None else start
                continue
            title = self._text(required(section, "title", str))
            if title.strip() and content.strip():
                sections.append({"title": title, "content": content})
            else:
                self._remarks.append(f"the section {title!r} of {whose} is empty")
        return start, sections

    def _text(self, text: str) -> str:
        for tag, ours in self._tags.items():
            text = text.replace(tag, ours)
        return text


def _model(llm: Mapping[str, Any]) -> tuple[str, Sampling]:
    name = required(llm, "model", str)
    model = f"openai/{name}" if name.lower().startswith("gpt-") else f"ollama/{name}"
    sampling = Sampling()
    for option in ("temperature", "top_k", "top_p"):
        if llm.get(option) is not None:
            try:
                sampling = sampling.updated(Sampling.model_validate({option: llm[option]}))
            except ValidationError:
                raise UnusableError(f"the model's {option} is out of range") from None
    return model, sampling


def _idle_models(document: Fields, launches: Iterable[dict[str, Any]]) -> Iterable[str]:
    """A remark on each model that is neither the design's nor any conversation's."""
    used = [(launch["model"], launch["sampling"]) for launch in launches]
    for llm in parts(document, "llms")[1:]:
        model, sampling = _model(llm)
        if (model, sampling.model_dump(mode="json", exclude_defaults=True)) not in used:
            yield f"its model {model} was never used; a design has one model"


def _fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    place = ".".join(str(key) for key in fault["loc"])
    return f"{place}: {fault['msg']}"
