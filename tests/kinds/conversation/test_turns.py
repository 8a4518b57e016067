"""Shares of days and who speaks next, as rules."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.records import Agent
from simulator.kinds.conversation.design import Weight
from simulator.kinds.conversation.turns import Rota, day_shares


def agents(*counts: int) -> list[Agent]:
    roles = ["guard", "prisoner", "visitor", "warden"]
    return [
        Agent(name=f"{role.capitalize()}_{n}", role=role, number=n, model="m")
        for role, count in zip(roles, counts, strict=False)
        for n in range(1, count + 1)
    ]


casts = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(lambda counts: agents(*counts))


@given(messages=st.integers(1, 500), days=st.integers(1, 30))
def test_shares_add_up_and_differ_by_one_at_most(messages: int, days: int) -> None:
    shares = day_shares(messages, days, classic=False)
    assert sum(shares) == messages
    assert max(shares) - min(shares) <= 1
    assert shares == sorted(shares, reverse=True)


def test_classic_shares_count_the_researcher_and_drop_the_rest() -> None:
    assert day_shares(20, 1, classic=True) == [19]
    assert day_shares(10, 3, classic=True) == [2, 2, 2]


def order(cast: list[Agent], turns: int, alternating: bool) -> list[Agent]:
    rota, last, spoken, said = Rota(cast), None, Counter[str](), []
    for _ in range(turns):
        last = rota.next_in_roles(last, spoken) if alternating else rota.next_in_list(last)
        spoken[last.name] += 1
        said.append(last)
    return said


@given(cast=casts, turns=st.integers(0, 60))
def test_round_robin_is_fair(cast: list[Agent], turns: int) -> None:
    counts = Counter(agent.name for agent in order(cast, turns, alternating=False))
    taken = [counts[agent.name] for agent in cast]
    assert max(taken) - min(taken) <= 1


@given(cast=casts, turns=st.integers(0, 60))
def test_roles_alternate_and_are_fair_within(cast: list[Agent], turns: int) -> None:
    said = order(cast, turns, alternating=True)
    roles = list(dict.fromkeys(agent.role for agent in cast))
    assert [agent.role for agent in said] == [roles[n % len(roles)] for n in range(turns)]
    counts = Counter(agent.name for agent in said)
    for role in roles:
        taken = [counts[agent.name] for agent in cast if agent.role == role]
        assert max(taken) - min(taken) <= 1


@given(cast=casts, seed=st.integers(0, 99))
def test_nobody_is_drawn_twice_in_a_row_unless_alone(cast: list[Agent], seed: int) -> None:
    rota, rng, last = Rota(cast), Random(seed), None
    for _ in range(10):
        drawn = rota.drawn(last, rng)
        assert drawn != last or len(cast) == 1
        last = drawn


def test_weights_count_for_each_agent_of_a_role() -> None:
    rota, rng = Rota(agents(1, 1, 1)), Random(1)
    weights = [Weight(role="guard", weight=8.0), Weight(role="visitor", weight=0.5)]
    counts = Counter(rota.drawn(None, rng, weights).role for _ in range(4000))
    assert counts["guard"] / 4000 == pytest.approx(8 / 9.5, abs=0.03)
    assert counts["visitor"] / 4000 == pytest.approx(0.5 / 9.5, abs=0.02)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Prisoner_2, sit down.", "Prisoner_2"),
        ("prisoner_2 is loud. What do you say, PRISONER_1?", "Prisoner_1"),
        ("Guard_1 speaks of himself, to Prisoner_2.", "Prisoner_2"),
        ("You there, prisoner!", "Prisoner_1"),
        ("Prisoner_22 is nobody here.", None),
        ("Imprisonered words.", None),
        ("", None),
    ],
)
def test_whoever_is_named_last_is_addressed(text: str, name: str | None) -> None:
    cast = agents(1, 2)
    found = Rota(cast).addressed(text, cast[0], {})
    assert (found.name if found else None) == name


def test_a_role_that_is_addressed_means_its_quietest_agent() -> None:
    cast = agents(1, 3)
    found = Rota(cast).addressed("You, prisoner.", cast[0], {"Prisoner_1": 2, "Prisoner_2": 1})
    assert found is not None and found.name == "Prisoner_3"
