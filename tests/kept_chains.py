"""Games of telephone with all that was said, as a store keeps them; no model is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.domain.journal import Call, Step, Usage
from simulator.domain.records import Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.files.designs import design_document, design_hash
from simulator.kinds.telephone.design import TelephoneDesign
from simulator.kinds.telephone.kind import TelephoneKind
from tests.screens.host import NOW

RUN_ID = "0RUN00000000000000000CHA8E"
EXPERIMENT_ID = "0EXP00000000000000000CHA8E"
LENGTHS = (20, 40, 80, 160)


def design(generations: int = 3) -> TelephoneDesign:
    """Four texts of so many letters, one chain each."""
    data: dict[str, Any] = {
        "name": "Whispers", "model": "pocket", "chains": 1, "generations": generations,
        "texts": [{"name": f"text-{n}", "text": "a" * n} for n in LENGTHS],
    }  # fmt: skip
    return TelephoneDesign.model_validate(data)


def length_at(first: int, generation: int) -> int:
    """Half way to 100 letters with each generation."""
    return round(100 + (first - 100) * 0.5**generation)


def journal(made: TelephoneDesign, generations: int, run_id: str = RUN_ID) -> list[Step]:
    """What was said, as far as so many generations."""
    return [
        _step(run_id, place, generation, "a" * length_at(len(text.text), generation))
        for generation in range(generations + 1)
        for place, text in enumerate(made.texts)
    ]


def _step(run_id: str, place: int, generation: int, content: str) -> Step:
    call = Call(
        model="pocket", sampling=Sampling(), seed=1, raw=content, stop_reason="stop",
        usage=Usage(calls=1, prompt_tokens=40, completion_tokens=10, model_s=0.5),
    )  # fmt: skip
    return Step(
        run_id=run_id, scope=f"main/chain-{place + 1:04d}", index=generation,
        position=generation * len(LENGTHS) + place, kind="ask" if generation else "say",
        prompt_hash="0" * 32, speaker="Writer" if generation else "Initial text",
        role="agent" if generation else "text", content=content, day=generation,
        call=call if generation else None, created_at=NOW - timedelta(hours=1),
    )  # fmt: skip


async def stored(
    store: Any,
    generations: int,
    made: TelephoneDesign | None = None,
    steps: list[Step] | None = None,
) -> Run:
    """A game in a store, played as far as so many generations; it goes on if more are wanted."""
    made = made or design()
    whole = generations == made.generations
    await store.add_experiment(
        Experiment(
            id=EXPERIMENT_ID, name=made.name, kind="telephone", design=design_document(made),
            design_hash=design_hash(made), creator="ada", created_at=NOW - timedelta(hours=3),
        )
    )  # fmt: skip
    run = Run(
        id=RUN_ID, experiment_id=EXPERIMENT_ID, kind="telephone", design_hash=design_hash(made),
        seed=7, agents=TelephoneKind().cast(made, 7), status="completed" if whole else "running",
        outcome=Outcome(reason="generations", detail="all") if whole else None,
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        creator="ada", created_at=NOW - timedelta(hours=2),
    )  # fmt: skip
    await store.add_run(run, journal(made, generations) if steps is None else steps)
    return run
