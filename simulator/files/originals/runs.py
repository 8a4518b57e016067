"""A conversation of the original program, with its messages, as a completed run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.domain.journal import MAIN_SCOPE, Step
from simulator.domain.records import IMPORTED, Agent, Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.engine.stage import words_hash
from simulator.files.originals.documents import (
    Fields,
    UnusableError,
    created,
    people,
    record_id,
    required,
)
from simulator.files.originals.experiments import parameters_of, role_names
from simulator.files.originals.prompts import Prompts, UnrenderableError, rendered_prompts
from simulator.kinds.conversation.casting import SUMMARIZER_NAME
from simulator.kinds.conversation.design import SUMMARIZER

RESEARCHER = "researcher"


@dataclass(frozen=True, slots=True)
class Draft:
    """A run without its messages."""

    run: Run
    """Its agents still missing: the messages alone tell their names."""
    prompts: Mapping[str, str]
    """What the agents of each role were told."""
    summarizer_prompt: str
    roles: Mapping[str, str]
    """The roles as the run calls them, by their names in small letters."""


def draft_of(
    original_id: str,
    document: Fields,
    experiment: Experiment,
    parent: Fields,
    remarks: list[str],
) -> Draft:
    """A completed run. When it ended and its seed are unknown: the original does not keep them.

    Args:
        original_id: The conversation's `_id`.
        document: The conversation.
        experiment: Its experiment, imported.
        parent: The experiment's document.
        remarks: Gets a sentence where the prompts cannot be rendered.

    Raises:
        UnusableError: What the conversation was launched with cannot be read.
    """
    parameters = parameters_of(document)
    combination = [(agent["role"], agent["count"]) for agent in parameters["agents"]]
    names = role_names(parent)
    try:
        prompts = rendered_prompts(parent, combination)
    except UnrenderableError as error:
        prompts = Prompts({}, "")
        remarks.append(f"its prompts are left empty: {error}")
    for agent in parameters["agents"]:
        agent["role"] = names.get(agent["role"], agent["role"])
    began = created(document, original_id)
    run = Run(
        id=record_id("conversation", original_id),
        experiment_id=experiment.id,
        kind=experiment.kind,
        design_hash=experiment.design_hash,
        parameters=parameters,
        seed=0,
        agents=(),
        status="completed",
        outcome=Outcome(reason=IMPORTED, detail="made by the original program"),
        original_id=original_id,
        provenance=Provenance(
            simulator_version=IMPORTED, python_version="unknown", platform="unknown"
        ),
        created_at=began,
        started_at=began,
        **people(document),
    )
    return Draft(
        run,
        {names[name]: prompt for name, prompt in prompts.roles.items()},
        prompts.summarizer,
        {name.lower(): ours for name, ours in names.items()},
    )


@dataclass(frozen=True, slots=True)
class _Message:
    original_id: str
    day: int
    index: int
    speaker: str
    role: str
    content: str


def finished(
    draft: Draft, messages: Mapping[str, Fields], faults: dict[str, str]
) -> tuple[Run, tuple[Step, ...]]:
    """The run with its agents, and its messages in order of day and index.

    Args:
        draft: The run.
        messages: Its messages' documents by `_id`.
        faults: Gets the reason for each message that cannot be used.
    """
    readable: list[_Message] = []
    for id_, document in messages.items():
        try:
            readable.append(_message(id_, document, draft.roles))
        except UnusableError as error:
            faults[id_] = str(error)
    readable.sort(key=lambda message: (message.day, message.index))
    run = draft.run.model_copy(update={"agents": tuple(_agents(draft, readable))})
    return run, tuple(_step(run, n, message) for n, message in enumerate(readable))


def _message(id_: str, document: Fields, roles: Mapping[str, str]) -> _Message:
    speaker = required(document, "speaker", str)
    day, index = required(document, "day", int), required(document, "index", int)
    if day < 1 or index < 0 or not speaker:
        raise UnusableError("its day, index or speaker is out of range")
    return _Message(
        original_id=id_,
        day=day,
        index=index,
        speaker=speaker,
        role=_role(speaker, document.get("role"), roles),
        content=required(document, "content", str),
    )


def _role(speaker: str, recorded: Any, roles: Mapping[str, str]) -> str:
    """The role of a speaker such as `Guard_117`."""
    stem = speaker.rpartition("_")[0].lower()
    if stem in roles:
        return roles[stem]
    role = str(recorded or speaker.partition("_")[0]).lower()
    return roles.get(role, role)


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
        original_id=message.original_id,
        created_at=run.created_at,
    )


def _agents(draft: Draft, messages: list[_Message]) -> Iterator[Agent]:
    """Those who speak, in the order of their first words, and the summarizer if there was one."""
    model = str(draft.run.parameters["model"])
    sampling = Sampling.model_validate(draft.run.parameters["sampling"])
    numbers: dict[str, int] = {}
    for speaker, role in dict.fromkeys((m.speaker, m.role) for m in messages):
        if role != RESEARCHER:
            numbers[role] = numbers.get(role, 0) + 1
            yield Agent(
                name=speaker,
                role=role,
                number=numbers[role],
                model=model,
                sampling=sampling,
                system_prompt=draft.prompts.get(role, ""),
            )
    if draft.summarizer_prompt:
        yield Agent(
            name=SUMMARIZER_NAME,
            role=SUMMARIZER,
            number=0,
            model=model,
            sampling=sampling,
            system_prompt=draft.summarizer_prompt,
        )
