"""What makes the design of a lineage sound, what a launch may set, and what is foreseen."""

from __future__ import annotations

import math
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr

from simulator.domain.grids import Axis, Grid, Option
from simulator.domain.models import GenerateRequest
from simulator.domain.parameters import axes_of
from simulator.domain.records import RunQuery
from simulator.domain.tokens import prompt_bytes
from simulator.domain.workloads import ENTRY_TOKENS, USUAL_BYTES_PER_TOKEN, Habits, ReplyLength
from simulator.errors import DesignInvalidError
from simulator.estimating import estimate
from simulator.kinds.iterated.beginnings import begun
from simulator.kinds.iterated.design import Interacting
from simulator.kinds.iterated.games import game_of, world_of
from simulator.kinds.iterated.pools import first_acronyms
from simulator.services import open_services
from simulator.settings import Settings
from tests.kinds.iterated.lineages import (
    DATA,
    KIND,
    RIGHT,
    acronyms,
    lineage,
    problems_of,
    wants_data,
)
from tests.lab import MODEL, Lab

OTHER = "scripted/other"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"models": ["a/b", " "]},
            "models[1]: it names no model; write such as ollama/llama3.1:8b",
        ),
        ({"temperatures": [1.0]}, "temperatures: these are of two who take turns"),
        (
            {"world": {"truth": 162}},
            "world.truth: there are 162 rules that can be the truth; give 0",
        ),
        ({"world": {"name": "lights", "settings": {"moons": 2}}}, "world.settings: "),
        ({"world": {"name": "numbers", "truth": 3, "draws": "original"}}, "world.draws: "),
        ({"world": {"draws": "original"}}, "world.truth: the original draws it"),
        ({"world": {"draws": "original", "truth": "drawn", "ambiguous": True}}, "world.truth: the"),
        ({"world": {"name": "lights-letters", "ambiguous": True}}, "bias.direction: data are"),
        (
            {"bias": {"strength": "weak", "direction": "moon off"}},
            "bias.direction: there is no obj",
        ),
        ({"bias": {"strength": "weak", "direction": "be nice"}}, "bias.direction: 'be nice' is no"),
        ({"bias": {"text": "Be nice."}}, "bias.text: there are words for a bias of no strength"),
        (
            {"answers": "drawn", "probabilities": {"by": "samples"}},
            "probabilities.by: answers that are drawn come from exact P(h), so that samples would "
            "be asked for nothing; use `scores`, or `written` answers",
        ),
        (
            {"world": {"name": "lights-letters"}, "bias": {"strength": "weak"}},
            "bias.direction: it has no direction; name one, such as `E off`",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(fields: dict[str, Any], expected: str) -> None:
    found = problems_of(lineage(**fields))
    assert found and found[0].startswith(expected), found


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"interaction": {"kind": "self_refine"}}, "interaction.kind"),
        ({"probabilities": {"by": "samples"}}, "probabilities.by"),
        ({"bias": {"strength": "weak", "direction": "loud"}}, "bias.direction"),
    ],
)
def test_acronyms_have_no_rules(fields: dict[str, Any], place: str) -> None:
    assert [one.partition(":")[0] for one in problems_of(acronyms(**fields))] == [place]
    assert problems_of(acronyms()) == problems_of(lineage()) == []


@pytest.mark.parametrize(
    "bias", [{"direction": "E off"}, {"direction": 'Rule: {"A": "on", "B": "on", "C": "on", "D": '
                                      '"on", "E": "und"}'}, {"text": "Be nice."}],
)  # fmt: skip
def test_a_direction_of_ones_own(bias: dict[str, str]) -> None:
    world = {"name": "lights-letters", "truth": 0}
    made = lineage(world=world, bias=bias | {"strength": "strong"})
    assert problems_of(made) == []
    (agent,) = KIND.cast(made, 1)
    told = {"E off": "switch object E off", "": "Be nice."}.get(bias.get("direction", ""), '"und"')
    assert told in agent.system_prompt.rpartition("\n\n")[2]


