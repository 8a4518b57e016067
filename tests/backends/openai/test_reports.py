"""What providers say of themselves, and how to use them."""

from __future__ import annotations

import asyncio
import json

import pytest

from simulator.backends.openai import backend, listing
from simulator.backends.openai.faults import Faults, Problem
from simulator.errors import ModelNotFoundError, NotFoundError
from tests.backends.openai.asking import (
    KEY,
    Behind,
    completion_of,
    environment_for,
    providers_with,
    request,
)
from tests.servers.http import Exchange, HttpServer


async def test_a_mute_server_is_told_of_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (listing, backend):
        monkeypatch.setattr(module, "TIMEOUT_S", 0.05)

    async def mute(exchange: Exchange) -> None:
        await asyncio.Event().wait()

    async with HttpServer(mute) as server:
        report = await providers_with({"VLLM_BASE_URL": f"{server.address}/v1"})["vllm"].report()
    assert str(report.error).endswith("/v1: did not answer within 0.05 s.")


async def test_a_server_that_lists_nothing_says_how_models_are_named(behind: Behind) -> None:
    behind.server.models = ()
    report = await providers_with(environment_for(behind.server))["transformers"].report()
    assert report.reachable and "started with" in report.note


async def test_a_server_that_is_bound_to_one_model_has_no_other() -> None:
    said = json.dumps({"detail": "Server is pinned to '/srv/pocket'; requested 'nope'."})

    async def pinned(exchange: Exchange) -> None:
        await exchange.respond(400, said)

    async with HttpServer(pinned) as server:
        environment = {"TRANSFORMERS_BASE_URL": f"{server.address}/v1"}
        model = providers_with(environment)["transformers"].open("nope")
        with pytest.raises(ModelNotFoundError, match="pinned to '/srv/pocket'") as caught:
            await completion_of(model, request())
        await model.close()
    assert "as the server was started" in str(caught.value.remedy)


async def test_azure_is_set_up_by_variables_of_single_deployments() -> None:
    environment = {
        "AZURE_OPENAI_ENDPOINT_GPT_4O": "https://x.openai.azure.com",
        "AZURE_OPENAI_KEY_GPT_4O": KEY,
        "AZURE_OPENAI_ENDPOINT_OTHER": "https://y.openai.azure.com",
    }
    report = await providers_with(environment)["azure"].report()
    assert report.reachable and report.configured
    assert "the deployments GPT_4O, and no others" in report.note
    del environment["AZURE_OPENAI_KEY_GPT_4O"]
    report = await providers_with(environment)["azure"].report()
    assert report.configured and "No key is set" in str(report.error)


def test_what_is_said_of_azure_fits_azure() -> None:
    with pytest.raises(NotFoundError) as nameless:
        providers_with({})["azure"].open("")
    faults = Faults("azure/m", "azure", "http://x", secret="", variables="K")
    missing = faults.answered(Problem(404, "DeploymentNotFound", "no"))
    for error in (nameless.value, faults.not_a_list(), missing):
        assert error.remedy and "/v1" not in error.remedy and "models ls" not in error.remedy
