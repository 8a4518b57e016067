"""Into which languages chains drift."""

from __future__ import annotations

import math

import pytest

from simulator.analysis.culture.languages import languages_of
from simulator.analysis.culture.records import Chain
from simulator.presentation.chains import language_table

ENGLISH = "The weather is going to be nice."
GERMAN = "Das Wetter wird heute wirklich schön."
FRENCH = "Il fait très beau aujourd'hui dans la ville."


def chain(*texts: str, task: str = "rephrase", expected: int | None = None) -> Chain:
    return Chain("m", task, "t", 1, texts, expected=expected)


def test_shares_at_the_start_after_one_step_and_at_the_end() -> None:
    complete = [
        chain(ENGLISH, ENGLISH, GERMAN), chain(ENGLISH, GERMAN, GERMAN),
        chain(ENGLISH, ENGLISH, "?"),
    ]  # fmt: skip
    stopped = chain(ENGLISH, FRENCH, expected=2)
    found = languages_of([*complete * 3, stopped, chain(ENGLISH, task="continue")])
    rows = [(one.task, one.language, one.initial, one.first, one.last) for one in found[:-1]]
    assert rows == [
        ("rephrase", "de", 0, 0.3, pytest.approx(2 / 3)),
        ("rephrase", None, 0, 0, pytest.approx(1 / 3)),
        ("rephrase", "en", 1, 0.6, 0),
        ("rephrase", "fr", 0, 0.1, 0),
    ]
    assert [one.chains for one in found] == [9, 9, 9, 9, 0]
    alone = found[-1]
    assert (alone.task, alone.language, alone.initial) == ("continue", "en", 1)
    assert math.isnan(alone.first) and math.isnan(alone.last)
    assert languages_of([]) == ()
    assert languages_of([chain()]) == ()


def test_rare_languages_are_summed_up_in_the_table() -> None:
    texts = (
        ENGLISH, GERMAN, FRENCH, "Hoy hace muy buen tiempo en toda la ciudad.", "слово за словом",
        "漢字のみの文章です。", "Oggi il tempo è davvero bello in città.",
    )  # fmt: skip
    found = languages_of([chain(ENGLISH, text) for text in texts])
    table = language_table(found)
    assert len(found) == 7 and len(table.rows) == 6
    assert table.rows[-1][2:] == ("2 others", "0%", "29%", "29%")
    assert "unclear" not in str(table.rows)
    shown = language_table(languages_of([chain("?")])).rows
    assert [row[2:] for row in shown] == [("unclear", "100%", "–", "–")]
