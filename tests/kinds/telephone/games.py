"""Games of telephone for tests: small designs, and what their models see."""

from __future__ import annotations

import asyncio
from typing import Any

from simulator.domain.events import Event, StepCommitted
from simulator.domain.models import GenerateRequest
from simulator.domain.ports import Kind
from simulator.domain.records import Run
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.kind import TelephoneKind
from tests.lab import MODEL, Lab

KIND: Kind = TelephoneKind()


def telephone(**fields: Any) -> TelephoneDesign:
    """Two texts, of which one is empty; two chains of each, of three generations."""
    texts = [{"name": "a", "text": "one\ntwo"}, {"name": "b", "text": ""}]
    data: dict[str, Any] = {
        "name": "Test", "model": MODEL, "texts": texts, "chains": 2, "generations": 3,
    }  # fmt: skip
    return TelephoneDesign.model_validate(data | fields)


def problems_of(**fields: Any) -> list[str]:
    return [str(problem) for problem in KIND.problems(telephone(**fields))]


def shown(request: GenerateRequest) -> str:
    return "\n".join(entry.content for entry in request.prompt)


def said(steps: Any) -> dict[tuple[str, int], tuple[Any, ...]]:
    """Texts by place: what must be the same whatever ran beside them."""
    return {
        (step.scope, step.index): (step.day, step.speaker, step.content, step.prompt_hash)
        for step in steps
    }


async def cut(lab: Lab, run: Run, resolved: Any, committed: int) -> None:
    """Play a run, and cancel it once so many of its steps are on record."""
    seen = 0

    def listener(event: Event) -> None:
        nonlocal seen
        seen += isinstance(event, StepCommitted)
        if seen == committed and isinstance(event, StepCommitted):
            playing.cancel()

    playing = asyncio.ensure_future(lab.play(run, resolved, listener=listener))
    await asyncio.wait([playing])
    assert playing.cancelled()
