"""Bad input, and servers that fail: what the user is told, and what he is never shown."""

from __future__ import annotations

import asyncio
import json
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from simulator.backends.openai.client import _trusted
from simulator.backends.openai.faults import Faults, problem_of
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ContextOverflowError,
    EndpointError,
    ModelAccessError,
    ModelNotFoundError,
    QuotaExhaustedError,
    RateLimitedError,
    SimulatorError,
    UsageError,
)
from tests.backends.openai.asking import KEY, Behind, completion_of, providers_with, request
from tests.servers import openai_faults
from tests.servers.openai_faults import Answer, error
from tests.servers.openai_server import FakeOpenAI

APIS = ["openai/gpt-4o-mini", "openai/o3-pro", "azure/gpt-4o-mini"]


def told(answer: Any, status: int = 400) -> Answer:
    return Answer(status, json.dumps(answer))


FAULTS: list[tuple[Answer, type[SimulatorError]]] = [
    (openai_faults.rate_limited(), RateLimitedError),
    (openai_faults.quota_exhausted(), QuotaExhaustedError),
    (told({"error": {"message": "Insufficient Balance"}}, 402), QuotaExhaustedError),
    (error(400, "Your credit balance is too low to access the API."), QuotaExhaustedError),
    (openai_faults.server_error(500), BackendUnavailableError),
    (openai_faults.server_error(503), BackendUnavailableError),
    (openai_faults.server_error(529), BackendUnavailableError),
    (openai_faults.html_page(502), BackendUnavailableError),
    (openai_faults.html_page(429), RateLimitedError),
    (openai_faults.html_page(413), BackendError),
    (openai_faults.request_too_large(), BackendError),
    (openai_faults.request_too_large(413), BackendError),
    (error(429, "Limit 30000, Used 29000, Requested 2000"), RateLimitedError),
    (error(429, "Limit 30000, Used 0, Requested 30001"), BackendError),
    (error(413, "The prompt is too long"), ContextOverflowError),
    (error(429, "insufficient_quota: the model's maximum context length …"), QuotaExhaustedError),
    (error(408, "Request timeout"), BackendUnavailableError),
    (error(409, "Conflict"), BackendUnavailableError),
    (openai_faults.html_page(200), EndpointError),
    (openai_faults.html_page(403, "Blocked by the proxy"), EndpointError),
    (openai_faults.html_page(404, "Not found"), EndpointError),
    (told({"detail": "Not Found"}, 404), EndpointError),
    (openai_faults.context_overflow(), ContextOverflowError),
    (openai_faults.model_not_found("gpt-17"), ModelNotFoundError),
    (openai_faults.azure_no_deployment(), ModelNotFoundError),
    (told({"error": {"message": "Model Not Exist", "code": "invalid_request_error"}}),
     ModelNotFoundError),
    (told({"object": "error", "message": "Invalid model: x", "type": "invalid_model"}),
     ModelNotFoundError),
    (openai_faults.wrong_key(KEY), ModelAccessError),
    (openai_faults.azure_wrong_key(), ModelAccessError),
    (error(403, "Project does not have access to model"), ModelAccessError),
    (error(400, "Unsupported value: 'temperature' …"), BackendError),
    (told({"detail": [{"loc": ["body"], "msg": "extra fields not permitted"}]}, 422), BackendError),
]  # fmt: skip


@pytest.mark.parametrize("model", APIS)
@pytest.mark.parametrize(("fault", "kind"), FAULTS)
async def test_a_failure_is_sorted_and_names_the_model_and_its_endpoint_but_never_the_key(
    behind: Behind, model: str, fault: Answer, kind: type[SimulatorError]
) -> None:
    behind.server.faults = lambda number, body: fault
    with pytest.raises(SimulatorError) as caught:
        await behind.ask(model)
    assert type(caught.value) is kind
    assert model in caught.value.message
    assert "http://127.0.0.1:" in caught.value.message
    shown = f"{caught.value.message} {caught.value.remedy} {caught.value!r}"
    assert KEY[:8] not in shown and KEY[-4:] not in shown
    assert "<html" not in shown


