"""The table of endpoints, the user's own, and what providers report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.backends.openai.endpoints import TAKEN, EndpointsError, load_endpoints
from simulator.backends.openai.families import family_of
from simulator.backends.openai.listing import is_another_server
from simulator.errors import ModelAccessError, ModelNotFoundError, NotFoundError, UsageError
from tests.backends.openai.asking import (
    KEY,
    Behind,
    completion_of,
    environment_for,
    providers_with,
    request,
)
from tests.backends.openai.streams import delta
from tests.servers.http import Exchange, HttpServer
from tests.servers.openai_faults import html_page

LOCAL = [name for name, endpoint in load_endpoints().items() if endpoint.is_local]


def own_file(folder: Path, text: str) -> Path:
    path = folder / "endpoints.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_table_has_every_server_that_is_promised() -> None:
    assert set(load_endpoints()) == {
        "openai", "mistral", "anthropic", "gemini", "groq", "together", "openrouter", "deepseek",
        "vllm", "sglang", "llamacpp", "lmstudio", "transformers",
    }  # fmt: skip
    assert not TAKEN & set(load_endpoints())
    for name, endpoint in load_endpoints().items():
        assert endpoint.base_url_variables and endpoint.key_variables, name
        assert bool(endpoint.start) == endpoint.is_local, name


def test_providers_are_made_without_importing_the_client() -> None:
    code = (
        "import sys; from simulator.backends.options import BackendOptions;"
        "from simulator.backends.providers import all_providers;"
        "assert 'azure' in all_providers(BackendOptions());"
        "sys.exit(bool({'openai', 'httpx2', 'httpx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_an_endpoint_of_the_users_own_is_a_provider(behind: Behind, tmp_path: Path) -> None:
    own = f"""
        [lab]
        like = "vllm"
        base_url = "{behind.server.base_url}"
        top_logprobs = 0
        [plain]
        base_url = "{behind.server.base_url}"
        key_variables = ["PLAIN_KEY"]
    """
    providers = providers_with(
        environment_for(behind.server) | {"PLAIN_KEY": KEY}, own_file(tmp_path, own)
    )
    lab = providers["lab"].open("some/model:8b")
    assert providers["lab"].is_free and lab.model == "lab/some/model:8b"
    assert "logprobs" not in lab.abilities and "top_k" in lab.sampling_options
    assert (await completion_of(lab, request())).text
    assert "authorization" in behind.server.requests[-1].headers
    assert behind.server.requests[-1].headers["authorization"] != f"Bearer {KEY}"
    plain = providers["plain"].open("m")
    assert (await completion_of(plain, request())).text
    assert behind.server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    await lab.close()
    await plain.close()
    with pytest.raises(ModelAccessError, match="plain"):
        providers_with({}, own_file(tmp_path, own))["plain"].open("m")


def test_a_table_of_a_shipped_name_changes_what_it_sets_alone(tmp_path: Path) -> None:
    table = load_endpoints(own_file(tmp_path, "[groq]\nmost_connections = 12\n"))
    assert table["groq"].most_connections == 12
    assert table["groq"].base_url == load_endpoints()["groq"].base_url
    assert load_endpoints()["groq"].most_connections != 12


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[lab\n", "line 1"),
        (
            '[lab]\nbase_url = "http://x/v1"\n\nbase_ulr = "y"\n',
            r"line 4: lab.base_ulr: .*base_url",
        ),
        ("[lab]\nkey_required = false\n", "line 1: lab.base_url: Field required"),
        ('[lab]\nbase_url = "http://x"\noptions = ["warmth"]', r"line 3: lab.options: 'warmth'"),
        ('[lab]\nbase_url = "http://x"\nseed_bits = 99', "line 3: lab.seed_bits"),
        ('[lab]\nbase_url = "http://x"\nlike = "vlm"', r"line 3: lab.like: .*'vlm'; try vllm"),
        ('[lab]\nbase_url = "http://x"\nnot_for_chat = "("', "line 3: lab.not_for_chat"),
        ('[pocket]\nbase_url = "http://x"', "line 1: pocket: the name is taken"),
        ('[ollama]\nbase_url = "http://x"', "line 1: ollama: the name is taken"),
        ('["My Lab"]\nbase_url = "http://x"', "line 1: My Lab"),
        ("lab = 3", "line 1: lab: every endpoint is a table"),
    ],
)
def test_a_faulty_file_is_told_by_line_and_key(tmp_path: Path, text: str, told: str) -> None:
    path = own_file(tmp_path, text)
    with pytest.raises(UsageError, match=told) as caught:
        load_endpoints(path)
    assert str(path) in caught.value.message


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = '[ollama]\n[Lab]\n[lab]\nlike = "vllm"\n[two]\nbase_url = 2\nseed_bits = 0\n'
    with pytest.raises(EndpointsError, match="has 5 faults") as caught:
        load_endpoints(own_file(tmp_path, text))
    told = [problem.partition(", ")[2] for problem in caught.value.problems]
    assert told[0].startswith("line 1: ollama: the name is taken")
    assert told[1].startswith("line 2: Lab: a name is of a-z")
    assert told[2] == "line 3: lab: it has no base_url: where the server is"
    assert [fault.split(":")[1] for fault in told[3:]] == [" two.base_url", " two.seed_bits"]


@pytest.mark.parametrize("key", ["sk-proj-0123456789abc", "gsk_0123456789abcdef", "my key"])
def test_a_key_in_place_of_its_variable_is_refused_and_not_repeated(
    tmp_path: Path, key: str
) -> None:
    text = f'[lab]\nbase_url = "http://x/v1"\nkey_variables = ["{key}"]\n'
    with pytest.raises(UsageError, match=r"line 3: lab\.key_variables: .*no name") as caught:
        load_endpoints(own_file(tmp_path, text))
    assert key not in f"{caught.value.message}{caught.value.remedy}{caught.value.__cause__}"


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_endpoints(tmp_path / "none.toml")
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"bytes\.toml"):
        load_endpoints(path)


@pytest.mark.parametrize("provider", ["vllm", "groq"])
async def test_an_address_without_a_path_gets_the_usual_one(provider: str) -> None:
    root = "http://127.0.0.1:9/"
    variables = {f"{provider.upper()}_BASE_URL": root, f"{provider.upper()}_API_KEY": KEY}
    backend = providers_with(variables)[provider].open("m")
    assert backend.endpoint.endswith("/openai/v1" if provider == "groq" else ":9/v1")


async def test_a_provider_alone_is_no_model() -> None:
    for provider in ("openai", "azure"):
        with pytest.raises(NotFoundError, match="names no model"):
            providers_with({})[provider].open("")


async def test_a_report_lists_the_models_that_chat(behind: Behind) -> None:
    behind.server.models = ("gpt-4o-mini", "text-embedding-3-small", "o3", "whisper-1")
    report = await providers_with(environment_for(behind.server))["openai"].report()
    assert report.reachable and report.configured and report.error is None
    assert [card.model for card in report.models] == ["openai/gpt-4o-mini", "openai/o3"]
    assert "logprobs" in report.models[0].abilities
    assert "logprobs" not in report.models[1].abilities


async def test_a_report_without_a_key_asks_nobody() -> None:
    for name, provider in providers_with({}).items():
        if name in LOCAL or name in ("pocket", "scripted", "hf", "ollama"):
            continue
        report = await provider.report()
        assert not report.reachable and not report.configured, name
        assert report.error and "Set " in str(report.error and report.error.remedy), name


@pytest.mark.parametrize("name", LOCAL)
async def test_a_local_server_that_is_not_there_counts_only_when_it_is_asked_for(
    name: str, unused_tcp_port: int
) -> None:
    variable = load_endpoints()[name].base_url_variables[0]
    environment = {variable: f"http://127.0.0.1:{unused_tcp_port}/v1"}
    report = await providers_with(environment)[name].report()
    assert report.configured and not report.reachable
    assert load_endpoints()[name].start in str(report.error and report.error.remedy)


async def test_a_report_of_a_server_that_is_none_says_so(behind: Behind) -> None:
    async def page(exchange: Exchange) -> None:
        answer = html_page()
        await exchange.respond(answer.status, answer.content, content_type=answer.content_type)

    async with HttpServer(page) as server:
        report = await providers_with({"VLLM_BASE_URL": f"{server.address}/v1"})["vllm"].report()
    assert not report.reachable and report.error


LISTINGS = [
    ("vllm", "/v1/models", {"data": [{"id": "m", "max_model_len": 4096}]}, 4096),
    ("openrouter", "/v1/models", {"data": [{"id": "m", "context_length": 8192}]}, 8192),
    ("groq", "/v1/models", {"data": [{"id": "m", "context_window": 131072}]}, 131072),
    ("mistral", "/v1/models", {"data": [{"id": "m", "max_context_length": 32768}]}, 32768),
    ("llamacpp", "/v1/models", {"data": [{"id": "m", "meta": {"n_ctx_train": 2048}}]}, 2048),
    ("lmstudio", "/api/v0/models",
     {"data": [{"id": "m", "max_context_length": 8192, "loaded_context_length": 4096}]}, 4096),
    ("together", "/v1/models", [{"id": "m", "context_length": 512}], 512),
    ("gemini", "/v1/models", {"data": [{"id": "models/m"}]}, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path", "listing", "context"), LISTINGS)
async def test_a_context_size_is_read_where_a_server_tells_it(
    name: str, path: str, listing: object, context: int | None
) -> None:
    async def answer(exchange: Exchange) -> None:
        found = exchange.request.path == path
        await exchange.respond(200 if found else 404, json.dumps(listing))

    async with HttpServer(answer) as server:
        endpoint = load_endpoints()[name]
        environment = {
            endpoint.base_url_variables[0]: f"{server.address}/v1", endpoint.key_variables[0]: KEY
        }  # fmt: skip
        report = await providers_with(environment)[name].report()
        (card,) = report.models
        assert (card.model, card.context_length) == (f"{name}/m", context)
        if endpoint.is_local:
            backend = providers_with(environment)[name].open("m")
            assert (await backend.describe()).context_length == context
            await backend.close()


META = {"vocab_type": 1, "n_vocab": 128256, "n_ctx_train": 8192, "n_embd": 4096,
        "n_params": 8030261312, "size": 4912898304}  # fmt: skip
STUDIO = {"publisher": "lmstudio-community", "arch": "llama", "compatibility_type": "gguf",
          "quantization": "Q4_K_M", "state": "loaded"}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "told", "other"),
    [
        ("llamacpp", {"meta": META}, {"meta": META | {"size": 8540771328}}),
        ("lmstudio", STUDIO, STUDIO | {"quantization": "Q8_0"}),
        ("vllm", {"root": "/weights/one"}, {"root": "/weights/two"}),
    ],
)
async def test_weights_are_told_from_others_of_the_same_name_where_the_server_tells(
    name: str, told: dict[str, object], other: dict[str, object]
) -> None:
    digests = [await digest_of(name, entry) for entry in (told, {**told, "created": 2}, other)]
    assert digests[0] is not None
    assert digests[0] == digests[1] != digests[2]


async def test_a_server_that_tells_nothing_of_its_weights_names_none() -> None:
    assert await digest_of("vllm", {"root": "m", "max_model_len": 4096}) is None


async def digest_of(name: str, told: dict[str, object]) -> str | None:
    """What a server's model `m` is known by, from its list and from its replies."""

    async def answer(exchange: Exchange) -> None:
        if exchange.request.method == "GET":
            entry = {"id": "m", "created": 1, **told}
            await exchange.respond(200, json.dumps({"data": [entry]}))
        else:
            await exchange.begin(200, {})
            await exchange.chunk(f"data: {json.dumps(delta('stop', content='hi'))}\n\n".encode())
            await exchange.end()

    async with HttpServer(answer) as server:
        variable = load_endpoints()[name].base_url_variables[0]
        backend = providers_with({variable: f"{server.address}/v1"})[name].open("m")
        digest = (await backend.describe()).digest
        assert (await completion_of(backend, request())).model_digest == digest
        await backend.close()
    return digest


