"""Chains that come together are told from chains that remember where they started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis.culture.convergence import (
    Convergence,
    convergences,
    pairs_of_chains,
    without_intervals,
)
from simulator.analysis.culture.estimates import Estimate
from simulator.analysis.culture.records import Chain
from simulator.analysis.culture.similarity import similarity_matrix
from tests.analysis.culture.published import GPT, LLAMA_70B, chains_of, published


def chain(text: str, *texts: str, seed: int = 1, expected: int | None = None) -> Chain:
    return Chain("model", "task", text, seed, (f"start {text}", *texts), expected=expected)


def only(chains: Sequence[Chain], **options: object) -> Convergence:
    (found,) = convergences(chains, **options)  # type: ignore[arg-type]
    return found


names = st.lists(st.sampled_from("abc"), min_size=2, max_size=7)
ends = st.lists(st.text("xyz ", max_size=5), min_size=7, max_size=7)


@given(names, ends)
@settings(max_examples=25)
def test_means_are_over_all_ordered_pairs_of_different_chains(
    labels: list[str], texts: list[str]
) -> None:
    chains = [chain(label, texts[n], seed=n) for n, label in enumerate(labels)]
    found = only(chains, way="edit", draws=20)
    finals = [one.texts[-1] for one in chains]
    matrix = similarity_matrix(finals, "edit")
    within: list[float] = []
    between: list[float] = []
    for left, right in permutations(range(len(chains)), 2):
        (within if labels[left] == labels[right] else between).append(matrix[left, right])
    for expected, estimate in ((within, found.within), (between, found.between)):
        assert estimate.is_known == bool(expected)
        if expected:
            assert estimate.value == pytest.approx(np.mean(expected))
    if within and between:
        assert found.memory.value == pytest.approx(np.mean(within) - np.mean(between))
    pairs = pairs_of_chains(chains, "edit")
    assert sorted(pairs.final[pairs.same_text]) == pytest.approx(sorted(within))
    assert sorted(pairs.final[~pairs.same_text]) == pytest.approx(sorted(between))
    assert (found.texts, found.chains) == (len(set(labels)), len(labels))


def test_chains_that_keep_their_text_remember_and_those_that_end_alike_do_not() -> None:
    keeping = [chain(t, f"{t * 9} it stays", seed=s) for t in "abcd" for s in (1, 2)]
    kept = only(keeping, way="edit")
    assert kept.within.value == 1
    assert kept.memory.value > 0.3
    assert kept.memory.low > 0.2
    alike = [chain(t, f"all say so {s}", seed=s) for t in "abcd" for s in (1, 2)]
    met = only(alike, way="edit")
    assert met.change.value > 0
    assert met.memory.value < 0
    assert met.between.value > met.initial_between.value


def test_the_line_goes_through_pairs_from_different_texts() -> None:
    texts = {"p": "aaaa", "q": "aabb", "r": "bbbb"}
    unchanged = [Chain("m", "t", name, 1, (text, text)) for name, text in texts.items()]
    found = only(unchanged, way="edit")
    assert (found.slope, found.intercept) == pytest.approx((1, 0))
    forgetful = [Chain("m", "t", name, 1, (text, "end")) for name, text in texts.items()]
    found = only(forgetful, way="edit")
    assert (found.slope, found.intercept) == pytest.approx((0, 1))


def test_intervals_hold_the_value_and_are_the_same_for_the_same_seed() -> None:
    rng = np.random.default_rng(4)
    chains = [
        chain(text, " ".join(rng.choice([text, "x", "y", "z"], 12)), seed=seed)
        for text in "abcdefgh"
        for seed in (1, 2, 3)
    ]
    found = only(chains, way="edit", seed=5)
    assert found == only(chains, way="edit", seed=5)
    assert found != only(chains, way="edit", seed=6)
    for one in (found.within, found.between, found.memory, found.change):
        assert one.low < one.value < one.high
    narrow = only(chains, way="edit", level=0.5)
    assert narrow.within.high - narrow.within.low < found.within.high - found.within.low


def test_more_chains_of_the_same_texts_do_not_narrow_an_interval() -> None:
    once = [chain(text, text * 5 + "end", seed=1) for text in ("ab", "cd", "xx", "yyy", "z")]
    twice = [Chain("model", "task", c.text, s, c.texts) for c in once for s in (1, 2, 3, 4)]
    few, many = only(once, way="edit"), only(twice, way="edit")
    assert many.between.value == pytest.approx(few.between.value)
    assert (many.between.low, many.between.high) == pytest.approx(
        (few.between.low, few.between.high)
    )


def test_half_chains_are_left_out_and_counted() -> None:
    chains = [
        chain("a", "one", "two", expected=2),
        chain("b", "one", "two", expected=2),
        chain("c", "one", expected=2),
        Chain("model", "task", "d", 1, ()),
    ]
    found = only(chains, way="edit")
    assert (found.chains, found.left_out, found.texts) == (2, 2, 2)
    earlier = only(chains, way="edit", generation=1)
    assert (earlier.chains, earlier.left_out) == (3, 1)
    assert len(pairs_of_chains(chains, "edit").final) == 2


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_chains_give_no_number(count: int) -> None:
    chains = [chain("a", "end")] * count or [chain("a", expected=9)]
    found = only(chains, way="edit")
    assert found.chains == count
    assert not found.within.is_known
    assert not found.between.is_known
    assert isnan(found.memory.low)
    assert isnan(found.slope)


def test_one_text_has_no_between_and_no_interval() -> None:
    found = only([chain("a", "end", seed=1), chain("a", "ends", seed=2)], way="edit")
    assert found.within.value == pytest.approx(0.75)
    assert isnan(found.within.low)
    assert not found.between.is_known
    assert not found.memory.is_known


def test_models_and_tasks_are_told_apart() -> None:
    chains = [
        Chain(model, task, text, 1, (f"start {text}", f"{task} {text}"))
        for model in ("m", "n")
        for task in ("rephrase", "continue")
        for text in "ab"
    ]
    found = convergences(chains, "edit")
    assert [(one.model, one.task) for one in found] == [
        ("m", "rephrase"), ("m", "continue"), ("n", "rephrase"), ("n", "continue"),
    ]  # fmt: skip
    assert convergences([]) == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [({"level": 1.0}, "level is 1.0"), ({"draws": 0}, "draws is 0"), ({"generation": -1}, "-1")],
)
def test_options_out_of_range_say_so(options: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        only([chain("a", "end")], **options)


@published
@pytest.mark.parametrize(
    ("model", "within", "between"),
    [
        (GPT, (0.813, 0.431, 0.450), (0.123, 0.363, 0.317)),
        (LLAMA_70B, (0.819, 0.440, 0.312), (0.160, 0.281, 0.225)),
    ],
)
def test_published_chains_remember_in_the_order_that_embeddings_say(
    model: str, within: tuple[float, ...], between: tuple[float, ...]
) -> None:
    found = {one.task: one for one in convergences(tuple(chains_of(model)), draws=200)}
    tasks = [found[task] for task in ("rephrase", "inspiration", "continue")]
    memory = np.subtract(within, between)
    assert np.argsort([one.memory.value for one in tasks]).tolist() == np.argsort(memory).tolist()
    assert np.argsort([one.within.value for one in tasks]).tolist() == np.argsort(within).tolist()
    assert np.argmin([one.between.value for one in tasks]) == np.argmin(between)
    assert all(one.memory.low > 0 and (one.chains, one.texts) == (100, 20) for one in tasks)


def test_temperatures_are_told_apart() -> None:
    cold = [replace(chain(text, "the same"), temperature=0.0) for text in "abc"]
    hot = [replace(chain(text, f"own {text}"), temperature=1.0) for text in "abc"]
    found = convergences([*cold, *hot], "edit", draws=20)
    assert [(one.temperature, one.chains) for one in found] == [(0.0, 3), (1.0, 3)]
    assert found[0].between.value == pytest.approx(1)
    assert found[1].between.value < 1
    assert found[1].between.interval is not None
    assert without_intervals(found[1]).between == Estimate(found[1].between.value)


def test_chains_of_different_lengths_are_compared_at_the_generation_that_they_share() -> None:
    short = [chain(text, f"{text} end") for text in "abc"]
    long = [chain(text, f"{text} end", "other", seed=2) for text in "abc"]
    (found,) = convergences([*short, *long], "edit", generation="shared")
    assert (found.generation, found.chains, found.left_out) == (1, 6, 0)
    assert found.within.value == 1
    assert len(pairs_of_chains([*short, *long], "edit", generation="shared").final) == 30
