"""One run on three kinds of backend: in this process, and behind two servers of other kinds."""

from __future__ import annotations

from pathlib import Path

from simulator.backends.options import BackendOptions
from simulator.backends.pool import BackendPool
from simulator.domain.journal import Step
from tests.lab import design, open_lab
from tests.servers.ollama_server import InstalledModel, OllamaServer
from tests.servers.openai_server import FakeOpenAI

MODELS = {
    "guard": "pocket",
    "prisoner": "openai/gpt-4o-mini",
    "summarizer": "ollama/llama3.2:3b",
}
CONVERSATION = design(
    messages=4,
    days=2,
    model="pocket",
    roles=[
        {"name": role, "model": MODELS[role], "starting_prompt": f"You are a {role}."}
        for role in ("guard", "prisoner")
    ],
    summarizer={"model": MODELS["summarizer"], "starting_prompt": "You summarize."},
)


async def played(folder: Path, openai: FakeOpenAI, ollama: str) -> list[Step]:
    environment = {
        "OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": "sk-test", "OLLAMA_HOST": ollama,
    }  # fmt: skip
    pool = BackendPool(BackendOptions(environment=environment))
    try:
        async with open_lab(folder) as lab:
            lab.pool.backends = {model: pool.get(model) for model in MODELS.values()}
            return await lab.run(CONVERSATION, seed=5)
    finally:
        await pool.close()


async def test_each_agent_of_a_run_is_asked_where_its_model_is(tmp_path: Path) -> None:
    server = OllamaServer()
    server.models = [InstalledModel("llama3.2:3b")]
    async with FakeOpenAI() as openai, server.serving() as ollama:
        steps = await played(tmp_path / "once", openai, ollama)
        again = await played(tmp_path / "again", openai, ollama)
    asked = {(step.role, step.call.model) for step in steps if step.call is not None}
    assert asked == set(MODELS.items())
    assert all(step.call.usage.completion_tokens for step in steps if step.call is not None)
    assert [step.content for step in again] == [step.content for step in steps]
