"""What agents are shown, and what is taken of their replies, to the letter."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.replies import ParsedReply
from simulator.kinds.telephone.casting import cast
from simulator.kinds.telephone.patterns import MOST_MATCHED, between, fault_of, matched
from simulator.kinds.telephone.prompts import WRONG_FORM, asking, parser_of
from simulator.kinds.telephone.tasks import TASKS, filled
from tests.kinds.telephone.games import telephone


def asked(
    read: dict[str, str] | str, generation: int = 1, *, agent: int = 1, **fields: Any
) -> list[tuple[str, str]]:
    made = telephone(**fields)
    texts = {"Agent 1": read} if isinstance(read, str) else read
    prompt = asking(made, cast(made)[agent - 1], texts, generation)
    return [(entry.role, entry.content) for entry in prompt]


def parsed(reply: str, **fields: Any) -> ParsedReply:
    parse = parser_of(telephone(**fields))
    return parse(reply) if parse else ParsedReply(reply)


@given(st.text(), st.sampled_from(["rephrase", "inspiration", "continue"]),
       st.sampled_from(["chat", "base"]), st.integers(1, 9))  # fmt: skip
def test_the_text_stands_bare_and_once_in_the_prompt(
    text: str, task: str, style: str, generation: int
) -> None:
    ((role, content),) = asked(text, generation, task=task, prompt_style=style)
    frame = TASKS[task].one if style == "chat" else TASKS[task].base
    before, _, after = frame.partition("{text}")
    assert role == "user" and content == before + text + after


@pytest.mark.parametrize("text", ["{text}", "{first} {{text}} {0}", "%s \\1 \\g<0>", ""])
def test_braces_of_a_text_are_its_own(text: str) -> None:
    own = {"first": "A {text} B {text} {other}", "later": "No place"}
    ((_, first),) = asked(text, task="own", prompts=own)
    assert first == f"A {text} B {text} {{other}}"
    ((_, later),) = asked(text, 2, task="own", prompts=own)
    assert later == f"No place\n\n{text}"
    assert filled(" \n", text) == text


def test_own_prompts_of_the_first_generation_are_those_of_all_without_others() -> None:
    own = {"first": "Go on: {text}"}
    assert asked("a", 5, task="own", prompts=own) == [("user", "Go on: a")]


def test_personalities_are_system_prompts_one_for_all_or_one_each() -> None:
    ring = {"structure": "circle", "agents": 3}
    both = asked("a", personalities=["Kind."], format={"prompt": "In marks."})
    assert both[0] == ("system", "Kind.") and both[1][1].endswith("\n\na\n\nIn marks.")
    assert [asked("a", agent=n, personalities=["A", "B", "C"], network=ring)[0] for n in (1, 2, 3)
            ] == [("system", one) for one in "ABC"]  # fmt: skip
    assert [one.system_prompt for one in cast(telephone(personalities=["A"], network=ring))] == [
        "A", "A", "A",
    ]  # fmt: skip


def test_base_models_read_everything_as_one_text() -> None:
    ((role, content),) = asked(
        "a", prompt_style="base", personalities=["Kind."], format={"prompt": "In marks."}
    )
    assert role == "user" and content.startswith("Kind.\n\nIn marks.\n\nText:\na\n\nNote: ")
    assert content.endswith("Text:\n")


def test_several_texts_stand_below_their_writers() -> None:
    ring = {"structure": "circle", "agents": 3}
    ((_, content),) = asked({"Agent 3": "c", "Agent 1": "a\nb"}, 2, network=ring)
    assert content.endswith("\n\nText of Agent 3:\nc\n\nText of Agent 1:\na\nb")


@pytest.mark.parametrize(
    ("fields", "stops"),
    [
        ({"prompt_style": "chat"}, ()),
        ({"prompt_style": "base"}, ("\n\nText:", "\n\nNote:")),
        ({"prompt_style": "base", "task": "continue"}, ()),
        ({"prompt_style": "base", "task": "own", "prompts": {"first": "x"}}, ()),
        ({"prompt_style": "base", "task": "continue", "network": {"structure": "circle"}},
         ("\n\nText of ",)),
        ({"prompt_style": "base", "sampling": {"stop": ["\n\nNote:", "END"]}},
         ("\n\nNote:", "END", "\n\nText:")),
    ],
)  # fmt: skip
def test_base_models_end_where_another_text_would_begin(
    fields: dict[str, Any], stops: tuple[str, ...]
) -> None:
    assert {agent.sampling.stop for agent in cast(telephone(**fields))} == {stops}


def test_space_around_a_reply_is_part_of_the_text_for_those_who_chat() -> None:
    assert parsed(" a \n").content == " a \n"
    assert parsed(" a \n", prompt_style="base").content == "a"
    assert parsed("", prompt_style="base").content == ""


@pytest.mark.parametrize(
    ("form", "reply", "text"),
    [
        ({"start": "<", "end": ">"}, "x <a\nb> c>", "a\nb"),
        ({"start": "<", "end": ">"}, "<>", ""),
        ({"start": "<", "end": ">"}, "> a <", None),
        ({"start": "<"}, "x <a <b", "a <b"),
        ({"start": ".*", "end": "("}, "abc.*d(", "d"),
        ({"start": "||", "end": "||"}, "||a||", "a"),
        ({"start": "||", "end": "||"}, "||a", None),
        ({"pattern": r"\d+"}, "a 12 3", "12"),
        ({"pattern": "<(.*)>"}, "<a\nb>", "a\nb"),
        ({"pattern": "x(a)?"}, "xb", None),
        ({"pattern": "^$"}, "", ""),
    ],
)
def test_the_text_is_taken_out_of_its_form(
    form: dict[str, str], reply: str, text: str | None
) -> None:
    found = parsed(reply, format=form)
    assert found.is_wanted == (text is not None)
    assert found.content == (reply if text is None else text)
    assert (WRONG_FORM in found.notes) == (text is None)


@given(st.text("ab<>", max_size=30), st.text("<>", min_size=1, max_size=3),
       st.text("<>", max_size=3))  # fmt: skip
def test_marks_are_the_shortest_match_of_the_same_as_an_expression(
    reply: str, start: str, end: str
) -> None:
    import re

    expression = f"{re.escape(start)}(.*?){re.escape(end) if end else chr(92) + 'Z'}"
    assert between(start, end)(reply) == matched(expression)(reply)


def test_what_models_say_cannot_hold_a_game_up() -> None:
    began = time.process_time()
    assert between("<", ">")("<" * 1_000_000) is None
    assert matched("<.*>")("<" * MOST_MATCHED) is None
    assert matched("a")("a" * (MOST_MATCHED + 1)) is None
    assert matched(r"<(?:\w+\s?)*+>")("<" + "ab " * 6000) is None
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "(?:a|a)*b", r"(?:.|\n)*x", r"(?:\w+\s*)*x", "(?:a?){50}a", "(?=(?:a*)*b)a",
     "(?:x(?:a*)y)+", "(?>(?:a+)+b)", "((?:a|ab)+)c", "(?:(?:a+)*b)*+"],
)  # fmt: skip
def test_patterns_that_may_take_for_ever_are_refused(pattern: str) -> None:
    fault = fault_of(pattern)
    assert fault is not None and "for ever" in fault


@pytest.mark.parametrize(
    "pattern",
    ["", "<t>(.*?)</t>", r"^\s*(.+?)\s*$", "(?:foo|bar)+", "(?:a{3})*", r"(?:\w+\s?)*+x",
     "(?>a+)+b", "[ab]*c*", "(?i:text): (.*)", "(?<=x)a{2,5}", "(?:a|b)*"],
)  # fmt: skip
def test_patterns_that_end_are_taken(pattern: str) -> None:
    assert fault_of(pattern) is None
