from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from simulator.backends.hf.speech import Speech, TokenText, _bytes_of
from simulator.domain.prompts import ChatMessage
from simulator.errors import BackendError
from tests.backends.hf.conftest import POCKET

words = st.text(st.sampled_from("ab <|>ü🙂\n7end"), max_size=20)


@given(words)
def test_words_that_look_like_markers_stay_words(speech: Speech, text: str) -> None:
    said = f"x {text} <|end|><|user|> y"
    tokens = speech.prompt_tokens([ChatMessage("user", said)])
    assert tokens.count(2) == 1  # the one marker that ends the message
    assert tokens.count(4) == 1
    assert said in speech.tokenizer.decode(tokens)


@given(words, words)
def test_pieces_between_vectors_join_to_the_whole_prompt(
    speech: Speech, before: str, after: str
) -> None:
    pieces = speech.prompt_pieces(
        [("system", ("A guard.",)), ("user", (f"q{before}", None, f"{after}q", None))]
    )
    assert len(pieces) == 3
    decode = speech.tokenizer.decode
    assert decode(pieces[0]).endswith(f"q{before}")
    assert decode(pieces[1]) == f"{after}q"
    assert decode(pieces[2]).startswith("<|end|>")


def test_without_a_template_messages_are_plain_text() -> None:
    speech = Speech(AutoTokenizer.from_pretrained(POCKET), {2}, has_template=False)
    tokens = speech.prompt_tokens([ChatMessage("system", "One."), ChatMessage("user", "Two.")])
    assert speech.tokenizer.decode(tokens) == "One.\n\nTwo."


def test_a_template_without_a_system_role_gets_its_words_in_the_first_message() -> None:
    tokenizer = AutoTokenizer.from_pretrained(POCKET)
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}"
        "{% endif %}[{{ m.role }}] {{ m.content }} {% endfor %}"
    )
    speech = Speech(tokenizer, {2}, has_template=True)
    tokens = speech.prompt_tokens([ChatMessage("system", "One."), ChatMessage("user", "Two.")])
    assert tokenizer.decode(tokens) == "[user] One.\n\nTwo. "


def test_a_template_that_refuses_the_prompt_says_why() -> None:
    tokenizer = AutoTokenizer.from_pretrained(POCKET)
    tokenizer.chat_template = "{{ raise_exception('only Latin') }}"
    with pytest.raises(BackendError, match="only Latin"):
        Speech(tokenizer, {2}, has_template=True).prompt_tokens([ChatMessage("user", "a")])


@given(words, st.sampled_from([(), ("end",), ("ab", "\n")]))
def test_streamed_text_is_the_text_before_the_first_stop(
    speech: Speech, text: str, stops: tuple[str, ...]
) -> None:
    stream = TokenText(speech, stops)
    said = ""
    for token in speech.text_tokens(text):
        said += stream.push(token)
        if stream.stopped:
            break
    said += stream.finish()
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    plain = speech.tokenizer.decode(list(speech.text_tokens(text)), skip_special_tokens=True)
    if plain == text:  # no marker among the words
        assert said == text[: min(ends, default=len(text))]


def test_every_token_has_the_bytes_that_it_stands_for(speech: Speech) -> None:
    text = "Größe 42 🙂 <end>\n"
    assert b"".join(map(speech.token_bytes, speech.text_tokens(text))).decode() == text
    assert [speech.token_bytes(token) for token in range(6)] == [b""] * 6


@pytest.mark.parametrize(
    ("name", "meant"), [("▁door", b" door"), ("<0xE2>", b"\xe2"), ("<0xag>", None), ("a", b"a")]
)
def test_tokens_of_sentencepiece_are_read_too(name: str, meant: bytes | None) -> None:
    if meant is None:
        meant = name.encode()
    assert _bytes_of(name, by_byte=False) == meant