@pytest.mark.parametrize(
    "message",
    [
        # OpenAI, vLLM, llama.cpp, SGLang, Mistral, Anthropic, Gemini, Groq, Together
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "the request exceeds the available context size (4096 tokens), try increasing it",
        "The input (9001 tokens) is longer than the model's context length (8192 tokens).",
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum "
        "context length",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "Please reduce the length of the messages or completion.",
        "Requested tokens (600) exceed context window of 512",
    ],
)
async def test_servers_have_many_words_for_a_prompt_that_is_too_long(
    behind: Behind, message: str
) -> None:
    behind.server.faults = lambda number, body: error(400, message)
    with pytest.raises(ContextOverflowError):
        await behind.ask()


async def test_a_limit_says_when_to_come_back(behind: Behind) -> None:
    behind.server.faults = lambda number, body: openai_faults.rate_limited(after="20")
    with pytest.raises(RateLimitedError) as caught:
        await behind.ask()
    assert caught.value.retry_after_s == 20.0


async def test_a_limit_by_the_minute_is_not_taken_for_an_empty_account(behind: Behind) -> None:
    """Gemini's wording, as a list of one error."""
    said = "You exceeded your current quota, please check your plan. Please retry in 12.5s."
    behind.server.faults = lambda number, body: told([{"error": {"message": said}}], 429)
    with pytest.raises(RateLimitedError) as caught:
        await behind.ask("gemini/some-model")
    assert caught.value.retry_after_s == 12.5


async def test_a_request_that_can_never_pass_says_what_to_change(behind: Behind) -> None:
    behind.server.faults = lambda number, body: openai_faults.request_too_large()
    with pytest.raises(BackendError, match="larger than it ever takes") as caught:
        await behind.ask()
    assert "shorter messages" in (caught.value.remedy or "")


@pytest.mark.parametrize("model", APIS)
@pytest.mark.parametrize(
    "fault",
    [
        openai_faults.azure_prompt_filtered(),
        openai_faults.openrouter_flagged(),
        openai_faults.deepseek_risk(),
    ],
)
async def test_a_prompt_that_the_provider_does_not_let_pass_is_data(
    behind: Behind, model: str, fault: Answer
) -> None:
    behind.server.faults = lambda number, body: fault
    completion = await behind.ask(model)
    assert (completion.text, completion.stop_reason) == ("", "content_filter")


@pytest.mark.parametrize("message", ["x" * 5000, "\x1b[31mred\x00\nline two", f"bad key {KEY}"])
async def test_a_servers_words_are_shown_on_one_line_bounded_and_harmless(
    behind: Behind, message: str
) -> None:
    behind.server.faults = lambda number, body: error(418, message)
    with pytest.raises(BackendError) as caught:
        await behind.ask()
    shown = caught.value.message
    assert len(shown) < 450 and shown.isprintable()
    assert KEY not in shown


async def test_without_a_key_the_variable_is_named(behind: Behind) -> None:
    providers = providers_with({})
    for provider, variable in (("openai", "OPENAI_API_KEY"), ("groq", "GROQ_API_KEY")):
        with pytest.raises(ModelAccessError) as caught:
            providers[provider].open("some-model")
        assert caught.value.remedy == f"Set {variable} in the environment or in .env."


@pytest.mark.parametrize("key", ["sk-a b", "sk-a\nb", "clé"])
async def test_a_key_that_cannot_be_one_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ModelAccessError) as caught:
        providers_with({"OPENAI_API_KEY": key})["openai"].open("gpt-4o")
    assert "OPENAI_API_KEY" in caught.value.message and key not in caught.value.message


async def test_a_wrong_key_is_told_by_its_variable(behind: Behind) -> None:
    behind.server.api_key = "sk-another"
    with pytest.raises(ModelAccessError) as caught:
        await behind.ask("mistral/some-model")
    assert caught.value.remedy == "Check MISTRAL_API_KEY in the environment and in .env."


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "http://host:99999"])
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="VLLM_BASE_URL"):
        providers_with({"VLLM_BASE_URL": url})["vllm"].open("some-model")


