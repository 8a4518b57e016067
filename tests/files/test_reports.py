from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.culture.records import Chain, MeasuredChains
from simulator.domain.journal import Step
from simulator.domain.records import Agent, Experiment, Outcome, Provenance, Run
from simulator.files.reports import page as page_module
from simulator.files.reports.content import MeasureNote, Report
from simulator.files.reports.page import PLAIN_BYTES, report_page
from simulator.files.reports.transcripts import Message, Transcript, transcript_of

NOW = datetime(2026, 5, 4, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    ["</script>", "<!--<script>", "]]>", "{{DATA}}", "\\u003c", "&lt;", "\ud83d", "\u2028", "\0"]
)


def report_of(*texts: str, title: str = "Title", values: Any = None) -> Report:
    chain = Chain("lab/one", "rephrase", "A", 1, texts, expected=len(texts) - 1)
    return Report(
        title, (("Kind", "telephone"),), (),
        MeasuredChains((chain,), {} if values is None else {"length": np.array([values])}),
        {"length": MeasureNote("characters", "How long it is.")},
    )  # fmt: skip


def data_of(page: str) -> dict[str, Any]:
    """As a browser finds it: up to the first end of the element."""
    found = re.search(r'<script type="application/json" id="data" data-packing="(\w+)">', page)
    assert found is not None
    content = page[found.end() : page.index("</script", found.end())]
    if found[1] == "gzip":
        content = gzip.decompress(base64.b64decode(content)).decode("ascii")
    document: dict[str, Any] = json.loads(content)
    return document


@given(st.lists(ANY_TEXT, min_size=1, max_size=5), ANY_TEXT)
def test_any_text_comes_back_as_it_is_and_never_becomes_markup(
    texts: list[str], title: str
) -> None:
    page = report_page(report_of(*texts, title=title))
    document = data_of(page)
    assert [document["texts"][number] for number in document["chains"][0]["texts"]] == texts
    assert document["title"] == title
    page.encode("utf-8")
    usual = report_page(report_of("a"))
    assert len(re.findall("<[!/a-zA-Z]", page)) == len(re.findall("<[!/a-zA-Z]", usual))
    assert "\0" not in page


def test_a_page_lets_only_its_own_script_and_style_run() -> None:
    page = report_page(report_of("a", "b"))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    program = re.search(r"<script>(.*?)</script>", page, re.S)
    style = re.search(r"<style>(.*?)</style>", page, re.S)
    assert program is not None and style is not None
    for name, part in (("script", program[1]), ("style", style[1])):
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert not re.findall(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval|fetch)\b", page)


def test_the_same_report_gives_the_same_page_and_each_text_stands_once() -> None:
    page = report_page(report_of("a", "b", "a", "b", "a"))
    assert page == report_page(report_of("a", "b", "a", "b", "a"))
    assert data_of(page)["texts"] == ["a", "b"]
    assert data_of(page)["chains"][0]["texts"] == [0, 1, 0, 1, 0]


def test_large_reports_are_packed() -> None:
    texts = [f"{number} " + "word " * 400 for number in range(PLAIN_BYTES // 1000)]
    page = report_page(report_of(*texts))
    assert data_of(page)["texts"] == texts
    assert len(page) < 80_000


def test_values_are_rounded_and_missing_ones_are_null() -> None:
    page = report_page(report_of("a", "b", values=[0.123456, np.nan, 7.0]))
    document = data_of(page)
    assert document["chains"][0]["values"] == [[0.1235, None]]
    assert document["measures"] == [["length", "characters", "How long it is."]]


def test_long_names_are_cut_and_still_differ() -> None:
    chains = tuple(
        Chain("m", "chatroom", "long " * 40 + end, 1, ("a",)) for end in ("one", "two", "two")
    )
    page = report_page(Report("T", (), (), MeasuredChains(chains, {}), {}))
    names = data_of(page)["names"]["text"]
    assert len(names) == len(set(names)) == 2
    assert all(len(name) < 80 for name in names)
    assert data_of(page)["names"]["temperature"] == ["unknown"]


def test_titles_are_escaped_where_the_page_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    page = report_page(report_of("a", title="</title><b>{{DATA}}\n&"))
    assert "<title>&lt;/title&gt;&lt;b&gt;{{DATA}} &amp;</title>" in page
    monkeypatch.setattr(page_module, "PLAIN_BYTES", 0)
    assert data_of(report_page(report_of("a", title="</b>")))["title"] == "</b>"


# ---------------------------------------------------------------- transcripts


def step(position: int, speaker: str, content: str, **rest: Any) -> Step:
    return Step(
        run_id="r", scope="main", index=position, position=position, kind="say", prompt_hash="",
        speaker=speaker, role="x", content=content, created_at=NOW, **rest,
    )  # fmt: skip


def test_a_transcript_has_what_was_heard_in_its_order_and_counts_the_rest() -> None:
    run = Run(
        id="01RUN", experiment_id="e", kind="conversation", design_hash="h", seed=7,
        agents=(
            Agent(name="Ada", role="guard", number=1, model="pocket", system_prompt="Be Ada."),
            Agent(name="Summarizer", role="summarizer", number=0, model="pocket"),
        ),
        status="failed", error="It broke.", outcome=Outcome(reason="phrase", detail="bye"),
        provenance=Provenance(simulator_version="1", python_version="3", platform="x"),
        creator="ada", created_at=NOW,
    )  # fmt: skip
    experiment = Experiment(
        id="e", name="Talk", kind="conversation", design={}, design_hash="h", creator="ada",
        created_at=NOW,
    )  # fmt: skip
    steps = [
        step(3, "Summarizer", "All well.", day=1),
        step(0, "Researcher", "Begin."),
        step(1, "Selector", "Ada", in_transcript=False),
        step(2, "Ada", "Hello.", day=1, edited=True),
    ]
    found = transcript_of(run, experiment, steps)
    assert found.messages == (
        Message("Researcher", "", "Begin."),
        Message("Ada", "Day 1", "Hello.", ("edited",)),
        Message("Summarizer", "Day 1", "All well.", is_aside=True),
    )
    assert found.unheard == 1
    assert dict(found.facts)["Error"] == "It broke."
    assert dict(found.facts)["Ended by"] == "phrase: bye"
    page = report_page(
        Report("T", (), (), MeasuredChains((), {}), {}, (found, Transcript("Empty", (), (), ())))
    )
    document = data_of(page)
    first = document["transcripts"][0]
    assert document["texts"][first["speakers"][0][3]] == "Be Ada."
    assert [document["texts"][one[2]] for one in first["messages"]] == [
        "Begin.", "Hello.", "All well.",
    ]  # fmt: skip
