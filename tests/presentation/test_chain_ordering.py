"""Games of telephone: in which order messages are read, what stands above and beside them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.journal import Step
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.following import LONGEST, Following, likeness
from simulator.kinds.telephone.kind import TelephoneKind
from simulator.presentation.chain_ordering import TelephoneOrdering
from simulator.presentation.ordering import Ordering
from simulator.presentation.orderings import ordering_of
from simulator.presentation.plans import length_text
from tests.screens.host import NOW


def telephone(**fields: Any) -> TelephoneDesign:
    texts = [{"name": "Toxicity [high]", "text": "abcd"}, {"name": "calm", "text": "efgh"}]
    data: dict[str, Any] = {
        "name": "Whispers", "model": "pocket", "texts": texts, "chains": 2, "generations": 2,
    }  # fmt: skip
    return TelephoneDesign.model_validate(data | fields)


NETWORK = {"structure": "circle", "agents": 3}


def said(position: int, chain: int, generation: int, content: str = "", agent: int = 0) -> Step:
    scope = f"main/chain-{chain:04d}" + (f"/agent-{agent}" if agent and generation else "")
    return Step(
        run_id="0RUN00000000000000000CHA8E", scope=scope, index=generation, position=position,
        kind="ask" if generation else "say", prompt_hash="0" * 32,
        speaker=f"Agent {agent or 1}" if generation else "Initial text",
        role="agent" if generation else "text", content=content, day=generation, created_at=NOW,
    )  # fmt: skip


def journal(made: TelephoneDesign, chains: int | None = None) -> list[Step]:
    """All that was said, generation by generation, chains side by side."""
    agents = (0,) if made.is_sequence else range(1, made.network.agents + 1)
    places = [
        (chain, generation, agent)
        for generation in range(made.generations + 1)
        for chain in range(1, (chains or made.chain_count) + 1)
        for agent in (agents if generation else (0,))
    ]
    return [
        said(position, chain, generation, f"{'abcd'[: 4 - generation]}", agent)
        for position, (chain, generation, agent) in enumerate(places)
    ]


def headings(ordering: Ordering, steps: list[Step]) -> list[str]:
    for step in steps:
        ordering.add(step)
    found, before = [], None
    for step in sorted(steps, key=ordering.key):
        found.append(ordering.heading(step.scope, step.day, before))
        before = (step.scope, step.day)
    return found


def test_a_game_is_headed_by_chains_and_generations() -> None:
    made = telephone()
    assert headings(ordering_of("telephone", made), journal(made))[:9] == [
        "Chain 1 of 4 · Toxicity [high] · repetition 1", "Generation 1", "Generation 2",
        "Chain 2 of 4 · Toxicity [high] · repetition 2", "Generation 1", "Generation 2",
        "Chain 3 of 4 · calm · repetition 1", "Generation 1", "Generation 2",
    ]  # fmt: skip


def test_chains_that_are_not_at_the_end_say_how_far_they_are() -> None:
    made = telephone(chains=1)
    ordering = ordering_of("telephone", made)
    steps = journal(made)[:3]
    assert [ordering.add(step) for step in steps] == [1, 2, 1]
    assert headings(ordering, steps) == [
        "Chain 1 of 2 · Toxicity [high] · 1 of 2 generations", "Generation 1",
        "Chain 2 of 2 · calm · 0 of 2 generations",
    ]  # fmt: skip


def test_agents_of_a_generation_stand_below_each_other() -> None:
    made = telephone(network=NETWORK, chains=1)
    ordering, steps = ordering_of("telephone", made), journal(made)
    assert headings(ordering, steps)[:7] == [
        "Chain 1 of 2 · Toxicity [high]", "Generation 1", "", "", "Generation 2", "", ""
    ]  # fmt: skip
    ordered = sorted(reversed(steps), key=ordering.key)
    assert [step.speaker for step in ordered[1:7]] == ["Agent 1", "Agent 2", "Agent 3"] * 2
    assert ordering.notes(ordered[3]) == ("75 % like the initial text",)
    assert ordering.notes(ordered[4]) == ("67 % like its own before",)


def test_in_the_order_of_time_each_message_tells_its_chain() -> None:
    made = telephone(chains=1)
    ordering = ordering_of("telephone", made, by_time=True)
    assert headings(ordering, journal(made)) == [
        "Chain 1 of 2 · Toxicity [high]", "Chain 2 of 2 · calm",
        *(f"Chain {chain} of 2 · Generation {n}" for n in (1, 2) for chain in (1, 2)),
    ]  # fmt: skip
    assert ordering.where("main/chain-0001", 2) == "chain 1, generation 2"
    assert ordering.where("main/chain-0002", 0) == "chain 2: calm"


def test_without_its_texts_a_game_has_headings_still() -> None:
    for design in (None, telephone(texts=[])):
        ordering = ordering_of("telephone", design)
        assert headings(ordering, journal(telephone()))[:4] == [
            "Chain 1", "Generation 1", "Generation 2", "Chain 2"
        ]  # fmt: skip
        assert ordering.where("main/chain-0003", 0) == "chain 3"
        assert (ordering.progress(), ordering.parts, ordering.sorts()) == ("", None, {})


def test_progress_counts_chains_and_generations() -> None:
    made = telephone()
    ordering, steps = TelephoneOrdering(made), journal(made)
    assert ordering.progress() == "0 of 4 chains · generation 0 of 2 on average"
    for step in (*steps[:10], *steps[:3]):
        ordering.add(step)
    assert ordering.progress() == "2 of 4 chains · generation 1 of 2 on average"
    assert (ordering.reached(2), ordering.reached(None)) == (1, None)
    for step in steps:
        ordering.add(step)
    assert ordering.progress() == "4 chains of 2 generations"
    outlook = TelephoneKind().outlook(made)
    assert length_text(outlook.turns, outlook.days, "telephone") == "8 messages over 2 generations"


def test_one_chain_has_no_average() -> None:
    made = telephone(texts=[{"name": "a", "text": "b"}], chains=1)
    ordering = ordering_of("telephone", made)
    ordering.add(journal(made)[0])
    assert ordering.progress() == "0 of 1 chain · generation 0 of 2"


def test_chains_are_sorted_by_their_end_and_their_text() -> None:
    made = telephone()
    ordering = TelephoneOrdering(made)
    for step in journal(made)[:10]:
        ordering.add(step)
    ordering.add(said(10, 3, 2, "abc"))
    assert ordering.sorts() == {
        "complete": {1, 2, 3}, "not complete": {4}, "the last two texts the same": {3},
        "text Toxicity [high]": {1, 2}, "text calm": {3, 4},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("abcd", ("same as the one before",)),
        ("abce", ("75 % like the one before",)),
        ("abcd" * 300 + "!", ("0 % like the one before",)),
        ("", ("0 % like the one before",)),
    ],
)
def test_a_text_tells_how_it_is_like_the_one_before(text: str, note: tuple[str, ...]) -> None:
    ordering = TelephoneOrdering(telephone())
    for step in (said(0, 1, 0, "abcd"), said(1, 1, 1, "abcd"), said(2, 1, 2, text)):
        ordering.add(step)
    assert ordering.notes(said(0, 1, 0, "abcd")) == ()
    assert ordering.notes(said(1, 1, 1, "abcd")) == ("same as the initial text",)
    assert ordering.notes(said(2, 1, 2, text)) == note


def test_what_is_not_the_same_is_never_all_alike() -> None:
    ordering = TelephoneOrdering(telephone())
    ordering.add(said(0, 1, 1, "a" * 1000))
    assert ordering.notes(said(1, 1, 2, "a" * 999 + "b")) == ("99 % like the one before",)


def test_long_texts_are_the_same_or_nothing_is_said() -> None:
    long = "a" * (LONGEST + 1)
    assert (likeness(long, long), likeness(long, long + "b"), likeness("", "")) == (1.0, None, 1.0)
    ordering = TelephoneOrdering(telephone())
    ordering.add(said(0, 1, 0, long))
    assert ordering.notes(said(1, 1, 1, "b")) == ()


def test_a_gap_is_not_bridged() -> None:
    ordering = TelephoneOrdering(telephone(generations=3))
    ordering.add(said(0, 1, 1, "abc"))
    assert ordering.notes(said(1, 1, 3, "abc")) == ()


@given(st.data(), st.booleans())
def test_the_order_in_which_steps_come_changes_nothing(data: st.DataObject, spreads: bool) -> None:
    made = telephone(network=NETWORK if spreads else {})
    steps = journal(made)[: data.draw(st.integers(0, 12), label="played")]
    shuffled = data.draw(st.permutations(steps))
    again = data.draw(st.lists(st.sampled_from(steps), max_size=4)) if steps else []
    one, other = Following(made), Following(made)
    for step in steps:
        one.add(step)
    for step in (*shuffled, *again):
        other.add(step)
    assert [one.likeness(step) for step in steps] == [other.likeness(step) for step in steps]
    assert (one.done, one.generation, list(one.begun())) == (
        other.done, other.generation, list(other.begun())
    )  # fmt: skip


def test_texts_are_let_go_of_once_they_are_compared() -> None:
    for fields in ({}, {"network": NETWORK}):
        made = telephone(generations=3, **fields)
        following = Following(made)
        for step in journal(made):
            following.add(step)
        assert not following._texts


def test_many_messages_are_ordered_at_once() -> None:
    made = telephone(chains=100, generations=50)
    steps = journal(made)
    assert len(steps) > 10_000
    ordering = ordering_of("telephone", made)
    begun = time.process_time()
    found = headings(ordering, steps)
    notes = [ordering.notes(step) for step in steps]
    assert time.process_time() - begun < 2
    assert sum(one.startswith("Chain") for one in found) == 200
    assert sum(map(bool, notes)) == 10_000
