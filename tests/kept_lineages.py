"""Lineages of learners with all that was said, as a store keeps them; no model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import log
from typing import Any

from simulator.analysis.iterated.worlds.lights import Lights
from simulator.domain.journal import Call, Step, StepKind, Usage
from simulator.domain.records import Agent, Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.files.designs import design_document, design_hash
from simulator.kinds.iterated.design import IteratedDesign
from tests.screens.host import NOW

RUN_ID = "0RUN0000000000000000WEARN8"
EXPERIMENT_ID = "0EXP0000000000000000WEARN8"
WORLD = Lights()
TRUTH = WORLD.hypothesis({"A": "on", "B": "off", "C": "und", "D": "off", "screen": "on"})
ALTERNATIVE = WORLD.hypothesis({**WORLD.statuses(TRUTH), "screen": "off"})
WRONG = WORLD.hypothesis(dict.fromkeys(WORLD.objects, "off"))
FIRST = "\n".join(
    f"Input: {given}\nOutput: {output}"
    for given, output in (("A", "on"), ("B", "off"), ("C", "und"), ("B, D", "off"))
)
"""Both rules explain all four; the wrong one explains two."""


def design(generations: int = 3, **fields: Any) -> IteratedDesign:
    """Learners of objects and a light."""
    data: dict[str, Any] = {
        "name": "Blickets", "model": "pocket", "generations": generations,
        "probabilities": {"by": "scores"}, "bias": {"strength": "strong"},
    }  # fmt: skip
    return IteratedDesign.model_validate(data | fields)


class Journal:
    """Steps one after another."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        for role, speaker, text in (
            ("truth", "Truth", WORLD.rule_text(TRUTH)),
            ("alternative", "Alternative", WORLD.rule_text(ALTERNATIVE)),
            ("first data", "First data", FIRST),
        ):
            self.said(role, text, 0, speaker=speaker)

    def said(
        self,
        role: str,
        content: str,
        day: int,
        *,
        raw: str | None = None,
        earlier: Sequence[str] = (),
        speaker: str = "",
        parsing: Sequence[str] = (),
        **fields: Any,
    ) -> Step:
        """Add a step; one of a learner unless a speaker is named."""
        call = Call(
            model="pocket", sampling=Sampling(), seed=1, raw=content if raw is None else raw,
            earlier_raw=tuple(earlier), stop_reason="stop",
            usage=Usage(calls=1, prompt_tokens=40, completion_tokens=10, model_s=0.5),
        )  # fmt: skip
        kind: StepKind = "say" if speaker else "ask"
        step = Step.model_validate(
            {
                "run_id": RUN_ID, "scope": "main", "index": len(self.steps),
                "position": len(self.steps), "kind": kind, "prompt_hash": "0" * 32,
                "speaker": speaker or "Learner 1", "role": role, "content": content, "day": day,
                "call": None if speaker else call, "parsing": parsing,
                "created_at": NOW - timedelta(hours=1),
            } | fields
        )  # fmt: skip
        self.steps.append(step)
        return step

    def scored(self, day: int, likely: str, share: float) -> Step:
        """A hypothesis has so much of P(h), the others the rest in equal parts."""
        rest = (1 - share) / (len(WORLD.hypotheses) - 1)
        return self.said(
            "scores", "", day, kind="score", call=None, in_transcript=False,
            options=[WORLD.rule_text(one) for one in WORLD.hypotheses],
            scores=[log(share if one == likely else rest) for one in WORLD.hypotheses],
        )  # fmt: skip

    def rule(self, day: int, hypothesis: str, **fields: Any) -> Step:
        """What a learner concluded."""
        return self.said("rule", WORLD.rule_text(hypothesis), day, **fields)


def journal() -> list[Step]:
    """Three generations: the truth, then the alternative, then no rule in the reply."""
    made = Journal()
    made.scored(1, TRUTH, 0.9)
    made.rule(1, TRUTH)
    made.said(
        "data", "Input: A\nOutput: on\n\nInput: D\nOutput: off", 1,
        raw="Input: A\nOutput: on\nInput: Z\nOutput: on\nInput: D\nOutput: off",
        parsing=["left out: Z is no object"],
    )  # fmt: skip
    made.scored(2, ALTERNATIVE, 0.8)
    made.rule(2, ALTERNATIVE, earlier=["?", "no"])
    made.said("data", "Input: screen\nOutput: off", 2)
    made.scored(3, WRONG, 0.5)
    made.said("rule", "[red]I do not know[/]\u202e", 3)
    made.said("note", "No rule in one reply. The rule before it is kept.", 3, speaker="World")
    return made.steps


def run_of(made: IteratedDesign, *, whole: bool = True) -> Run:
    """A run of a design."""
    learner = Agent(name="Learner 1", role="learner", number=1, model="pocket",
                    sampling=made.sampling, system_prompt="A game.")  # fmt: skip
    return Run(
        id=RUN_ID, experiment_id=EXPERIMENT_ID, kind="iterated", creator="ada", seed=7,
        design_hash=design_hash(made), agents=(learner,),
        status="completed" if whole else "running",
        outcome=Outcome(reason="generations", detail="3 generations") if whole else None,
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        created_at=NOW - timedelta(hours=2),
    )  # fmt: skip


def experiment_of(made: IteratedDesign, *, broken: bool = False) -> Experiment:
    """The experiment of the run; broken where its design cannot be read any more."""
    return Experiment(
        id=EXPERIMENT_ID, name=made.name, kind="iterated",
        design={"kind": "iterated", "x": 1} if broken else design_document(made),
        design_hash=design_hash(made), creator="ada", created_at=NOW - timedelta(hours=3),
    )  # fmt: skip


async def stored(
    store: Any, steps: list[Step] | None = None, *, outcome: Outcome | None = None
) -> Run:
    """A lineage in a store: completed where it is whole, or with this outcome."""
    made = design()
    run = run_of(made, whole=steps is None)
    if outcome is not None:
        run = run.model_copy(update={"status": "completed", "outcome": outcome})
    await store.add_experiment(experiment_of(made))
    await store.add_run(run, journal() if steps is None else steps)
    return run
