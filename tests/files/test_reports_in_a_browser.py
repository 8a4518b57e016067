"""The reports in a real browser; skipped where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.files.reports import page as page_module
from simulator.files.reports.content import Conditions, MeasureNote, Report
from simulator.files.reports.page import report_page
from simulator.files.reports.transcripts import Message, Speaker, Transcript
from tests.files.browser import Page, find_browser, opened_browser
from tests.files.test_report_figures import drawings

pytestmark = [
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(find_browser() is None, reason="there is no Chromium on this machine"),
]
HOSTILE = (
    "</script><script>document.title='owned'</script><img src=http://example.org/x.png "
    "onerror=\"document.title='owned'\"><!-- &lt; \ud800 \u202e 👩\u200d🚀 {{DATA}} "
    "שלום\0 \u2028 $&"
)


def chain(model: str, seed: int, *texts: str, text: str = "A") -> Chain:
    return Chain(model, "rephrase", text, seed, texts, expected=len(texts) - 1)


CHAINS = (
    chain("lab/one", 1, "The cat sat on the mat.", "The dog sat on the mat.", "The dog slept."),
    chain("lab/one", 2, "The cat sat on the mat.", HOSTILE, "The cat sat on the mat."),
    replace(chain("lab/two", 1, "The cat sat on the mat.", ""), expected=9),
    chain("lab/two", 1, "Other.", "x " * 50_000 + "end", "y " * 50_000 + "end", text="B"),
)
TALK = Transcript(
    "Talk, seed 1", (("Status", "completed"),),
    (Speaker("Ada", "guard", "lab/one", "You are Ada."), Speaker("Bob", "guard", "lab/two", "")),
    (
        Message("Ada", "Day 1", "Good morning."),
        Message("Bob", "Day 1", HOSTILE, ("cut off",)),
        Message("Ada", "Day 2", "Good night, Bob."),
    ),
    unheard=2,
)  # fmt: skip


def report() -> Report:
    lengths = np.full((4, 3), np.nan)
    for row, one in enumerate(CHAINS):
        lengths[row, : len(one.texts)] = [len(text) for text in one.texts]
    return Report(
        HOSTILE, (("Kind", "telephone"), ("Note", HOSTILE)), ("Nothing is missing.",),
        MeasuredChains(CHAINS, {"length": lengths}),
        {"length": MeasureNote("characters", "How long it is.")}, (TALK,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = find_browser()
    assert program is not None
    with opened_browser(program, tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("plain") / "report.html"
    file.write_text(report_page(report()), encoding="utf-8")
    return file


def test_a_reader_steps_through_generations_and_sees_the_differences(
    browser: Page, plain: Path
) -> None:
    browser.open(plain)
    assert browser.text("#place") == "Initial text, then 2"
    browser.press("ArrowRight")
    assert browser.text("#place") == "Generation 1 of 2"
    assert (browser.text("#text ins"), browser.text("#text del").strip()) == ("dog", "cat")
    assert "1 word new, 1 word removed" in browser.text("#changes")
    assert browser.text("figcaption b") == "23"
    browser.do("document.getElementById('next').click()")
    assert browser.text("#place") == "Generation 2 of 2"
    assert browser.do("document.getElementById('next').disabled")
    browser.choose("#compare", "nothing")
    assert browser.text("#text") == "The dog slept."
    browser.press("Home")
    assert browser.text("#text") == "The cat sat on the mat."
    slide = "(() => { const s = document.getElementById('generation'); s.value = 1;"
    browser.do(f"{slide} s.dispatchEvent(new Event('input')); }})()")
    assert browser.text("#place") == "Generation 1 of 2"


def test_what_was_asked_is_unfolded(browser: Page, plain: Path, tmp_path: Path) -> None:
    browser.open(plain)
    assert browser.do("document.getElementById('conditions').hidden")
    one = Conditions(HOSTILE, (("Task", "rephrase"),), (("Asked", "Say {text}."), ("S", HOSTILE)))
    file = tmp_path / "report.html"
    file.write_text(report_page(replace(report(), conditions=(one, one))), "utf-8")
    browser.open(file)
    assert not browser.do("document.getElementById('conditions').open")
    browser.do("document.querySelector('#conditions summary').click()")
    assert browser.text("#conditions dd") == "rephrase"
    assert browser.text("#conditions .text") == "Say {text}."
    assert browser.do("document.querySelectorAll('#conditions h2').length") == 2
    assert browser.do("document.images.length") == 0
    assert browser.complaints() == []


def test_an_address_leads_to_a_text_and_follows_the_reader(browser: Page, plain: Path) -> None:
    browser.open(plain, "#seed=2&gen=2&compare=initial")
    assert browser.text("#text") == "The cat sat on the mat."
    assert "same as the initial text" in browser.text("#changes")
    assert browser.do("document.querySelectorAll('path.other').length") == 1
    assert browser.do("document.querySelectorAll('path.mean').length") == 1
    browser.choose("#pick-model", "lab/two")
    browser.choose("#pick-text", "A")
    assert "model=lab%2Ftwo" in browser.do("location.hash")
    assert "gen=1" in browser.do("location.hash")
    assert "stopped half way, after 1 of 9 generations" in browser.text("#changes")
    assert browser.text("#text del").strip() == "The cat sat on the mat."


def test_what_models_wrote_stays_text_and_nothing_is_asked_for(browser: Page, plain: Path) -> None:
    browser.open(plain, "#seed=2&gen=1&compare=none")
    shown = HOSTILE.replace("\ud800", "\ufffd")
    assert browser.text("#text").replace("\ud800", "\ufffd") == shown
    assert "owned" not in browser.do("document.title").replace("title='owned'", "")
    assert browser.do("document.images.length") == 0
    assert browser.do("document.scripts.length") == 2
    assert browser.requested() == [plain.as_uri()]
    assert browser.complaints() == []
    blocked = browser.do("fetch('http://example.org/').then(() => 'sent', () => 'blocked')")
    assert blocked == "blocked"
    assert any("Content Security Policy" in str(one) for one in browser.complaints())


def test_words_are_found_in_other_chains_and_long_texts_are_compared(
    browser: Page, plain: Path
) -> None:
    browser.open(plain)
    browser.type("#chain-find", "y y y")
    browser.press("Enter")
    assert browser.text("#chain-found") == "1 of 1 text"
    assert browser.text("#place") == "Generation 2 of 2"
    assert "50,000 words new, 50,000 words removed" in browser.text("#changes")
    assert browser.do("document.querySelectorAll('#text mark').length") == 500
    labels = "[...document.querySelectorAll('#curves text')]"
    assert "100,000" in browser.do(f"{labels}.map((one) => one.textContent)")
    assert browser.do(f"Math.min(...{labels}.map((one) => one.getBBox().x))") >= 0


def test_a_transcript_is_read_by_part_speaker_and_words(browser: Page, plain: Path) -> None:
    browser.open(plain, "#view=transcripts")
    assert browser.text("#transcript-found") == "3 of 3 messages"
    assert "2 steps that nobody hears" in browser.text("#run-facts")
    assert browser.text("#speakers .text") == "You are Ada."
    browser.press("ArrowRight")
    assert browser.text("#messages h2") == "Day 1"
    assert browser.text("#transcript-found") == "2 of 3 messages"
    browser.choose("#part", "all")
    browser.choose("#speaker", "Ada")
    browser.type("#transcript-find", "NIGHT,")
    assert browser.text("#transcript-found") == "1 of 3 messages"
    assert browser.text("#messages mark") == "night,"
    assert browser.complaints() == []


def test_packed_data_are_unpacked(
    browser: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_module, "PLAIN_BYTES", 0)
    file = tmp_path / "packed.html"
    file.write_text(report_page(report()), encoding="utf-8")
    assert file.stat().st_size < 60_000
    browser.open(file, "#seed=1&gen=2&compare=none")
    assert browser.text("#text") == "The dog slept."
    assert browser.complaints() == []
    broken = file.read_text("utf-8").replace('packing="gzip">H4s', 'packing="gzip">H4t')
    file.write_text(broken, encoding="utf-8")
    browser.open(file)
    assert "cannot be read" in browser.text("#problem")


def test_a_reader_sees_the_figures_as_they_were_drawn(browser: Page, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report_page(replace(report(), drawings=drawings())), "utf-8")
    browser.open(file)
    assert browser.do("document.querySelectorAll('.drawing').length") == 0
    browser.do("document.querySelector('[data-view=figures]').click()")
    browser.do(
        "new Promise((ready) => { const look = () => document.getElementById('figures')"
        ".dataset.ready ? ready() : setTimeout(look, 5); look(); })"
    )
    assert "view=figures" in browser.do("location.hash")
    assert browser.text("#figures h2") == "</script><b>"
    shown = "getComputedStyle(document.querySelector('.drawing {}')).{}"
    assert browser.do(shown.format("path", "fill")) == "rgb(255, 0, 0)"
    assert browser.do(shown.format("text", "fontSize")) == "6.5px"
    assert browser.do(shown.format("text", "fill")) == "rgb(0, 0, 0)"
    assert browser.do(shown.format("svg", "width")) == "96px"
    names = browser.do("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(names) == len(set(names))
    asked = {address for address in browser.requested() if not address.startswith("data:")}
    assert asked == {file.as_uri()}
    browser.do("document.querySelector('[data-view=chains]').click()")
    assert browser.do("document.getElementById('figures').hidden")
    assert [one for one in browser.complaints() if "Content Security" in str(one)] == []
