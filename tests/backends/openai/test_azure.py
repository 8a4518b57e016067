"""Azure: where its deployments are, and which models they are of."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.backends.openai.addresses import AZURE_API_VERSION
from simulator.backends.options import BackendOptions
from simulator.backends.pool import BackendPool
from simulator.backends.pricing import PriceTable
from simulator.domain.sampling import Sampling
from simulator.errors import ModelAccessError, UsageError
from tests.backends.openai.asking import (
    KEY,
    Behind,
    completion_of,
    environment_for,
    providers_with,
    request,
)

MODEL = "azure/team-reasoner"


@pytest.mark.parametrize("suffix", ["team-reasoner", "team_reasoner", "TEAM_REASONER"])
async def test_a_deployment_follows_the_rules_of_the_model_that_a_variable_names(
    behind: Behind, suffix: str
) -> None:
    behind.server.strict, behind.server.models = True, ("team-reasoner",)
    backend = behind.open(MODEL, **{f"AZURE_OPENAI_MODEL_{suffix}": "o3-mini"})
    assert "temperature" not in backend.sampling_options
    assert (await completion_of(backend, request(Sampling(max_tokens=20)))).text
    assert behind.sent["max_completion_tokens"] == 20
    sent = behind.server.requests[-1]
    assert sent.path == "/openai/deployments/team-reasoner/chat/completions"


async def test_no_variable_names_the_model_of_every_deployment(behind: Behind) -> None:
    backend = behind.open("azure/gpt-4o", AZURE_OPENAI_MODEL="o3-mini")
    assert "temperature" in backend.sampling_options


async def test_a_deployment_costs_what_its_model_does_or_what_the_user_says(
    behind: Behind, tmp_path: Path
) -> None:
    environment = environment_for(behind.server)
    named = environment | {"AZURE_OPENAI_MODEL_TEAM_REASONER": "o3-mini"}
    own = tmp_path / "prices.toml"
    own.write_text('[azure]\n"team-reasoner" = { input_usd = 7.0, output_usd = 8.0 }\n', "utf-8")
    listed = PriceTable.load().price("openai/o3-mini")
    assert listed is not None
    for variables, prices_file, price in (
        (environment, None, None), (named, None, listed),
        (named, own, PriceTable.load(own).price(MODEL)),
    ):  # fmt: skip
        pool = BackendPool(BackendOptions(environment=variables, prices_file=prices_file))
        backend = pool.get(MODEL)
        assert backend.price == price
        assert (await backend.describe()).price == price
        await pool.close()


@pytest.mark.parametrize(
    "suffix", ["_gpt-4o.mini", "_gpt_4o_mini", "_GPT-4O.MINI", "_GPT_4O_MINI", ""]
)
async def test_a_deployment_may_have_variables_of_its_own(behind: Behind, suffix: str) -> None:
    behind.server.api_key = KEY
    environment = {
        "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9",
        "AZURE_OPENAI_KEY": "another",
        f"AZURE_OPENAI_ENDPOINT{suffix}": behind.server.azure_endpoint,
        f"AZURE_OPENAI_KEY{suffix}": KEY,
        f"AZURE_OPENAI_API_VERSION{suffix}": "2024-10-21",
    }
    backend = providers_with(environment)["azure"].open("gpt-4o.mini")
    assert (await completion_of(backend, request())).text
    sent = behind.server.requests[-1]
    assert sent.path == "/openai/deployments/gpt-4o.mini/chat/completions"
    assert sent.query["api-version"] == "2024-10-21"
    await backend.close()


async def test_azure_is_asked_for_a_version_that_knows_what_is_sent(behind: Behind) -> None:
    await behind.ask("azure/gpt-4o")
    assert behind.server.requests[-1].query["api-version"] == AZURE_API_VERSION


async def test_azures_newer_address_is_spoken_to_as_openai_is(behind: Behind) -> None:
    backend = behind.open("azure/my-deployment", AZURE_OPENAI_ENDPOINT=behind.server.base_url)
    assert (await completion_of(backend, request())).text
    sent = behind.server.requests[-1]
    assert (sent.path, sent.body["model"]) == ("/v1/chat/completions", "my-deployment")
    assert sent.headers["authorization"] == f"Bearer {KEY}"


def test_azure_says_which_variable_is_missing() -> None:
    with pytest.raises(UsageError) as no_address:
        providers_with({})["azure"].open("m")
    assert "AZURE_OPENAI_ENDPOINT" in (no_address.value.remedy or "")
    with pytest.raises(ModelAccessError) as no_key:
        providers_with({"AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com"})["azure"].open("m")
    assert "AZURE_OPENAI_API_KEY" in (no_key.value.remedy or "")
