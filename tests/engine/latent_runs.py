"""Debates as vectors for tests: played, interrupted, resumed and verified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.domain.journal import Step
from simulator.domain.latent import LatentSampling, SoftPrompt, SoftReply
from simulator.domain.ports import Stage
from simulator.domain.records import Run
from simulator.engine.runner import Played
from simulator.engine.verifying import Verification, verify_run
from tests.engine.soft import ANN, COOL, Debate
from tests.engine.test_runs import play_interrupted
from tests.engine.toy import Toy, ToyDesign, played
from tests.lab import Lab

WHOLE = 12
"""Steps of a debate over two questions."""


async def queued(lab: Lab, play: Any) -> tuple[Run, Any]:
    lab.kind = Toy(play)
    return await lab.queue(ToyDesign(), seed=4)


async def cut_after(lab: Lab, steps: int, play: Any = None) -> Run:
    """A debate that was interrupted right after so many steps."""
    run, resolved = await queued(lab, play or Debate())
    await play_interrupted(lab, run, resolved, steps)
    return await lab.store.run(run.id)


async def resumed(lab: Lab, run: Run, **more: Any) -> Played:
    return await lab.play(run, ToyDesign(), **more)


def told(steps: Sequence[Step]) -> list[tuple[Any, ...]]:
    return [
        (s.scope, s.index, s.kind, s.speaker, s.content, s.prompt_hash, s.soft_tokens, s.call)
        for s in steps
    ]


async def ask_once(
    lab: Lab, prompt: SoftPrompt, sampling: LatentSampling = COOL, **more: Any
) -> tuple[Step, SoftReply]:
    replies: list[SoftReply] = []

    async def ask(stage: Stage) -> None:
        replies.append(await stage.ask_latent(ANN, prompt, sampling, **more))

    (step,) = await played(lab, ask)
    return step, replies[0]


async def verified(lab: Lab, run: Run, *, ask: bool = False) -> Verification:
    return await verify_run(
        run, lab.kind, ToyDesign(), store=lab.store, clock=lab.clock,
        backends=lab.pool if ask else None,
    )  # fmt: skip
