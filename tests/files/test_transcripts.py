from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from simulator.domain.journal import Call, Step, Usage
from simulator.domain.records import Agent, Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.errors import UsageError
from simulator.files.transcripts import FORMATS, export, message_document

NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
FACTORS: list[Any] = [
    {"name": "goal", "levels": [{"name": "escape", "changes": []}, {"name": "yard"}]},
    {"name": "risks", "levels": [{"name": "no"}, {"name": "yes"}]},
]
EXPERIMENT = Experiment(
    id="E", name="Prison <b>", kind="conversation", design={"factors": FACTORS},
    design_hash="d" * 32, note="a *note*", creator="anna", created_at=NOW,
)  # fmt: skip
RUN = Run(
    id="R", experiment_id="E", kind="conversation", design_hash="d" * 32, seed=7,
    parameters={"messages": 4, "levels": [{"name": "goal", "value": "yard"}]},
    agents=(
        Agent(name="Guard_117", role="guard", number=1, model="pocket", system_prompt="# You"),
        Agent(name="Summarizer", role="summarizer", number=0, model="pocket"),
    ),
    status="completed", outcome=Outcome(reason="messages"), creator="anna", created_at=NOW,
    provenance=Provenance(simulator_version="1", python_version="3", platform="x"),
)  # fmt: skip


def step(index: int, content: str, speaker: str = "Guard_117", **changes: Any) -> Step:
    call = Call(
        model="pocket", sampling=Sampling(), seed=1, raw=f"Guard: {content}", stop_reason="stop",
        usage=Usage(prompt_tokens=10, completion_tokens=5),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "run_id": "R", "scope": "main", "index": index, "position": index, "kind": "ask",
        "prompt_hash": "0" * 32, "speaker": speaker, "role": "guard", "content": content,
        "day": 1, "call": call, "created_at": NOW,
    }  # fmt: skip
    return Step(**(fields | changes))


OPENING = step(0, "Start.", "Researcher", role="researcher", call=None, kind="say")
CHOICE = step(1, "Guard_117", "Selector", in_transcript=False, scores=(-1.0, float("-inf")))


def rows(*steps: Step) -> list[dict[str, str]]:
    text = export("csv", RUN, EXPERIMENT, steps)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_jsonl_has_every_step_exactly() -> None:
    steps = [OPENING, CHOICE, step(2, "half \ud800\x00\x1b[31m\u2028\n=1+1")]
    text = export("jsonl", RUN, EXPERIMENT, list(reversed(steps)))
    text.encode("ascii")
    lines = text.split("\n")
    assert lines.pop() == "" and len(lines) == 3
    read = [json.loads(line, parse_constant=lambda word: pytest.fail(word)) for line in lines]
    assert [Step.model_validate(document) for document in read] == steps


def test_a_message_document_begins_with_what_people_look_for() -> None:
    document = message_document(step(2, "Hi"))
    assert list(document)[:6] == ["scope", "index", "day", "speaker", "role", "content"]
    assert document["call"] is not None
    assert set(document) == set(Step.model_fields)


def test_csv_has_a_row_for_each_message_with_its_condition() -> None:
    first, second = rows(OPENING, CHOICE, step(2, 'Hi, "you"\nthere'))
    assert first["model"] == first["prompt_tokens"] == first["raw"] == ""
    assert second["content"] == 'Hi, "you"\nthere'
    assert (second["factor goal"], second["factor risks"]) == ("yard", "no")
    assert (second["experiment"], second["day"], second["index"]) == ("Prison <b>", "1", "2")
    assert (second["prompt_tokens"], second["completion_tokens"]) == ("10", "5")
    assert second["created_at"] == NOW.isoformat()


def called(index: int, usage: Usage, **facts: Any) -> Step:
    plain = step(index, f"word {index}")
    assert plain.call is not None
    return plain.model_copy(update={"call": plain.call.model_copy(update={"usage": usage} | facts)})


