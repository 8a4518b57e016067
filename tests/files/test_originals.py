from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.files.designs import read_document
from simulator.files.originals import Dropped, Imported, read_originals
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.kind import ConversationKind

ALPHABET = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
E, C = "65f0aa00aaaaaaaaaaaaaa01", "65f0bb00aaaaaaaaaaaaaa02"
M = [f"65f0cc00aaaaaaaaaaaaaa{n:02x}" for n in (9, 8, 7, 6, 5)]


def section(index: int, title: str, content: str, kind: str = "Private") -> dict[str, Any]:
    return {"index": index, "title": title, "content": content, "type": kind}


def experiment(**changes: Any) -> dict[str, Any]:
    return {
        "_id": E,
        "starting_message": "Start the experiment.",
        "llms": [
            {"model": "llama3:8b", "temperature": 0.7, "top_k": 40, "top_p": 0.9},
            {"model": "mistral", "temperature": 0.7, "top_k": 40, "top_p": 0.9},
        ],
        "roles": [
            {
                "name": "guard",
                "placeholders": ["<GUARD_NUM>", "<GUARD_NOUN>"],
                "sections": [
                    section(2, "Personality", "You are abusive."),
                    section(0, "Starting prompt", "You are a guard with <PRISONER_NUM> others."),
                    section(1, "Goal", "Keep order."),
                ],
            },
            {
                "name": "prisoner",
                "placeholders": [],
                "sections": [section(0, "Starting prompt", "You are a prisoner.")],
            },
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
        "creation_date": "2024-03-12T10:00:00Z",
    } | changes


def conversation(**changes: Any) -> dict[str, Any]:
    return {
        "_id": C,
        "n_messages": 6,
        "days": 2,
        "speaker_selection_method": "random",
        "starting_message": "Start the experiment.",
        "llm": {"model": "gpt-4", "temperature": 0.5, "top_k": 10, "top_p": 1},
        "agent_combination": [["guard", 1], ["prisoner", 2]],
        "creator": "ben",
        "favourite": False,
        "creation_date": "2024-03-13T10:00:00Z",
        "messages_ids": sorted(M),
    } | changes


def messages() -> list[dict[str, Any]]:
    rows = [
        (1, 0, "Researcher", "Researcher", "Start the experiment."),
        (1, 1, "Guard", "Guard_117", "Silence!"),
        (1, 2, "Prisoner", "Prisoner_387", "Yes."),
        (2, 0, "Researcher", "Researcher", "Again."),
        (2, 1, "Prisoner", "Prisoner_002", "No \ud800."),
    ]
    return [
        {"_id": id_, "day": day, "index": index, "role": role, "speaker": speaker, "content": text}
        for id_, (day, index, role, speaker, text) in zip(M, rows, strict=True)
    ]


def combined(*parts: tuple[str, list[dict[str, Any]]]) -> dict[str, str]:
    return {"dump.json": json.dumps(dict(parts))}


def whole() -> dict[str, str]:
    return combined(
        ("experiments", [experiment()]),
        ("conversations", [conversation()]),
        ("messages", list(reversed(messages()))),
    )


def design_of(imported: Imported) -> ConversationDesign:
    entry = imported.experiments[0]
    design = read_document(ConversationKind(), entry.design, entry.name, entry.note)
    assert isinstance(design, ConversationDesign)
    return design


def test_an_experiment_becomes_a_classic_design() -> None:
    imported = read_originals(whole())
    assert imported.dropped == ()
    entry = imported.experiments[0]
    assert (entry.note, entry.favourite, entry.creator) == ("abusive", True, "anna")
    assert entry.created_at == datetime(2024, 3, 12, 10, tzinfo=UTC)
    design = design_of(imported)
    assert design.classic
    assert (design.model, design.sampling.temperature, design.sampling.top_k) == (
        "ollama/llama3:8b", 0.7, 40,
    )  # fmt: skip
    guard = design.role("guard")
    assert guard.starting_prompt == "You are a guard with <PRISONER_NUM> others."
    assert [section.title for section in guard.sections] == ["Goal", "Personality"]
    assert [section.content for section in design.shared_sections] == ["Speak briefly."]
    assert design.summarizer is not None
    assert design.summarizer.starting_prompt == "You summarize."
    assert (design.messages, design.days, design.speaker.method) == (6, 2, "random")
    assert design.role("prisoner").count == 2
    assert ConversationKind().problems(design) == ()


def test_a_conversation_becomes_a_completed_run_with_its_journal() -> None:
    imported = read_originals(whole())
    run, steps = imported.runs[0].run, imported.runs[0].steps
    assert run.experiment_id == imported.experiments[0].id
    assert run.design_hash == imported.experiments[0].design_hash
    assert (run.status, run.creator, run.favourite) == ("completed", "ben", False)
    assert run.outcome is not None and run.outcome.reason == "imported"
    assert run.parameters == {
        "messages": 6, "days": 2, "speaker": "random", "model": "openai/gpt-4",
        "agents": [{"role": "guard", "count": 1}, {"role": "prisoner", "count": 2}],
        "sampling": {"temperature": 0.5, "top_k": 10, "top_p": 1.0},
    }  # fmt: skip
    ConversationKind().resolve(design_of(imported), run.parameters)
    assert [(agent.name, agent.role, agent.number) for agent in run.agents] == [
        ("Guard_117", "guard", 1), ("Prisoner_387", "prisoner", 1), ("Prisoner_002", "prisoner", 2),
    ]  # fmt: skip
    assert {agent.model for agent in run.agents} == {"openai/gpt-4"}
    assert [(s.index, s.position, s.day, s.role, s.speaker) for s in steps] == [
        (0, 0, 1, "researcher", "Researcher"), (1, 1, 1, "guard", "Guard_117"),
        (2, 2, 1, "prisoner", "Prisoner_387"), (3, 3, 2, "researcher", "Researcher"),
        (4, 4, 2, "prisoner", "Prisoner_002"),
    ]  # fmt: skip
    assert {(s.kind, s.run_id, s.scope) for s in steps} == {("say", run.id, "main")}
    assert steps[4].content == "No \ud800."


def test_ids_are_ours_sort_by_time_and_stay_the_same() -> None:
    first, again = read_originals(whole()), read_originals(whole())
    assert first == again
    ids = [first.experiments[0].id, first.runs[0].run.id]
    assert all(len(id_) == 26 and set(id_) <= ALPHABET for id_ in ids)
    assert ids == sorted(ids)


def typed(value: Any, version: int) -> Any:
    if isinstance(value, list):
        return [typed(item, version) for item in value]
    if isinstance(value, dict):
        return {key: typed(item, version) for key, item in value.items()}
    if isinstance(value, str) and len(value) == 24 and value.startswith("65f0"):
        return {"$oid": value}
    if isinstance(value, str) and value.startswith("2024-"):
        ms = int(datetime.fromisoformat(value).timestamp() * 1000)
        return {"$date": {"$numberLong": str(ms)} if version == 2 else value}
    if version == 2 and isinstance(value, int) and not isinstance(value, bool):
        return {"$numberInt": str(value)}
    if version == 2 and isinstance(value, float):
        return {"$numberDouble": str(value)}
    return value


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("form", ["lines", "array", "combined", "one file"])
def test_every_form_of_export_gives_the_same(version: int, form: str) -> None:
    parts = {
        "experiments": typed([experiment()], version),
        "conversations": typed([conversation()], version),
        "messages": typed(messages(), version),
    }
    if form == "lines":
        texts = {k: "".join(json.dumps(d) + "\n" for d in v) for k, v in parts.items()}
    elif form == "array":
        texts = {k: "\ufeff" + json.dumps(v, indent=1) for k, v in parts.items()}
    elif form == "combined":
        texts = {"all.json": json.dumps(parts)}
    else:
        texts = {"all.json": "\n".join(json.dumps(d) for v in parts.values() for d in v)}
    assert read_originals(texts) == read_originals(whole())


def reasons(**parts: list[Any]) -> list[tuple[str, str, str]]:
    imported = read_originals({"x": json.dumps(parts)})
    return [(d.collection, d.id, d.reason) for d in imported.dropped]


def test_what_cannot_be_used_is_named_with_its_reason() -> None:
    assert ("conversations", C, "no experiment lists it") in reasons(
        experiments=[experiment(conversation_ids=[])],
        conversations=[conversation()],
        messages=messages(),
    )
    assert reasons(messages=messages()[:1]) == [("messages", M[0], "no conversation lists it")]
    broken = experiment()
    del broken["roles"]
    found = reasons(experiments=[broken], conversations=[conversation()], messages=messages())
    assert found[0] == ("experiments", E, "the field `roles` is missing")
    assert found[1] == ("conversations", C, "its experiment was not imported")
    assert found[2:] == [("messages", m, "its conversation was not imported") for m in M]


def test_a_message_that_cannot_be_used_leaves_the_rest() -> None:
    bad = messages()
    del bad[2]["content"]
    texts = combined(
        ("experiments", [experiment()]),
        ("conversations", [conversation()]),
        ("messages", bad[:4]),
    )
    imported = read_originals(texts)
    source = f"dump.json (conversation {C})"
    assert imported.dropped == (
        Dropped(source, "messages", M[4], "listed, but not in the files"),
        Dropped("dump.json", "messages", M[2], "the field `content` is missing"),
    )
    assert [step.index for step in imported.runs[0].steps] == [0, 1, 2]
    assert imported.reasons()["messages: the field `content` is missing"] == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"llms": []}, "the field `llms` is empty"),
        ({"starting_message": 3}, "the field `starting_message` is not what it should be"),
        ({"creation_date": "soon"}, "the field `creation_date` is no time"),
        ({"llms": [{"model": "m", "top_p": 3}]}, "the model's top_p is out of range"),
        ({"roles": [{"name": "guard", "sections": []}]},
         "the role 'guard' has no starting prompt"),
        ({"roles": ["guard"]}, "a part of it is no document"),
        ({"summarizer_sections": [section(1, "Goal", "x")]},
         "the summarizer has no starting prompt"),
    ],
)  # fmt: skip
def test_experiments_that_make_no_design(changes: dict[str, Any], reason: str) -> None:
    assert reasons(experiments=[experiment(conversation_ids=[], **changes)]) == [
        ("experiments", E, reason)
    ]


