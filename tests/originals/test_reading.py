from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.ids import id_fragment, is_object_id
from simulator.domain.records import Experiment
from simulator.files.designs import read_document
from simulator.files.originals.assembling import Loss, read_originals
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.conversation.kind import ConversationKind
from tests.originals.examples import (
    C,
    Document,
    Documents,
    E,
    M,
    Parts,
    Read,
    conversation,
    experiment,
    messages,
    read,
    role,
    section,
    whole,
)

ALPHABET = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def design_of(found: Read) -> ConversationDesign:
    entry = found.experiments[0]
    design = read_document(ConversationKind(), entry.design, entry.name, entry.note)
    assert isinstance(design, ConversationDesign)
    return design


async def test_an_experiment_becomes_a_classic_design() -> None:
    found = await read(whole())
    assert found.losses == []
    entry = found.experiments[0]
    assert (entry.note, entry.creator, entry.starred_by) == ("abusive", "anna", ("anna",))
    assert entry.original_id == E
    design = design_of(found)
    assert design.classic
    assert (design.model, design.sampling.temperature, design.sampling.top_k) == (
        "ollama/llama3:8b", 0.7, 40,
    )  # fmt: skip
    guard = design.role("guard")
    assert guard.starting_prompt == "You are a guard with <PRISONER_NUM> others."
    assert [each.title for each in guard.sections] == ["Goal", "Personality"]
    assert [each.content for each in design.shared_sections] == ["Speak briefly."]
    assert design.summarizer is not None
    assert design.summarizer.starting_prompt == "You summarize."
    assert (design.messages, design.days, design.speaker.method) == (6, 2, "random")
    assert design.role("prisoner").count == 2
    assert ConversationKind().problems(design) == ()


async def test_a_conversation_becomes_a_completed_run_with_its_journal() -> None:
    found = await read(whole())
    run, steps = found.runs[0]
    assert run.experiment_id == found.experiments[0].id
    assert run.design_hash == found.experiments[0].design_hash
    assert (run.status, run.creator, run.starred_by) == ("completed", "ben", ())
    assert run.outcome is not None and run.outcome.reason == "imported"
    assert run.original_id == C
    assert run.parameters == {
        "messages": 6, "days": 2, "speaker": "random", "model": "openai/gpt-4",
        "agents": [{"role": "guard", "count": 1}, {"role": "prisoner", "count": 2}],
        "sampling": {"temperature": 0.5, "top_k": 10, "top_p": 1.0},
    }  # fmt: skip
    ConversationKind().resolve(design_of(found), run.parameters)
    assert [(s.index, s.position, s.day, s.role, s.speaker) for s in steps] == [
        (0, 0, 1, "researcher", "Researcher"), (1, 1, 1, "guard", "Guard_117"),
        (2, 2, 1, "prisoner", "Prisoner_387"), (3, 3, 2, "researcher", "Researcher"),
        (4, 4, 2, "prisoner", "Prisoner_002"),
    ]  # fmt: skip
    assert {(s.kind, s.run_id, s.scope) for s in steps} == {("say", run.id, "main")}
    assert steps[3].content == "Start.\nDay 1 summary:\n They met."
    assert [step.original_id for step in steps] == M


async def test_the_agents_of_a_run_have_the_prompts_that_they_had() -> None:
    run = (await read(whole())).runs[0].run
    prisoner = "You are a prisoner.\n\n## Communication rules\n\nSpeak briefly.\n"
    assert [(agent.name, agent.role, agent.number) for agent in run.agents] == [
        ("Guard_117", "guard", 1), ("Prisoner_387", "prisoner", 1), ("Prisoner_002", "prisoner", 2),
        ("Summarizer", "summarizer", 0),
    ]  # fmt: skip
    assert {agent.model for agent in run.agents} == {"openai/gpt-4"}
    assert run.agents[0].system_prompt.startswith("You are a guard with 2 others.\n\n## Goal")
    assert [agent.system_prompt for agent in run.agents[1:3]] == [prisoner, prisoner]
    assert run.agents[3].system_prompt == "You summarize.\n\n\n## Goal\n\nBe short.\n"


async def test_an_id_is_made_of_the_object_id_and_found_by_it() -> None:
    found = await read(whole())
    ids = [found.experiments[0].id, found.runs[0].run.id]
    assert all(len(id_) == 26 and set(id_) <= ALPHABET for id_ in ids)
    assert ids == sorted(ids)
    assert ids == [id_fragment(E), id_fragment(C.upper())]
    assert id_fragment("ab12") == "AB12"


