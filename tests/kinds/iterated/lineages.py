"""Lineages of learners for tests: small designs, and scripted learners who play by the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from simulator.backends.scripted import Script
from simulator.domain.events import Event, StepCommitted
from simulator.domain.models import GenerateRequest
from simulator.domain.ports import Kind
from simulator.domain.records import Run
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.kind import IteratedKind
from tests.lab import MODEL, Lab

KIND: Kind = IteratedKind()
TRUTH = 33
RIGHT = 'Rule: {"A": "on", "B": "off", "C": "und", "D": "off", "screen": "und"}'
"""The truth of `lineage`."""
BIASED = 'Rule: {"A": "on", "B": "off", "C": "und", "D": "off", "screen": "off"}'
WRONG = 'Rule: {"A": "off", "B": "off", "C": "off", "D": "off", "screen": "off"}'
DATA = "Input: A\nOutput: on\nInput: B, D\nOutput: off"
ACRONYMS = '{"output": "CAT", "input": "can, any, take"}\n{"output": "DOG", "input": "do, or, go"}'


def lineage(**fields: Any) -> IteratedDesign:
    """Three generations that learn the rule `RIGHT` from three examples."""
    world = {"truth": TRUTH, "examples": 3} | fields.pop("world", {})
    data: dict[str, Any] = {
        "name": "Test", "model": MODEL, "generations": 3, "passed_on": 2, "attempts": 2,
        "world": world,
    }  # fmt: skip
    return IteratedDesign.model_validate(data | fields)


def acronyms(**fields: Any) -> IteratedDesign:
    """Three generations that read four acronyms and write two."""
    world = {"name": "acronyms", "truth": "drawn", "examples": 4}
    return lineage(world=world, **fields)


def problems_of(made: IteratedDesign) -> list[str]:
    return [str(problem) for problem in KIND.problems(made)]


def shown(request: GenerateRequest) -> str:
    return "\n".join(entry.content for entry in request.prompt)


def wants_data(request: GenerateRequest) -> bool:
    return "\nMake " in f"\n{request.prompt.last.content}"


def learner(
    rule: str | Callable[[GenerateRequest], str] = RIGHT, data: str = DATA
) -> tuple[Script, list[GenerateRequest]]:
    """A model with one answer to each question, and the requests that it gets."""
    seen: list[GenerateRequest] = []

    def script(request: GenerateRequest) -> str:
        seen.append(request)
        if wants_data(request):
            return data
        return rule if isinstance(rule, str) else rule(request)

    return script, seen


async def played(lab: Lab, made: Any, script: Any, *, seed: int = 1) -> tuple[list[Any], Any]:
    """A design played with a scripted model: its steps and its outcome."""
    lab.kind = KIND
    lab.pool.script(script)
    run, design = await lab.queue(made, seed=seed)
    done = await lab.play(run, design)
    assert done.problem is None, done.problem
    return await lab.store.steps(run.id), done.run.outcome


def by_role(steps: Any, role: str) -> list[Any]:
    return [step for step in steps if step.role == role]


def said(steps: Any) -> list[tuple[Any, ...]]:
    """What must be the same however often a run was interrupted."""
    return sorted(
        (step.scope, step.index, step.day, step.role, step.speaker, step.content, step.prompt_hash,
         step.parsing, step.scores)
        for step in steps
    )  # fmt: skip


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