def test_a_launch_crosses_what_a_study_varies() -> None:
    made = lineage()
    offered = {one.name: one for one in KIND.parameters(made)}
    texts = {
        "bias.strength": "weak, strong", "bias.position": "start, end",
        "bias.text": "Be bold, or not.|Be\\|meek.", "interaction.kind": "none, hypothesis_search",
        "interaction.classic": "yes, no", "world.truth": "drawn, 33",
        "world.settings": '{} | {"objects": ["A", "B", "C", "screen"]}',
        "model": "pocket, scripted/babble",
    }  # fmt: skip
    values = {name: [*offered[name].read(text)] for name, text in texts.items()}
    grid = Grid(axes_of([*offered.values()], values))
    cells = [KIND.resolve(made, cell.parameters) for cell in grid.cells()]
    assert len({one.model_dump_json() for one in cells}) == len(cells) == 2**8
    assert len({KIND.outlook(one).condition for one in cells}) == 8
    assert {one.bias.text for one in cells} == {"Be bold, or not.", "Be|meek."}
    assert {one.world.truth for one in cells} == {"drawn", 33}
    worlds = [KIND.resolve(made, {"world": {"name": one}, "bias": {"strength": "weak"}})
              for one in ("lights-letters", "numbers", "language", "acronyms")]  # fmt: skip
    assert all(KIND.problems(one) == () for one in worlds)
    assert [one.bias.direction for one in worlds] == ["E off", "", "", ""]


def test_no_bias_has_no_words_and_what_is_no_setting_is_told() -> None:
    made = lineage(bias={"strength": "strong", "text": "Be nice."})
    assert KIND.resolve(made, {"bias": {"strength": "none"}}).bias.text == ""
    offered = {one.name: one for one in KIND.parameters(made)}
    for name, text, told in (
        ("world.settings", "[1]", "is no JSON object"),
        ("world.settings", "{", "is no JSON object"),
        ("world.truth", "any", "is no whole number; write one such as 2, or several: 1..4 or 2, 5"
         ", or drawn."),
        ("world.truth", "-1", "they count from 0"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=re.escape(told)):
            offered[name].read(text)


def test_every_choice_and_number_can_be_set() -> None:
    texts = {
        "temperatures": "1, 0.5", "bias.direction": "A off", "models": "a/b, c/d",
        "world.settings": '{"objects": ["A", "B", "C", "D", "screen"]}', "bias.text": "Be nice.",
    }  # fmt: skip
    usual_one = lineage(bias={"strength": "weak"})
    for parameter in KIND.parameters(usual_one):
        usual = {"count": "2", "model": "pocket"}.get(parameter.type, "0.5")
        for word in parameter.choices or (texts.get(parameter.name, usual),):
            if parameter.name == "world.draws" and word == "original":
                continue
            (cell,) = Grid(axes_of([parameter], {parameter.name: [*parameter.read(word)]})).cells()
            made = KIND.resolve(usual_one, cell.parameters)
            assert cell.parameters and KIND.problems(made) == (), parameter.name
            assert parameter.type == "text" or word == parameter.usual or made != usual_one


def test_another_world_takes_nothing_along() -> None:
    made = lineage(bias={"strength": "strong", "direction": "A off"})
    other = KIND.resolve(made, {"world": {"name": "numbers"}})
    assert other.world.truth == "drawn" and other.bias.direction == ""
    assert KIND.resolve(made, {"world": {"name": "lights"}}).bias.direction == "A off"
    ruled = lineage(
        interaction={"kind": "self_refine"}, probabilities={"by": "scores"}, answers="drawn",
        world={"ambiguous": True, "noise": 0.1},
    )  # fmt: skip
    spelt = KIND.resolve(ruled, {"world": {"name": "acronyms"}})
    assert spelt.interaction.kind == "none" and spelt.answers == "written"
    with pytest.raises(DesignInvalidError, match="acronyms have no rules"):
        KIND.resolve(ruled, {"world": {"name": "acronyms"}, "answers": "drawn"})
    with pytest.raises(DesignInvalidError, match="parameter moon"):
        KIND.resolve(made, {"moon": 1})


def world_text(made: Any) -> str:
    """Two acronyms as they come in the pools."""
    game = game_of(made)
    return game.data_text(first_acronyms(2, 0.5, Random(3)))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"generations": 1},
        {"generations": 9, "look_back": 3},
        {"generations": 5, "models": [MODEL, OTHER], "look_back": 1},
        {"interaction": {"kind": "self_refine"}, "bias": {"strength": "strong", "position": "end"}},
        {"interaction": {"kind": "hypothesis_search", "classic": True}, "look_back": 4},
        {"probabilities": {"by": "scores", "samples": 2}},
        {"world": {"name": "language", "truth": 9, "examples": 6}, "passed_on": None},
        {"world": {"name": "acronyms", "truth": "drawn", "examples": 4}, "generations": 6},
        {
            "world": {"name": "acronyms", "truth": "drawn", "examples": 4},
            "generations": 5,
            "acronyms": {"filter": "random"},
        },
    ],
)
async def test_what_is_foreseen_is_what_is_asked(lab: Lab, fields: dict[str, Any]) -> None:
    made = lineage(**fields)
    world = world_of(made)
    right, data = RIGHT, DATA
    if world is None:
        data = world_text(acronyms())
    elif made.world.name == "language":
        start = begun(made, world, 3, lambda purpose: Random(0))
        right, data = world.rule_text(start.truth), world.data_text(start.data)
    asked: dict[str, list[int]] = {MODEL: [], OTHER: []}
    for model, seen in asked.items():

        def script(request: GenerateRequest, seen: list[int] = seen) -> str:
            tokens = math.ceil(prompt_bytes(request.prompt) / USUAL_BYTES_PER_TOKEN)
            seen.append(tokens + len(request.prompt) * ENTRY_TOKENS)
            return data if wants_data(request) else right

        lab.pool.script(script, model=model)
    words = len(right.split())
    habits = {one: Habits(reply=ReplyLength(words, len(right))) for one in asked}
    lab.kind = KIND
    work = KIND.workload(made, KIND.cast(made, 3), habits)
    run, resolved = await lab.queue(made, seed=3)
    done = await lab.play(run, resolved)
    assert done.run.outcome is not None and done.run.outcome.reason == "generations"
    assert {one.model: one.calls for one in work} == {
        model: len(seen) for model, seen in asked.items() if seen
    }
    samples = 3 * 2 if "probabilities" in fields else 0
    assert KIND.outlook(made).turns == sum(map(len, asked.values())) - samples
    for one in work:
        assert one.prompt_tokens == pytest.approx(sum(asked[one.model]), rel=0.04), one
        assert one.completion_tokens == one.calls * words


