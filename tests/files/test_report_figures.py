from __future__ import annotations

import re
import sys
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.errors import NotFoundError, UsageError
from simulator.files.reports.drawings import Drawing, embedded_svg
from simulator.files.reports.figures import figures_for_report, figures_named
from simulator.files.reports.page import report_page
from tests.files.test_reports import data_of, report_of

DRAWN = b"""<?xml version="1.0"?>
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="72pt" height="36pt" viewBox="0 0 72 36"
 xmlns="http://www.w3.org/2000/svg">
 <metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round}</style></defs>
 <g id="patch_1"><path id="mark" d="M 0.123456 2
L 3.999999 4" style="fill: #ff0000; stroke: none"/></g>
 <use xlink:href="#mark" x="7.125001" clip-path="url(#clip)"/>
 <clipPath id="clip"><rect width="72" height="36"/></clipPath>
 <image xlink:href="data:image/png;base64,AAAA"/>
 <text style="font: italic 700 6.5px 'DejaVu Sans', sans-serif; text-anchor: middle">a &lt;b</text>
</svg>"""


def elements_of(svg: str) -> dict[str, ElementTree.Element]:
    return {one.tag.rpartition("}")[2]: one for one in ElementTree.fromstring(svg).iter()}


def test_a_drawing_keeps_its_looks_without_any_style() -> None:
    svg = embedded_svg(DRAWN, "Bars & <lines>", "f1")
    assert not re.search(r"<style| style=|metadata", svg)
    found = elements_of(svg)
    assert found["path"].attrib == {
        "id": "f1-mark", "d": "M 0.12 2 L 4 4", "fill": "#ff0000", "stroke": "none",
    }  # fmt: skip
    assert found["use"].attrib == {"href": "#f1-mark", "x": "7.13", "clip-path": "url(#f1-clip)"}
    assert found["image"].get("href") == "data:image/png;base64,AAAA"
    assert found["text"].attrib == {
        "font-style": "italic", "font-weight": "700", "font-size": "6.5px",
        "text-anchor": "middle",
    }  # fmt: skip
    assert found["text"].text == "a <b"
    whole = found["svg"]
    assert (whole.get("width"), whole.get("viewBox")) == ("96", "0 0 72 36")
    assert whole.get("aria-labelledby") == found["title"].get("id")
    assert found["title"].text == "Bars & <lines>"


def test_drawings_of_a_page_share_no_names() -> None:
    one, other = (embedded_svg(DRAWN, "T", prefix) for prefix in ("f1", "f2"))
    names = [re.findall(r'\bid="([^"]+)"', svg) for svg in (one, other)]
    assert len(names[0]) == 3 and not set(names[0]) & set(names[1])
    for svg in (one, other):
        pointed = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)|labelledby="([^"]+)"', svg)
        assert {name for row in pointed for name in row if name} == set(
            re.findall(r'\bid="([^"]+)"', svg)
        )


MEASURED = MeasuredChains(
    tuple(
        Chain("lab/<one>", "rephrase", text, seed, ("a", "b", "c"), expected=2)
        for text in "ABCD"
        for seed in (1, 2)
    ),
    {
        "length": np.arange(24.0).reshape(8, 3) ** 2,
        "similarity_to_initial": np.array([[np.nan, 0.5, 0.25]] * 8),
    },
)


def test_the_first_figures_are_drawn_unless_others_are_named() -> None:
    drawings, remarks = figures_for_report(MEASURED)
    assert [one.name for one in drawings] == ["evolution", "attractors"]
    assert remarks == []
    assert "similarity to initial" in drawings[0].svg
    assert "similarity to initial" not in drawings[1].svg
    assert "lab/&lt;one&gt;" in drawings[0].svg
    named = figures_named(["effect_of_temperature", "initial_final_distribution"])
    drawings, remarks = figures_for_report(MEASURED, named)
    assert [one.title for one in drawings] == [
        "Initial and final distribution: length",
        "Initial and final distribution: similarity to initial",
    ]
    assert len(remarks) == 1 and "effect_of_temperature" in remarks[0]


def test_short_chains_are_predicted_from_half_way_as_in_analyses() -> None:
    lengths = {"length": MEASURED.values["length"]}
    short = MeasuredChains(MEASURED.chains, lengths)
    (drawing,), remarks = figures_for_report(short, ["attractors_predict"])
    assert (drawing.title, remarks) == ("Predicted attractors", [])


def test_one_text_alone_is_drawn_without_attractors() -> None:
    alike = MEASURED.where(lambda chain: chain.text == "A")
    assert [one.name for one in figures_for_report(alike)[0]] == ["evolution"]
    assert figures_for_report(MEASURED.where(lambda chain: False)) == ([], [])


def test_names_of_figures() -> None:
    assert figures_named([]) is None
    assert figures_named(["none"]) == ()
    assert "ks" in (figures_named(["all"]) or ())
    assert figures_for_report(MEASURED, ()) == ([], [])
    with pytest.raises(NotFoundError, match="evolution"):
        figures_named(["evolutoin"])
    with pytest.raises(UsageError):
        figures_named(["none", "ks"])


def test_without_matplotlib_a_report_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    drawings, (remark,) = figures_for_report(MEASURED)
    assert drawings == []
    assert "evolution, attractors" in remark and "pip install -e '.[analysis]'" in remark
    with pytest.raises(NotFoundError):
        figures_for_report(MEASURED, ["evolution"])


# ---------------------------------------------------------------- the page


def drawings() -> tuple[Drawing, ...]:
    names = (("one", "</script><b>"), ("two", "Second"))
    return tuple(
        Drawing(name, title, "What it is.", embedded_svg(DRAWN, title, name))
        for name, title in names
    )


def test_figures_stand_apart_from_the_texts_and_only_they_let_images_in() -> None:
    without = report_page(report_of("a", "b"))
    page = report_page(replace(report_of("a", "b"), drawings=drawings()))
    assert data_of(page)["figures"] == [
        ["one", "</script><b>", "What it is."], ["two", "Second", "What it is."],
    ]  # fmt: skip
    assert "img-src data:" in page and "img-src" not in without
    assert 'id="drawings"' in page and 'id="drawings"' not in without
    assert page.count("</script>") == 3
    assert "<svg" not in page