def test_a_shared_starting_prompt_opens_every_role() -> None:
    changed = experiment(shared_sections=[section(0, "Starting prompt", "Hello.", "Shared")])
    for role in changed["roles"]:
        role["sections"] = [s for s in role["sections"] if s["index"]]
    imported = read_originals(combined(("experiments", [changed | {"conversation_ids": []}])))
    assert {role.starting_prompt for role in design_of(imported).roles} == {"Hello."}


def test_twins_strangers_and_broken_lines_are_named() -> None:
    text = "\n".join(
        [
            json.dumps(experiment(conversation_ids=[])),
            json.dumps(experiment(conversation_ids=[])),
            json.dumps(experiment(note="other")),
            '{"_id": "x", "colour": 1}',
            '{"content": "no id"}',
            "{broken",
            "[1]",
        ]
    )
    imported = read_originals({"a.json": text})
    assert [(d.id, d.reason) for d in imported.dropped[:2]] == [
        (E, "stands twice"),
        (E, "another document has this `_id`"),
    ]
    rest = [(d.collection, d.id, d.reason.split(":")[0]) for d in imported.dropped[2:]]
    assert rest == [
        ("unknown", "x", "neither an experiment, a conversation nor a message"),
        ("messages", "line 5", "the field `_id` is missing"),
        ("unknown", "line 6", "no JSON"),
        ("unknown", "line 7", "not a document"),
    ]
    assert len(imported.experiments) == 1