@given(st.binary(min_size=12, max_size=12), st.binary(min_size=12, max_size=12))
def test_different_object_ids_make_different_ids(one: bytes, other: bytes) -> None:
    assert is_object_id(one.hex())
    assert (id_fragment(one.hex()) == id_fragment(other.hex())) == (one == other)
    assert (id_fragment(one.hex()) < id_fragment(other.hex())) == (one < other)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-03-12T20:16:16.512Z", datetime(2024, 3, 12, 19, 16, 16, tzinfo=UTC)),
        ("2024-03-12T12:16:16Z", datetime(2024, 3, 12, 19, 16, 16, tzinfo=UTC)),
        ("2023-01-01T10:00:00Z", datetime(2023, 1, 1, 10, tzinfo=UTC)),
        (None, datetime(2024, 3, 12, 19, 16, 16, tzinfo=UTC)),
    ],
)
async def test_local_times_give_way_to_those_of_the_object_ids(
    written: str | None, expected: datetime
) -> None:
    document = experiment(creation_date=written, conversation_ids=[])
    found = await read({"experiments": [document]})
    assert found.experiments[0].created_at == expected


async def test_ids_that_are_no_object_ids_serve_as_well() -> None:
    parts: Parts = {
        "experiments": [experiment(_id=7, conversation_ids=["a b"], creation_date=None)],
        "conversations": [conversation(_id="a b", creation_date=None)],
        "messages": messages(),
    }
    found = await read(parts)
    assert found.losses == []
    assert (found.experiments[0].original_id, found.runs[0].run.original_id) == ("7", "a b")
    assert (await read(parts)).runs == found.runs


async def test_what_cannot_be_used_is_named_with_its_reason() -> None:
    alone = await read(whole() | {"experiments": [experiment(conversation_ids=[])]})
    assert ("conversations", C, "no experiment lists it") in alone.reasons
    assert (await read({"messages": messages()[:1]})).reasons == [
        ("messages", M[0], "no conversation lists it")
    ]
    broken = experiment()
    del broken["roles"]
    found = await read(whole() | {"experiments": [broken], "messages": messages()})
    assert found.reasons == [
        ("experiments", E, "the field `roles` is missing"),
        ("conversations", C, "its experiment was not imported"),
        *(("messages", m, "its conversation was not imported") for m in M),
    ]


async def test_a_message_that_cannot_be_used_leaves_the_rest() -> None:
    bad = messages()
    del bad[2]["content"]
    found = await read(whole() | {"messages": bad[:4]})
    assert found.losses == [
        Loss(f"dump (conversation {C})", "messages", M[4], "listed, but not there"),
        Loss("dump", "messages", M[2], "the field `content` is missing"),
    ]
    assert [step.index for step in found.runs[0].steps] == [0, 1, 2]


async def test_a_run_is_out_as_soon_as_its_messages_are() -> None:
    other = "65f0bb00aaaaaaaaaaaaaa03"
    late = messages()[0] | {"_id": "f" * 24}
    parts = whole()
    parts["experiments"] = [experiment(conversation_ids=[C, other])]
    parts["conversations"] += [conversation(_id=other, messages_ids=["f" * 24])]
    parts["messages"] = [*messages(), {"_id": "e" * 24, "speaker": "Nobody"}, late]
    order = [
        record.id if isinstance(record, Loss) else record.run.original_id
        async for record in read_originals(Documents(parts))
        if not isinstance(record, Experiment)
    ]
    assert order == [C, "e" * 24, other]


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
async def test_experiments_that_make_no_design(changes: dict[str, Any], reason: str) -> None:
    found = await read({"experiments": [experiment(conversation_ids=[], **changes)]})
    assert found.reasons == [("experiments", E, reason)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"days": 0}, "days: Input should be greater than or equal to 1"),
        ({"speaker_selection_method": "chance"}, "speaker: Input should be"),
        ({"agent_combination": [["guard", "two"]]}, "the field `agent_combination` is not what"),
        ({"llm": {}}, "the field `model` is missing"),
        ({"messages_ids": []}, "none of its messages can be read"),
    ],
)
async def test_conversations_that_make_no_run(changes: dict[str, Any], reason: str) -> None:
    found = await read(whole() | {"conversations": [conversation(**changes)]})
    assert found.runs == []
    assert len(found.experiments) == 1
    lost = [loss for loss in found.losses if loss.collection == "conversations"]
    assert [loss.id for loss in lost] == [C]
    assert lost[0].reason.startswith(reason)


async def test_a_shared_starting_prompt_opens_every_role() -> None:
    changed = experiment(
        shared_sections=[section(0, "Starting prompt", "Hello.", "Shared")],
        roles=[role("guard"), role("prisoner")], conversation_ids=[],
    )  # fmt: skip
    design = design_of(await read({"experiments": [changed]}))
    assert {each.starting_prompt for each in design.roles} == {"Hello."}


async def test_what_has_no_place_in_a_design_is_remarked_on() -> None:
    document = experiment(
        conversation_ids=[],
        llms=[{"model": "llama3"}, {"model": "mistral", "temperature": 0.1}],
        roles=[
            role(
                "infermière",
                section(0, "Starting prompt", "You are one of <INFERMIÈRE_NUM> nurses."),
                section(1, "Goal", " "),
            ),
            role("guard", section(0, "Starting prompt", "Mind the <GUARD_MAKE>.")),
        ],
    )
    found = await read({"experiments": [document]})
    design = design_of(found)
    assert design.roles[0].name == "infermiere"
    assert design.roles[0].starting_prompt == "You are one of <INFERMIERE_NUM> nurses."
    assert not any(loss.whole for loss in found.losses)
    reasons = [loss.reason for loss in found.losses]
    assert reasons[:3] == [
        "the role 'infermière' is called 'infermiere'",
        "the section 'Goal' of the role 'infermière' is empty",
        "its model ollama/mistral was never used; a design has one model",
    ]
    assert reasons[3].startswith("its design cannot be run as it is: roles[1].starting_prompt")


