"""Hundreds of chains side by side, and texts of all sizes, scripts and sorts."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.backends.scripted import ScriptedBackend, ScriptOptions, babble
from simulator.domain.models import GenerateRequest
from simulator.errors import ContextOverflowError
from simulator.kinds.telephone.play import AT_ONCE
from simulator.kinds.telephone.results import chains_of
from tests.kinds.telephone.games import KIND, shown, telephone
from tests.lab import MODEL, Lab

ODD = {
    "emoji": "🦊🎈" * 20, "tamil": "வணக்கம் உலகம்", "arabic": "مرحبا بالعالم", "space": " \n\t ",
    "control": "a\x00b\x1b[2J\u202ec", "half": "a\ud800b", "markup": "[bold]x[/] <b>{text}</b>",
}  # fmt: skip


async def test_hundreds_of_chains_are_under_way_together_and_no_more_than_that(lab: Lab) -> None:
    lab.kind, under_way, most = KIND, 0, 0

    class Counting(ScriptedBackend):
        async def generate(self, request: GenerateRequest) -> Any:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            try:
                async for chunk in super().generate(request):
                    yield chunk
            finally:
                under_way -= 1

    lab.pool.backends[MODEL] = Counting(babble, model=MODEL, options=ScriptOptions(delay_ms=1))
    run, made = await lab.queue(telephone(chains=200, generations=2))
    assert (await lab.play(run, made)).run.status == "completed"
    assert 200 < most <= AT_ONCE
    chains = chains_of(run, made, await lab.store.steps(run.id))
    assert [(one.text, one.seed) for one in chains] == [
        (text, seed) for text in "ab" for seed in range(1, 201)
    ]
    assert all(one.is_complete for one in chains)
    assert len({one.texts[-1] for one in chains}) == 400, "no two have the same seeds"


async def test_odd_texts_are_passed_on_as_they_are(lab: Lab) -> None:
    lab.kind = KIND
    lab.pool.script(lambda request: request.prompt.last.content)
    texts = [{"name": name, "text": text} for name, text in ODD.items()]
    made = telephone(
        task="own", prompts={"first": "{text}"}, texts=texts, chains=1, generations=2,
        sampling={"max_tokens": None},
    )  # fmt: skip
    run, made = await lab.queue(made)
    done = await lab.play(run, made)
    found = {one.text: one.texts for one in chains_of(run, made, await lab.store.steps(run.id))}
    assert found == {name: (text,) * 3 for name, text in ODD.items()}
    assert done.run.outcome is not None and done.run.outcome.values["empty"] == 2


@pytest.mark.parametrize("network", [{}, {"structure": "circle", "agents": 2}])
async def test_a_text_of_100_000_characters_goes_through(lab: Lab, network: Any) -> None:
    lab.kind, long = KIND, "An émigré's 🦊 tale. " * 5000
    lab.pool.script(lambda request: request.prompt.last.content)
    made = telephone(
        task="own", prompts={"first": "{text}"}, texts=[{"name": "long", "text": long}], chains=1,
        sampling={"max_tokens": None}, network=network,
    )  # fmt: skip
    run, made = await lab.queue(made)
    assert (await lab.play(run, made)).problem is None
    for one in chains_of(run, made, await lab.store.steps(run.id)):
        assert len(one.texts) == 4 and one.texts[1] == long and len(long) == 100_000
        assert (one.texts[3] == long) == (not network)


@pytest.mark.parametrize("form", [{}, {"start": "<", "end": ">", "retries": 1}])
async def test_empty_replies_are_asked_for_again_then_passed_on_and_counted(
    lab: Lab, form: dict[str, Any]
) -> None:
    lab.kind, asked = KIND, 0

    def script(request: GenerateRequest) -> str:
        nonlocal asked
        asked += 1
        return "<>" if form else ""

    lab.pool.script(script)
    run, made = await lab.queue(telephone(format=form))
    done = await lab.play(run, made)
    assert done.run.outcome is not None
    assert done.run.outcome.values == {
        "chains": 4, "complete": 4, "generations": 3, "empty": 12,
    } | ({"wrong_form": 0} if form else {})  # fmt: skip
    assert done.run.outcome.detail == "4 chains of 3 generations, empty texts: 12"
    assert asked == 12 * (2 if form else 3)
    chains = chains_of(run, made, await lab.store.steps(run.id))
    assert {one.texts[1:] for one in chains} == {("", "", "")}


async def test_a_text_that_outgrows_its_model_is_told_by_its_chain(lab: Lab) -> None:
    lab.kind = KIND

    def script(request: GenerateRequest) -> str:
        if len(shown(request)) > 1000:
            raise ContextOverflowError("The prompt is too long.")
        return request.prompt.last.content if "grow" in shown(request) else "short"

    lab.pool.script(script)
    texts = [{"name": "still", "text": "x"}, {"name": "growing", "text": "grow " * 20}]
    run, made = await lab.queue(telephone(texts=texts, chains=1, generations=30))
    failed = await lab.play(run, made)
    assert failed.problem is not None
    assert failed.problem.message.startswith("Chain 2 of 2 ('growing', number 1) stopped in gener")
    still, growing = chains_of(run, made, await lab.store.steps(run.id))
    assert still.is_complete and 2 < growing.generations < 30