def test_answers_that_are_drawn_take_no_calls() -> None:
    made = lineage(answers="drawn", probabilities={"by": "scores"})
    agents = KIND.cast(made, 1)
    able = {MODEL: Habits(scores_choices=True)}
    (work,) = KIND.workload(made, agents, able)
    assert (work.calls, work.prompt_tokens, work.completion_tokens) == (0, 0, 0)
    world = world_of(made)
    assert world is not None
    rules = [world.rule_text(one) for one in world.hypotheses]
    outputs = 2 * (2 - 1 / len(world.inputs)) * 3
    assert work.scored == 3 * 243 + round(outputs) and work.scored_bytes == pytest.approx(
        3 * sum(map(len, rules)) + outputs * 8 / 3, abs=1
    )
    mended = made.model_copy(update={"interaction": Interacting(kind="self_refine")})
    assert KIND.workload(mended, agents, able)[0].scored == work.scored + 3 * 243
    (written,) = KIND.workload(lineage(probabilities={"by": "scores"}), agents, able)
    assert (written.calls, written.scored) == (5, 3 * 243)
    (unable,) = KIND.workload(made, agents, {})
    assert unable.calls == 5 + 3 * made.probabilities.samples and unable.scored == 0


@pytest.mark.parametrize(("look_back", "fits"), [(2, True), (4, False)])
async def test_what_outgrows_its_model_is_not_begun(
    tmp_path: Path, look_back: int, fits: bool
) -> None:
    made = lineage(
        model="pocket", answers="drawn", look_back=look_back, world={"examples": 4},
        interaction={"kind": "hypothesis_search"},
    )  # fmt: skip
    store = SecretStr(f"sqlite:///{tmp_path / 'lab.db'}")
    async with open_services(Settings(store=store, user="ada")) as services:
        found = await estimate(services, made, Grid())
        assert found.models[0].fits == fits and found.scored > 2 * 3 * 243
        if fits:
            assert len(await services.launch(made, {})) == 1
            return
        axis = Axis("look_back", (Option("0"), Option("4", {"look_back": 4})))
        with pytest.raises(DesignInvalidError, match="look_back=4 would outgrow its model") as told:
            await services.launch_grid(made.model_copy(update={"look_back": 0}), Grid((axis,)))
        assert "look_back" in (told.value.remedy or "")
        assert await services.store.runs(RunQuery()) == []


def test_long_lineages_are_foreseen_in_no_time() -> None:
    made = lineage(generations=10_000, look_back=20, models=[MODEL, OTHER])
    work = KIND.workload(made, KIND.cast(made, 1), {})
    assert sum(one.calls for one in work) == KIND.outlook(made).turns == 19_999
    assert all(9_990 <= one.calls <= 10_010 for one in work)
