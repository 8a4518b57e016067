"""A tiny language."""

from __future__ import annotations

import json
import math
from collections import Counter

import pytest

from simulator.analysis.iterated.worlds.base import Example
from simulator.analysis.iterated.worlds.language import Language

LANGUAGE = Language()


def of(*words: str) -> str:
    return json.dumps(dict(zip(LANGUAGE.inputs, words, strict=True)))


COMPOSITIONAL = of("kaka", "kamo", "moka", "momo")
HOLISTIC = of("kaka", "kamo", "momo", "moka")
DEGENERATE = of("kamo", "kamo", "kamo", "kamo")


def test_256_languages_of_four_kinds() -> None:
    kinds = Counter(map(LANGUAGE.kind, LANGUAGE.hypotheses))
    assert kinds == {"compositional": 8, "holistic": 16, "degenerate": 4, "other": 228}


@pytest.mark.parametrize(
    ("language", "kind", "expressiveness", "compositionality"),
    [
        (COMPOSITIONAL, "compositional", 1, 1),
        (of("moka", "kaka", "momo", "kamo"), "compositional", 1, 1),
        (HOLISTIC, "holistic", 1, -0.5),
        (DEGENERATE, "degenerate", 0.25, None),
        (of("kaka", "kaka", "moka", "moka"), "other", 0.5, 0.5),
    ],
)
def test_kinds_are_told_apart(
    language: str, kind: str, expressiveness: float, compositionality: float | None
) -> None:
    assert LANGUAGE.kind(language) == kind
    assert LANGUAGE.expressiveness(language) == expressiveness
    found = LANGUAGE.compositionality(language)
    assert found == (None if compositionality is None else pytest.approx(compositionality))


def test_only_compositional_languages_are_wholly_systematic() -> None:
    for one in LANGUAGE.hypotheses:
        value = LANGUAGE.compositionality(one)
        assert (LANGUAGE.kind(one) == "compositional") == (value is not None and value > 0.999)


def test_the_prior_shares_out_what_is_compositional() -> None:
    prior = dict(zip(LANGUAGE.hypotheses, LANGUAGE.prior(0.4), strict=True))
    assert math.fsum(prior.values()) == pytest.approx(1)
    assert prior[COMPOSITIONAL] == pytest.approx(0.4 / 8)
    assert prior[HOLISTIC] == prior[DEGENERATE] == pytest.approx(0.6 / 248)


def test_languages_may_have_more_meanings() -> None:
    larger = Language(shapes=("star", "moon", "sun"), syllables=("wu", "pi"))
    assert (len(larger.inputs), len(larger.hypotheses)) == (6, 4**6)
    assert "compositional" not in set(map(larger.kind, larger.hypotheses[::50]))


@pytest.mark.parametrize(
    "text",
    [
        COMPOSITIONAL.upper().replace("RED CIRCLE", "circle, red"),
        COMPOSITIONAL.replace("kamo", "ka-mo"),
        "So:\n- the red circle: kaka\n- red square: kamo\n- blue circle: moka\n- blue square: momo",
    ],
)
def test_languages_are_read_however_loosely_they_are_written(text: str) -> None:
    assert LANGUAGE.read_rule(text).hypothesis == COMPOSITIONAL


def test_words_of_no_language_are_told() -> None:
    read = LANGUAGE.read_rule(COMPOSITIONAL.replace("kamo", "tupi"))
    assert read.reason == "`tupi` is no word of the thing red square"


def test_examples_are_read_and_others_told() -> None:
    text = """Input: the red circle
Output: KAKA
blue square -> mo-mo
Input: green circle
Output: kaka
Input: red square
Output: zoo
Input: blue circle
Output:
Output: kaka"""
    read = LANGUAGE.read_data(text)
    assert read.data == (Example("red circle", "kaka"), Example("blue square", "momo"))
    assert read.left_out == (
        "`green circle` is nothing in this world",
        "`zoo` is no word of this language",
        "no output for the input blue circle",
        "an example without an input",
    )
    assert read.wrong == 2
