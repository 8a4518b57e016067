"""One document of the original program as one of our records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from simulator.domain.journal import MAIN_SCOPE, Step
from simulator.domain.records import Agent, Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.engine.stage import words_hash
from simulator.files.designs import design_document, design_hash
from simulator.files.extended_json import moment
from simulator.kinds.conversation.design import ConversationDesign

RESEARCHER = "researcher"
IMPORTED = "imported"
_MAX_NAMES = 50


class UnusableError(ValueError):
    """A document that cannot be imported, and why."""


def _field(document: Mapping[str, Any], name: str, kind: type) -> Any:
    """A field of a document. Raises UnusableError when it is missing or of another type."""
    value = document.get(name)
    if value is None:
        raise UnusableError(f"the field `{name}` is missing")
    if isinstance(value, float) and value.is_integer() and kind is int:
        return int(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UnusableError(f"the field `{name}` is not what it should be")
    return value


def _created(document: Mapping[str, Any], otherwise: datetime) -> datetime:
    value = document.get("creation_date")
    if value is None:
        return otherwise
    try:
        return moment(value)
    except (ValueError, OverflowError):
        raise UnusableError("the field `creation_date` is no time") from None


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "creator": str(document.get("creator") or "unknown"),
        "favourite": document.get("favourite") is True,
    }


# ---------------------------------------------------------------- experiments


def experiment_of(
    document: Mapping[str, Any],
    conversations: Sequence[Mapping[str, Any]],
    id_: str,
    created: datetime,
) -> Experiment:
    """An experiment with a classic design.

    The original asks for lengths, counts and the speaker's method at each launch; the design takes
    those of the first conversation, and the first model.

    Raises:
        UnusableError: Something that the design needs is not there.
    """
    roles = [_part(role) for role in _field(document, "roles", list)]
    note = str(document.get("note") or "")
    names = ", ".join(str(role.get("name")) for role in roles)
    written: dict[str, Any] = {
        "name": f"{names[:_MAX_NAMES]} ({id_[-6:]})",
        "note": note,
        "starting_message": _field(document, "starting_message", str),
        "classic": True,
        "speaker": "auto",
    }
    llms = _field(document, "llms", list)
    if not llms:
        raise UnusableError("the field `llms` is empty")
    written["model"], written["sampling"] = _model(_part(llms[0]))
    shared_start, shared = _prompt(document.get("shared_sections"))
    written["shared_sections"] = shared
    written["roles"] = [_role(role, shared_start) for role in roles]
    start, sections = _prompt(document.get("summarizer_sections"))
    if start is not None:
        written["summarizer"] = {"starting_prompt": start, "sections": sections}
    elif sections:
        raise UnusableError("the summarizer has no starting prompt")
    written.update(_launch(conversations, written["roles"]))
    try:
        design = ConversationDesign.model_validate(written)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise UnusableError(f"{place}: {fault['msg']}") from None
    return Experiment(
        id=id_,
        name=design.name,
        kind=design.kind,
        design=design_document(design),
        design_hash=design_hash(design),
        note=note,
        created_at=_created(document, created),
        **_said(document),
    )


def _part(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnusableError("a part of it is no document")
    return value


def _model(llm: Mapping[str, Any]) -> tuple[str, Sampling]:
    name = _field(llm, "model", str)
    model = f"openai/{name}" if name.lower().startswith("gpt-") else f"ollama/{name}"
    sampling = Sampling()
    for option in ("temperature", "top_k", "top_p"):
        if llm.get(option) is not None:
            try:
                sampling = sampling.updated(Sampling.model_validate({option: llm[option]}))
            except ValidationError:
                raise UnusableError(f"the model's {option} is out of range") from None
    return model, sampling


def _role(role: Mapping[str, Any], shared_start: str | None) -> dict[str, Any]:
    start, sections = _prompt(role.get("sections"))
    name = _field(role, "name", str)
    if start is None and shared_start is None:
        raise UnusableError(f"the role {name!r} has no starting prompt")
    return {"name": name, "starting_prompt": start or shared_start, "sections": sections}


def _prompt(sections: Any) -> tuple[str | None, list[dict[str, Any]]]:
    """The starting prompt, which has index 0, and the other sections in order."""
    found = [_part(section) for section in sections or []]
    found.sort(key=lambda section: _field(section, "index", int))
    start = next((_field(s, "content", str) for s in found if s["index"] == 0), None)
    return start, [
        {"title": _field(s, "title", str), "content": _field(s, "content", str)}
        for s in found
        if s["index"] != 0
    ]


def _launch(
    conversations: Sequence[Mapping[str, Any]], roles: list[dict[str, Any]]
) -> dict[str, Any]:
    for conversation in conversations:
        try:
            parameters = _parameters(conversation)
        except UnusableError:
            continue
        counts = {entry["role"]: entry["count"] for entry in parameters["agents"]}
        for role in roles:
            role["count"] = counts.get(role["name"], 1)
        return {key: parameters[key] for key in ("messages", "days", "speaker")}
    return {}


# ---------------------------------------------------------------- conversations


def _parameters(document: Mapping[str, Any]) -> dict[str, Any]:
    agents = []
    for entry in _field(document, "agent_combination", list):
        match entry:
            case [str(role), int(count)] if not isinstance(count, bool):
                agents.append({"role": role, "count": count})
            case _:
                raise UnusableError("the field `agent_combination` is not what it should be")
    model, sampling = _model(_field(document, "llm", dict))
    return {
        "messages": _field(document, "n_messages", int),
        "days": _field(document, "days", int),
        "speaker": _field(document, "speaker_selection_method", str),
        "agents": agents,
        "model": model,
        "sampling": sampling.model_dump(mode="json", exclude_defaults=True),
    }


def run_of(
    document: Mapping[str, Any],
    experiment: Experiment,
    id_: str,
    created: datetime,
    original_id: str,
) -> Run:
    """A completed run, its agents still missing. Raises UnusableError.

    When it ended, its seed and its prompts are unknown, because the original does not keep them.
    """
    parameters: dict[str, JsonValue] = _parameters(document)
    started = _created(document, created)
    return Run(
        id=id_,
        experiment_id=experiment.id,
        kind=experiment.kind,
        design_hash=experiment.design_hash,
        parameters=parameters,
        seed=0,
        agents=(),
        status="completed",
        outcome=Outcome(
            reason=IMPORTED,
            detail="made by the original program",
            values={"original_id": original_id},
        ),
        provenance=Provenance(
            simulator_version=IMPORTED, python_version="unknown", platform="unknown"
        ),
        created_at=started,
        started_at=started,
        **_said(document),
    )


# ---------------------------------------------------------------- messages


@dataclass(frozen=True, slots=True)
class Journal:
    """The steps of an imported run, and who speaks in them."""

    steps: tuple[Step, ...]
    agents: tuple[Agent, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)


@dataclass(frozen=True, slots=True)
class _Message:
    day: int
    index: int
    speaker: str
    role: str
    content: str


def steps_of(run: Run, messages: Mapping[str, Mapping[str, Any]]) -> tuple[Journal, dict[str, str]]:
    """The messages of a run in order of day and index, and why others cannot be used."""
    faults: dict[str, str] = {}
    readable: list[_Message] = []
    for id_, document in messages.items():
        try:
            readable.append(_message(document))
        except UnusableError as error:
            faults[id_] = str(error)
    readable.sort(key=lambda message: (message.day, message.index))
    steps = tuple(_step(run, n, message) for n, message in enumerate(readable))
    return Journal(steps, tuple(_agents(run, readable))), faults


def _message(document: Mapping[str, Any]) -> _Message:
    speaker = _field(document, "speaker", str)
    role = document.get("role") or speaker.partition("_")[0]
    day, index = _field(document, "day", int), _field(document, "index", int)
    if day < 1 or index < 0 or not speaker:
        raise UnusableError("its day, index or speaker is out of range")
    return _Message(day, index, speaker, str(role).lower(), _field(document, "content", str))


def _step(run: Run, index: int, message: _Message) -> Step:
    return Step(
        run_id=run.id,
        scope=MAIN_SCOPE,
        index=index,
        position=index,
        kind="say",
        prompt_hash=words_hash(message.speaker, message.content),
        speaker=message.speaker,
        role=message.role,
        content=message.content,
        day=message.day,
        created_at=run.created_at,
    )


def _agents(run: Run, messages: Sequence[_Message]) -> Iterator[Agent]:
    """Those who speak, in the order of their first words, the researcher apart."""
    numbers: dict[str, int] = {}
    seen: set[str] = set()
    for message in messages:
        if message.role == RESEARCHER or message.speaker in seen:
            continue
        seen.add(message.speaker)
        numbers[message.role] = numbers.get(message.role, 0) + 1
        yield Agent(
            name=message.speaker,
            role=message.role,
            number=numbers[message.role],
            model=str(run.parameters["model"]),
            sampling=Sampling.model_validate(run.parameters["sampling"]),
        )
