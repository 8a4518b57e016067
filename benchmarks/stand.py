"""Conversations of scripted models on a real store, to measure what is not the model."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from simulator.domain.events import Event
from simulator.domain.records import Run
from simulator.kinds.conversation.design import ConversationDesign
from simulator.services import Services, open_services
from simulator.settings import Settings


def talk(messages: int, model: str) -> ConversationDesign:
    """Two roles that talk for one day."""
    return ConversationDesign.model_validate(
        {
            "name": f"{messages} messages of {model}",
            "starting_message": "Begin.",
            "messages": messages,
            "model": model,
            "roles": [
                {"name": "guard", "starting_prompt": "You are a guard called <SELF_NAME>."},
                {"name": "prisoner", "starting_prompt": "You are a prisoner."},
            ],
        }
    )


@asynccontextmanager
async def services(live_runs: int) -> AsyncIterator[Services]:
    """Services on a fresh SQLite file on disk."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        settings = Settings(store=SecretStr(url), user="bench", max_live_runs=live_runs)
        async with open_services(settings) as opened:
            yield opened


async def play(opened: Services, runs: Sequence[Run]) -> None:
    """Play all to their end; raises when one fails."""

    def listener(event: Event) -> None:
        return None

    for played in await opened.play_all(runs, listener=listener):
        if played.run.status != "completed":
            raise RuntimeError(f"{played.run.id}: {played.run.error}")
