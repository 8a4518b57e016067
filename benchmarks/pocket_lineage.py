"""A lineage on pocket with exact P(h): all hypotheses in one batch, against one at a time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import patch

from benchmarks.stand import play, services
from benchmarks.tables import Row
from simulator.backends.pocket.model import PocketModel
from simulator.kinds.iterated.design import IteratedDesign
from simulator.kinds.iterated.results import lineage_of

SEED_DESIGN, SEED = "iterated_lights", 7
HYPOTHESES = 243
ASKED_S = 60.0
ANEW = 12
"""Hypotheses for which the prompt is read from its start; the others would take as long."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a model was asked to score together."""

    prompt: Sequence[int]
    options: Sequence[str]
    taken_s: float


def one_at_a_time(model: PocketModel, batch: Batch, options: int, *, anew: bool) -> list[float]:
    """Scores of the first options, each asked for by itself."""
    found: list[float] = []
    for option in batch.options[:options]:
        if anew:
            model.cache.clear()
        found += model.score(batch.prompt, [option])
    return found


def seconds_of(
    model: PocketModel, batch: Batch, options: int, *, anew: bool
) -> tuple[float, list[float]]:
    model.cache.clear()
    began = time.perf_counter()
    found = one_at_a_time(model, batch, options, anew=anew)
    return time.perf_counter() - began, found


async def measured() -> list[Row]:
    batches: list[Batch] = []
    scored = PocketModel.score

    def watched(
        self: PocketModel, prompt: Sequence[int], options: Sequence[str]
    ) -> tuple[float, ...]:
        began = time.perf_counter()
        found = scored(self, prompt, options)
        batches.append(Batch(prompt, options, time.perf_counter() - began))
        return found

    async with services(live_runs=1) as opened:
        design, _ = await opened.design_named(SEED_DESIGN)
        assert isinstance(design, IteratedDesign)
        runs = await opened.launch(design, {}, seed=SEED)
        began = time.perf_counter()
        with patch.object(PocketModel, "score", watched):
            await play(opened, runs)
        played = time.perf_counter() - began
        lineage = lineage_of(runs[0], design, await opened.store.steps(runs[0].id))
    sums = [sum(one.probabilities or ()) for one in lineage.generations]
    off = max(abs(one - 1) for one in sums)
    rules = [one for one in batches if len(one.options) == HYPOTHESES]
    model, first = PocketModel(), rules[0]
    began = time.perf_counter()
    together = model.score(first.prompt, first.options)
    batch = time.perf_counter() - began
    kept, singly = seconds_of(model, first, HYPOTHESES, anew=False)
    anew, _ = seconds_of(model, first, ANEW, anew=True)
    anew *= HYPOTHESES / ANEW
    apart = max(abs(one - other) for one, other in zip(together, singly, strict=True))
    scoring = sum(one.taken_s for one in batches)
    return [
        Row(f"{SEED_DESIGN} on pocket, {design.generations} generations with exact P(h)",
            f"{played:.2f} s", f"< {ASKED_S:.0f} s", played < ASKED_S),
        Row("of it, to score", f"{scoring:.2f} s, {len(rules)} batches of {HYPOTHESES} hypotheses "
            f"and {len(batches) - len(rules)} of fewer answers"),
        Row("P(h) of a generation, its sum off 1 at most", f"{off:.1g}", "< 1e-12", off < 1e-12),
        Row(f"{HYPOTHESES} hypotheses after {len(first.prompt)} tokens, one batch",
            f"{batch:.2f} s"),
        Row("the same one at a time, the prompt kept",
            f"{kept:.2f} s, {kept / batch:.1f} times as long", "> 2 times", kept > 2 * batch),
        Row(f"the same, the prompt read each time, extrapolated from {ANEW}",
            f"{anew:.1f} s, {anew / batch:.0f} times as long"),
        Row("scores of a batch off those one at a time, at most", f"{apart:.1g} nats",
            "< 0.001 nats", apart < 1e-3),
    ]  # fmt: skip
