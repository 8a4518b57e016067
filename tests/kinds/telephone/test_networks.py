"""Who reads whom, against graphs of NetworkX, from which the original takes its networks."""

from __future__ import annotations

from itertools import combinations, pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.kinds.telephone.casting import readers
from simulator.kinds.telephone.networks import Structure, most_edges, pairs_of, readings
from tests.kinds.telephone.games import telephone

COUNTS = st.integers(2, 24)


def read_by(structure: Structure, agents: int, seed: int = 0, **given: Any) -> list[set[int]]:
    """Whom each agent reads, itself included, from 1."""
    network = {"structure": structure, "agents": agents, **given}
    made = telephone(network=network)
    read = readers(made, Random(seed))
    assert all(list(one) == sorted({*one}) for one in read), "in order, each once"
    return [{*one} for one in read]


def of_graph(graph: Any) -> list[set[int]]:
    """Predecessors in a graph with nodes from 0, each node with a loop of its own."""
    directed = graph.to_directed()
    directed.add_edges_from((node, node) for node in graph)
    return [{one + 1 for one in directed.predecessors(node)} for node in sorted(directed)]


@pytest.fixture(scope="module")
def nx() -> Any:
    return pytest.importorskip("networkx", reason="NetworkX comes with the extra `hf`")


def test_in_a_chain_nobody_is_told_whom_to_read() -> None:
    assert readers(telephone(), Random(1)) == ()


@given(COUNTS)
def test_all_read_all(agents: int) -> None:
    everybody = {*range(1, agents + 1)}
    assert read_by("fully_connected", agents) == [everybody] * agents


@given(COUNTS)
def test_around_a_circle_all_read_those_beside_them(agents: int) -> None:
    expected = [{(n - 1) % agents + 1, n + 1, (n + 1) % agents + 1} for n in range(agents)]
    assert read_by("circle", agents) == expected


def test_circles_are_those_of_networkx(nx: Any) -> None:
    for agents in range(2, 12):
        assert read_by("circle", agents) == of_graph(nx.cycle_graph(agents))
        assert read_by("fully_connected", agents) == of_graph(nx.complete_graph(agents))


def test_cliques_of_three_and_more_are_those_of_networkx(nx: Any) -> None:
    for cliques in (2, 3, 5):
        for size in (3, 4, 7):
            graph = nx.connected_caveman_graph(cliques, size)
            assert read_by("caveman", cliques * size, cliques=cliques) == of_graph(graph)


@given(st.data())
def test_any_cavemen_are_one_people_in_cliques_as_equal_as_can_be(data: st.DataObject) -> None:
    agents = data.draw(COUNTS)
    cliques = data.draw(st.integers(1, agents))
    read = read_by("caveman", agents, cliques=cliques)
    reached, open_ends = {1}, [1]
    while open_ends:
        new = read[open_ends.pop() - 1] - reached
        reached |= new
        open_ends += new
    assert len(reached) == agents, "no group is on its own"
    if cliques == 1:
        assert read == read_by("fully_connected", agents)
    if cliques == agents:
        assert read == read_by("circle", agents)
    size, larger = divmod(agents, cliques)
    starts = [1 + n * size + min(n, larger) for n in range(cliques)] + [agents + 1]
    for start, end in pairwise(starts):
        apart = [
            pair for pair in combinations(range(start, end), 2) if pair[1] not in read[pair[0] - 1]
        ]
        assert apart == ([(start, start + 1)] if cliques > 1 and end - start > 2 else [])


@given(st.data())
def test_random_networks_have_as_many_pairs_as_asked_and_hang_on_the_seed(
    data: st.DataObject,
) -> None:
    agents = data.draw(COUNTS)
    edges = data.draw(st.integers(0, most_edges(agents)))
    seed = data.draw(st.integers(0, 2**32))
    read = read_by("random", agents, seed, edges=edges)
    assert read == read_by("random", agents, seed, edges=edges)
    assert sum(map(len, read)) == agents + 2 * edges
    assert all(n in read[n - 1] for n in range(1, agents + 1))
    assert all(n in read[other - 1] for n in range(1, agents + 1) for other in read[n - 1])


def test_other_seeds_draw_other_networks_and_every_pair_is_as_likely() -> None:
    drawn = [
        pairs_of("random", 4, cliques=1, edges=2, own=(), rng=Random(seed)) for seed in range(600)
    ]
    assert len({*drawn}) == 15, "every set of two of six pairs"
    for pair in combinations(range(1, 5), 2):
        assert 150 < sum(pair in one for one in drawn) < 250  # 200, give or take 12


def test_pairs_of_ones_own_point_one_way(nx: Any) -> None:
    own = [(1, 2), (2, 3), (1, 3), (1, 2)]
    graph = nx.DiGraph([(first - 1, second - 1) for first, second in own])
    graph.add_node(3)
    assert read_by("own", 4, own=own) == of_graph(_Directed(graph)) == [{1}, {1, 2}, {1, 2, 3}, {4}]


class _Directed:
    """A directed graph where `of_graph` makes one of both ways."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    def __iter__(self) -> Any:
        return iter(self._graph)

    def to_directed(self) -> Any:
        return self._graph


def test_both_ways_is_for_networks_without_direction() -> None:
    assert readings([(1, 2)], 2) == ((1, 2), (1, 2))
    assert readings([(1, 2)], 2, both_ways=False) == ((1,), (1, 2))
