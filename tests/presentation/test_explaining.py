"""What is told of designs before they run."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.conversation.design import ConversationDesign
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.presentation.explaining import Explained, explained
from tests import kept_chains as kept


def game(**given: Any) -> Explained:
    written = {**kept.design().model_dump(), **given}
    return explained(TelephoneDesign.model_validate(written))


def room(**given: Any) -> Explained:
    return explained(ChatroomDesign.model_validate({"name": "Two", **given}))


def test_a_game_tells_its_task_its_texts_and_its_size() -> None:
    known = game(chains=2, sampling={"max_tokens": 60, "temperature": 0.8})
    assert known.facts["task"] == "rephrase" and known.facts["texts"] == "4"
    assert known.facts["chains"] == "2 of each text, 8 in all"
    assert known.facts["generations"].startswith("3 ")
    assert known.facts["replies"] == "at most 60 tokens, temperature 0.8"
    (first, asked), (count, texts) = known.texts
    assert "generation 1" in first and "in other words" in asked and asked.endswith("a" * 20)
    assert count == "4 initial texts"
    assert texts.splitlines()[1] == "text-40 · 40 characters"
    assert not known.agents_differ


def test_a_game_whose_texts_are_not_read_yet_tells_so() -> None:
    known = game(texts=())
    assert "launch" in known.facts["texts"]
    assert "once they are read in" in known.texts[0][1] and len(known.texts) == 1


def test_prompts_of_ones_own_are_shown_with_the_later_one() -> None:
    known = game(task="own", prompts={"name": "turn", "first": "Turn {text}", "later": "Again"})
    assert known.facts["task"] == "turn"
    assert known.texts[0][1] == f"Turn {'a' * 20}"
    assert known.texts[1][1].startswith("Again") and "generation before" in known.texts[1][1]


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ({"structure": "caveman", "agents": 6, "cliques": 2}, "caveman, 6 agents in 2 cliques"),
        ({"structure": "random", "agents": 5, "edges": 4}, "random, 5 agents, 4 pairs drawn"),
        ({"structure": "fully_connected"}, "fully connected, 4 agents"),
        ({"structure": "own", "agents": 3, "own": [(1, 2)]}, "own, 3 agents, 1 pair"),
    ],
)
def test_networks_tell_who_reads_whom(network: dict[str, Any], words: str) -> None:
    known = game(network=network)
    assert known.facts["network"] == words
    later = known.texts[1][1]
    assert "[what Agent 1 wrote" in later and "[what Agent 2 wrote" in later


def test_personalities_and_form_are_told() -> None:
    known = game(personalities=("Be kind.", "Be brief."), format={"start": "<a>", "retries": 1})
    assert known.facts["personality"] == "2 in turn"
    assert known.facts["format"] == "from <a> to the end, else asked again up to 1 time"
    assert not game().facts["format"]


def test_a_chatroom_tells_who_speaks_what_is_said_first_and_when_it_ends() -> None:
    known = room(initial_prompts=["Hello!", "Copy me."], cycle={"min_repetitions": 4})
    assert known.texts == (("Said first, 1 of 2", "Hello!"), ("Said first, 2 of 2", "Copy me."))
    assert known.facts["speakers"] == "random" and known.facts["turns"] == "at most 100"
    assert known.facts["window"] == "10 messages"
    assert "said 4 times" in known.facts["cycle"] and "ends the talk" in known.facts["cycle"]
    assert "ends nothing" in room(stop_on_convergence=False).facts["cycle"]
    assert known.agents_differ


def test_a_test_of_replication_tells_the_text_and_its_copies() -> None:
    known = room(replication={"text": "Copy me.", "copies": 7})
    assert known.texts == (("To each model, with nothing before it", "Copy me."),)
    assert known.facts["replication"] == "7 of each model" and "speakers" not in known.facts


def test_a_conversation_is_told_by_its_agents() -> None:
    made = ConversationDesign.model_construct(name="x")
    assert explained(made) == Explained()


@pytest.mark.parametrize(
    ("given", "facts", "asked", "then"),
    [
        (
            {"world": {"truth": 3, "ambiguous": True}, "bias": {"strength": "weak"}},
            {"truth": "place 3", "first data": "4 examples, ambiguous", "bias wants": "screen off",
             "bias": "weak, at the start of what is asked"},
            "Find the rule", "Make 4 examples",
        ),
        (
            {"world": {"name": "numbers"}, "answers": "drawn", "probabilities": {"by": "samples"},
             "bias": {"strength": "strong", "position": "end", "text": "Odd is best."}},
            {"truth": "drawn by the seed", "P(h)": "by 20 samples"}, "Odd is best.", "one example",
        ),
        (
            {"world": {"name": "acronyms"}, "acronyms": {"filter": "hard"}},
            {"filter": "hard", "bias": "none", "bias wants": "", "P(h)": ""}, "Make 4 examples", "",
        ),
    ],
)  # fmt: skip
def test_learners_tell_their_world_and_what_is_asked(
    given: dict[str, Any], facts: dict[str, str], asked: str, then: str
) -> None:
    known = explained(IteratedDesign.model_validate({"name": "Lights", **given}))
    assert {**known.facts, **facts} == known.facts
    assert asked in known.texts[0][1]
    assert then in known.texts[-1][1] and len(known.texts) == (2 if then else 1)
