"""At which generation chains of different lengths are compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.attractors import attractors_of
from simulator.analysis.culture.groups import last_generation, longest_chain, shared_generation
from simulator.analysis.culture.overview import chain_counts, means
from simulator.analysis.culture.records import Chain, MeasuredChains


def chain(text: str, generations: int, expected: int | None = None, seed: int = 1) -> Chain:
    return Chain("m", "t", text, seed, ("x",) * (generations + 1), expected=expected)


def measured(chains: list[Chain]) -> MeasuredChains:
    """Values that come nearer to 1 by half at each generation."""
    values = np.full((len(chains), 1 + max(one.generations for one in chains)), np.nan)
    for row, one in enumerate(chains):
        start = float(one.text) + row / 100
        values[row, : len(one.texts)] = 1 + (start - 1) * 0.5 ** np.arange(len(one.texts))
    return MeasuredChains(tuple(chains), {"length": values})


@pytest.mark.parametrize(
    ("lengths", "shared"),
    [
        ([5] * 9 + [2], 5), ([5] * 8 + [2] * 2, 2), ([12] + [5] * 9, 5), ([1, 3, 8], 1),
        ([0] * 9 + [3], 3), ([0, 0], 0), ([], 0), ([4, -1], 4),
    ],
)  # fmt: skip
def test_nearly_all_chains_reach_the_generation_that_they_share(
    lengths: list[int], shared: int
) -> None:
    assert shared_generation([chain("a", length) for length in lengths]) == shared


def test_a_text_is_not_given_up_for_later_generations() -> None:
    others = [chain(text, 9, seed=seed) for text in "ab" for seed in range(10)]
    assert shared_generation([*others, chain("c", 4)]) == 4
    many = [chain(str(text), 9) for text in range(20)]
    assert shared_generation([*many, chain("c", 4)]) == 9


@given(
    lengths=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 6)), min_size=1, max_size=30)
)
@settings(max_examples=40)
def test_no_later_generation_would_do(lengths: list[tuple[str, int]]) -> None:
    def reached(generation: int) -> bool:
        there = [text for text, length in lengths if length >= generation]
        texts = {text for text, _ in lengths}
        return len(there) >= 0.9 * len(lengths) and len(set(there)) >= 0.9 * len(texts)

    shared = shared_generation([chain(text, length) for text, length in lengths])
    assert reached(shared)
    assert not any(map(reached, range(shared + 1, 8)))


def test_a_batch_that_stopped_half_way_is_compared_where_it_got() -> None:
    chains = [
        chain(text, 5 + (text == "3" and seed == 1), 50, seed)
        for text in ("1", "2", "3") for seed in range(6)
    ]  # fmt: skip
    found = measured([*chains[:-1], replace(chains[-1], texts=("x",) * 4)])
    (attractor,) = attractors_of(found, resamples=0)
    assert (attractor.generation, attractor.texts, attractor.chains) == (5, 3, 17)
    assert attractor.dropped == 1
    assert attractor.slope == pytest.approx(0.5**5)
    (counts,) = chain_counts(found.chains)
    assert (counts.generations, counts.compared, counts.short) == (6, 5, 1)
    assert (counts.incomplete, counts.lengths) == (18, (50,))
    assert (longest_chain(found), last_generation(found)) == (6, 5)


def test_chains_of_different_lengths_are_compared_at_one_generation() -> None:
    found = measured(
        [chain(text, length, length) for text in ("1", "2", "3") for length in (1, 3, 8)]
    )
    (mean,) = means(found)
    values = found.values["length"]
    assert (mean.generation, mean.chains, mean.left_out) == (1, 9, 0)
    assert mean.last == mean.first == pytest.approx(float(values[:, 1].mean()))
    (counts,) = chain_counts(found.chains)
    assert (counts.lengths, counts.compared, counts.incomplete) == ((1, 3, 8), 1, 0)
    (attractor,) = attractors_of(found, resamples=0)
    assert (attractor.generation, attractor.chains) == (1, 9)


def test_why_there_is_no_line_tells_of_the_chains_without_a_value() -> None:
    found = measured(
        [chain(text, 2 + 4 * (text == "1"), seed=s) for text in "12" for s in (1, 2, 3)]
    )
    (late,) = attractors_of(found, generation=6, resamples=0)
    assert late.reason.startswith("one initial text only in the 3 chains with both values (3 wit")
    one, *others = found.chains
    few = measured([one, *(replace(other, texts=("x",)) for other in others)])
    (single,) = attractors_of(few, resamples=0)
    assert single.reason == "only 1 chain with both values (5 without); a line needs 3"
