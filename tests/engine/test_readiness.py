"""What is told of models before a run begins."""

from __future__ import annotations

import asyncio

import pytest

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.models import ModelCard
from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from simulator.engine.readiness import check_models, ignored_options
from simulator.errors import ModelNotFoundError
from tests.lab import ScriptedPool


def speaker(model: str, sampling: Sampling) -> Agent:
    return Agent(number=1, role="guard", name="Guard_1", model=model, sampling=sampling)


def pool(**taken: frozenset[str]) -> ScriptedPool:
    """Models that take these options."""
    found = ScriptedPool()
    for name, options in taken.items():
        backend = ScriptedBackend(["yes"], model=f"lab/{name}")
        backend.sampling_options = options
        found.backends[f"lab/{name}"] = backend
    return found


def test_each_model_is_told_once_with_all_that_it_does_not_take() -> None:
    models = pool(thinker=frozenset({"max_tokens"}), plain=frozenset(Sampling.model_fields))
    agents = [
        speaker("lab/thinker", Sampling(temperature=0.7, max_tokens=20)),
        speaker("lab/plain", Sampling(temperature=0.7, top_p=0.9)),
        speaker("lab/thinker", Sampling(temperature=0.2, top_p=0.9)),
    ]
    assert [*ignored_options(models, agents)] == [
        "lab/thinker does not take temperature, top_p; its replies are drawn without."
    ]


def test_a_context_length_that_the_server_fixes_itself_is_no_loss() -> None:
    models = pool(thinker=frozenset())
    agents = [speaker("lab/thinker", Sampling(context_length=4096))]
    assert [*ignored_options(models, agents)] == []


async def test_after_a_failure_no_server_is_asked_any_longer() -> None:
    left = asyncio.Event()

    class Missing(ScriptedBackend):
        async def describe(self) -> ModelCard:
            raise ModelNotFoundError("There is no such model.")

    class Slow(ScriptedBackend):
        async def describe(self) -> ModelCard:
            try:
                await asyncio.Event().wait()
            finally:
                left.set()
            raise AssertionError("nobody waits for this")

    models = ScriptedPool({"lab/slow": Slow(["yes"]), "lab/missing": Missing(["yes"])})
    with pytest.raises(ModelNotFoundError, match="no such model"):
        await check_models(models, ["lab/slow", "lab/missing"])
    assert left.is_set()
