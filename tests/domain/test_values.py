"""Prompts, seeds and ids."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.ids import ID_LENGTH, make_id
from simulator.domain.journal import Usage, UsageSum
from simulator.domain.prompts import ChatMessage, Prompt, View
from simulator.domain.sampling import Sampling
from simulator.domain.seeds import derive_rng, derive_seed

roles: Any = st.sampled_from(["system", "user", "assistant"])
entries = st.lists(st.builds(ChatMessage, roles, st.text(max_size=20)), max_size=12)


@given(entries)
def test_a_prompts_hash_depends_on_its_entries_alone(said: list[ChatMessage]) -> None:
    view = View()
    for entry in said:
        view.append(entry)
    assert view.prompt().hash == Prompt.of(*said).hash
    half = len(said) // 2
    assert Prompt.of(*said[:half]).extended(*said[half:]).hash == Prompt.of(*said).hash
    assert list(view.prompt()) == said


@given(entries, entries)
def test_other_entries_have_another_hash(one: list[ChatMessage], two: list[ChatMessage]) -> None:
    assert (Prompt.of(*one).hash == Prompt.of(*two).hash) == (one == two)


def test_a_prompt_does_not_grow_with_its_view() -> None:
    view = View()
    view.append(ChatMessage("user", "a"))
    prompt = view.prompt()
    view.append(ChatMessage("user", "b"))
    assert [entry.content for entry in prompt] == ["a"]
    assert prompt.last.content == "a"
    assert [entry.content for entry in prompt.extended(ChatMessage("user", "c"))] == ["a", "c"]


def test_lone_surrogates_can_be_hashed() -> None:
    assert Prompt.of(ChatMessage("user", "\ud800")).hash != Prompt.of(ChatMessage("user", "?")).hash


@given(entries)
def test_merging_alternates_and_loses_nothing(said: list[ChatMessage]) -> None:
    merged = Prompt.of(*said).merged()
    assert all(a.role != b.role for a, b in pairwise(merged))
    assert "\n".join(m.content for m in merged) == "\n".join(e.content for e in said)


@given(entries, st.integers(1, 3), st.integers(1, 5))
def test_a_window_keeps_the_beginning_and_the_end(
    said: list[ChatMessage], first: int, last: int
) -> None:
    view = View()
    for entry in said:
        view.append(entry)
    seen = list(view.window(first, last))
    assert len(seen) == min(len(said), first + last)
    assert seen[:first] == said[:first]
    if len(said) > last:
        assert seen[-last:] == said[-last:]


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_seeds_tell_their_parts_apart(one: list[str], two: list[str]) -> None:
    assert (derive_seed(*one) == derive_seed(*two)) == (one == two)


def test_seeds_are_the_same_everywhere() -> None:
    assert derive_seed(2026, "main", 3) == 8324309306218388164
    assert derive_rng(2026, "names").randrange(1000) == derive_rng(2026, "names").randrange(1000)


@given(st.integers(0, 2**48 - 2), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_time(time_ms: int, entropy: bytes) -> None:
    one, two = make_id(time_ms, entropy), make_id(time_ms + 1, b"\0" * 10)
    assert len(one) == ID_LENGTH and one < two


def test_ids_need_ten_bytes() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        make_id(1, b"")


def test_sampling_is_laid_over_sampling() -> None:
    base = Sampling(temperature=0.7, stop=("a",))
    assert base.updated(Sampling(temperature=0.0)) == Sampling(temperature=0.0, stop=("a",))
    assert base.updated(Sampling()) == base


small = st.floats(0.0, 1e6)


@given(
    st.lists(
        st.builds(Usage, prompt_tokens=st.integers(0, 10**9), cost_usd=small, model_s=small),
        max_size=5,
    )
)
def test_usages_added_one_by_one_are_their_total(parts: list[Usage]) -> None:
    added = UsageSum()
    for part in parts:
        added.add(part)
    assert added.total() == Usage.total(parts)
    assert added.total().prompt_tokens == sum(part.prompt_tokens for part in parts)
    assert added.total().cost_usd == round(sum(part.cost_usd for part in parts), 12)
    assert added.total().model_s == round(sum(part.model_s for part in parts), 6)
