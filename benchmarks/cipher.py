"""Debates in vectors: the shipped weights in PyTorch, beside the published program's algorithm.

Two debaters answer sums, read each other and answer again, with the same worked examples before
every question. `--quick` asks fewer questions; `--full` also does all that the original does.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

import numpy as np

from benchmarks.cipher_original import OriginalCipher, Transcript
from benchmarks.local_ways import opened
from benchmarks.random_llama import Loaded, is_installed, quiet
from benchmarks.stand import play, services
from benchmarks.tables import Row, show
from benchmarks.transformers_ways import Spent, spending
from simulator.backends.pocket.model import WEIGHTS_FOLDER
from simulator.domain.latent import (
    LatentCompletion,
    LatentMessage,
    LatentRequest,
    SoftPrompt,
    SoftText,
)
from simulator.domain.models import ModelBackend
from simulator.kinds.debate.arithmetic import FIRST_SEEDS, arithmetic_questions
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.play import latent_sampling
from simulator.kinds.debate.prompts import debating, opening, text_of
from simulator.services import Services

QUESTIONS, ROUNDS, NEW_TOKENS = 32, 3, 100
TEMPERATURES = (0.2, 0.8)
ASKED = 5.0
COMPARED, ASKED_DIFFERENCE = 8, 1e-3
EXAMPLES = """\
You solve sums step by step. End with "Answer: " and the number.

Question: What is the result of 4+6*3+5-2*8?
Solution: 6*3 is 18 and 2*8 is 16. 4+18 is 22, 22+5 is 27, and 27-16 is 11. Answer: 11

Question: What is the result of 20+1*15+7-9*6?
Solution: 1*15 is 15 and 9*6 is 54. 20+15 is 35, 35+7 is 42, and 42-54 is -12. Answer: -12

Question: What is the result of 13+11*2+28-3*17?
Solution: 11*2 is 22 and 3*17 is 51. 13+22 is 35, 35+28 is 63, and 63-51 is 12. Answer: 12"""


def design_of(model: str, questions: int, *, classic: bool, first: int = 0) -> DebateDesign:
    """A debate about so many sums.

    Args:
        model: `provider/model` of both debaters.
        questions: How many are asked.
        classic: Whether messages end, and who speaks last, as in the original.
        first: How many sums are left out before.
    """
    return DebateDesign.model_validate(
        {
            "name": f"{questions} sums in vectors",
            "mode": "cipher",
            "questions": arithmetic_questions(FIRST_SEEDS["test"] + first, questions),
            "rounds": ROUNDS,
            "debaters": [{"temperatures": (each,)} for each in TEMPERATURES],
            "prompts": {"system": EXAMPLES},
            "sampling": {"max_tokens": NEW_TOKENS},
            "model": model,
            "classic": classic,
        }
    )


def prompt_of(
    design: DebateDesign, question: int, debater: int, history: Sequence[Mapping[int, SoftText]]
) -> SoftPrompt:
    """What a debater is shown; the published program's debaters are shown the same."""
    text, system = design.questions[question].text, text_of(design, "system", debater)
    if not history:
        return opening(design, debater, system, text)
    return debating(design, debater, system, text, history)


# -------------------------------------------------------------------- seconds


def original(loaded: Loaded, design: DebateDesign) -> tuple[Spent, Transcript]:
    """All of a debate by the published algorithm."""
    cipher = OriginalCipher(loaded, NEW_TOKENS)
    spent: list[Spent] = []
    with spending(spent):
        done = cipher.debate(
            len(design.questions),
            TEMPERATURES,
            ROUNDS,
            lambda question, debater, history: prompt_of(design, question, debater, history),
        )
    return spent[0], done


async def ours(laboratory: Services, design: DebateDesign) -> tuple[Spent, int]:
    """A debate as people run it, on a store on disk, and how many vectors were made."""
    runs = await laboratory.launch(design, {}, seed=1)
    spent: list[Spent] = []
    with spending(spent):
        await play(laboratory, runs)
    steps = await laboratory.store.steps(runs[0].id)
    return spent[0], sum(step.call.usage.completion_tokens for step in steps if step.call)