async def test_a_local_server_is_asked_whether_it_has_the_model(behind: Behind) -> None:
    behind.server.models = ("Qwen/Qwen3-8B",)
    with pytest.raises(ModelNotFoundError) as caught:
        await behind.open("vllm/Qwen/Qwen3-9B").describe()
    assert "Did you mean 'Qwen/Qwen3-8B'" in (caught.value.remedy or "")
    assert (await behind.open("vllm/Qwen/Qwen3-8B").describe()).model == "vllm/Qwen/Qwen3-8B"


@pytest.mark.parametrize(
    ("models", "answers_as"), [(("m.gguf",), "m.gguf"), (("nope", "m"), None), (("m", "n"), None)]
)
async def test_a_model_that_answers_to_any_name_is_called_by_its_own(
    behind: Behind, models: tuple[str, ...], answers_as: str | None
) -> None:
    behind.server.models = models
    card = await behind.open("llamacpp/nope").describe()
    assert (card.model, card.answers_as) == ("llamacpp/nope", answers_as)


async def test_servers_that_do_not_list_what_they_have_take_any_name(behind: Behind) -> None:
    behind.server.models = ()
    card = await behind.open("transformers//srv/models/pocket").describe()
    assert card.model == "transformers//srv/models/pocket"


@pytest.mark.parametrize(
    ("name", "owners", "another"),
    [
        ("vllm", ["vllm"], False),
        ("transformers", ["vllm"], True),
        ("transformers", ["HuggingFaceTB"], False),
        ("transformers", [], False),
        ("vllm", [], True),
        ("llamacpp", ["me"], False),
    ],
)
def test_servers_that_share_a_usual_port_are_told_apart(
    name: str, owners: list[str], another: bool
) -> None:
    listed = [{"id": "m", "owned_by": owner} for owner in owners]
    assert is_another_server(load_endpoints()[name], listed) is another


