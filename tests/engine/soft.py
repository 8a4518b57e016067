"""A model of soft tokens whose messages depend on all that it is shown, and are counted."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import SoftToken, Usage
from simulator.domain.latent import (
    EmbeddingTable,
    LatentChunk,
    LatentCompletion,
    LatentRequest,
    LatentSampling,
    SoftMessage,
    SoftPart,
    SoftPrompt,
    SoftReply,
    Vectors,
)
from simulator.domain.models import Ability
from simulator.domain.ports import Stage
from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling
from tests.lab import Lab

SOFT, OTHER = "lab/soft", "lab/other"
ANN = Agent(
    name="Ann", role="debater", number=1, model=SOFT, sampling=Sampling(temperature=0.3, top_k=7)
)
BOB = Agent(name="Bob", role="debater", number=2, model=OTHER)
COOL = LatentSampling(temperature=0.5, max_tokens=40)


@dataclass(frozen=True)
class Table:
    model: str
    tokens: tuple[bytes, ...] = (b"a",)

    def rows(self) -> Any:
        raise AssertionError("the engine looks at no numbers")


class SoftBackend(ScriptedBackend):
    """Makes two vectors of a digest of the request and its own salt."""

    abilities: frozenset[Ability] = frozenset({"latent"})

    def __init__(self, model: str = SOFT) -> None:
        super().__init__(["words"], model=model)
        self.salt = ""
        self.requests: list[LatentRequest] = []

    async def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        self.requests.append(request)
        parts = [
            (one.role, [part if isinstance(part, str) else part.data for part in one.parts])
            for one in request.messages
        ]
        shown = repr((self.model, self.salt, parts, request.sampling))
        digest = hashlib.sha256(shown.encode()).digest()
        text = f"It is {digest[0]}."
        yield LatentChunk("It is ")
        await asyncio.sleep(0)
        yield LatentChunk(f"{digest[0]}.")
        usage = Usage(prompt_tokens=len(shown), completion_tokens=2, cached_tokens=1)
        yield LatentChunk(
            completion=LatentCompletion(
                text=text,
                vectors=Vectors(digest[:8], 1),
                received=tuple(
                    Vectors(digest[8:16] + table.model.encode().ljust(12)[:12], 1)
                    for table in request.receivers
                ),
                stop_reason="stop",
                usage=usage,
                tokens=(
                    SoftToken(token="It is ", entropy=0.5, top=(("It is ", 0.9),)),
                    SoftToken(token=f"{digest[0]}.", entropy=0.25, is_mixed=False),
                ),
                unknown=(0,) * len(request.receivers),
                nearest=request.nearest_of[0] if request.nearest_of else None,
                model_digest="sha256:0",
            )
        )

    async def embedding_table(self) -> EmbeddingTable:
        return Table(self.model)


def soft_models(lab: Lab) -> tuple[SoftBackend, SoftBackend]:
    """Two models of soft tokens, put into a lab."""
    models = SoftBackend(), SoftBackend(OTHER)
    for model in models:
        lab.pool.backends[model.model] = model
    return models


def shown(*parts: SoftPart) -> SoftPrompt:
    """A prompt of one message."""
    return SoftPrompt((SoftMessage("user", parts),))


class Debate:
    """A few questions, each in a scope of its own, that two models debate for three rounds."""

    def __init__(self, questions: int = 2) -> None:
        self.questions = questions
        self.last: list[SoftReply] = []

    async def __call__(self, stage: Stage) -> None:
        for number in range(self.questions):
            scope = stage.branch(f"question-{number}")
            replies = [
                await scope.ask_latent(agent, shown(f"Question {number}?"), COOL, receivers=others)
                for agent, others in ((ANN, [BOB]), (BOB, [ANN]))
            ]
            for _ in range(2):
                own, other = replies[0].soft, replies[1].soft
                replies = [
                    await scope.ask_latent(
                        ANN, shown("They say ", other, ", you: ", own), COOL, receivers=[BOB]
                    ),
                    await scope.ask_latent(
                        BOB, shown("They say ", own, ", you: ", other), COOL, receivers=[ANN]
                    ),
                ]
            self.last = replies
