from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.hf.drawing import Draw, draw_tokens, uniform

draws = st.builds(
    Draw,
    temperature=st.sampled_from([0.0, 1e-6, 0.3, 1.0, 2.0]),
    top_p=st.sampled_from([1e-9, 0.2, 0.9, 1.0]),
    top_k=st.sampled_from([None, 1, 5, 70, 500]),
    seed=st.integers(0, 2**63 - 1),
)
sizes = st.sampled_from([3, 40, 64, 65, 300])


def logits(size: int, rows: int, seed: int = 0) -> torch.Tensor:
    return torch.randn((rows, size), generator=torch.Generator().manual_seed(seed)) * 2


def expected(row: torch.Tensor, draw: Draw, number: int) -> int:
    """The draw in NumPy, straight from its meaning."""
    exact = row.double().numpy()
    if draw.temperature == 0:
        return int(exact.argmax())
    order = np.argsort(-exact, kind="stable")
    with np.errstate(over="ignore"):
        weights = np.exp((exact[order] - exact.max()) / draw.temperature)[: draw.top_k]
    weights /= weights.sum()
    kept = weights[: int((np.cumsum(weights) < draw.top_p - 1e-12).sum()) + 1]
    at = int((np.cumsum(kept) <= uniform(draw.seed, number) * kept.sum()).sum())
    return int(order[min(at, len(kept) - 1)])


@given(sizes, st.lists(draws, min_size=1, max_size=6), st.integers(0, 50))
def test_each_row_is_drawn_as_its_own_options_say(
    size: int, every: list[Draw], number: int
) -> None:
    table = logits(size, len(every))
    got = draw_tokens(table, every, [number] * len(every))
    assert got == [expected(table[n], draw, number) for n, draw in enumerate(every)]


@given(sizes, st.lists(draws, min_size=2, max_size=5))
def test_a_draw_does_not_depend_on_the_rows_beside_it(size: int, every: list[Draw]) -> None:
    table = logits(size, len(every), seed=1)
    together = draw_tokens(table, every, list(range(len(every))))
    alone = [draw_tokens(table[n : n + 1], [draw], [n])[0] for n, draw in enumerate(every)]
    assert together == alone


def test_draws_follow_the_probabilities() -> None:
    table = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]])).repeat(4000, 1)
    for top_p, shares in ((1.0, [0.5, 0.3, 0.15, 0.05]), (0.7, [0.625, 0.375, 0, 0])):
        got = draw_tokens(table, [Draw(seed=n, top_p=top_p) for n in range(4000)], [0] * 4000)
        counts = np.bincount(got, minlength=4) / 4000
        assert np.abs(counts - shares).max() < 0.03


@given(st.integers(0, 2**63 - 1), st.integers(0, 10**6))
def test_the_numbers_of_a_seed_lie_between_0_and_1(seed: int, number: int) -> None:
    assert 0.0 <= uniform(seed, number) < 1.0
    assert uniform(seed, number) != uniform(seed, number + 1)
