"""Texts are as alike as the formulas say, along chains and across them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from math import log, sqrt
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.culture.cycles import CycleRule, find_cycle
from simulator.analysis.culture.records import Floats
from simulator.analysis.culture.similarity import (
    Way,
    sentence_embedder,
    sentence_similarity,
    similarity_across,
    similarity_matrix,
    similarity_of_pairs,
    similarity_to,
    usual_embedder,
)
from simulator.errors import NotFoundError

WAYS: tuple[Way, ...] = ("edit", "tfidf", "embedding")

words = st.lists(st.sampled_from(["sea", "ship", "storm", "the", "port", "😀"]), max_size=6)
some_texts = st.lists(words.map(" ".join), max_size=8)


@pytest.fixture(autouse=True)
def no_model_is_kept() -> Iterator[None]:
    """Each test loads its own, and leaves none behind."""
    usual_embedder.cache_clear()
    yield
    usual_embedder.cache_clear()


def letters(texts: Sequence[str]) -> Floats:
    """Counts of letters, in the place of a model."""
    counts = [[text.lower().count(chr(code)) for code in range(97, 123)] for text in texts]
    return np.array(counts, dtype=np.float64).reshape(len(texts), 26)


@pytest.mark.parametrize("way", WAYS)
@given(texts=some_texts)
def test_a_matrix_is_symmetric_and_one_for_the_same_text(way: Way, texts: list[str]) -> None:
    matrix = similarity_matrix(texts, way, letters)
    assert matrix.shape == (len(texts), len(texts))
    assert np.allclose(matrix, matrix.T)
    assert np.all((matrix >= 0) & (matrix <= 1))
    for row, text in enumerate(texts):
        for column, other in enumerate(texts):
            assert matrix[row, column] == 1 if text == other else matrix[row, column] < 1 + 1e-9


@pytest.mark.parametrize("way", WAYS)
@given(texts=some_texts)
def test_pairs_and_matrices_agree(way: Way, texts: list[str]) -> None:
    others = texts[::-1]
    pairs = similarity_of_pairs(texts, others, way, letters)
    matrix = similarity_matrix(texts, way, letters)
    assert np.allclose(pairs, [matrix[n, len(texts) - 1 - n] for n in range(len(texts))])


def test_edit_similarity_is_of_the_longer_text() -> None:
    found = similarity_of_pairs(["abcd", "", "", "ab"], ["abcx", "", "a", "ba"], "edit")
    assert found.tolist() == [0.75, 1.0, 0.0, 0.0]


def test_words_are_weighed_by_how_rare_they_are_and_stop_words_left_out() -> None:
    # Smoothed as in scikit-learn: ln((1 + texts) / (1 + texts with the word)) + 1.
    sea, ship, port = (log(4 / (1 + texts)) + 1 for texts in (3, 1, 1))
    texts = ["the sea and the ship", "The SEA, a port!", "sea"]
    expected = sea * sea / sqrt(sea**2 + ship**2) / sqrt(sea**2 + port**2)
    assert similarity_matrix(texts, "tfidf")[0, 1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("way", ["tfidf", "embedding"])
def test_texts_with_nothing_to_compare_are_like_themselves_only(way: Way) -> None:
    texts = ["", "  ", "😀", "!!", "a sea of ships", ""]
    matrix = similarity_matrix(texts, way, letters)
    assert matrix[0].tolist() == [1, 0, 0, 0, 0, 1]
    assert matrix[4].tolist() == [0, 0, 0, 0, 1, 0]
    # A real model has a vector for nothing too.
    assert similarity_matrix(["", "sea"], way, lambda those: letters(those) + 1)[0, 1] == 0
    assert similarity_matrix(["", "", "the"], way, letters)[0].tolist() == [1, 1, 0]


@pytest.mark.parametrize("way", WAYS)
def test_chains_are_compared_with_their_first_and_their_previous_text(way: Way) -> None:
    chains = [["red sea", "red ship", "red sea"], ["port"], ["port", "storm"], []]
    initial = similarity_to("initial", chains, way, letters)
    previous = similarity_to("previous", chains, way, letters)
    assert initial.shape == previous.shape == (4, 3)
    assert np.isnan(initial[:, 0]).all()
    assert np.isnan(initial[[1, 3]]).all()
    assert np.isnan(initial[2, 2])
    assert initial[0, 2] == 1
    assert previous[0, 1:] == pytest.approx(initial[0, 1])
    assert 0 < initial[0, 1] < 1
    assert initial[2, 1] == previous[2, 1] < 0.7
    assert similarity_to("initial", [], way, letters).shape == (0, 0)
    assert similarity_to("initial", [["one"]], way, letters).shape == (1, 1)


@pytest.mark.parametrize("way", WAYS)
def test_across_chains_every_pair_counts_once(way: Way) -> None:
    chains = [["red sea", "a"], ["red ship", "storm", "late"], ["port", "storm"]]
    across = similarity_across(chains, way, letters)
    corpus = [text for chain in chains for text in chain]
    matrix = similarity_matrix(corpus, way, letters)
    first = [corpus.index(chain[0]) for chain in chains]
    pairs = [matrix[first[0], first[1]], matrix[first[0], first[2]], matrix[first[1], first[2]]]
    assert across[0] == pytest.approx(sum(pairs) / 3)
    assert np.isnan(across[2])
    assert similarity_across([], way, letters).shape == (0,)
    same = similarity_across([["a sea", "sea"], ["a port", "sea"]], way, letters)
    assert same[1] == pytest.approx(1)


def test_texts_are_compared_with_as_many_others() -> None:
    with pytest.raises(ValueError, match="1 texts cannot be compared with 2 others"):
        similarity_of_pairs(["one"], ["one", "two"])


def test_a_missing_package_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(NotFoundError, match="sentence-transformers") as caught:
        similarity_matrix(["one", "two"], "embedding")
    assert caught.value.remedy is not None
    assert "pip install -e '.[embeddings]'" in caught.value.remedy
    monkeypatch.setitem(sys.modules, "sklearn.feature_extraction.text", None)
    with pytest.raises(NotFoundError, match="scikit-learn") as caught:
        similarity_matrix(["one", "two"], "tfidf")
    assert caught.value.remedy is not None
    assert "pip install -e '.[analysis]'" in caught.value.remedy


def test_weights_that_cannot_be_had_are_named_with_a_way_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(model: str) -> None:
        raise OSError(f"no connection for {model}\nand a long story")

    library = ModuleType("sentence_transformers")
    monkeypatch.setattr(library, "SentenceTransformer", offline, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    with pytest.raises(NotFoundError) as caught:
        sentence_embedder("models/mine")
    assert "'models/mine' cannot be loaded: no connection for models/mine" in caught.value.message
    assert "long story" not in caught.value.message
    assert "`tfidf`" in (caught.value.remedy or "")


def test_a_model_is_asked_for_each_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def encode(texts: list[str], **_: object) -> Floats:
        asked.extend(texts)
        return letters(texts)

    library = ModuleType("sentence_transformers")
    made = SimpleNamespace(encode=encode)
    monkeypatch.setattr(library, "SentenceTransformer", lambda model: made, raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    found = similarity_of_pairs(["ab", "ab", "b"], ["a", "ab", "a"], "embedding")
    assert found == pytest.approx([1 / sqrt(2), 1, 0])
    assert sorted(asked) == ["a", "ab", "b"]
    similarity_of_pairs(["ab", "ba"], ["a", "c"], "embedding")
    assert sorted(asked) == ["a", "ab", "b", "ba", "c"]


def test_cycles_are_found_by_meaning() -> None:
    texts = ["ship", "abab", "ba", "bbaa"]
    similarity = sentence_similarity(texts, letters)
    assert similarity("abab", "ba") == pytest.approx(1)
    assert similarity("ship", "ba") == pytest.approx(0)
    rule = CycleRule("embedding", 0.999)
    found = find_cycle(texts, rule, similarity)
    assert found is not None and (found.period, found.onset, found.repetitions) == (1, 1, 3)
    assert find_cycle(texts, CycleRule("fuzzy", 0.9)) is None