def test_csv_tells_what_each_message_took_and_what_happened_to_it() -> None:
    used = Usage(
        calls=1, prompt_tokens=100, cached_tokens=40, completion_tokens=20, reasoning_tokens=5,
        cost_usd=0.00025,
    )  # fmt: skip
    unknown = Usage(calls=1, prompt_tokens=7, unpriced_calls=1, estimated_calls=1)
    paid, unpriced, opening = rows(
        called(0, used, prompt_truncated=True, stop_reason="refusal"),
        called(1, unknown, from_cache=True),
        OPENING.model_copy(update={"index": 2, "position": 2}),
    )
    names = (
        "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "cost_usd",
        "unpriced_calls", "estimated_calls", "stop_reason", "prompt_truncated", "from_cache",
    )  # fmt: skip
    assert [paid[name] for name in names] == [
        "100", "40", "20", "5", "0.00025", "0", "0", "refusal", "true", "false",
    ]  # fmt: skip
    assert (unpriced["cost_usd"], unpriced["unpriced_calls"]) == ("", "1")
    assert unpriced["estimated_calls"] == "1"
    assert (unpriced["prompt_truncated"], unpriced["from_cache"]) == ("false", "true")
    assert {opening[name] for name in names} == {""}


def test_markdown_marks_what_happened_to_a_message() -> None:
    steps = [called(0, Usage(), prompt_truncated=True, from_cache=True),
             called(1, Usage(), stop_reason="content_filter")]  # fmt: skip
    summary = step(2, "They talked.", "Summarizer", role="summarizer")
    assert summary.call is not None
    cut = summary.call.model_copy(update={"prompt_truncated": True})
    text = export("markdown", RUN, EXPERIMENT, [*steps, summary.model_copy(update={"call": cut})])
    assert "**Guard\\_117** (prompt truncated, from a record)\n" in text
    assert "**Guard\\_117** (withheld by the provider)\n" in text
    assert "> **Summarizer** (summary, prompt truncated)\n" in text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "\t=1", "  =1", "\tx", "\uff1d1", "\r=1", "\n=1"]
)
def test_csv_cells_are_no_formulas(text: str) -> None:
    content = rows(step(0, text))[0]["content"]
    assert content.startswith("'")


def test_csv_shows_control_characters_as_pictures() -> None:
    content = rows(step(0, "a\x00b\x1b[31m\x7f\x9b\ud800\r\nc"))[0]["content"]
    assert content == "a\u2400b\u241b[31m\u2421\ufffd\ufffd\nc"


ATTACKS = (
    "# Heading", "Title\n=====", "Title\n---", "***", "- item", "+ item", "1. one",
    "2) two", "> quote",
    "```\ncode\n```", "~~~\ncode\n~~~", "`code`", "    indented code", "\tindented",
    "**bold**", "_it_",
    "[a](http://x.y)", "![a](x)", "<b>html</b>", "<script>x</script>", "<!-- c",
    "<http://x.y>", "a\\",
    "[a]: http://x.y", "|a|b|\n|-|-|\n|1|2|", "&amp;", "&#35;", "a  \nb",
    "x\n\n    code", "~~gone~~",
    "-", "a\n-", "a\n=", "1.", "<div>\n\n# x\n\n</div>", "\\# x", "&nbsp;", "a\\\nb",
    "\n# x", "\x0b# x",
    "\u2028# x", "\xa0# x", "  # x", "<?php", "]]>", "[x]\n\n[x]: y", "* * *", "_ _ _",
    "$x$", "[^1]",
)  # fmt: skip
HARMLESS = {
    "paragraph_open", "paragraph_close", "inline", "text", "hardbreak", "softbreak", "text_special",
}  # fmt: skip