async def test_a_renamed_role_keeps_its_agents_and_prompts() -> None:
    document = experiment(
        roles=[role("Médecin", section(0, "Starting prompt", "<MÉDECIN_NUM> here."))]
    )
    said = [messages()[0], messages()[1] | {"role": "Médecin", "speaker": "Médecin_117"}]
    found = await read(
        {
            "experiments": [document],
            "conversations": [
                conversation(agent_combination=[["Médecin", 2]], messages_ids=[M[0], M[1]])
            ],
            "messages": said,
        }
    )
    run = found.runs[0].run
    assert run.parameters["agents"] == [{"role": "Medecin", "count": 2}]
    assert (run.agents[0].name, run.agents[0].role) == ("Médecin_117", "Medecin")
    assert run.agents[0].system_prompt.startswith("2 here.\n")


async def test_a_role_with_an_underscore_is_told_by_its_agents_names() -> None:
    guard = role("prison_guard", section(0, "Starting prompt", "Watch.")) | {"placeholders": []}
    said = messages()[1] | {"role": "Prison", "speaker": "Prison_guard_117"}
    found = await read(
        {
            "experiments": [experiment(roles=[guard])],
            "conversations": [
                conversation(agent_combination=[["prison_guard", 1]], messages_ids=[M[1]])
            ],
            "messages": [said],
        }
    )
    run, steps = found.runs[0]
    assert (run.agents[0].role, steps[0].role) == ("prison_guard", "prison_guard")
    assert run.agents[0].system_prompt.startswith("Watch.\n")


async def test_twins_are_taken_once_and_strangers_named() -> None:
    parts: dict[Any, list[Any]] = dict(whole())
    parts["experiments"] += [experiment(), experiment(starting_message="Else.")]
    parts["messages"] += [messages()[0]]
    parts["unknown"] = [{"_id": "x"}, ValueError("no JSON: what"), 3]
    found = await read(parts)
    assert found.reasons == [
        ("experiments", E, "another document has this `_id`"),
        ("unknown", "x", "neither an experiment, a conversation nor a message"),
        ("unknown", "1", "no JSON: what"),
        ("unknown", "2", "not a document"),
    ]
    assert (len(found.experiments), len(found.runs)) == (1, 1)


async def test_two_copies_of_an_experiment_are_merged() -> None:
    later = "65f0bb00aaaaaaaaaaaaaa03"
    parts = whole()
    parts["experiments"] = [experiment(), experiment(conversation_ids=[C, later], note="new")]
    parts["conversations"] += [conversation(_id=later, messages_ids=["f" * 24])]
    parts["messages"] += [messages()[0] | {"_id": "f" * 24}]
    found = await read(parts)
    assert found.losses == []
    assert sorted(run.run.original_id or "" for run in found.runs) == [C, later]


async def test_a_child_of_two_parents_belongs_to_the_first() -> None:
    other = "65f0aa00aaaaaaaaaaaaaa09"
    parts = whole()
    parts["experiments"] += [experiment(_id=other)]
    found = await read(parts)
    assert found.reasons == [
        ("conversations", C, f"listed again; it belongs to experiment {E}"),
        ("experiments", other, "its model openai/gpt-4 was never used; a design has one model"),
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, document: Document) -> Document:
    """A document of which some fields are missing or hold something odd."""
    odd = draw(st.dictionaries(st.sampled_from(sorted(document)), values, max_size=2))
    gone = draw(st.sets(st.sampled_from(sorted(document)), max_size=1))
    return {key: value for key, value in (document | odd).items() if key not in gone}


@given(
    st.lists(damaged(experiment()), max_size=2),
    st.lists(damaged(conversation()), max_size=2),
    st.lists(st.sampled_from(messages()).flatmap(damaged), max_size=6),
)
async def test_every_document_is_used_or_named(
    experiments: list[Document], conversations: list[Document], said: list[Document]
) -> None:
    parts: dict[Any, list[Document]] = {
        "experiments": experiments, "conversations": conversations, "messages": said,
    }  # fmt: skip
    found = await read(parts)
    used = {e.original_id for e in found.experiments}
    used |= {imported.run.original_id for imported in found.runs}
    used |= {step.original_id for imported in found.runs for step in imported.steps}
    named = {loss.id for loss in found.losses}
    for documents in parts.values():
        for place, document in enumerate(documents):
            id_ = document.get("_id")
            assert {str(id_), str(id_).lower(), str(place)} & (used | named)
    for imported in found.runs:
        assert [step.position for step in imported.steps] == list(range(len(imported.steps)))
