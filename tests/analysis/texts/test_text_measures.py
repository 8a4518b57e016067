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
from simulator.analysis.texts.language import LANGUAGE, language_code, language_of
from simulator.analysis.texts.measure import TextMeasure, classic_text, text_measure
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
    if measure.name == "compression" and not text:
        assert math.isnan(found)  # it has no size
        return
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


def test_valences_that_cancel_out_are_summed_as_the_published_ones() -> None:
    """0.3 - 0.7 - 2.8 + 1.2 - 1.8 + 2.3 + 1.5 is -6e-17 in floats, and 0 if rounded on the way."""
    text = "challenge anxiety cruel alert agony appreciates advantages!"
    assert value("positivity", text) == -0.0752


@pytest.mark.parametrize(
    ("text", "fog"),
    [
        # 6 words in one sentence, of which `documentation` alone is difficult.
        ("The cat reads documentation every day.", 0.4 * (6 + 100 / 6)),
        # The second sentence is too short to count; a word is difficult once only.
        ("The documentation cat is here. Documentation sleeps.", 0.4 * (7 + 100 / 7)),
        ("!!! ...", 0.0),
    ],
)
def test_difficulty_is_the_formula(text: str, fog: float) -> None:
    assert value("difficulty", text) == pytest.approx(fog, abs=0.005)


@given(st.text("ab #_é", max_size=60))
def test_classic_texts_have_no_hashtag_and_what_is_left_out_is_counted(text: str) -> None:
    left = classic_text(text)
    assert re.search(r"#\w", left) is None
    assert value("hashtags", text) == pytest.approx(
        1 - len(left) / max(1, len(text)) if text else 0
    )


def test_compression_sees_collapse_of_any_length() -> None:
    paragraph = " ".join(f"word{number * 7919 % 1000}" for number in range(100))
    assert value("compression", paragraph * 20) < value("compression", paragraph) / 5
    assert value("hashtags", "#a #b #c") == 0.75


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The weather is going to be nice this afternoon.", "en"),
        ("Das Wetter wird heute Nachmittag wirklich schön werden.", "de"),
        ("今日の午後は天気が良くなるでしょう。", "ja"),
        ("😀😀", None),
        ("", None),
        ("ok", None),
    ],
)
def test_the_language_of_a_text(text: str, code: str | None) -> None:
    assert language_of(text) == code
    (kept,) = LANGUAGE.of_texts([text])
    assert language_code(kept) == code


def test_texts_are_told_apart_from_the_language_of_the_initial_one() -> None:
    english, german = "The weather is going to be nice.", "Das Wetter wird heute wirklich schön."
    measured = measure_chains(
        [chain(english, german, "?"), chain(german, german)], ["same_language"]
    )
    first, second = measured.values["same_language"].tolist()
    assert first[:2] == [1, 0] and math.isnan(first[2])
    assert second[:2] == [1, 1] and math.isnan(second[2])


def test_likeness_to_other_texts_of_the_chain() -> None:
    names = ["similarity_to_initial", "similarity_to_previous"]
    measured = measure_chains([chain("red cats purr", "blue dogs bark", "blue dogs bark")], names)
    initial, previous = (measured.values[name][0].tolist() for name in names)
    assert math.isnan(initial[0]) and initial[1:] == [0, 0]
    assert math.isnan(previous[0]) and previous[1:] == [0, 1]


def test_no_chains_have_no_values() -> None:
    measured = measure_chains([], ["length", "same_language", "similarity_to_initial"])
    assert all(values.size == 0 for values in measured.values.values())


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


def test_progress_ends_at_one_and_never_falls() -> None:
    told: list[float] = []
    measure_chains([chain("a", "b")], ["length", "entropy"], None, told.append)
    assert told == sorted(told) and told[-1] == 1 and told[0] < 1


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


def test_a_function_of_many_texts_is_a_measure_and_must_give_a_number_for_each() -> None:
    @text_measure(name="own", batch=True)
    def own(texts: list[str]) -> list[int]:
        return [len(text) for text in texts if text]

    assert measure_chains([chain("a", "bb")], [own]).values["own"].tolist() == [[1, 2]]
    with pytest.raises(UsageError, match="gave 1 numbers for 2 texts"):
        measure_chains([chain("a", "")], [own])


@pytest.mark.parametrize("batch", [False, True])
def test_a_measure_that_fails_is_named_with_the_text(batch: bool) -> None:
    @text_measure(name="own", batch=batch)
    def own(text: object) -> float:
        raise KeyError("x")

    with pytest.raises(UsageError, match=r"'own' failed.*KeyError") as caught:
        measure_chains([chain("\x1b[2J" + "a" * 1000)], [own])
    assert "\x1b" not in caught.value.message
    assert ("aaa…" in caught.value.message.replace("\\u2026", "…")) is not batch


def test_a_measure_changes_its_version_with_its_program(tmp_path: Path) -> None:
    path, head = tmp_path / "mine.py", "from simulator.analysis.texts.measure import text_measure\n"
    made = "@text_measure(name='own')\ndef own(text):\n    return len(text) + OFF\n"
    versions = set()
    for off in (1, 2):
        path.write_text(f"{head}OFF = {off}\n{made}")
        versions.add(measures_in(path)["own"].version)
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("x = 1", "makes no measure"),
        ("from simulator.analysis.texts.registry import length", "makes no measure"),
        ("1 / 0", "ZeroDivisionError"),
        ("def (", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        (
            "from simulator.analysis.texts.measure import text_measure\n"
            "one = text_measure(name='length')(len)",
            "there is one of that name",
        ),
    ],
)
def test_a_file_of_measures_that_is_no_good(tmp_path: Path, program: str, what: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(program)
    with pytest.raises(UsageError, match=what):
        measures_in(path)