def shown(content: str, speaker: str = "Guard_117") -> tuple[set[str], str]:
    """The kinds of Markdown element that a reply becomes, and its text."""
    markdown = export("markdown", RUN, EXPERIMENT, [step(0, content, speaker)])
    body = markdown.split("**Guard\\_117**\n\n", 1)[1]
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    kinds = {token.type for token in tokens}
    text = []
    for token in tokens:
        for child in token.children or []:
            kinds.add(child.type)
            text.append("\n" if child.type == "hardbreak" else child.content)
        if token.type == "paragraph_close":
            text.append("\n\n")
    return kinds, "".join(text)


def words(text: str) -> list[str]:
    return re.findall(r"\S+", text.replace("\xa0", " "))


@pytest.mark.parametrize("content", ATTACKS)
def test_replies_never_act_as_markup(content: str) -> None:
    kinds, text = shown(content)
    assert kinds <= HARMLESS
    if content.isprintable():
        assert words(text) == words(content)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="#-=*_`~<>[]()!|\\&;:+.1a \n\t\"'", min_size=1, max_size=30))
def test_no_reply_acts_as_markup(content: str) -> None:
    kinds, text = shown(content)
    assert kinds <= HARMLESS | {"em_open", "em_close"}
    if content.strip():
        assert kinds <= HARMLESS
        assert words(text) == words(content)


@pytest.mark.parametrize(
    "content", ["see http://x.y", "HTTPS://x.y", "www.x.y", "WWW.x.y", "a@b.c"]
)
def test_addresses_do_not_become_links(content: str) -> None:
    markdown = export("markdown", RUN, EXPERIMENT, [step(0, content)])
    assert not re.search(r"://|www\.\w|a@b", markdown, re.IGNORECASE)


def test_markdown_shows_what_a_reader_wants() -> None:
    summary = step(3, "They talked.", "Summarizer", role="summarizer")
    text = export(
        "markdown", RUN, EXPERIMENT, [OPENING, step(1, "Hi.\nYou."), CHOICE, summary,
                                      step(4, "Again.", day=2)],
    )  # fmt: skip
    assert text.startswith("# Prison \\<b\\>\n\na \\*note\\*\n")
    for line in (
        "- Run: R", "- messages: 4", "- goal: yard", "- risks: no", "### Day 1", "### Day 2",
        "- **Guard\\_117** (guard): pocket", "  > \\# You", "**Researcher**", "**Guard\\_117**",
        "Hi.\\", "> **Summarizer** (summary)", "> They talked.",
    ):  # fmt: skip
        assert line in text.split("\n")
    assert "Selector" not in text
    assert text.count("### Day") == 2


def test_hostile_names_stay_on_their_line() -> None:
    experiment = EXPERIMENT.model_copy(update={"name": "a\n# b", "note": ""})
    text = export("markdown", RUN, experiment, [step(0, "x", "Eve**\n\n# h")])
    tokens = MarkdownIt("commonmark").parse(text)
    headings = [tokens[n + 1].content for n, t in enumerate(tokens) if t.type == "heading_open"]
    assert headings[0] == "a # b"
    assert [h for h in headings if h.startswith("h")] == []


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=40))
def test_every_format_can_be_written_as_utf8(content: str) -> None:
    for name in FORMATS:
        export(name, RUN, EXPERIMENT, [step(0, content)]).encode("utf-8")


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(UsageError, match="docx") as error:
        export("docx", RUN, EXPERIMENT, [])
    assert error.value.remedy == "Choose one of jsonl, csv, markdown."


def test_markdown_words_parameters_and_the_end() -> None:
    parameters: dict[str, Any] = {
        "messages": 4, "agents": [{"role": "guard", "count": 1}, {"role": "prisoner", "count": 2}],
        "sampling": {"top_p": 0.5, "max_tokens": 8},
    }  # fmt: skip
    outcome = Outcome(reason="messages", values={"messages": 4})
    run = RUN.model_copy(update={"parameters": parameters, "outcome": outcome})
    lines = export("markdown", run, EXPERIMENT, []).splitlines()
    assert "- Ended by: 4 messages were spoken" in lines
    assert "- agents: guard 1, prisoner 2" in lines
    assert "- sampling: top\\_p 0.5, max\\_tokens 8" in lines
