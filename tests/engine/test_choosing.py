"""Choices by letters, under constraint, and what follows when a way does not work."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import Step, Usage
from simulator.domain.models import Ability, Chunk, Completion, GenerateRequest, TokenLogprob
from simulator.domain.ports import Stage
from simulator.engine.choosing import letter_scores
from tests.engine.toy import AGENT, played, question
from tests.lab import MODEL, Lab

OPTIONS = ("Guard_1", "Guard_12", "Bob")


class Able(ScriptedBackend):
    """A model with abilities, whose replies a test lists; it keeps what it was asked."""

    def __init__(
        self, abilities: frozenset[Ability], replies: Sequence[str | dict[str, float]]
    ) -> None:
        super().__init__([], model=MODEL)
        self.abilities = abilities
        self._replies = iter(replies)
        self.requests: list[GenerateRequest] = []

    async def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        reply = next(self._replies)
        usage = Usage(prompt_tokens=3, completion_tokens=1)
        if isinstance(reply, str):
            yield Chunk(reply, completion=Completion(reply, "stop", usage))
            return
        tokens = tuple(TokenLogprob(token, math.log(share)) for token, share in reply.items())
        text = max(reply, key=lambda token: reply[token], default="")
        yield Chunk(completion=Completion(text, "length", usage, first_token=tokens))


async def choice(lab: Lab, backend: Able) -> Step:
    lab.pool.backends[MODEL] = backend

    async def choose(stage: Stage) -> None:
        await stage.choose(AGENT, question(), OPTIONS, fallback="Bob")

    return (await played(lab, choose))[0]


async def test_letters_are_weighed_by_their_probability(lab: Lab) -> None:
    backend = Able(frozenset({"logprobs"}), [{"B": 0.5, " b": 0.1, "A": 0.3, "The": 0.1}])
    step = await choice(lab, backend)
    assert (step.content, step.method) == ("Guard_12", "logprobs")
    assert [round(math.exp(score), 3) for score in step.scores[:2]] == [0.333, 0.667]
    assert math.exp(step.scores[2]) <= 0.12
    (request,) = backend.requests
    assert request.top_logprobs == 20 and request.sampling.max_tokens == 1
    assert "B: Guard_12" in request.prompt.last.content
    assert step.call is not None and step.call.sampling.max_tokens == 1


async def test_letters_that_say_little_give_way_to_words(lab: Lab) -> None:
    backend = Able(frozenset({"logprobs"}), [{"Well": 0.8, "A": 0.2}, "Bob"])
    step = await choice(lab, backend)
    assert (step.content, step.method, step.scores) == ("Bob", "parsed", ())
    assert step.call is not None and step.call.usage.calls == 2


async def test_a_server_without_the_logprobs_it_claims_is_asked_in_words(lab: Lab) -> None:
    step = await choice(lab, Able(frozenset({"logprobs"}), [{}, "guard_1"]))
    assert (step.content, step.method) == ("Guard_1", "parsed")


async def test_a_reply_is_held_to_the_options_where_the_server_can(lab: Lab) -> None:
    backend = Able(frozenset({"choices"}), ["Guard_12"])
    step = await choice(lab, backend)
    assert (step.content, step.method) == ("Guard_12", "constrained")
    assert backend.requests[0].choices == OPTIONS


async def test_letters_come_before_constraint_and_constraint_before_words(lab: Lab) -> None:
    backend = Able(frozenset({"logprobs", "choices"}), [{}, "none of them", "Guard_1"])
    step = await choice(lab, backend)
    assert (step.content, step.method) == ("Guard_1", "parsed")
    assert [bool(request.choices) for request in backend.requests] == [False, True, False]


async def test_words_despite_the_constraint_are_read_as_words(lab: Lab) -> None:
    step = await choice(lab, Able(frozenset({"choices"}), ["I say Bob."]))
    assert (step.content, step.method) == ("Bob", "parsed")


async def test_seeds_of_asking_do_not_depend_on_letters_tried_before(lab: Lab) -> None:
    plain = Able(frozenset(), ["Bob"])
    tried = Able(frozenset({"logprobs"}), [{}, "Bob"])
    await choice(lab, plain)
    await choice(lab, tried)
    assert plain.requests[0].seed == tried.requests[1].seed != tried.requests[0].seed


@given(
    st.dictionaries(st.sampled_from("ABCDxyz"), st.floats(0.01, 1.0), min_size=1),
    st.integers(2, 4),
)
def test_letter_scores_rank_as_the_tokens_do(shares: dict[str, float], options: int) -> None:
    total = sum(shares.values())
    tokens = [TokenLogprob(token, math.log(part / total)) for token, part in shares.items()]
    scores = letter_scores(tokens, options)
    known = {letter: shares.get(letter, 0.0) / total for letter in "ABCD"[:options]}
    if sum(known.values()) < 0.499:
        assert scores == ()
    if scores:
        assert len(scores) == options
        best = max(known, key=lambda letter: known[letter])
        assert scores["ABCD".index(best)] == pytest.approx(max(scores), abs=1e-5)
