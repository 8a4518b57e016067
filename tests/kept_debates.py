"""Debates with all that was said, as a store keeps them; no model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from simulator.domain.journal import Call, SoftToken, Step, Usage
from simulator.domain.records import Experiment, Outcome, Provenance, Run
from simulator.domain.sampling import Sampling
from simulator.files.designs import design_document, design_hash
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.kind import DebateKind
from tests.screens.host import NOW

RUN_ID = "0RUN00000000000000000DEB8E"
EXPERIMENT_ID = "0EXP00000000000000000DEB8E"
HOSTILE = "[/foo] [bold red]x[/] \x1b[31m"
TOKENS = (
    SoftToken(token="Answer", entropy=0.25, top=(("Answer", 0.75), (" the", 0.2), ("\n", 0.05))),
    SoftToken(token=":", entropy=0.0, is_mixed=False, top=((":", 1.0),)),
    SoftToken(token="[/bold]\x1b[1m", entropy=1.5, top=(("[/bold]\x1b[1m", 0.5),)),
)


def design(count: int = 3, **fields: Any) -> DebateDesign:
    """Ann and Bob, who debate in vectors for two rounds; the right answer of each question is its
    number."""
    data: dict[str, Any] = {
        "name": "Counting",
        "mode": "cipher",
        "rounds": 2,
        "last_round": "all",
        "model": "pocket",
        "debaters": [
            {"name": "Ann", "temperatures": [0.2]},
            {"name": "Bob", "temperatures": [0.8]},
        ],
        "questions": [{"text": f"How many are {n}?", "gold": str(n)} for n in range(1, count + 1)],
        "grader": "number",
    }
    return DebateDesign.model_validate(data | fields)


def said_to(number: int, debater: int, round_: int) -> str:
    """What somebody says: question 2 is answered wrongly at last, question 3 at first."""
    wrong = (number % 3 == 2 and round_ == 2) or (number % 3 == 0 and round_ == 1)
    return f"Answer: {number + 100 if wrong else number}"


def journal(made: DebateDesign, *, run_id: str = RUN_ID, first: int = 0) -> list[Step]:
    """All steps in the order of rounds, the questions side by side.

    Args:
        made: The design.
        run_id: Whose they are.
        first: Questions from this number on are answered the last, others the first.
    """
    numbers = range(1, len(made.questions) + 1)
    planned: list[tuple[str, int, int, str, str, str]] = [
        (f"main/question-{n:04d}", 0, 1, "Question", "question", made.questions[n - 1].text)
        for n in numbers
    ]
    for round_ in range(1, made.rounds + 1):
        for n in sorted(numbers, key=lambda n: n < first):
            planned += [
                (
                    f"main/question-{n:04d}/debater-{place}", round_ - 1, round_, name, "debater",
                    said_to(n, place, round_),
                )
                for place, name in enumerate(made.names, 1)
            ]  # fmt: skip
    return [step(run_id, position, *one, made) for position, one in enumerate(planned)]


def step(
    run_id: str, position: int, scope: str, index: int, day: int, speaker: str, role: str,
    content: str, made: DebateDesign,
) -> Step:  # fmt: skip
    is_model = role != "question"
    call = Call(
        model="pocket", sampling=Sampling(), seed=1, raw=content, stop_reason="stop",
        usage=Usage(calls=1, prompt_tokens=40, completion_tokens=10, model_s=0.5),
    )  # fmt: skip
    is_vector = is_model and not made.speaks_words
    return Step(
        run_id=run_id, scope=scope, index=index, position=position,
        kind=("ask_latent" if is_vector else "ask") if is_model else "say",
        prompt_hash="0" * 32, speaker=speaker, role=role, content=content, day=day,
        soft_tokens=TOKENS if is_vector else (), call=call if is_model else None,
        created_at=NOW - timedelta(hours=1),
    )  # fmt: skip


def experiment_of(made: DebateDesign) -> Experiment:
    return Experiment(
        id=EXPERIMENT_ID, name=made.name, kind="debate", design=design_document(made),
        design_hash=design_hash(made), creator="ada", created_at=NOW - timedelta(hours=3),
    )  # fmt: skip


def run_of(made: DebateDesign, steps: Sequence[Step], run_id: str = RUN_ID) -> Run:
    """The run of these steps; completed if they are all."""
    whole = len(steps) == len(journal(made))
    right = sum(n % 3 != 2 for n in range(1, len(made.questions) + 1))
    values: Any = {"questions": len(made.questions), "right": right}
    return Run(
        id=run_id, experiment_id=EXPERIMENT_ID, kind="debate", design_hash=design_hash(made),
        seed=7, agents=DebateKind().cast(made, 7), status="completed" if whole else "paused",
        outcome=Outcome(reason="questions", detail="some", values=values) if whole else None,
        provenance=Provenance(simulator_version="0", python_version="3", platform="test"),
        creator="ada", created_at=NOW - timedelta(hours=2),
    )  # fmt: skip


async def stored(
    store: Any, made: DebateDesign | None = None, *, steps: Sequence[Step] | None = None
) -> Run:
    """A debate in a store, whole unless only some of its steps are given."""
    made = made or design()
    kept = journal(made) if steps is None else steps
    run = run_of(made, kept)
    await store.add_experiment(experiment_of(made))
    await store.add_run(run, list(kept))
    return run
