"""Probabilities of first tokens, and replies held to choices."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.domain.journal import Usage
from simulator.domain.sampling import Sampling
from tests.backends.openai.asking import Behind, completion_of, request
from tests.backends.openai.streams import DONE, delta, read, says
from tests.servers.openai_faults import error

APIS = ["openai/gpt-4o-mini", "openai/o3-pro", "azure/gpt-4o-mini"]
NOTHING = ("", "unknown", Usage(), ())


def told(logprob: Any, text: str = "A") -> dict[str, Any]:
    """A reply with the logprob of its one token."""
    event = delta("stop", content=text)
    entry = {"token": text, "logprob": logprob}
    event["choices"][0]["logprobs"] = {"content": [{**entry, "top_logprobs": [entry]}]}
    return event


async def test_the_likeliest_first_tokens_are_told_in_order(behind: Behind) -> None:
    behind.server.reply = lambda body: "yes of course"
    completion = await behind.ask(top_logprobs=5)
    assert behind.sent["top_logprobs"] == 5
    assert len(completion.first_token) == 5
    assert completion.first_token[0].token == "yes"
    logprobs = [entry.logprob for entry in completion.first_token]
    assert logprobs == sorted(logprobs, reverse=True)


async def test_no_more_first_tokens_are_asked_for_than_a_server_tells(behind: Behind) -> None:
    await behind.ask(top_logprobs=50)
    assert behind.sent["top_logprobs"] == 20


async def test_a_server_that_ignores_logprobs_twice_is_not_said_to_have_them() -> None:
    async with says([delta("stop", content="hi"), DONE]) as backend:
        for _ in range(2):
            assert "logprobs" in backend.abilities
            assert (await completion_of(backend, request(top_logprobs=3))).first_token == ()
        assert "logprobs" not in backend.abilities


async def test_a_server_that_once_told_logprobs_is_believed_to_have_them() -> None:
    async with says([told(-0.5), DONE], [delta("stop", content="hi"), DONE]) as backend:
        replies = [await completion_of(backend, request(top_logprobs=3)) for _ in range(5)]
        assert [bool(reply.first_token) for reply in replies] == [True, *4 * [False]]
        assert "logprobs" in backend.abilities


@pytest.mark.parametrize("logprob", [float("nan"), float("-inf"), float("inf"), 0.7])
async def test_what_is_no_probability_is_not_told_as_one(logprob: float) -> None:
    completion = await read(told(logprob), told(-0.1), DONE, top_logprobs=3)
    assert (completion.text, completion.first_token) == ("AA", ())


async def test_the_logprob_of_a_certain_token_may_be_rounded_up() -> None:
    completion = await read(told(1e-7), DONE, top_logprobs=3)
    assert [entry.logprob for entry in completion.first_token] == [0.0]


@pytest.mark.parametrize("model", ["openai/gpt-5.1", "openai/gpt-5.5", "openai/o3-pro"])
async def test_a_model_is_not_asked_for_logprobs_while_it_reasons(
    behind: Behind, model: str
) -> None:
    backend = behind.open(model)
    sampling = Sampling(reasoning_effort="low", max_tokens=1)
    reply = await completion_of(backend, request(sampling, top_logprobs=5))
    assert (reply.text, reply.stop_reason, reply.usage, reply.first_token) == NOTHING
    assert "logprobs" not in backend.abilities
    assert behind.server.asked == []


@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_refuses_logprobs_is_not_asked_again(
    behind: Behind, status: int
) -> None:
    said = "'logprobs' is not supported with this model."
    behind.server.faults = lambda number, body: error(status, said, param="logprobs")
    backend = behind.open("openai/gpt-4o-mini")
    assert "logprobs" in backend.abilities
    reply = await completion_of(backend, request(top_logprobs=5))
    assert (reply.text, reply.stop_reason, reply.usage, reply.first_token) == NOTHING
    assert "logprobs" not in backend.abilities
    assert len(behind.server.asked) == 1


@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_refuses_choices_is_asked_without_them(
    behind: Behind, status: int
) -> None:
    refused = error(status, "Not supported with this model.", param="response_format")
    behind.server.faults = lambda number, body: refused if "response_format" in body else None
    backend = behind.open("groq/some-model")
    assert "choices" in backend.abilities
    assert (await completion_of(backend, request(choices=("a", "b")))).text
    assert "choices" not in backend.abilities
    assert len(behind.server.asked) == 2


@pytest.mark.parametrize("model", [*APIS, "vllm/some-model", "sglang/some-model"])
async def test_a_reply_can_be_held_to_choices_and_is_one_of_them_bare(
    behind: Behind, model: str
) -> None:
    choices = ('the "guard"', "prisoner 2", "日本")
    completion = await behind.ask(model, Sampling(stop=("\n",)), choices=choices)
    assert completion.text in choices


async def test_llama_cpp_is_given_a_grammar(behind: Behind) -> None:
    await behind.ask("llamacpp/some-model", choices=("yes", 'no "\\\n'))
    assert behind.sent["grammar"] == r'root ::= "yes" | "no \"\\\n"'


async def test_a_reply_outside_the_choices_is_given_as_it_is(behind: Behind) -> None:
    behind.server.reply = lambda body: "I would rather not say."
    assert (await behind.ask(choices=("a", "b"))).text == "I would rather not say."


async def test_a_reply_nested_too_deep_is_no_choice() -> None:
    nested = "[" * 100_000
    completion = await read(delta("stop", content=nested), DONE, choices=("a", "b"))
    assert completion.text == nested
