"""Debates for tests: small designs, models that answer by rule, and models of vectors."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

from simulator.backends.scripted import ScriptedBackend
from simulator.domain.journal import SoftToken, Step, Usage
from simulator.domain.latent import LatentChunk, LatentCompletion, LatentRequest, Vectors
from simulator.domain.models import Ability, GenerateRequest
from simulator.domain.ports import Kind
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.kind import DebateKind
from tests.lab import MODEL, Lab

KIND: Kind = DebateKind()
FRUIT = ["How many apples?", "How many pears?", "How many plums?"]


def debate(**fields: Any) -> DebateDesign:
    """Two debaters and three questions, whose answers are 1, 2 and 3."""
    data: dict[str, Any] = {
        "name": "Test",
        "model": MODEL,
        "questions": [
            {"text": text, "gold": str(n), "solution": f"Count {text[9:-1]}.\nAnswer: {n}"}
            for n, text in enumerate(FRUIT, 1)
        ],
    }
    return DebateDesign.model_validate(data | fields)


def problems_of(made: DebateDesign) -> list[str]:
    return [str(problem) for problem in KIND.problems(made)]


async def played(lab: Lab, made: DebateDesign, *, seed: int = 1, **launch: Any) -> list[Step]:
    lab.kind = KIND
    return await lab.run(made, seed=seed, **launch)


async def outcome(lab: Lab, made: DebateDesign) -> dict[str, Any]:
    """The results that are on record for a run of the design."""
    lab.kind = KIND
    run, resolved = await lab.queue(made)
    done = await lab.play(run, resolved)
    assert done.problem is None, done.problem
    assert done.run.outcome is not None
    return done.run.outcome.values


def texts(steps: Sequence[Step], scope: str) -> list[str]:
    """What was said in a scope below `main`, in order."""
    found = [step for step in steps if step.scope == f"main/{scope}"]
    return [step.content for step in sorted(found, key=lambda step: step.index)]


def by_place(steps: Sequence[Step]) -> dict[tuple[str, int], tuple[Any, ...]]:
    """What must be the same whatever ran beside it."""
    return {
        (s.scope, s.index): (s.kind, s.day, s.speaker, s.role, s.content, s.prompt_hash)
        for s in steps
    }


def shown(request: GenerateRequest) -> str:
    """All that a model sees, in one text."""
    return "\n".join(entry.content for entry in request.prompt)


def answering(lab: Lab, answers: Callable[[str, float], object]) -> list[str]:
    """Let the model answer by a rule from what it is shown and its temperature; what it saw."""
    seen: list[str] = []

    def script(request: GenerateRequest) -> str:
        seen.append(shown(request))
        return f"Answer: {answers(seen[-1], request.sampling.temperature or 0.0)}"

    lab.pool.script(script)
    return seen


def is_first(text: str) -> bool:
    """Whether this is a prompt of the first round."""
    return "Your solution:" not in text


class VectorModel(ScriptedBackend):
    """Speaks vectors of one number a character, by a rule from what it is shown.

    Vectors that it reads show as their characters in angle brackets.
    """

    abilities: frozenset[Ability] = frozenset({"seed", "latent"})

    def __init__(self, say: Callable[[str, LatentRequest], str], model: str = MODEL) -> None:
        super().__init__([], model=model)
        self._say = say
        self.requests: list[LatentRequest] = []
        self.seen: list[str] = []

    async def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        seen = "\n".join(
            "".join(part if isinstance(part, str) else f"<{_read(part)}>" for part in one.parts)
            for one in request.messages
        )
        self.requests.append(request)
        self.seen.append(seen)
        text = self._say(seen, request)
        vectors = Vectors(text.encode("utf-32-le"), 1)
        yield LatentChunk(
            completion=LatentCompletion(
                text=text, vectors=vectors, received=(vectors,) * len(request.receivers),
                stop_reason="stop",
                usage=Usage(prompt_tokens=len(seen), completion_tokens=len(vectors)),
                tokens=tuple(SoftToken(token=one, entropy=0.0) for one in text),
                unknown=(0,) * len(request.receivers),
                nearest=request.nearest_of[0] if request.nearest_of else None,
            )
        )  # fmt: skip

    async def embedding_table(self) -> Any:
        return _Table(self.model)


class _Table:
    tokens: tuple[bytes, ...] = ()

    def __init__(self, model: str) -> None:
        self.model = model

    def rows(self) -> Any:
        raise AssertionError("nobody computes with these")


def _read(vectors: Vectors) -> str:
    return vectors.data.decode("utf-32-le")


def numbers(text: str) -> list[str]:
    """The numbers of a text, in order."""
    return re.findall(r"\d+", text)
