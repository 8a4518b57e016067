"""What can be measured is, and what cannot is told."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest

from simulator.analysis.culture.figures.catalogue import draw_figures
from simulator.analysis.culture.figures.drawing import FigureOptions
from simulator.analysis.culture.figures.likeness import mean_similarity
from simulator.analysis.culture.measuring import measure_available, measure_chains
from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.analysis.texts.measure import text_measure
from simulator.analysis.texts.registry import measures_named
from simulator.errors import NotFoundError, UsageError
from tests.lacking import CORE, lack

SOME = [
    Chain("m", task, f"t{place}", 1, (first, "red sea", "red sea"))
    for task in ("rephrase", "continue")
    for place, first in enumerate(("red ship", "old storm", f"a {task}"))
]


def test_measures_without_their_package_are_left_out_and_told_once_for_each_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lack(monkeypatch, *CORE)
    names = ("similarity_to_initial", "similarity_to_previous", "positivity", "length")
    told: list[float] = []
    found = measure_available(SOME, measures_named(names), None, told.append)
    assert list(found.measured.values) == [one.name for one in found.measures] == ["length"]
    likeness, positivity = found.remarks
    assert likeness.startswith("Without similarity_to_initial, similarity_to_previous: ")
    assert "scikit-learn, which is not installed" in likeness
    assert positivity.startswith("Without positivity: ")
    assert "pip install -e '.[analysis]'" in positivity
    assert told[-1] == 1
    with pytest.raises(NotFoundError, match="nltk"):
        measure_available(SOME, measures_named(names), required=["positivity"])


def test_the_lexicon_stands_in_for_a_classifier_without_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(name: str) -> None:
        raise OSError("no network")

    lack(monkeypatch)
    detoxify = ModuleType("detoxify")
    monkeypatch.setattr(detoxify, "Detoxify", offline, raising=False)
    monkeypatch.setitem(sys.modules, "detoxify", detoxify)
    found = measure_available(SOME, measures_named(["toxicity", "length"]))
    assert list(found.measured.values) == ["toxicity_lexicon", "length"]
    (remark,) = found.remarks
    assert "in whose place stands toxicity_lexicon: The weights of Detoxify cannot be" in remark
    with pytest.raises(NotFoundError, match="weights"):
        measure_available(SOME, measures_named(["toxicity"]), required=["toxicity"])


def test_a_required_measure_of_a_researchers_own_that_fails_is_an_error() -> None:
    own = text_measure(name="own")(lambda text: 1 / 0)
    with pytest.raises(UsageError, match="'own' failed"):
        measure_available(SOME, [own], required={"own"})
    assert "'own' failed" in measure_available(SOME, [own]).remarks[0]


def test_chains_are_compared_with_others_of_their_group() -> None:
    found = measure_chains(SOME, measures_named(["similarity_across"], None, "edit"))
    values = found.values["similarity_across"]
    assert values.shape == (6, 3)
    alone = measure_chains(SOME[:3], measures_named(["similarity_across"], None, "edit"))
    assert np.array_equal(values[:3], alone.values["similarity_across"])
    assert values[3:, 0].tolist() != values[:3, 0].tolist()
    assert values[:, 1:].tolist() == [[1, 1]] * 6
    pair = measure_chains(SOME[:2], measures_named(["similarity_across"], None, "edit"))
    assert pair.values["similarity_across"][:, 0].tolist() == [pytest.approx(1 / 3)] * 2
    lone = measure_chains([SOME[0], SOME[3]], measures_named(["similarity_across"]))
    assert np.isnan(lone.values["similarity_across"]).all()


def test_measures_and_figures_compare_texts_as_asked_for() -> None:
    names = ["similarity_to_initial", "similarity_to_previous", "similarity_across"]
    texts = [Chain("m", "rephrase", "t", 1, ("red seas", "red sea"))] * 2
    by_way = {
        way: [values[0][1] for values in measure_chains(texts, measures).values.values()]
        for way in ("tfidf", "edit")
        for measures in [measures_named(names, None, way)]
    }
    assert by_way["edit"] == [7 / 8, 7 / 8, 1]
    assert by_way["tfidf"][0] < 0.5
    edit, _ = mean_similarity(MeasuredChains(tuple(texts), {}), "edit")
    assert edit is not None and edit[0, 1] == 7 / 8


def test_embeddings_are_asked_for_by_name_and_missed_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lack(monkeypatch, "sentence_transformers")
    with pytest.raises(NotFoundError, match="sentence-transformers") as caught:
        measure_chains(SOME, measures_named(["similarity_across"], None, "embedding"))
    assert "'.[embeddings]'" in str(caught.value.remedy)
    options = FigureOptions(similarity="embedding")
    with pytest.raises(NotFoundError, match="sentence-transformers"):
        list(draw_figures(MeasuredChains(tuple(SOME), {}), ["similarity"], options))


def test_figures_that_lack_a_package_are_told_and_the_others_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = measure_chains(SOME[:2], ["length"])
    lack(monkeypatch, "sklearn")
    drawn = {one.name: one for one in draw_figures(measured, each_text=False)}
    assert drawn["evolution"].figure is not None
    assert drawn["similarity"].figure is None
    assert "scikit-learn, which is not installed. Install it" in drawn["similarity"].reason
    lack(monkeypatch, "matplotlib")
    with pytest.raises(NotFoundError, match="matplotlib"):
        next(draw_figures(measured))


def test_the_language_is_refused_with_what_there_is_instead() -> None:
    with pytest.raises(NotFoundError, match="languages have no order") as caught:
        measures_named(["language"])
    assert "same_language" in str(caught.value.remedy)
