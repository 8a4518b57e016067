from __future__ import annotations

import math
import re
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.culture.measuring import measure_chains
from simulator.analysis.culture.records import Chain
from simulator.analysis.texts.measure import TextMeasure, text_measure
from simulator.analysis.texts.registry import (
    TEXT_MEASURES,
    measures_in,
    measures_named,
    usual_measures,
)
from simulator.errors import NotFoundError, UsageError
from tests.analysis.culture.published import LLAMA_8B, PUBLISHED, chains_of, published

OFFLINE = [measure for name, measure in TEXT_MEASURES.items() if name != "toxicity"]


def value(name: str, text: str) -> float:
    return float(TEXT_MEASURES[name].of_texts([text])[0])


@published
def test_positivity_difficulty_and_length_are_the_published_ones() -> None:
    data = np.load(PUBLISHED / "metrics.npz")
    names = ("positivity", "difficulty", "length")
    chains = list(islice(chains_of(LLAMA_8B), 0, None, 60))
    measured = measure_chains(chains, measures_named(names), classic=True)
    for name in names:
        for row, chain in zip(measured.values[name], chains, strict=True):
            place = (
                list(data["models"]).index(chain.model), list(data["prompts"]).index(chain.task),
                list(data["texts"]).index(chain.text), chain.seed - 1,
            )  # fmt: skip
            assert row.tolist() == data[name][place].tolist()


@pytest.mark.parametrize("measure", OFFLINE, ids=lambda measure: measure.name)
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "😀😀 👍",
        "漢字のみの文章です。",
        "слово за словом",
        "a" * 100_000,
        "\ud800 lone",
        "#tag",
    ],
    ids=["empty", "blank", "emoji", "cjk", "cyrillic", "long", "surrogate", "tag"],
)
def test_odd_texts_have_a_value_within_the_bounds(measure: TextMeasure, text: str) -> None:
    (found,) = measure.of_texts([text])
    assert math.isfinite(found)
    assert measure.low is None or found >= measure.low
    assert measure.high is None or found <= measure.high


def test_measures_tell_texts_apart() -> None:
    assert value("positivity", "I love this wonderful day.") > 0.5
    assert value("positivity", "I hate this horrible day.") < -0.5
    assert value("difficulty", "The cat sat. It ran.") < value(
        "difficulty", "Institutional accountability necessitates comprehensive documentation."
    )
    assert value("toxicity_lexicon", "You worthless idiot.") > 0.9
    assert value("toxicity_lexicon", "Thank you for the soup.") == 0
    assert value("repetition", "so it goes on and " * 20) > 0.9
    assert value("repetition", "one two three four five six") == 0
    assert value("entropy", "a b c d") == 2


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30))
def test_entropy_knows_no_order_and_is_at_most_that_of_equal_words(words: list[str]) -> None:
    found = value("entropy", " ".join(words))
    assert found == pytest.approx(value("entropy", " ".join(sorted(words))))
    assert 0 <= found <= math.log2(max(2, len(set(words)))) + 1e-9


def chain(*texts: str) -> Chain:
    return Chain(model="m", task="rephrase", text="t", seed=1, texts=texts)


def test_a_distinct_text_is_measured_once_and_short_chains_end_in_no_number() -> None:
    seen: list[str] = []

    @text_measure(name="own")
    def own(text: str) -> float:
        """Characters, counted."""
        seen.append(text)
        return len(text)

    measured = measure_chains([chain("a", "bb", "a"), chain("bb", "ccc")], [own])
    assert sorted(seen) == ["a", "bb", "ccc"]
    assert measured.values["own"][0].tolist() == [1, 2, 1]
    assert measured.values["own"][1, :2].tolist() == [2, 3]
    assert math.isnan(measured.values["own"][1, 2])
    assert own.meaning == "Characters, counted."


def test_hashtags_are_taken_out_after_the_initial_text_when_classic() -> None:
    chains = [chain("x #tag", "y #tag")]
    length = measures_named(["length"])
    assert measure_chains(chains, length).values["length"].tolist() == [[6, 6]]
    assert measure_chains(chains, length, classic=True).values["length"].tolist() == [[6, 2]]


def test_an_unknown_measure_is_named_with_what_was_meant() -> None:
    with pytest.raises(NotFoundError, match=re.escape("Did you mean 'positivity'?")):
        measures_named(["positivty"])


def test_the_usual_measures_name_the_lexicon_where_there_is_no_classifier() -> None:
    assert usual_measures()[0] in ("toxicity", "toxicity_lexicon")
    assert [m.name for m in measures_named([])] == list(usual_measures())


def test_a_missing_package_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "detoxify", None)
    with pytest.raises(NotFoundError) as caught:
        TEXT_MEASURES["toxicity"].of_texts(["a"])
    assert "detoxify" in caught.value.message
    assert "pip install -e '.[toxicity]'" in str(caught.value.remedy)


def test_measures_of_a_researchers_own_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from simulator.analysis.texts.measure import text_measure\n"
        "@text_measure(name='vowels', meaning='Vowels.')\n"
        "def vowels(text):\n    return sum(c in 'aeiou' for c in text)\n"
    )
    own = measures_in(path)
    assert [m.name for m in measures_named([], own)] == [*usual_measures(), "vowels"]
    assert list(own["vowels"].of_texts(["audio"])) == [4]


@pytest.mark.parametrize(
    ("program", "what"),
    [("x = 1", "makes no measure"), ("1 / 0", "ZeroDivisionError"), ("def (", "SyntaxError")],
)
def test_a_file_of_measures_that_is_no_good(tmp_path: Path, program: str, what: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(program)
    with pytest.raises(UsageError, match=what):
        measures_in(path)
