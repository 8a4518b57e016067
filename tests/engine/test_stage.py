"""The stage itself: scopes, seeds, choices, scores, people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import Step
from simulator.domain.models import Ability, Chunk, GenerateRequest
from simulator.domain.ports import Stage
from simulator.domain.prompts import Prompt
from simulator.engine.choosing import named_option
from simulator.errors import UsageError
from tests.engine.toy import AGENT, ToyDesign, played, question
from tests.lab import MODEL, Lab


async def test_side_by_side_scopes_have_seeds_that_do_not_depend_on_timing(lab: Lab) -> None:
    async def side_by_side(stage: Stage, order: Sequence[str]) -> None:
        async def one(name: str) -> None:
            branch = stage.branch(name)
            for _ in range(3):
                await branch.ask(AGENT, question(name))

        async with asyncio.TaskGroup() as group:
            for name in order:
                group.create_task(one(name))

    forth = await played(lab, lambda stage: side_by_side(stage, ["a", "b"]))
    back = await played(lab, lambda stage: side_by_side(stage, ["b", "a"]))

    def by_place(steps: list[Step]) -> dict[tuple[str, int], Any]:
        return {(s.scope, s.index): (s.content, s.call and s.call.seed) for s in steps}

    assert by_place(forth) == by_place(back)
    assert set(by_place(forth)) == {(f"main/{name}", i) for name in "ab" for i in range(3)}
    assert sorted(step.position for step in forth) == list(range(6))


async def test_a_scope_is_opened_once(lab: Lab) -> None:
    async def twice(stage: Stage) -> None:
        stage.branch("x")
        stage.branch("x")

    with pytest.raises(Exception, match="opened twice"):
        await played(lab, twice)


async def test_generators_depend_on_purpose_and_scope_alone(lab: Lab) -> None:
    drawn: list[float] = []

    async def draw(stage: Stage) -> None:
        for scope in (stage, stage.branch("x")):
            for purpose in ("order", "order", "names"):
                drawn.append(scope.rng(purpose).uniform(0, 1))

    await played(lab, draw)
    assert drawn[0] == drawn[1] and drawn[3] == drawn[4]
    assert len(set(drawn)) == 4


class Scoring(ScriptedBackend):
    """A model that can say how probable an answer is."""

    abilities: frozenset[Ability] = frozenset({"score"})

    def __init__(self, scores: Sequence[float]) -> None:
        super().__init__([], model=MODEL)
        self.scores = tuple(scores)

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        raise AssertionError("a scored choice needs no words")
        yield Chunk()

    async def score(self, prompt: Prompt, options: Sequence[str]) -> tuple[float, ...]:
        return self.scores

    async def close(self) -> None:
        return None


async def choice_of(lab: Lab, replies: Sequence[str]) -> Step:
    lab.pool.script(replies)

    async def choose(stage: Stage) -> None:
        await stage.choose(AGENT, question(), ["Guard_1", "Guard_12", "Bob"], fallback="Bob")

    return (await played(lab, choose))[0]


async def test_a_choice_is_scored_where_the_model_can(lab: Lab) -> None:
    lab.pool.backends[MODEL] = Scoring([-2.0, -0.5, -0.5])

    async def choose(stage: Stage) -> None:
        await stage.choose(AGENT, question(), ["a", "b", "c"], fallback="a")
        await stage.score(AGENT, question(), ["x", "y", "z"])

    chosen, scored = await played(lab, choose)
    assert (chosen.content, chosen.method, chosen.in_transcript) == ("b", "scored", False)
    assert scored.scores == (-2.0, -0.5, -0.5)


async def test_a_choice_is_read_from_the_reply(lab: Lab) -> None:
    step = await choice_of(lab, ["I think **guard_12** should."])
    assert (step.content, step.method) == ("Guard_12", "parsed")


async def test_an_unclear_choice_is_asked_for_twice_more(lab: Lab) -> None:
    step = await choice_of(lab, ["Guard", "Bob or Guard_1", "Guard_1."])
    assert (step.content, step.method) == ("Guard_1", "parsed")
    assert step.call is not None
    assert step.call.earlier_raw == ("Guard", "Bob or Guard_1")
    assert step.call.usage.calls == 3


async def test_the_fallback_is_on_record(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    step = await choice_of(lab, ["Nobody"])
    assert (step.content, step.method) == ("Bob", "fallback")
    assert "named no single option in 3 replies; took Bob" in caplog.text


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("Guard_1", "Guard_1"),
        ("guard_12", "Guard_12"),
        ("Guard_123", None),
        ("Guard_1 and Guard_12", None),
        ("Bobby", None),
        ("", None),
        ("(Bob)", "Bob"),
    ],
)
def test_names_are_whole_words(reply: str, option: str | None) -> None:
    assert named_option(reply, ["Guard_1", "Guard_12", "Bob"]) == option


@pytest.mark.parametrize(
    ("reply", "option"),
    [
        ("Guard", "Guard_117"),
        ("The **guard** should.", "Guard_117"),
        ("117", "Guard_117"),
        ("Guard 117.", "Guard_117"),
        ("police officer", "Police_officer_007"),
        ("Prisoner", None),
        ("386", "Prisoner_386"),
        ("prisoner 387", "Prisoner_387"),
        ("Guard or Prisoner", None),
        ("Guard_204", None),
        ("Guards", None),
        ("1", None),
        ("Prisoner_386, not the guard", "Prisoner_386"),
        ("Officer", None),
        ("not", None),
        ("5", None),
    ],
)
def test_a_role_or_a_number_of_one_option_names_it(reply: str, option: str | None) -> None:
    options = [
        "Guard_117", "Prisoner_386", "Prisoner_387", "Police_officer_007", "not_guilty", "A_5",
        "B_5",
    ]  # fmt: skip
    assert named_option(reply, options) == option


async def test_a_person_chooses_and_the_choice_replays(lab: Lab) -> None:
    class Ada:
        async def choose(self, question: str, options: Sequence[str]) -> str:
            return options[-1]

    async def choose(stage: Stage) -> None:
        await stage.choose_by_person("Who?", ["a", "b"])

    steps = await played(lab, choose, person=Ada())
    assert (steps[0].content, steps[0].method) == ("b", "person")
    run = await lab.store.run(steps[0].run_id)
    assert (await lab.play(run, ToyDesign())).run.status == "completed"


async def test_without_a_person_the_run_says_so(lab: Lab) -> None:
    async def choose(stage: Stage) -> None:
        await stage.choose_by_person("Who?", ["a", "b"])

    with pytest.raises(UsageError, match="nobody is at the keyboard"):
        await played(lab, choose)


async def test_a_model_without_scores_is_named(lab: Lab) -> None:
    async def score(stage: Stage) -> None:
        await stage.score(AGENT, question(), ["x"])

    with pytest.raises(UsageError, match="scripted/test cannot say how probable"):
        await played(lab, score)


async def test_a_model_without_scores_may_go_without(lab: Lab) -> None:
    async def score(stage: Stage) -> None:
        step = await stage.score(AGENT, question(), ["x"], where_possible=True)
        await stage.say("A", f"{len(step.scores)} scores", role="a")

    step, said = await played(lab, score)
    assert (step.kind, step.options, step.scores) == ("score", ("x",), ())
    assert said.content == "0 scores" and said.index == 1


async def test_a_fixed_sampler_seed_is_sent(lab: Lab) -> None:
    fixed = AGENT.model_copy(update={"sampling": AGENT.sampling.model_copy(update={"seed": 7})})

    async def ask(stage: Stage) -> None:
        await stage.ask(fixed, question())
        await stage.ask(AGENT, question())

    first, second = await played(lab, ask)
    assert first.call is not None and first.call.seed == 7
    assert second.call is not None and second.call.seed != 7


async def test_a_stream_without_an_end_is_a_fault(lab: Lab) -> None:
    class Broken(Scoring):
        async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
            yield Chunk("half a")

    lab.pool.backends[MODEL] = Broken([])

    async def ask(stage: Stage) -> None:
        await stage.ask(AGENT, question())

    with pytest.raises(Exception, match="without a completion"):
        await played(lab, ask)