async def test_a_password_in_an_address_is_used_and_not_shown(behind: Behind) -> None:
    address = behind.server.base_url.replace("://", "://ada:secret-word@")
    backend = behind.open("vllm/some-model", VLLM_BASE_URL=address)
    assert backend.endpoint == behind.server.base_url
    behind.server.faults = lambda number, body: openai_faults.server_error(500)
    with pytest.raises(BackendUnavailableError) as caught:
        await completion_of(backend, request())
    assert "secret-word" not in str(caught.value)


async def test_a_server_that_is_not_running_says_how_to_start_it(unused_tcp_port: int) -> None:
    environment = {"VLLM_BASE_URL": f"http://127.0.0.1:{unused_tcp_port}/v1"}
    backend = providers_with(environment)["vllm"].open("some-model")
    with pytest.raises(BackendUnavailableError, match="nothing answers there") as caught:
        await completion_of(backend, request())
    assert "vllm serve" in (caught.value.remedy or "")
    assert "VLLM_BASE_URL" in (caught.value.remedy or "")
    await backend.close()


async def test_a_host_that_does_not_exist_is_told_as_such() -> None:
    backend = providers_with({"VLLM_BASE_URL": "http://no-such-host.invalid/v1"})["vllm"].open("m")
    with pytest.raises(BackendUnavailableError, match="no such host"):
        await completion_of(backend, request())
    await backend.close()


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody vouches for."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("needs the openssl program")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


async def test_a_certificate_that_is_not_trusted_names_the_remedy(
    certificate: ssl.SSLContext,
) -> None:
    async with FakeOpenAI(tls=certificate) as server:
        backend = providers_with({"VLLM_BASE_URL": server.base_url})["vllm"].open("m")
        with pytest.raises(EndpointError, match="certificate") as caught:
            await completion_of(backend, request())
        assert "SSL_CERT_FILE" in (caught.value.remedy or "")
        await backend.close()


async def test_tls_to_a_server_without_it_names_the_remedy() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as plain:
        port = plain.sockets[0].getsockname()[1]
        backend = providers_with({"VLLM_BASE_URL": f"https://127.0.0.1:{port}/v1"})["vllm"].open(
            "m"
        )
        with pytest.raises(EndpointError, match="does not speak TLS"):
            await completion_of(backend, request())
        await backend.close()


async def test_errors_within_a_stream_are_sorted_like_others() -> None:
    faults = Faults("openai/m", "openai", "http://x/v1", secret="", variables="K")
    for body, kind in (
        ({"code": 429, "message": "slow down"}, RateLimitedError),
        ({"type": "rate_limit_exceeded", "message": "slow down"}, RateLimitedError),
        ({"code": "insufficient_quota", "message": "no money"}, QuotaExhaustedError),
        ({"code": "context_length_exceeded", "message": "too long"}, ContextOverflowError),
        ({"type": "invalid_request_error", "message": "no"}, BackendError),
        ({"code": "invalid_api_key", "message": "no"}, ModelAccessError),
        ({"type": "authentication_error", "message": "no"}, ModelAccessError),
        ({"type": "permission_error", "message": "no"}, ModelAccessError),
        ({"code": "model_not_found", "message": "no"}, ModelNotFoundError),
        ({"code": "rate_limit_exceeded", "type": "invalid_request_error"}, RateLimitedError),
        ({"code": "model_overloaded", "message": "no"}, BackendUnavailableError),
        ({"type": "server_error", "message": "sorry"}, BackendUnavailableError),
        ("worker died", BackendUnavailableError),
    ):
        assert type(faults.answered(problem_of(None, body, {}))) is kind, body


async def test_certificates_that_cannot_be_read_are_told(
    behind: Behind, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _trusted.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(EndpointError, match="certificates cannot be read"):
        await behind.ask()
