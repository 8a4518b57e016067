from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.hf.prefixes import Layers, PrefixTree, common_length

TOKEN_BYTES = 2 * 4
"""One layer with keys and values of a single float32 number."""
prompts = st.lists(
    st.lists(st.integers(0, 2), min_size=1, max_size=90).map(tuple), min_size=1, max_size=12
)


def rows_of(tokens: tuple[int, ...]) -> Layers:
    """Rows that name all the tokens up to each place, as attention's do."""
    sums = torch.tensor([hash(tokens[: n + 1]) % 1000 for n in range(len(tokens))]).float()
    return {0: (sums[:, None, None], -sums[:, None, None])}


def give(tokens: tuple[int, ...], start: int, stop: int) -> Layers:
    return {
        n: (k[start:stop].clone(), v[start:stop].clone()) for n, (k, v) in rows_of(tokens).items()
    }


@given(prompts, st.integers(0, 300))
def test_what_is_found_is_what_was_read(every: list[tuple[int, ...]], budget: int) -> None:
    tree = PrefixTree(budget * TOKEN_BYTES)
    for tokens in every:
        tree.add(tokens, lambda start, stop, t=tokens: give(t, start, stop))  # type: ignore[misc]
        assert tree.size_bytes <= budget * TOKEN_BYTES
    for tokens in every:
        wanted, at = rows_of(tokens)[0][0], 0
        for layers, length in tree.pieces(tokens):
            assert torch.equal(layers[0][0][:length], wanted[at : at + length])
            at += length
        assert at == tree.match(tokens) <= len(tokens)


@given(prompts)
def test_with_room_for_all_every_long_prompt_is_found_whole(every: list[tuple[int, ...]]) -> None:
    tree = PrefixTree(10**9)
    for tokens in every:
        tree.add(tokens, lambda start, stop, t=tokens: give(t, start, stop))  # type: ignore[misc]
    for tokens in every:
        assert len(tokens) - tree.match(tokens) < 16
    held = {tokens[: n + 1] for tokens in every for n in range(len(tokens))}
    assert tree.size_bytes <= len(held) * TOKEN_BYTES


def test_the_least_recently_used_goes_first() -> None:
    tree = PrefixTree(60 * TOKEN_BYTES)
    first, second, third = ((n,) * 30 for n in (1, 2, 3))
    for tokens in (first, second):
        tree.add(tokens, lambda start, stop, t=tokens: give(t, start, stop))  # type: ignore[misc]
    list(tree.pieces(first))
    tree.add(third, lambda start, stop: give(third, start, stop))
    assert [tree.match(one) for one in (first, second, third)] == [30, 0, 30]


@given(st.lists(st.integers(0, 1), max_size=40), st.lists(st.integers(0, 1), max_size=40))
def test_the_common_length_is_where_they_part(one: list[int], other: list[int]) -> None:
    length = common_length(one, other)
    assert one[:length] == other[:length]
    assert length in (len(one), len(other)) or one[length] != other[length]
