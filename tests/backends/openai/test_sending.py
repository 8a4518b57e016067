"""What reaches the server of what a design asks for."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.backends.openai.endpoints import load_endpoints
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling
from simulator.errors import BackendError, BackendUnavailableError
from tests.backends.openai.asking import KEY, Behind, completion_of, request
from tests.servers import openai_faults

ASKED = Sampling(
    temperature=0.3, top_p=0.9, top_k=17, max_tokens=123, stop=("Guard:", "Prisoner:"),
    context_length=4096, reasoning_effort="low",
)  # fmt: skip
SEED = 2**62 + 5
ON_THE_WIRE: dict[str, tuple[str, ...]] = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "top_k": ("top_k",),
    "max_tokens": ("max_tokens", "max_completion_tokens", "max_output_tokens"),
    "seed": ("seed", "random_seed"),
    "stop": ("stop",),
    "context_length": ("num_ctx", "context_length", "n_ctx"),
    "reasoning_effort": ("reasoning_effort", "reasoning"),
}
MODELS = [
    *(f"{name}/some-model" for name in load_endpoints() if name != "openai"),
    *(
        f"{provider}/{name}"
        for provider in ("openai", "azure")
        for name in (
            "gpt-4o-mini", "gpt-4.1-2025-04-14", "ft:gpt-4o-mini:lab::x", "o1", "o3-mini",
            "o4-mini", "gpt-5-chat-latest", "gpt-5-mini", "gpt-6-astra",
        )
    ),
    *(f"openai/{name}" for name in ("o1-pro", "o3-pro", "gpt-5.2-pro", "gpt-5-codex")),
]  # fmt: skip


def values_sent(body: dict[str, Any], option: str) -> list[Any]:
    found = [body[name] for name in ON_THE_WIRE[option] if name in body]
    return [value["effort"] if isinstance(value, dict) else value for value in found]


def expected(behind: Behind, model: str, option: str) -> Any:
    if option != "seed":
        value = getattr(ASKED, option)
        return list(value) if isinstance(value, tuple) else value
    return SEED % 2 ** load_endpoints()["openai" if model.startswith("azure") else
                                        model.partition("/")[0]].seed_bits  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
async def test_every_option_that_a_model_claims_reaches_its_server(
    behind: Behind, model: str
) -> None:
    assert ON_THE_WIRE.keys() == Sampling.model_fields.keys()
    claimed = behind.open(model).sampling_options
    await behind.ask(model, ASKED, seed=SEED)
    for option in claimed - {"stop"}:
        assert values_sent(behind.sent, option) == [expected(behind, model, option)], option
    for option in ON_THE_WIRE.keys() - claimed:
        assert values_sent(behind.sent, option) == [], option


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("openai/gpt-4o-mini", {"max_completion_tokens", "seed"}),
        ("openai/o3", {"max_completion_tokens", "seed"}),
        ("openai/o3-pro", {"max_output_tokens"}),
        ("azure/gpt-4o-mini", {"max_tokens", "seed"}),
        ("azure/o3", {"max_completion_tokens", "seed"}),
        ("groq/some-model", {"max_completion_tokens", "seed"}),
        ("mistral/some-model", {"max_tokens", "random_seed"}),
        ("anthropic/some-model", {"max_tokens"}),
        ("vllm/some-model", {"max_tokens", "seed"}),
    ],
)
async def test_servers_have_names_of_their_own_for_the_same(
    behind: Behind, model: str, names: set[str]
) -> None:
    await behind.ask(model, Sampling(max_tokens=20))
    possible = {*ON_THE_WIRE["max_tokens"], *ON_THE_WIRE["seed"]}
    assert possible & behind.sent.keys() == names


@pytest.mark.parametrize("model", [*MODELS, "openai/gpt-5.1", "openai/gpt-5.5"])
async def test_stop_strings_have_their_effect_on_every_model(behind: Behind, model: str) -> None:
    behind.server.reply = lambda body: "I see. Guard: halt! Prisoner: why?"
    completion = await behind.ask(model, Sampling(stop=("Prisoner:", " Guard:")))
    assert completion.text == "I see."
    assert completion.stop_reason == "stop"
    assert completion.usage.completion_tokens > 0


@pytest.mark.parametrize("model", MODELS)
async def test_nothing_is_sent_that_nobody_asked_for(behind: Behind, model: str) -> None:
    await behind.ask(model)
    for option in ON_THE_WIRE.keys() - {"seed"}:
        assert values_sent(behind.sent, option) == [], option


@pytest.mark.parametrize(
    "name", ["gpt-4o-mini", "o3", "o4-mini", "gpt-5-nano", "gpt-5.1", "o3-pro"]
)
async def test_a_server_as_strict_as_openai_accepts_what_is_sent(behind: Behind, name: str) -> None:
    behind.server.strict, behind.server.models = True, (name,)
    backend = behind.open(f"openai/{name}")
    sampling = ASKED.limited_to(backend.sampling_options)
    if name == "gpt-5.1":
        sampling = sampling.model_copy(update={"reasoning_effort": "none"})
    likeliest = 5 if "logprobs" in backend.abilities else 0
    completion = await behind.ask(f"openai/{name}", sampling, seed=SEED, top_logprobs=likeliest)
    assert completion.text
    assert bool(completion.first_token) == ("logprobs" in backend.abilities)


async def test_openai_is_given_four_stop_strings_and_the_fifth_is_applied_here(
    behind: Behind,
) -> None:
    behind.server.strict = True
    behind.server.reply = lambda body: "one five two"
    stops = ("w", "x", "y", "z", " five")
    completion = await behind.ask(sampling=Sampling(stop=stops))
    assert behind.sent["stop"] == list(stops[:4])
    assert completion.text == "one"


async def test_anthropic_is_given_no_stop_string_of_white_space_alone(behind: Behind) -> None:
    behind.server.reply = lambda body: "one two\nthree"
    completion = await behind.ask("anthropic/some-model", Sampling(stop=("\n", "four")))
    assert behind.sent["stop"] == ["four"]
    assert completion.text == "one two"


@pytest.mark.parametrize("effort", [None, "low"])
async def test_a_model_that_reasons_on_demand_takes_a_temperature_only_at_rest(
    behind: Behind, effort: Any
) -> None:
    sampling = Sampling(temperature=0.5, reasoning_effort=effort)
    if effort is None:
        await behind.ask("openai/gpt-5.1", sampling)
        assert behind.sent["temperature"] == 0.5
        return
    with pytest.raises(BackendError, match="takes no temperature while it reasons"):
        await behind.ask("openai/gpt-5.1", sampling)
    assert behind.server.asked == []


async def test_a_model_that_reasons_unasked_is_sent_no_top_p(behind: Behind) -> None:
    await behind.ask("openai/gpt-5.5", Sampling(top_p=0.5))
    assert "top_p" not in behind.sent
    assert "top_p" not in behind.open("openai/gpt-5.5").sampling_options


async def test_an_effort_that_a_model_does_not_know_is_refused_with_those_it_knows(
    behind: Behind,
) -> None:
    with pytest.raises(BackendError, match="'minimal'") as caught:
        await behind.ask("openai/o3", Sampling(reasoning_effort="minimal"))
    assert caught.value.remedy == "It takes low, medium, high."


async def test_neighbours_of_one_role_are_sent_as_one_message(behind: Behind) -> None:
    prompt = Prompt.of(
        ChatMessage("user", "Ann: hello"), ChatMessage("user", "Bob: \ud800 hi"),
        ChatMessage("assistant", "Yes?"),
    )  # fmt: skip
    await behind.ask(prompt=prompt)
    assert behind.sent["messages"] == [
        {"role": "user", "content": "Ann: hello\nBob: ? hi"},
        {"role": "assistant", "content": "Yes?"},
    ]


async def test_openrouter_is_told_to_drop_nothing_of_a_prompt(behind: Behind) -> None:
    await behind.ask("openrouter/some-model")
    assert behind.sent["plugins"] == [{"id": "context-compression", "enabled": False}]


async def test_the_key_goes_where_the_server_looks_for_it(behind: Behind) -> None:
    behind.server.api_key = KEY
    await behind.ask("mistral/some-model")
    assert behind.server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    await behind.ask("azure/my-deployment")
    assert behind.server.requests[-1].headers["api-key"] == KEY


async def test_what_openai_knows_its_customers_by_is_told_to_openai_alone(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-somebody")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin-0123456789")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "x-gate: secret-of-somebody")
    for model in ("mistral/some-model", "azure/some-deployment", "openai/gpt-4o-mini"):
        await behind.ask(model)
        headers = behind.server.requests[-1].headers
        assert not [value for value in headers.values() if "somebody" in value], model
        assert "sk-admin" not in str(headers)
    backend = behind.open("openai/gpt-4o-mini", OPENAI_ORG_ID="org-of-ours")
    await completion_of(backend, request())
    assert behind.server.requests[-1].headers["openai-organization"] == "org-of-ours"


async def test_openai_is_told_to_keep_no_responses(behind: Behind) -> None:
    await behind.ask("openai/o3-pro")
    assert behind.sent["store"] is False


async def test_a_failure_is_not_hidden_by_another_attempt(behind: Behind) -> None:
    behind.server.faults = lambda number, body: openai_faults.server_error()
    for model in ("openai/gpt-4o-mini", "azure/some-deployment"):
        with pytest.raises(BackendUnavailableError):
            await behind.ask(model)
    assert len(behind.server.asked) == 2


async def test_requests_to_this_machine_pass_no_proxy(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert (await behind.ask()).text
