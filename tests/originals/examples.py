"""Documents as the original program writes them, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.domain.records import Experiment
from simulator.files.originals.assembling import (
    Collection,
    Found,
    ImportedRun,
    Loss,
    Source,
    read_originals,
)

E, C = "65f0aa00aaaaaaaaaaaaaa01", "65f0bb00aaaaaaaaaaaaaa02"
M = [f"65f0cc00aaaaaaaaaaaaaa{n:02x}" for n in (9, 8, 7, 6, 5)]

Document = dict[str, Any]
Parts = Mapping[Collection, Sequence[Any]]


def section(index: int, title: str, content: str, kind: str = "Private") -> Document:
    return {"index": index, "title": title, "content": content, "type": kind}


def role(name: str, *sections: Document, verbs: Sequence[str] = ()) -> Document:
    """With the tags that the original gives to every role, and those of these verbs."""
    tags = [f"<{name.upper()}_{part}>" for part in ("NOUN", "POSS", "NUM")]
    tags += [f"<{name.upper()}_VERB_{verb}>" for verb in verbs]
    return {"name": name, "sections": list(sections), "placeholders": tags}


def experiment(**changes: Any) -> Document:
    return {
        "_id": E,
        "starting_message": "Start the experiment.",
        "llms": [
            {"model": "llama3:8b", "temperature": 0.7, "top_k": 40, "top_p": 0.9},
            {"model": "gpt-4", "temperature": 0.5, "top_k": 10, "top_p": 1.0},
        ],
        "roles": [
            role(
                "guard",
                section(2, "Personality", "You are abusive."),
                section(0, "Starting prompt", "You are a guard with <PRISONER_NUM> others."),
                section(1, "Goal", "Keep order."),
            ),
            role("prisoner", section(0, "Starting prompt", "You are a prisoner.")),
        ],
        "shared_sections": [section(3, "Communication rules", "Speak briefly.", "Shared")],
        "summarizer_sections": [
            section(0, "Starting prompt", "You summarize.", "Summarizer"),
            section(1, "Goal", "Be short.", "Summarizer"),
        ],
        "placeholders": ["<AGENTS_NUM>", "<ROLES_NUM>"],
        "note": "abusive",
        "favourite": True,
        "creator": "anna",
        "conversation_ids": [C],
        "creation_date": "2024-03-12T20:16:16Z",
    } | changes


def conversation(**changes: Any) -> Document:
    return {
        "_id": C,
        "n_messages": 6,
        "days": 2,
        "speaker_selection_method": "random",
        "starting_message": "Start the experiment.",
        "llm": {"model": "gpt-4", "temperature": 0.5, "top_k": 10, "top_p": 1.0},
        "agent_combination": [["guard", 1], ["prisoner", 2]],
        "creator": "ben",
        "favourite": False,
        "creation_date": "2024-03-12T21:28:48Z",
        "messages_ids": sorted(M),
    } | changes


def messages() -> list[Document]:
    rows = [
        (1, 0, "Researcher", "Researcher", "Start the experiment."),
        (1, 1, "Guard", "Guard_117", "Silence!"),
        (1, 2, "Prisoner", "Prisoner_387", "Yes."),
        (2, 0, "Researcher", "Researcher", "Start.\nDay 1 summary:\n They met."),
        (2, 1, "Prisoner", "Prisoner_002", "No."),
    ]
    return [
        {"_id": id_, "day": day, "index": index, "role": role, "speaker": speaker, "content": text}
        for id_, (day, index, role, speaker, text) in zip(M, rows, strict=True)
    ]


def whole() -> dict[Collection, list[Document]]:
    """One experiment with one conversation, its messages in no good order."""
    return {
        "experiments": [experiment()],
        "conversations": [conversation()],
        "messages": list(reversed(messages())),
    }


class Documents:
    """A `Source` of documents in memory."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.share = 0.0

    async def parents(self) -> AsyncIterator[Found]:
        for collection, documents in self._parts.items():
            if collection != "messages":
                for place, document in enumerate(documents):
                    yield Found("dump", str(place), collection, document)

    async def messages(self) -> AsyncIterator[Found]:
        for place, document in enumerate(self._parts.get("messages", ())):
            yield Found("dump", str(place), "messages", document)


@dataclass
class Read:
    """Everything that was read."""

    experiments: list[Experiment] = field(default_factory=list)
    runs: list[ImportedRun] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    @property
    def reasons(self) -> list[tuple[str, str, str]]:
        return [(loss.collection, loss.id, loss.reason) for loss in self.losses]


async def read(parts: Parts) -> Read:
    return await read_source(Documents(parts))


async def read_source(source: Source) -> Read:
    found = Read()
    async for record in read_originals(source):
        if isinstance(record, Experiment):
            found.experiments.append(record)
        elif isinstance(record, ImportedRun):
            found.runs.append(record)
        else:
            found.losses.append(record)
    return found


# ---------------------------------------------------------------- games of telephone

TOLD = "Tell it again in your own way: "


def chain_matrix(agents: int) -> list[list[float]]:
    """Each agent reads itself and the one before it."""
    return [[float(j in (i, i + 1)) for j in range(agents)] for i in range(agents)]


def game(text: str = "A fox came by.", seed: int = 1, agents: int = 3, **changes: Any) -> Document:
    """A chain as the original telephone writes it."""
    return {
        "adjacency_matrix": chain_matrix(agents),
        "prompt_init": [TOLD],
        "prompt_update": [TOLD],
        "personality_list": [""] * agents,
        "format_prompt": [""],
        "initial_story": text,
        "stories": [[f"{text} ({seed}, {number})"] for number in range(1, agents + 1)],
    } | changes


def put(results: Path, place: str, document: Any) -> Path:
    """Write a game, or what is none, as `MODEL/TASK/TEXT/seed_K/output0.json`."""
    file = results / place / "output0.json"
    file.parent.mkdir(parents=True)
    told = document if isinstance(document, str) else json.dumps(document, indent=4)
    file.write_text(told, encoding="utf-8")
    return file


def telephone_results(folder: Path) -> Path:
    """Two tasks of one model, two texts, two seeds; and one task at another temperature."""
    results = folder / "Results"
    for model, task in (("m", "rephrase"), ("m", "continue"), ("m_Temp0.4", "rephrase")):
        for text in ("Fox", "Owl"):
            for seed in (1, 2):
                said = game(f"An {text} of {task}.", seed)
                put(results, f"{model}/{task}/{text}/seed_{seed}", said)
    return results
