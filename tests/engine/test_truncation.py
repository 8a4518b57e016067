from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from simulator.backends.pocket.model import WEIGHTS_FOLDER
from simulator.domain.prompts import ChatMessage
from simulator.engine.truncation import TruncationDetector

POCKET = Tokenizer.from_file(str(WEIGHTS_FOLDER / "tokenizer.json"))

LANGUAGES = {
    "English": "the guard looks at prisoners and asks quietly why nobody wants to answer before "
    "dinner because everybody knows that something happened in the corridor yesterday evening",
    "German": "der Wärter fragt die Gefangenen freundlich weshalb niemand antworten möchte obwohl "
    "doch alle wissen dass gestern Abend im Flur etwas Außergewöhnliches geschehen ist",
    "Finnish": "vartija kysyy vangeilta hiljaa miksi kukaan ei halua vastata ennen päivällistä "
    "vaikka kaikki tietävät mitä käytävällä tapahtui eilen illalla myöhään",
    "Russian": "охранник тихо спрашивает заключённых почему никто не хочет отвечать перед ужином "
    "хотя все знают что вчера вечером в коридоре случилось нечто необычное",
    "Hindi": "पहरेदार कैदियों से धीरे से पूछता है कि कोई उत्तर क्यों नहीं देना चाहता जबकि सबको पता है कि कल "
    "शाम गलियारे में क्या हुआ था",
    "Chinese": "看守 轻声 问 囚犯们 为什么 没有人 愿意 在 晚饭 之前 回答 "
    "虽然 大家 都 知道 昨天 晚上 走廊 里 发生 了 什么",
    "Korean": "교도관은 조용히 죄수들에게 왜 아무도 대답하려 하지 않는지 묻는다 모두가 "
    "어제 저녁 복도에서 무슨 일이 있었는지 알고 있는데도",
    "code": "def guard(self, name): return { 'prisoner': [None, 1, 2.5] } # asks (why) == False;",
}  # fmt: skip

_PIECE = re.compile(r"[⺀-\U0010ffff]|\s?[^\W\d_]{1,5}|\s|\d{1,3}|.", re.DOTALL)


def pocket(text: str) -> int:
    """A small vocabulary, learnt from English: other languages fall to single bytes."""
    return len(POCKET.encode(text, add_special_tokens=False).ids)


def large(text: str) -> int:
    """Much like a large vocabulary: syllables of words, single ideographs."""
    return len(_PIECE.findall(text))


TOKENIZERS: dict[str, Callable[[str], int]] = {"pocket": pocket, "large": large}


class Conversation:
    """A growing prompt in one language, as a server with a chat template counts it."""

    def __init__(self, language: str, tokenizer: str, template_tokens: int, rng: Random) -> None:
        self._words = LANGUAGES[language].split()
        self._count = TOKENIZERS[tokenizer]
        self._template_tokens = template_tokens
        self._rng = rng
        self._costs: dict[ChatMessage, int] = {}
        self.messages = [self._message("system", 40)]

    def grow(self) -> None:
        self.messages.append(self._message("user", 70))

    def tokens(self, messages: Sequence[ChatMessage]) -> int:
        return 10 + sum(self._costs[message] for message in messages)

    def shown(self, context: int) -> Sequence[ChatMessage]:
        """What a server that drops the oldest messages in silence shows to its model."""
        system, *others = self.messages
        tokens = self.tokens(self.messages)
        while len(others) > 1 and tokens > context:
            tokens -= self._costs[others.pop(0)]
        return [system, *others]

    def _message(self, role: str, words: int) -> ChatMessage:
        text = " ".join(self._rng.choices(self._words, k=self._rng.randint(words // 4, words)))
        message = ChatMessage("system" if role == "system" else "user", text)
        self._costs[message] = self._template_tokens + self._count(text)
        return message


def conversations(tokenizer: str) -> st.SearchStrategy[Conversation]:
    return st.builds(
        Conversation,
        st.sampled_from(sorted(LANGUAGES)),
        st.just(tokenizer),
        st.integers(2, 8),
        st.integers(0, 2**32).map(Random),
    )


tokenizers = st.sampled_from(sorted(TOKENIZERS))
contexts = st.sampled_from([1024, 2048, 4096])


@settings(max_examples=60)
@given(
    tokenizers.flatmap(lambda tokenizer: st.lists(conversations(tokenizer), max_size=3)), contexts
)
def test_prompts_that_fit_are_never_taken_for_cut(held: list[Conversation], context: int) -> None:
    detector = TruncationDetector()
    for conversation in held:
        while (tokens := conversation.tokens(conversation.messages)) < context:
            assert not detector.was_cut(conversation.messages, tokens, context)
            conversation.grow()


@settings(max_examples=60)
@given(tokenizers.flatmap(conversations), contexts)
def test_a_cut_of_a_quarter_is_always_found(conversation: Conversation, context: int) -> None:
    detector = TruncationDetector()
    whole = 0
    while whole < 2 * context:
        shown = conversation.tokens(conversation.shown(context))
        whole = conversation.tokens(conversation.messages)
        cut = detector.was_cut(conversation.messages, shown, context)
        if shown <= 0.75 * whole:
            assert cut
        conversation.grow()


@settings(max_examples=60)
@given(tokenizers.flatmap(conversations))
def test_a_cut_is_found_although_the_context_is_not_known(conversation: Conversation) -> None:
    detector = TruncationDetector()
    for _ in range(60):
        shown = conversation.tokens(conversation.shown(2048))
        cut = detector.was_cut(conversation.messages, shown, None)
        whole = conversation.tokens(conversation.messages)
        assert cut or shown > 0.75 * whole
        assert not (cut and shown == whole)
        conversation.grow()


@pytest.mark.parametrize(("tokens", "cut"), [(4095, False), (4096, True), (4100, True)])
def test_a_prompt_that_fills_the_context_counts_as_cut(tokens: int, cut: bool) -> None:
    assert TruncationDetector().was_cut([ChatMessage("user", "a" * 9000)], tokens, 4096) is cut


@pytest.mark.parametrize(("tokens", "cut"), [(1000, True), (9000, False)])
def test_coarse_cuts_are_found_without_anything_to_compare_with(tokens: int, cut: bool) -> None:
    prompt = [ChatMessage("user", "word " * 9000)]
    assert TruncationDetector().was_cut(prompt, tokens, 16384) is cut
