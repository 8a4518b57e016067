"""Deployments of Azure whose names tell nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.backends.options import BackendOptions
from simulator.backends.pool import BackendPool
from simulator.backends.pricing import PriceTable
from simulator.domain.sampling import Sampling
from tests.backends.openai.asking import Behind, completion_of, environment_for, request

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
