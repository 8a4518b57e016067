"""Lineages of learners: what reaches whom, what goes on, and how lineages end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.analysis.iterated.worlds.agreement import consistent, explained
from simulator.analysis.iterated.worlds.base import Example
from simulator.domain.models import GenerateRequest
from simulator.domain.tokens import prompt_bytes
from simulator.engine.verifying import verify_run
from simulator.kinds.iterated.games import world_of
from simulator.kinds.iterated.lengths import questions
from tests.kinds.iterated.lineages import (
    BIASED,
    DATA,
    KIND,
    RIGHT,
    WRONG,
    acronyms,
    by_role,
    cut,
    learner,
    lineage,
    played,
    said,
    shown,
    wants_data,
)
from tests.lab import MODEL, Lab


async def test_rules_and_data_pass_from_learner_to_learner(lab: Lab) -> None:
    script, seen = learner(lambda request: f"I think\n{RIGHT}\nas it is.", f"Sure:\n\n{DATA}")
    steps, outcome = await played(lab, lineage(bias={"direction": "screen off"}), script)
    assert [(step.role, step.day, step.speaker) for step in steps] == [
        ("truth", 0, "Truth"), ("alternative", 0, "Alternative"), ("first data", 0, "First data"),
        ("rule", 1, "Learner 1"), ("data", 1, "Learner 1"),
        ("rule", 2, "Learner 1"), ("data", 2, "Learner 1"), ("rule", 3, "Learner 1"),
    ]  # fmt: skip
    truth, alternative, first, rule, data, *_ = steps
    assert (truth.content, alternative.content) == (RIGHT, BIASED)
    assert rule.content == RIGHT and data.content == DATA, "in the form of the world alone"
    asked = [shown(request) for request in seen]
    assert first.content in asked[0] and first.content not in asked[2] and DATA in asked[2]
    assert RIGHT in asked[1] and "Make 2 examples" in asked[1] and RIGHT not in asked[2]
    assert outcome.reason == "generations" and outcome.values == {
        "generations": 3, "complete": 3, "asked_again": 0, "left_out": 0, "without_rule": 0,
        "rule": RIGHT.removeprefix("Rule: "), "is_truth": True,
    }  # fmt: skip


@pytest.mark.parametrize("strength", ["weak", "medium", "strong"])
@pytest.mark.parametrize("position", ["start", "end"])
async def test_a_bias_stands_where_it_shall(lab: Lab, strength: str, position: str) -> None:
    script, seen = learner()
    bias = {"strength": strength, "position": position}
    steps, _ = await played(
        lab, lineage(bias=bias, interaction={"kind": "self_refine"}, generations=2), script
    )
    word = "shut" if strength == "weak" else "switch the screen off"
    for request in seen:
        system, question = (entry.content for entry in request.prompt)
        is_asked = position == "end" and not wants_data(request)
        assert (word in question) == is_asked
        assert (word in system) == (position == "start")
        assert ("somebody else" in shown(request)) == (
            strength != "strong" and (position == "start" or is_asked)
        )
    assert len(seen) == 5 and steps[1].content == BIASED


async def test_self_refinement_shows_the_first_data_again(lab: Lab) -> None:
    def rule(request: GenerateRequest) -> str:
        return RIGHT if "you found" in request.prompt.last.content else WRONG

    script, seen = learner(rule)
    made = lineage(interaction={"kind": "self_refine"}, generations=2)
    steps, outcome = await played(lab, made, script)
    first = by_role(steps, "first data")[0].content
    refinements = [one for one in seen if "you found" in one.prompt.last.content]
    assert all(first in shown(one) and WRONG in shown(one) for one in refinements)
    assert [step.content for step in by_role(steps, "rule")] == [WRONG] * 2
    assert [step.content for step in by_role(steps, "refinement")] == [RIGHT] * 2
    assert RIGHT in shown(seen[2]) and outcome.values["is_truth"]


async def test_hypothesis_search_lists_what_is_wrong_and_asks_no_more_when_right(lab: Lab) -> None:
    def rule(request: GenerateRequest) -> str:
        return RIGHT if "It is wrong for" in request.prompt.last.content else answers.pop(0)

    made = lineage(interaction={"kind": "hypothesis_search"}, generations=2)
    answers = [WRONG, RIGHT]
    script, seen = learner(rule)
    steps, _ = await played(lab, made, script)
    checks = [step.content for step in by_role(steps, "check")]
    world = world_of(made)
    assert world is not None
    wrong = world.read_rule(WRONG).hypothesis
    for one in world.read_data(by_role(steps, "first data")[0].content).data:
        told = f"- {one.input}: the rule says {world.predict(wrong or '', one.input)}, but it is"
        assert (told in checks[0]) == (world.predict(wrong or "", one.input) != one.output)
    assert checks[1] == "The rule is right for all 3 first examples."
    assert [step.day for step in by_role(steps, "refinement")] == [1], "a right rule is not asked"
    assert checks[0] in seen[1].prompt.last.content and len(seen) == 4
    outlook = KIND.outlook(made)
    spoken = [step for step in steps if step.speaker == "Learner 1"]
    assert outlook.turns == sum(step.role not in outlook.unforeseen for step in spoken) == 3


@pytest.mark.parametrize("classic", [False, True])
async def test_who_mends_by_what_is_shown_explains_all_first_data(lab: Lab, classic: bool) -> None:
    way = {"kind": "hypothesis_search", "classic": classic}
    made = lineage(interaction=way, world={"examples": 8}, generations=4)
    world = world_of(made)
    assert world is not None

    def rule(request: GenerateRequest) -> str:
        question = request.prompt.last.content
        if "It is wrong for" not in question:
            return RIGHT.replace('"A": "on"', '"A": "off"')
        told = re.findall("^- (.+): the rule says .+, but it is (.+)\\.$", question, re.MULTILINE)
        right = world.read_data(question.partition("It is right for")[2]).data
        shown = (*right, *(Example(*one) for one in told))
        first = world.read_data(seen[0].prompt.last.content).data
        obeying = consistent(world, shown)
        return world.rule_text(min(obeying, key=lambda one: explained(world, one, first)))

    script, seen = learner(rule)
    steps, _ = await played(lab, made, script)
    first = world.read_data(by_role(steps, "first data")[0].content).data
    rules = [world.read_rule(step.content).hypothesis for step in by_role(steps, "refinement")]
    kept = [explained(world, one or "", first) for one in rules]
    assert len(kept) == 4 and (max(kept) < 8 if classic else min(kept) == 8)
    (told,) = {next(iter(one.prompt)).content for one in seen}
    longest = max(prompt_bytes(one.prompt) for one in seen)
    foreseen = max(one.prompt_bytes for _, asked in questions(made, told) for one in asked)
    assert classic or longest <= foreseen < longest + 150


async def test_the_classic_search_asks_all_the_same_and_keeps_what_is_right(lab: Lab) -> None:
    def rule(request: GenerateRequest) -> str:
        return WRONG if "nothing to mend" in request.prompt.last.content else RIGHT

    script, seen = learner(rule)
    made = lineage(interaction={"kind": "hypothesis_search", "classic": True}, look_back=9)
    steps, outcome = await played(lab, made, script)
    assert [step.content for step in by_role(steps, "refinement")] == [RIGHT] * 3
    assert len(seen) == 8 and outcome.values["is_truth"]
    assert not any("nothing to mend" in shown(one) for one in seen if wants_data(one))


@pytest.mark.parametrize("look_back", [0, 1, 2, 50])
async def test_learners_look_back_so_far(lab: Lab, look_back: int) -> None:
    script, seen = learner()
    await played(lab, lineage(look_back=look_back), script)
    for number, request in enumerate(seen):
        roles = [entry.role for entry in request.prompt]
        earlier = min(look_back, number)
        assert roles == ["system", *["user", "assistant"] * earlier, "user"]
        entries = [entry.content for entry in request.prompt]
        asked = [one.prompt.last.content for one in seen[number - earlier : number]]
        assert entries[1:-1:2] == asked
        assert entries[2:-1:2] == [DATA if wants_data(one) else RIGHT for one in
                                   seen[number - earlier : number]]  # fmt: skip
    assert ("the earlier ones too" in shown(seen[0])) == (look_back > 0)


async def test_models_take_turns_each_at_its_temperature(lab: Lab) -> None:
    seen: dict[str, list[GenerateRequest]] = {}
    for model in ("scripted/one", "scripted/two"):
        script, seen[model] = learner()
        lab.pool.script(script, model=model)
    lab.kind = KIND
    made = lineage(models=["scripted/one", "scripted/two"], temperatures=[1.0, 0.5])
    steps = await lab.run(made)
    asked = by_role(steps, "rule")
    assert [step.speaker for step in asked] == ["Learner 1", "Learner 2", "Learner 1"]
    assert [step.call.model for step in asked] == ["scripted/one", "scripted/two", "scripted/one"]
    assert {one.sampling.temperature for one in seen["scripted/one"]} == {1.0}
    assert {one.sampling.temperature for one in seen["scripted/two"]} == {0.5}
    same = KIND.cast(lineage(temperatures=[1.0, 0.5]), 1)
    assert [(one.model, one.sampling.temperature) for one in same] == [(MODEL, 1.0), (MODEL, 0.5)]


async def test_replies_without_a_rule_are_asked_for_again_and_counted(lab: Lab) -> None:
    answers = ["What?", RIGHT, 'Rule: {"A": "on", "moon": "off"}', "Hm.", "", RIGHT]
    script, _ = learner(lambda request: answers.pop(0))
    steps, outcome = await played(lab, lineage(), script)
    rules = by_role(steps, "rule")
    assert [len(step.call.earlier_raw) for step in rules] == [1, 1, 1]
    assert [step.content for step in rules] == [RIGHT, "Hm.", RIGHT]
    (note,) = by_role(steps, "note")
    assert note.day == 2 and note.content == (
        "Asked 2 times in vain: no rule in the reply. The rule before it is kept."
    )
    assert RIGHT in by_role(steps, "truth")[0].content
    assert (outcome.values["asked_again"], outcome.values["without_rule"]) == (3, 1)
    assert outcome.detail == "3 generations; replies asked for again: 3; learners without a rule: 1"


async def test_a_first_learner_without_a_rule_ends_the_lineage(lab: Lab) -> None:
    script, seen = learner("No.")
    steps, outcome = await played(lab, lineage(), script)
    assert outcome.reason == "no_rule" and outcome.values["complete"] == 0 and len(seen) == 2
    assert outcome.detail.startswith("learner 1 found no rule, and there is none before it; ")
    assert steps[-1].role == "note" and steps[-1].content.endswith("There is none before it.")


async def test_a_refinement_without_a_rule_leaves_the_rule(lab: Lab) -> None:
    script, _ = learner(lambda one: "No." if "you found" in one.prompt.last.content else RIGHT)
    steps, outcome = await played(lab, lineage(interaction={"kind": "self_refine"}), script)
    assert outcome.reason == "generations" and outcome.values["is_truth"]
    assert len(by_role(steps, "note")) == outcome.values["without_rule"] == 3


async def test_only_examples_of_the_world_go_on(lab: Lab) -> None:
    bad = "Input: A, moon\nOutput: on\nInput: B\nOutput: green\n"
    script, _ = learner(data=f"{bad}{DATA}\nInput: C\nOutput: und\n{bad}")
    steps, outcome = await played(lab, lineage(), script)
    assert {step.content for step in by_role(steps, "data")} == {DATA}, "two are asked for"
    note = by_role(steps, "note")[0].content.splitlines()
    assert note[0] == "Lines of the reply that were left out: 5."
    assert "moon" in note[1] and note[1].endswith("(2 times)") and "green" in note[2]
    assert note[3] == "- more examples than were asked for"
    assert outcome.values["left_out"] == 10


async def test_a_lineage_without_examples_ends(lab: Lab) -> None:
    script, seen = learner(data="Input: moon\nOutput: on")
    steps, outcome = await played(lab, lineage(), script)
    assert outcome.reason == "no_data" and outcome.values["complete"] == 0 and len(seen) == 3
    assert steps[-1].content == "The reply holds no examples, so that nothing is passed on."
    assert "moon" in steps[-2].content


async def test_data_that_no_rule_explains_are_told(lab: Lab) -> None:
    script, _ = learner(data="Input: A\nOutput: on\nInput: A\nOutput: off")
    steps, outcome = await played(lab, lineage(), script)
    notes = [(step.day, step.content) for step in by_role(steps, "note")]
    assert notes == [
        (day, "No rule of this world explains all 2 examples; they contradict it.")
        for day in (2, 3)
    ]
    assert outcome.reason == "generations"


async def test_ambiguous_data_do_not_tell_truth_and_alternative_apart(lab: Lab) -> None:
    for name, truth in (("lights", 33), ("numbers", 40), ("language", 77)):
        made = lineage(
            world={"name": name, "truth": truth, "examples": 30, "ambiguous": True},
            generations=1,
        )
        world = world_of(made)
        assert world is not None and KIND.problems(made) == ()
        script, _ = learner(world.rule_text(world.hypotheses[5]))
        steps, _ = await played(lab, made, script)
        true, other, data = (step.content for step in steps[:3])
        read = world.read_data(data).data
        rules = [world.read_rule(one).hypothesis or "" for one in (true, other)]
        assert len(read) == 30 and rules[0] != rules[1]
        assert all(world.log_likelihood(one, read, 0.0) > -1e9 for one in rules)


async def test_where_no_data_are_ambiguous_the_lineage_ends(lab: Lab) -> None:
    made = lineage(world={"name": "numbers", "ambiguous": True}, bias={"direction": "odd numbers"})
    world = world_of(made)
    assert world is not None
    made = made.model_copy(
        update={"world": made.world.model_copy(
            update={"truth": world.hypotheses.index("even numbers")})}
    )  # fmt: skip
    script, seen = learner()
    steps, outcome = await played(lab, made, script)
    assert outcome.reason == "no_first_data" and not seen
    assert "no data are ambiguous" in steps[-1].content == by_role(steps, "note")[0].content


async def test_the_original_draws_are_those_of_its_seeds(lab: Lab) -> None:
    script, _ = learner()
    original = {"truth": 0, "examples": 4, "ambiguous": True, "draws": "original"}
    steps, _ = await played(lab, lineage(world=original), script, seed=1314)
    assert by_role(steps, "first data")[0].content == "\n".join(
        f"Input: {one}\nOutput: on" for one in ("C, screen", "C, D", "C", "B, D")
    )
    letters = {"name": "lights-letters", "truth": "drawn", "draws": "original"}
    steps, _ = await played(lab, lineage(world=letters), script, seed=10086)
    truth = by_role(steps, "truth")[0].content
    assert truth == 'Rule: {"A": "on", "B": "on", "C": "off", "D": "off", "E": "on"}'


async def test_no_alternative_is_told_of_where_it_is_the_truth_or_without_a_direction(
    lab: Lab,
) -> None:
    script, _ = learner()
    for bias in ({"direction": "A on"}, {}):
        steps, _ = await played(lab, lineage(bias=bias, generations=1), script)
        assert [step.role for step in steps] == ["truth", "first data", "rule"]


ANY_TEXT = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["{", '{"A": "on"}', RIGHT, DATA, "Input:", "Rule:", "\ud800", "[[[", "1"]),
)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    replies=st.lists(ANY_TEXT, min_size=1, max_size=6),
    world=st.sampled_from(["lights", "numbers", "language", "acronyms"]),
    interaction=st.sampled_from(["none", "self_refine", "hypothesis_search"]),
)
async def test_no_reply_is_a_crash(
    lab: Lab, replies: list[str], world: str, interaction: str
) -> None:
    has_rules = world != "acronyms"
    made = lineage(
        world={"name": world, "truth": 3 if has_rules else "drawn"}, attempts=1, look_back=1,
        interaction={"kind": interaction if has_rules else "none"},
    )  # fmt: skip
    count = 0

    def script(request: GenerateRequest) -> str:
        nonlocal count
        count += 1
        return replies[count % len(replies)]

    _, outcome = await played(lab, made, script)
    assert outcome.reason in ("generations", "no_rule", "no_data") and outcome.detail


CUT: dict[str, Any] = {
    "acronyms": acronyms(acronyms={"filter": "random"}, generations=2),
    "plain": lineage(world={"noise": 0.3}, generations=2),
    "mended": lineage(interaction={"kind": "hypothesis_search"}, look_back=2, generations=2),
    "sampled": lineage(probabilities={"by": "scores", "samples": 1}, generations=2),
}


@pytest.mark.parametrize("name", CUT)
async def test_a_lineage_cut_after_any_step_ends_like_one_that_was_not(lab: Lab, name: str) -> None:
    lab.kind, made = KIND, CUT[name]
    replies = [RIGHT, WRONG, "Hm."]
    lab.pool.script(learner(lambda request: replies[request.seed % 3], f"{DATA}\nWell.")[0])
    whole, design = await lab.queue(made, seed=5)
    done = await lab.play(whole, design)
    steps = await lab.store.steps(whole.id)
    for committed in range(1, len(steps) - 1):
        run, design = await lab.queue(made, seed=5)
        await cut(lab, run, design, committed)
        again = await lab.play(await lab.store.run(run.id), design)
        assert said(await lab.store.steps(run.id)) == said(steps)
        assert again.run.outcome is not None and done.run.outcome is not None
        assert again.run.outcome.values == done.run.outcome.values
        assert again.run.usage == done.run.usage
    found = await verify_run(
        await lab.store.run(whole.id), KIND, design, store=lab.store, clock=lab.clock,
        backends=lab.pool,
    )  # fmt: skip
    assert found.problems == [] and found.replayed == found.steps
