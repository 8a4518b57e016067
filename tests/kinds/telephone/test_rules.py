"""Designs of games of telephone that cannot be run, each fault with its place."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.kinds.telephone.games import problems_of

TWO = [{"name": "a", "text": "x"}, {"name": "a", "text": "y"}]


def test_usual_designs_are_sound() -> None:
    assert problems_of() == []
    assert problems_of(texts=[]) == [], "those that come along are read later"
    assert problems_of(texts=[{"name": "🦊", "text": "🦊" * 99}]) == []
    assert problems_of(task="own", prompts={"name": "mine", "first": "{text}?"}) == []
    assert problems_of(personalities=["A", "B", "C"], models=["pocket", "scripted/echo"]) == []
    assert problems_of(format={"start": "<<"}) == problems_of(format={"pattern": "<(.*?)>"}) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"task": "own"}, "prompts.first: the task `own` needs a prompt"),
        ({"task": "own", "prompts": {"first": " ", "later": "Say it."}},
         "prompts.first: the task `own` needs a prompt"),
        ({"prompts": {"first": "Say it."}},
         "prompts: prompts are of the task `own`, and not of `rephrase`"),
        ({"prompts": {"later": "Say it."}},
         "prompts: prompts are of the task `own`, and not of `rephrase`"),
        ({"texts": TWO}, "texts[1].name: there are two texts called 'a'"),
        ({"data": {"path": "x.csv"}}, "data: the design has texts of its own; leave out either"),
        ({"data": {"names": ["a"]}}, "data: the design has texts of its own; leave out either"),
        ({"chains": 60_000}, "chains: these are 120,000 chains; at most 100,000"),
        ({"personalities": ["A", "B", "C"], "network": {"structure": "circle"}},
         "personalities: 3 are given for 4 agents; give one for all or one for each"),
        ({"models": ["pocket"] * 5, "network": {"structure": "circle"}},
         "models: 5 are given for 4 agents"),
        ({"network": {"structure": "caveman", "agents": 3, "cliques": 4}},
         "network.cliques: 3 agents make no 4 cliques"),
        ({"network": {"structure": "random", "agents": 3, "edges": 4}},
         "network.edges: 3 agents have at most 3 pairs"),
        ({"network": {"structure": "own"}}, "network.own: nobody reads another"),
        ({"network": {"own": [[1, 2]]}}, "network.own: pairs are of `own`, and not of `sequence`"),
        ({"network": {"structure": "own", "own": [[1, 2], [5, 1]]}},
         "network.own[1]: there is no agent 5"),
        ({"network": {"structure": "own", "own": [[2, 2]]}},
         "network.own[0]: an agent always reads its own text; name others only"),
        ({"format": {"pattern": "x", "start": "<"}},
         "format: a pattern stands instead of marks; leave out either"),
        ({"format": {"end": ">"}}, "format.start: there is a mark after the text and none before"),
        ({"format": {"pattern": "("}}, "format.pattern: this is no regular expression: missing )"),
        ({"format": {"pattern": "(?:" * 9999 + ")" * 9999}},
         "format.pattern: this is no regular expression"),
        ({"format": {"pattern": "(a)(b)"}}, "format.pattern: it has several groups"),
        ({"format": {"pattern": "(a+)+b"}},
         "format.pattern: a repetition stands within a repetition"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(fields: dict[str, Any], expected: str) -> None:
    found = problems_of(**fields)
    assert len(found) == 1 and found[0].startswith(expected), found


def test_what_is_of_no_use_in_other_networks_is_no_fault_there() -> None:
    assert problems_of(network={"structure": "circle", "cliques": 99, "edges": 99}) == []
    assert problems_of(personalities=["A"], network={"structure": "circle"}) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"chains": 0}, {"generations": 0}, {"task": "shout"}, {"prompt_style": "loud"},
        {"texts": [{"name": " ", "text": "x"}]}, {"texts": [{"name": "", "text": "x"}]},
        {"texts": [{"name": "a"}]}, {"models": [""]}, {"network": {"agents": 1}},
        {"network": {"agents": 1001}}, {"network": {"cliques": 0}}, {"network": {"edges": -1}},
        {"network": {"own": [[0, 1]]}}, {"network": {"own": [[1, 2, 3]]}},
        {"network": {"structure": "star"}}, {"format": {"retries": -1}}, {"seeds": 3},
    ],
)  # fmt: skip
def test_no_other_values_are_taken(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        problems_of(**fields)
