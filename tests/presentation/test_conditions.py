from __future__ import annotations

from typing import Any

from simulator.domain.records import IMPORTED, Outcome, Provenance, Run
from simulator.files.designs import design_hash
from simulator.kinds.chatroom.design import ChatroomDesign
from simulator.kinds.registry import KINDS
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.presentation.conditions import NAMED, conditions_of
from tests.screens.host import NOW


def run_of(made: Any, seed: int = 7, **rest: Any) -> Run:
    return Run(
        id=f"0RUN{seed:022}", experiment_id="e", kind=made.kind, creator="ada", seed=seed,
        design_hash=design_hash(made), agents=KINDS[made.kind].cast(made, seed),
        provenance=Provenance(simulator_version="9.1", python_version="3", platform="test"),
        created_at=NOW, **rest,
    )  # fmt: skip


def game(**fields: Any) -> TelephoneDesign:
    texts = [{"name": "A", "text": "a b"}]
    return TelephoneDesign.model_validate({"name": "Game", "texts": texts} | fields)


def test_a_game_tells_what_was_asked_and_how() -> None:
    made = game(
        task="own", prompts={"name": "halve", "first": "Halve {text}!", "later": "Again:"},
        format={"prompt": "Use marks.", "start": "<<", "end": ">>"}, personalities=["Be.", "Be."],
        sampling={"temperature": 0.4, "top_p": 0.9, "max_tokens": 60},
    )  # fmt: skip
    told = conditions_of([run_of(made, 7), run_of(made, 8)], made)
    facts = dict(told.facts)
    assert told.name == "halve with pocket, temperature 0.4"
    assert facts["Task"] == "halve" and "from << to >>" in facts["Format"]
    assert "temperature 0.4, top p 0.9, max tokens 60" in facts["Sampling"]
    assert facts["Seeds of runs"] == "7 (run 00000007), 8 (run 00000008)"
    assert facts["Played with"] == "simulator 9.1"
    assert told.texts == (
        ("Asked in generation 1", "Halve {text}!\n\nUse marks."),
        ("Asked in later generations", "Again:\n\n{text}\n\nUse marks."),
        ("System prompt of everybody", "Be."),
    )


def test_a_network_tells_its_pairs_and_who_was_told_what() -> None:
    pairs = [[1, 2], [2, 3]]
    made = game(
        network={"structure": "own", "agents": 3, "own": pairs}, personalities=["x", "y", ""]
    )
    told = conditions_of([run_of(made)], made)
    assert dict(told.facts)["Pairs"] == "1-2, 2-3"
    titles = [title for title, _ in told.texts]
    assert titles[2:] == ["System prompt of Agent 1", "System prompt of Agent 2"]
    assert told.texts[1][1].count("{text}") == 2
    many = conditions_of([run_of(made, seed) for seed in range(NAMED + 3)], made)
    assert dict(many.facts)["Seeds of runs"].endswith("and 3 more")


def test_a_talk_tells_its_rules_and_first_words() -> None:
    made = ChatroomDesign(
        name="Talk", models=("lab/a", "lab/b"), initial_prompts=("Hear.", "Say."),
        speakers="weighted", weights=(1, 2.5),
    )  # fmt: skip
    told = conditions_of([run_of(made)], made)
    facts = dict(told.facts)
    assert (facts["Models"], facts["Weights"], facts["Roles"]) == (
        "lab/a, lab/b",
        "1, 2.5",
        "author",
    )
    assert [text for _, text in told.texts] == ["Hear.", "Say."]


def test_what_an_imported_run_does_not_tell_is_said() -> None:
    made = game(sampling={})
    told = conditions_of([run_of(made, outcome=Outcome(reason=IMPORTED))], made)
    facts = dict(told.facts)
    assert facts["Seed of the run"] == "not on record"
    assert facts["Played with"] == "the original program"
