"""Whole conversations on a real store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest

from simulator.domain.events import Event, StepCommitted
from simulator.domain.journal import Step
from simulator.domain.models import GenerateRequest
from simulator.engine.control import RunControl
from tests.lab import Lab, design, prompts_seen, spoken

TWO_AND_TWO: list[dict[str, Any]] = [
    {"name": "guard", "starting_prompt": "You are a guard.", "count": 2},
    {"name": "prisoner", "starting_prompt": "You are a prisoner.", "count": 2},
]


async def test_own_words_are_assistant_and_others_are_labelled_user(lab: Lab) -> None:
    seen = prompts_seen(lab)
    steps = await lab.run(design(messages=3))
    guard, prisoner = steps[1].speaker, steps[2].speaker
    assert seen[2] == [
        ("system", "You are a guard.\n"),
        ("user", "Researcher: Begin."),
        ("assistant", "word 1"),
        ("user", f"{prisoner}: word 2"),
    ]
    assert seen[1][1:] == [("user", "Researcher: Begin."), ("user", f"{guard}: word 1")]


async def test_messages_are_shared_out_over_days(lab: Lab) -> None:
    steps = await lab.run(design(messages=7, days=3))
    per_day = [sum(1 for s in spoken(steps) if s.day == day) for day in (1, 2, 3)]
    assert per_day == [3, 2, 2]


async def test_summaries_open_the_next_day_and_the_last_is_not_written(lab: Lab) -> None:
    lab.pool.script(["They talked."], model="scripted/sum")
    seen = prompts_seen(lab)
    two = design(
        messages=4, days=2,
        summarizer={"starting_prompt": "Sum up.", "sections": {"Rules": "Be brief."},
                    "model": "scripted/sum"},
    )  # fmt: skip
    steps = await lab.run(two)
    summaries = [step for step in steps if step.role == "summarizer"]
    assert [(s.day, s.content) for s in summaries] == [(1, "They talked.")]
    openings = [step.content for step in steps if step.role == "researcher"]
    assert openings == ["Begin.", "Begin.\nDay 1 summary:\nThey talked."]
    assert ("user", f"Researcher: {openings[1]}") in seen[2]
    assert all("word 1" not in content for _, content in seen[2]), "yesterday is forgotten"


async def test_summaries_accumulate(lab: Lab) -> None:
    steps = await lab.run(design(messages=6, days=3))
    last = [step.content for step in steps if step.role == "researcher"][-1]
    assert re.findall(r"Day (\d) summary", last) == ["1", "2"]


async def test_the_summarizer_reads_the_day_without_the_opening(lab: Lab) -> None:
    seen = prompts_seen(lab, "scripted/sum")
    steps = await lab.run(
        design(messages=4, days=2, summarizer={"starting_prompt": "S.", "model": "scripted/sum"})
    )
    lines = [("user", f"{s.speaker}: {s.content}") for s in spoken(steps) if s.day == 1]
    assert seen[0] == [("system", "S.\n"), *lines, ("user", "Summarize day 1.")]


async def test_a_summary_that_nobody_reads_is_written_on_request_only(lab: Lab) -> None:
    def summaries(steps: Sequence[Step]) -> list[int | None]:
        return [step.day for step in steps if step.role == "summarizer"]

    assert summaries(await lab.run(design(days=2, memory="none"))) == []
    assert summaries(await lab.run(design(days=2, memory="full"))) == []
    every = design(days=2, memory="none", summarize_every_day=True)
    assert summaries(await lab.run(every)) == [1, 2]
    assert summaries(await lab.run(design(days=2, classic=True, messages=8))) == [1, 2]


async def test_full_memory_keeps_yesterday_and_none_forgets_it(lab: Lab) -> None:
    for memory, remembers in (("full", True), ("none", False)):
        seen = prompts_seen(lab)
        steps = await lab.run(design(messages=4, days=2, memory=memory))
        last = [content for _, content in seen[-1]]
        assert any("word 1" in content for content in last) is remembers
        assert steps[-1].day == 2


async def test_visible_messages_limits_what_an_agent_sees(lab: Lab) -> None:
    seen = prompts_seen(lab)
    await lab.run(design(messages=8, visible_messages=2))
    assert [len(prompt) for prompt in seen] == [2, 3, 4, 4, 4, 4, 4, 4]
    assert seen[-1][:2] == [("system", "You are a prisoner.\n"), ("user", "Researcher: Begin.")]
    assert seen[-1][2:] == [("assistant", "word 6"), ("user", seen[-1][3][1])]


async def test_one_agent_alone_goes_on_by_itself(lab: Lab) -> None:
    seen = prompts_seen(lab)
    alone = design(messages=3, roles=[{"name": "diarist", "starting_prompt": "Write."}])
    steps = await lab.run(alone)
    assert [step.role for step in spoken(steps)] == ["diarist"] * 3
    assert seen[2][-2:] == [("assistant", "word 2"), ("user", "Go on.")]


async def test_one_role_of_several_agents(lab: Lab) -> None:
    steps = await lab.run(
        design(messages=4, roles=[{"name": "juror", "starting_prompt": "Judge.", "count": 3}])
    )
    names = [step.speaker for step in spoken(steps)]
    assert len(set(names)) == 3 and names[3] == names[0]


async def test_silence_is_not_heard(lab: Lab) -> None:
    seen: list[int] = []

    def mute_guard(request: GenerateRequest) -> str:
        seen.append(len(request.prompt))
        return "" if "guard" in next(iter(request.prompt)).content else "Hello?"

    lab.pool.script(mute_guard)
    steps = await lab.run(design(messages=4))
    assert [bool(step.content) for step in spoken(steps)] == [False, True, False, True]
    assert set(seen) == {2, 3, 4}, "nothing of the guard's; a nudge after the own words"


async def test_parsing_keeps_the_raw_reply(lab: Lab) -> None:
    lab.pool.script(["Guard: Halt.\nPrisoner: No!"])
    step = spoken(await lab.run(design(messages=1)))[0]
    assert (step.content, step.parsing) == ("Halt.", ("own label", "cut at Prisoner"))
    assert step.call is not None and step.call.raw == "Guard: Halt.\nPrisoner: No!"


async def test_each_role_has_its_model_and_sampling(lab: Lab) -> None:
    for name in ("a", "b", "s"):
        lab.pool.script([name], model=f"scripted/{name}")
    steps = await lab.run(
        design(
            messages=2, days=2,
            sampling={"temperature": 0.5, "top_p": 0.8},
            roles=[
                {"name": "guard", "starting_prompt": "G", "model": "scripted/a",
                 "sampling": {"temperature": 1.5}},
                {"name": "prisoner", "starting_prompt": "P", "model": "scripted/b"},
            ],
            summarizer={"starting_prompt": "S", "model": "scripted/s"},
        )
    )  # fmt: skip
    calls = {step.role: step.call for step in steps if step.call is not None}
    assert {role: call.model for role, call in calls.items()} == {
        "guard": "scripted/a", "prisoner": "scripted/b", "summarizer": "scripted/s",
    }  # fmt: skip
    assert calls["guard"].sampling.temperature == 1.5
    assert calls["guard"].sampling.top_p == 0.8
    assert calls["prisoner"].sampling.temperature == 0.5


async def test_the_selector_chooses_among_the_others(lab: Lab) -> None:
    def last_name(request: GenerateRequest) -> str:
        return str(re.findall(r"\w+_\d+", request.prompt.last.content)[-1])

    lab.pool.script(last_name, model="scripted/sel")
    steps = await lab.run(
        design(messages=4, speaker="auto", selector={"model": "scripted/sel"}, roles=TWO_AND_TWO)
    )
    chosen = [step for step in steps if step.kind == "choose"]
    turns = spoken(steps)
    assert [step.content for step in chosen] == [step.speaker for step in turns]
    for choice, before in zip(chosen[1:], turns, strict=False):
        assert before.speaker not in choice.options
        assert len(choice.options) == 3


ONE_AND_TWO = [TWO_AND_TWO[0] | {"count": 1}, TWO_AND_TWO[1]]


async def test_the_selector_may_say_just_the_role(lab: Lab) -> None:
    lab.pool.script(["Guard.", "prisoner", "Prisoner", "prisoner"], model="scripted/sel")
    auto = {"speaker": "auto", "selector": {"model": "scripted/sel"}}
    steps = await lab.run(design(messages=1, roles=ONE_AND_TWO, **auto))
    choice = next(step for step in steps if step.kind == "choose")
    assert (choice.content, choice.method) == (spoken(steps)[0].speaker, "parsed")
    assert choice.content.startswith("Guard_") and choice.call is not None
    assert (choice.call.raw, choice.call.usage.calls) == ("Guard.", 1)


async def test_the_selector_hears_the_conversation(lab: Lab) -> None:
    def place(request: GenerateRequest) -> str:
        seen.append([(entry.role, entry.content) for entry in request.prompt])
        return str(re.findall(r"\w+_\d+", request.prompt.last.content)[0])

    seen: list[list[tuple[str, str]]] = []
    lab.pool.script(place, model="scripted/sel")
    auto = {"speaker": "auto", "selector": {"model": "scripted/sel"}}
    steps = await lab.run(design(messages=3, roles=TWO_AND_TWO, **auto))
    words = [("user", f"{s.speaker}: {s.content}") for s in steps if s.in_transcript]
    assert [prompt[1:-1] for prompt in seen] == [words[:1], words[:2], words[:3]]
    assert all(prompt[0][0] == "system" and "Who speaks next?" in prompt[-1][1] for prompt in seen)


@pytest.mark.parametrize(
    ("memory", "kept"), [("full", True), ("none", False), ("summaries", False)]
)
async def test_the_selector_remembers_earlier_days_with_full_memory(
    lab: Lab, memory: str, kept: bool
) -> None:
    seen: list[tuple[int, list[str]]] = []

    def place(request: GenerateRequest) -> str:
        systems = sum(entry.role == "system" for entry in request.prompt)
        seen.append((systems, [entry.content for entry in request.prompt]))
        return str(re.findall(r"\w+_\d+", request.prompt.last.content)[0])

    lab.pool.script(place, model="scripted/sel")
    auto = {"speaker": "auto", "selector": {"model": "scripted/sel"}}
    steps = await lab.run(design(messages=4, days=2, memory=memory, roles=TWO_AND_TWO, **auto))
    first, third = spoken(steps)[0], seen[2]
    assert (f"{first.speaker}: {first.content}" in third[1]) is kept
    openings = [content for content in third[1] if content.startswith("Researcher: Begin.")]
    assert len(openings) == (2 if kept else 1)
    assert {systems for systems, _ in seen} == {1}


async def test_weights_decide_how_often_a_role_speaks(lab: Lab) -> None:
    def guards(steps: Sequence[Step]) -> int:
        return sum(step.role == "guard" for step in spoken(steps))

    for weights, expected in (({"guard": 1e9}, 40), ({"prisoner": 1e9}, 0)):
        weighted = {"method": "weighted", "weights": weights}
        steps = await lab.run(design(messages=40, speaker=weighted, roles=TWO_AND_TWO))
        assert guards(steps) == expected


async def test_a_single_candidate_costs_no_choice(lab: Lab) -> None:
    steps = await lab.run(design(messages=4, speaker="auto"))
    assert sum(1 for step in steps if step.kind == "choose") == 1, "only who opens the day"


async def test_a_person_chooses_the_speakers(lab: Lab) -> None:
    class Ada:
        async def choose(self, question: str, options: Sequence[str]) -> str:
            return options[-1]

    run, resolved = await lab.queue(design(messages=3, speaker="manual", roles=TWO_AND_TWO))
    await lab.play(run, resolved, person=Ada())
    steps = await lab.store.steps(run.id)
    names = [agent.name for agent in run.agents if agent.number]
    assert [step.speaker for step in spoken(steps)] == [names[3], names[2], names[3]]


async def test_addressed_agents_answer(lab: Lab) -> None:
    run, resolved = await lab.queue(design(messages=3, speaker="addressed", roles=TWO_AND_TWO))
    names = [agent.name for agent in run.agents if agent.number]
    lab.pool.script([f"What do you say, {names[3]}?", "Nothing."])
    await lab.play(run, resolved)
    turns = spoken(await lab.store.steps(run.id))
    assert [step.speaker for step in turns[:2]] == [names[0], names[3]]


async def addressed_after(
    lab: Lab, said: Sequence[str], interjected: Sequence[str], **fields: Any
) -> list[int]:
    """Places of those who speak; the researcher puts words in after the first turn.

    In all words, {0} to {3} are the agents' names.
    """
    fields = {"messages": 3, "speaker": "addressed", "roles": TWO_AND_TWO} | fields
    run, resolved = await lab.queue(design(**fields))
    names = [agent.name for agent in run.agents if agent.number]
    control = RunControl()

    def listener(event: Event) -> None:
        if isinstance(event, StepCommitted) and event.step.index == 1:
            for words in interjected:
                control.interject(words.format(*names))

    lab.pool.script([words.format(*names) for words in said])
    played = await lab.play(run, resolved, control=control, listener=listener)
    assert played.problem is None
    steps = await lab.store.steps(run.id)
    assert sum(step.kind == "interject" for step in steps) == len(interjected)
    return [
        names.index(step.speaker) for step in steps if step.kind == "ask" and step.speaker in names
    ]


async def test_whom_the_researcher_addresses_answers(lab: Lab) -> None:
    assert await addressed_after(lab, ["Well."], ["{3}, what do you say?"]) == [0, 3, 1]
    assert await addressed_after(lab, ["Well, {1}?", "So."], ["{3}, you answer."]) == [0, 3, 1]
    assert await addressed_after(lab, ["Well, {1}?", "So."], ["Prisoner, answer."]) == [0, 2, 1]
    assert await addressed_after(lab, ["{3}?", "So."], ["Please be brief."]) == [0, 3, 1]
    assert await addressed_after(lab, ["Hm."], ["{1}!", "No, {3}!", "Now."]) == [0, 3, 1]


async def test_whom_the_researcher_addresses_first_opens_the_day(lab: Lab) -> None:
    first = await addressed_after(lab, ["Well."], [], starting_message="Prisoner, begin.")
    assert first[0] == 2


async def test_a_name_in_a_summary_addresses_nobody(lab: Lab) -> None:
    lab.pool.script(["The guard was kind to the prisoner."], model="scripted/sum")
    two_days = {
        "messages": 2, "days": 2, "summarizer": {"starting_prompt": "S.", "model": "scripted/sum"},
        "roles": [*TWO_AND_TWO, {"name": "visitor", "starting_prompt": "V."}],
        "starting_message": "Visitor, begin.",
    }  # fmt: skip
    run, resolved = await lab.queue(design(speaker="addressed", **two_days))
    lab.pool.script(["Hm."])
    await lab.play(run, resolved)
    roles = [step.role for step in spoken(await lab.store.steps(run.id))]
    assert roles == ["visitor", "guard"], "the visitor may not speak twice in a row"


async def test_random_order_is_seeded(lab: Lab) -> None:
    def order(steps: Sequence[Step]) -> list[str]:
        return [step.speaker for step in spoken(steps)]

    talk = design(messages=12, speaker="random", roles=TWO_AND_TWO)
    first, again = order(await lab.run(talk, seed=3)), order(await lab.run(talk, seed=3))
    other = order(await lab.run(talk, seed=4))
    assert first == again != other


class TestClassic:
    async def test_turns_follow_the_original_counts(self, lab: Lab) -> None:
        steps = await lab.run(design(classic=True, messages=20, speaker="round_robin"))
        assert [sum(s.role == role for s in steps) for role in ("guard", "prisoner")] == [10, 9]

    async def test_each_day_starts_with_the_first_agent(self, lab: Lab) -> None:
        steps = await lab.run(
            design(classic=True, messages=8, days=2, speaker="round_robin", roles=TWO_AND_TWO)
        )
        names = [agent.name for agent in (await lab.store.run(steps[0].run_id)).agents]
        assert [s.speaker for s in spoken(steps)] == names[:3] * 2

    async def test_words_carry_no_labels(self, lab: Lab) -> None:
        seen = prompts_seen(lab)
        await lab.run(design(classic=True, messages=3))
        assert seen[1][1:] == [("user", "Begin."), ("user", "word 1")]

    async def test_terminate_ends_the_day(self, lab: Lab) -> None:
        lab.pool.script(["TERMINATE"])
        steps = await lab.run(design(classic=True, messages=12, days=2))
        assert [s.day for s in spoken(steps)] == [1, 2]