@asynccontextmanager
async def warm_laboratory(model: str) -> AsyncIterator[Services]:
    """Services that have the model loaded."""
    async with services(live_runs=1) as laboratory:
        await ours(laboratory, design_of(model, 1, classic=False, first=200))
        yield laboratory


async def seconds(
    loaded: Loaded, model: str, questions: int, *, classic_too: bool
) -> tuple[list[Row], Transcript]:
    """Of the published algorithm, of the debate as it is usual, and of one that does as much."""
    on_cpu = loaded.device == "cpu"

    def rate(spent: Spent, vectors: int) -> str:
        took = f"{spent.wall_s:.1f} s, {spent.cpu_s:.1f} CPU-s"
        return f"{took}, {vectors} vectors, {vectors / spent.wall_s:,.0f} a second"

    theirs, done = original(loaded, design_of(model, questions, classic=True))
    rows = [Row(f"the published algorithm, {done.steps} passes", rate(theirs, done.vectors))]
    async with warm_laboratory(model) as laboratory:
        for classic in (False, True) if classic_too else (False,):
            what = "as many vectors, with `classic`" if classic else "our debate"
            spent, vectors = await ours(laboratory, design_of(model, questions, classic=classic))
            ratio = theirs.cpu_s / spent.cpu_s if on_cpu else theirs.wall_s / spent.wall_s
            rows += [
                Row(what, rate(spent, vectors)),
                Row("  times as fast", f"{ratio:.1f}",
                    "" if classic else f">= {ASKED}", None if classic else ratio >= ASKED),
            ]  # fmt: skip
    return rows, done


# -------------------------------------------------------------------- vectors


async def soft(backend: ModelBackend, design: DebateDesign, debater: int, question: int) -> (
    LatentCompletion
):  # fmt: skip
    """A message of the first round."""
    prompt = prompt_of(design, question, debater, [])
    messages = tuple(LatentMessage(one.role, (one.text,)) for one in prompt.messages)
    request = LatentRequest(messages, latent_sampling(design, debater, 1))
    whole = None
    async with aclosing(backend.generate_latent(request)) as chunks:
        async for chunk in chunks:
            whole = chunk.completion or whole
    if whole is None:
        raise RuntimeError("a message has no end")
    return whole


async def difference(loaded: Loaded, design: DebateDesign, done: Transcript) -> Row:
    """The largest of any number in the first messages, up to where they stop."""
    places = [(question, debater) for question in range(COMPARED // 2) for debater in (0, 1)]
    async with opened(loaded, 1 if loaded.device == "cpu" else None) as backend:
        messages = await asyncio.gather(
            *(soft(backend, design, debater, question) for question, debater in places)
        )
    largest, vectors = 0.0, 0
    for place, message in zip(places, messages, strict=True):
        made = np.frombuffer(message.vectors.data, "<f4").reshape(-1, message.vectors.width)
        theirs = done.rounds[0][place].uncut.float().cpu().numpy()[: len(made)]
        largest = max(largest, float(np.abs(made - theirs).max(initial=0.0)))
        vectors += len(made)
    return Row(
        f"largest difference in {vectors} vectors of {len(places)} first messages",
        f"{largest:.1e}",
        f"<= {ASKED_DIFFERENCE:.0e}",
        largest <= ASKED_DIFFERENCE,
    )


async def run(questions: int, *, classic_too: bool) -> None:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    loaded = Loaded(WEIGHTS_FOLDER, device)
    options = f"?device={device}&dtype=float32"
    if device == "cpu":
        torch.set_num_threads(1)
        options += "&threads=1"
    model = f"hf/{WEIGHTS_FOLDER}{options}"
    print(
        f"## {loaded.parameters / 1e6:.1f} M parameters on {device}, {len(TEMPERATURES)} debaters, "
        f"{ROUNDS} rounds, {questions} sums, at most {NEW_TOKENS} vectors each"
    )
    rows, done = await seconds(loaded, model, questions, classic_too=classic_too)
    compared = design_of(model, questions, classic=True)
    show([*rows, await difference(loaded, compared, done)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    chosen = parser.parse_args()
    if not is_installed():
        return
    quiet()
    asyncio.run(run(8 if chosen.quick else QUESTIONS, classic_too=chosen.full))


if __name__ == "__main__":
    main()