async def test_an_endpoint_that_the_user_wrote_down_is_one_he_wants(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    own = own_file(tmp_path, f'[lab]\nlike="vllm"\nbase_url="http://127.0.0.1:{unused_tcp_port}"\n')
    assert (await providers_with({}, own)["lab"].report()).configured


async def test_a_service_is_not_asked_before_it_is_used(behind: Behind) -> None:
    card = await behind.open("openai/gpt-4o-mini").describe()
    assert "choices" in card.abilities
    assert behind.server.requests == []


async def test_nothing_of_these_is_downloaded() -> None:
    with pytest.raises(UsageError, match="not downloaded"):
        async for _ in providers_with({})["vllm"].pull("m"):
            pass


@pytest.mark.parametrize(
    ("name", "api", "reasons"),
    [
        ("gpt-4o-mini", "chat", "never"),
        ("chatgpt-4o-latest", "chat", "never"),
        ("gpt-5-chat-latest", "chat", "never"),
        ("ft:gpt-4.1-mini:lab::id", "chat", "never"),
        ("o1", "chat", "always"),
        ("o4-mini-2025-04-16", "chat", "always"),
        ("gpt-5-nano-2025-08-07", "chat", "always"),
        ("gpt-5.1-chat-latest", "chat", "always"),
        ("gpt-6-astra", "chat", "always"),
        ("gpt-5.1", "chat", "when_asked"),
        ("gpt-5.4-mini", "chat", "when_asked"),
        ("gpt-5.5-2026-04-23", "chat", "always"),
        ("o1-pro", "responses", "always"),
        ("o4-mini-deep-research", "responses", "always"),
        ("gpt-5-pro", "responses", "always"),
        ("gpt-5.5-pro", "responses", "always"),
        ("gpt-5.1-codex-max", "responses", "always"),
        ("codex-mini-latest", "responses", "always"),
    ],
)
def test_models_of_openai_are_known_by_their_families(name: str, api: str, reasons: str) -> None:
    family = family_of(name)
    assert (family.api, family.reasons) == (api, reasons)


async def test_the_families_are_not_those_of_other_makers(behind: Behind) -> None:
    assert "temperature" in behind.open("vllm/o3-lookalike").sampling_options
    assert "temperature" not in behind.open("azure/o3").sampling_options
