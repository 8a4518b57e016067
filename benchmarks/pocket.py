"""How fast the pocket model reads, writes and takes its turn in a conversation, on one thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from benchmarks.tables import Row, show
from simulator.backends.pocket.model import PocketModel
from simulator.backends.pocket.sampler import Draw, Sampler
from simulator.domain.prompts import ChatMessage

ROUNDS = 7
WRITTEN = 100
ASKED_WRITING = 300
ASKED_LOADING_S = 0.2
SYSTEM = (
    "You are a guard in a prison. Your name is Guard_117. You talk with Prisoner_386. There is "
    "one guard and one prisoner in the room.\n\n## Goal\n\nKeep order in the prison and make "
    "sure that the prisoner follows the rules.\n\n## Communication rules\n\nSpeak in the first "
    "person and only as yourself. Say one or two short sentences.\n"
)
THEIRS = "Prisoner_386: I want one more hour in the yard, because the air in my cell is bad."
MINE = "I cannot give you one more hour in the yard. Rules are rules."


def conversation(turns: int) -> list[ChatMessage]:
    """A prompt before the guard's turn of that number, from 1."""
    messages = [ChatMessage("system", SYSTEM)]
    for _ in range(turns - 1):
        messages += [ChatMessage("user", THEIRS), ChatMessage("assistant", MINE)]
    return [*messages, ChatMessage("user", THEIRS)]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def reading(model: PocketModel, tokens: int) -> float:
    """Tokens per second of a prompt that is read from the start."""
    prompt = [100 + n % 900 for n in range(tokens)]

    def work() -> None:
        model.cache.clear()
        model.read(prompt)

    return tokens / median(seconds(work) for _ in range(ROUNDS))


def writing(model: PocketModel, after: int) -> float:
    """Tokens per second of a reply, drawing included, after a prompt of so many tokens."""
    rates = []
    for seed in range(ROUNDS):
        place = model.read([100 + n % 900 for n in range(after)])
        sampler, logits = Sampler(Draw(), seed), place.start_logits
        began = time.perf_counter()
        for _ in range(WRITTEN):
            logits = place.step(model.embeddings[sampler.pick(logits)])
        rates.append(WRITTEN / (time.perf_counter() - began))
    return median(rates)


def turns(model: PocketModel, count: int, *, reuse: bool) -> float:
    """Seconds of one turn, a reply of at most 20 tokens, averaged over a conversation."""

    def work() -> None:
        model.cache.clear()
        for number in range(1, count + 1):
            if not reuse:
                model.cache.clear()
            prompt = model.chat.prompt_tokens(conversation(number))
            list(model.reply(prompt, Draw(), number, max_tokens=20))

    return median(seconds(work) for _ in range(ROUNDS)) / count


def main() -> None:
    loading = seconds(PocketModel)
    model = PocketModel()
    longest = len(model.chat.prompt_tokens(conversation(10)))
    asked = f"< {ASKED_LOADING_S} s"
    rows = [Row("load the model", f"{loading:.3f} s", asked, loading < ASKED_LOADING_S)]
    for tokens in (128, 512, 1000):
        rows.append(Row(f"read {tokens} tokens", f"{reading(model, tokens):,.0f} tokens/s"))
    for tokens in (128, 512, 900):
        rate = writing(model, tokens)
        rows.append(
            Row(
                f"write after {tokens} tokens",
                f"{rate:,.0f} tokens/s",
                f">= {ASKED_WRITING} tokens/s",
                rate >= ASKED_WRITING,
            )
        )
    warm, cold = (turns(model, 10, reuse=reuse) * 1000 for reuse in (True, False))
    rows += [
        Row(f"a turn of 10 (up to {longest} tokens), cache reused", f"{warm:.1f} ms"),
        Row("the same, each prompt read from its start", f"{cold:.1f} ms"),
    ]
    show(rows)


if __name__ == "__main__":
    main()
