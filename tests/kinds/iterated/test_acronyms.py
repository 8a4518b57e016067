"""Lineages that write acronyms: who reads what, by every filter."""

from __future__ import annotations

import json

import pytest

from simulator.analysis.iterated.acronyms.ranks import is_listed, rank_of
from simulator.domain.models import GenerateRequest
from tests.kinds.iterated.lineages import ACRONYMS, acronyms, by_role, learner, played, shown
from tests.lab import Lab


def outputs(text: str) -> list[str]:
    return [json.loads(line)["output"].lower() for line in text.splitlines()]


async def test_imitators_read_what_the_last_learner_wrote(lab: Lab) -> None:
    script, seen = learner(data=f"Here:\n{ACRONYMS}\n" + '{"output": "EMU", "input": "a, b, c"}')
    steps, outcome = await played(lab, acronyms(acronyms={"easy_share": 0.5}), script)
    assert [(step.role, step.day) for step in steps if step.role != "note"] == [
        ("first data", 0), ("data", 1), ("data", 2), ("data", 3),
    ]  # fmt: skip
    assert sum(map(is_listed, outputs(steps[0].content))) == 2
    assert ACRONYMS in shown(seen[1]) and steps[0].content in shown(seen[0])
    assert "Make 2 examples" in shown(seen[0]) and outcome.reason == "generations"
    assert outcome.values["left_out"] == 6
    assert "spell `abc`, not `emu`" in by_role(steps, "note")[0].content
    assert len(by_role(steps, "note")) == 3, "two are made, as is asked, of four that were first"


@pytest.mark.parametrize("name", ["easy", "hard", "short", "long", "random"])
async def test_a_filter_chooses_from_all_that_was_ever_written(lab: Lab, name: str) -> None:
    words = '{"output": "THE", "input": "take, half, each"}\n'
    words += '{"output": "QZX", "input": "quit, zoo, xenon"}'
    script, seen = learner(data=words)
    made = acronyms(acronyms={"easy_share": 0.5, "filter": name}, generations=2)
    steps, _ = await played(lab, made, script)
    pool = [*outputs(steps[0].content), "the", "qzx"]
    listed = list(filter(is_listed, pool))
    found = outputs(by_role(steps, "selection")[0].content)
    wanted = {
        "easy": [*sorted(listed, key=rank_of), "qzx"], "short": sorted(listed, key=len),
        "long": sorted(listed, key=len, reverse=True),
    }.get(name)  # fmt: skip
    if name == "hard":
        assert found[0] == "qzx" and len(found) == 4 and "the" not in found
    elif name == "random":
        assert len({*found} & {*pool}) == 4
    else:
        assert wanted is not None
        assert sorted(map(len, found)) == sorted(map(len, wanted)) and {*found} == {*wanted}
    assert by_role(steps, "selection")[0].content in shown(seen[1])


async def test_without_examples_imitation_ends_and_filters_go_on(lab: Lab) -> None:
    script, seen = learner(data="None come to mind.")
    steps, outcome = await played(lab, acronyms(), script)
    assert outcome.reason == "no_data" and len(seen) == 2 and outcome.values["asked_again"] == 1
    assert by_role(steps, "note")
    steps, outcome = await played(lab, acronyms(acronyms={"filter": "easy"}), script)
    assert outcome.reason == "generations" and len(by_role(steps, "selection")) == 3


async def test_an_empty_pool_after_a_filter_ends_the_lineage(lab: Lab) -> None:
    script, _ = learner(data="None come to mind.")
    made = acronyms(acronyms={"filter": "short", "easy_share": 0.0})
    steps, outcome = await played(lab, made, script)
    assert outcome.reason == "no_data" and not by_role(steps, "selection")
    assert "the pool has no different outputs" in by_role(steps, "note")[-1].content


@pytest.mark.parametrize("direction", ["", "common", "rare", "long", "short"])
@pytest.mark.parametrize("position", ["start", "end"])
async def test_a_taste_in_words_stands_where_it_shall(
    lab: Lab, direction: str, position: str
) -> None:
    seen: list[GenerateRequest] = []
    bias = {"strength": "strong", "position": position, "direction": direction}
    script, seen = learner(data=ACRONYMS)
    await played(lab, acronyms(bias=bias, generations=1), script)
    word = {"": "everybody knows", "common": "everybody knows", "rare": "hardly anybody"}.get(
        direction, f"very {direction}"
    )
    system, question = (entry.content for entry in seen[0].prompt)
    assert word in (system if position == "start" else question)
    assert word not in (question if position == "start" else system)
