"""Replies of learners of the acronym game, in whatever form they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.analysis.iterated.acronyms.world import Acronyms
from simulator.analysis.iterated.worlds.base import Example, Game
from simulator.analysis.iterated.worlds.registry import GAMES

CAT, DOG = Example("call, are, ten", "cat"), Example("day, one, go", "dog")
GAME: Game = Acronyms()

words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
bytes_as_text = st.binary(max_size=60).map(lambda data: data.decode("latin-1"))
examples = st.lists(words, min_size=1, max_size=7).map(
    lambda chosen: Example(", ".join(chosen), "".join(word[0] for word in chosen))
)
pieces = st.sampled_from(
    ['{"output": "CAT"', '"input"', ": ", "call, are, ten", "}", "{", "[", "]", "\n", "```", "->",
     "CAT", "Output: ", "input = ", "null", "1.", "**", "\\", "é", "\x00", "'", '"', "-", "9" * 50]
)  # fmt: skip


@given(
    st.lists(examples, max_size=5),
    st.builds(Acronyms, output_first=st.booleans(), upper=st.booleans()),
)
def test_what_is_written_is_read_back(data: list[Example], game: Acronyms) -> None:
    found = game.read_data(game.data_text(data))
    assert found.data == tuple(data)
    assert found.left_out == () and found.wrong == 0


@given(st.one_of(bytes_as_text, st.lists(pieces, max_size=14).map("".join)))
def test_any_text_is_read_and_only_right_examples_come_of_it(text: str) -> None:
    found = GAME.read_data(text)
    for one in found.data:
        assert "".join(word[0] for word in one.input.split(", ")) == one.output
        assert all(word.isalpha() and word.islower() for word in one.input.split(", "))
    assert 0 <= found.wrong <= len(found.left_out)
    assert all(found.left_out)


@pytest.mark.parametrize(
    "reply",
    [
        '{"output": "CAT", "input": "call, are, ten"}\n{"output": "DOG", "input": "day, one, go"}',
        '```json\n[{"Output": "CAT", "INPUT": ["call", "are", "ten"]},\n'
        ' {"INPUT": "day one go", "OUTPUT": "Dog"}]\n```',
        '{"examples": [{"acronym": "cat", "words": "Call, Are, Ten"},'
        ' {"word": "dog", "words": ["day", "one", "go"]}]}',
        '{"CAT": "call, are, ten", "DOG": ["day", "one", "go"]}',
        '{"output": "CAT", "input": "call, are, ten"}, {"output": "DOG", "input": "day, one, go"}',
        "{'output': 'CAT', 'input': 'call, are, ten'}\n{'input': 'day, one, go', 'output': 'DOG'}",
        "1. CAT: call, are, ten\n2) **DOG** - day; one; go.",
        "- Output: CAT\n  Input: call, are, ten\n\n- Input: day, one, go\n- Output: DOG",
        "Output: CAT, Input: call, are, ten\nOutput word: DOG | Input words: day, one, go",
        "| CAT | call, are, ten |\n|-----|-----|\n| DOG | day, one, go |",
        "call, are, ten -> CAT\nday one go => DOG",
        '"CAT": "call, are, ten",\n"DOG": "day, one, go"',
        '[\n  "CAT: call, are, ten",\n  "DOG: day, one, go"\n]\n---',
        '1. {"output": "CAT",\n    "input": "call, are, ten"}\n'
        '2. {"output": "DOG",\n    "input": "day, one, go"}',
    ],
)
def test_models_write_examples_in_many_forms(reply: str) -> None:
    found = GAME.read_data(reply)
    assert found.data == (CAT, DOG)
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("CAT: call, one, ten", "first letters of the input words spell `cot`, not `cat`"),
        ("CAT: call, are", "spell `ca`, not `cat`"),
        ('{"output": "CAT", "input": "call, are, t-shirt"}', "word `t-shirt` of `cat` is not of"),
        ('{"output": "CA7", "input": "call, are, 7up"}', "output `ca7` is not of the letters"),
        ('{"output": "CAFÉ", "input": "call, are, few, été"}', "is not of the letters a to z only"),
        ('{"output": "CAT"}', "output `cat` has no input words"),
        ('{"input": "call, are, ten"}', "input `call, are, ten` has no output"),
        ('{"output": "CAT", "input": "call, ar', "spell `ca`, not `cat`"),
        ('{"output": "", "input": []}', "neither output nor input words"),
    ],
)
def test_wrong_examples_are_left_out_with_a_reason(reply: str, reason: str) -> None:
    found = GAME.read_data(f"DOG: day, one, go\n{reply}")
    assert found.data == (DOG,)
    assert found.wrong == 1
    assert len(found.left_out) == 1 and reason in found.left_out[0]


def test_prose_and_values_are_left_out_but_are_no_wrong_examples() -> None:
    found = GAME.read_data("Sure! Here are two:\nCAT: call, are, ten\n[3, null]\nNote: I like it.")
    assert found.data == (CAT,)
    assert found.wrong == 0
    assert found.left_out == (
        "`Sure! Here are two:` holds no example.",
        "`3` holds no example.",
        "`None` holds no example.",
        "`Note: I like it.` holds no example.",
    )


def test_an_example_that_is_said_twice_is_read_twice() -> None:
    assert GAME.read_data("CAT: call, are, ten\nCAT: call, are, ten").data == (CAT, CAT)


@pytest.mark.parametrize("text", ["[" * 20_000, "[\n" * 5_000, '{"a":' * 5_000, "[" + "9" * 5_000])
def test_texts_that_begin_like_json_without_end_are_read(text: str) -> None:
    assert GAME.read_data(f"{text}\nCAT: call, are, ten").data == (CAT,)


def test_learners_are_shown_the_order_and_the_capitals_that_are_set() -> None:
    assert GAME.data_text([CAT]) == '{"output": "CAT", "input": "call, are, ten"}'
    other = GAMES["acronyms"](output_first=False, upper=False)
    assert other.data_text([CAT]) == '{"input": "call, are, ten", "output": "cat"}'
    assert other.data_form().index("<first word>") < other.data_form().index("<output word>")
    assert other.name == "acronyms" and other == Acronyms(output_first=False, upper=False)


@pytest.mark.parametrize("switch", ["output_first", "upper"])
def test_a_switch_that_is_neither_true_nor_false_is_refused(switch: str) -> None:
    with pytest.raises(TypeError, match=f"`{switch}` is true or false, not 'no'"):
        GAMES["acronyms"](**{switch: "no"})
