"""Measure a pocket model with the product's own decoder; needs neither torch nor transformers.

python -m simulator.backends.pocket.training.evaluate [FOLDER] [--designs experiments_seed]

Prints the rows of the table in the README of the backend.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from simulator.backends.pocket.decoder import BLOCK, KeyValues
from simulator.backends.pocket.model import WEIGHTS_FOLDER, PocketModel
from simulator.backends.pocket.sampler import Draw
from simulator.backends.pocket.training.corpus import DRAWS, Corpus
from simulator.backends.pocket.training.rendering import load_designs
from simulator.backends.pocket.training.sums import worked
from simulator.backends.pocket.training.talk import Message
from simulator.domain.prompts import ChatMessage

GREEDY = Draw(temperature=0.0)
_ANSWER = re.compile(r"Answer: (-?\d+)")
_NAME = re.compile(r"[A-Z][a-z]+_\d+")


class Exam:
    """A model under examination."""

    def __init__(self, folder: Path, designs: Path) -> None:
        self.model = PocketModel(folder)
        self.designs = load_designs(designs)
        self.corpus = Corpus(777, self.designs)

    def says(self, messages: list[Message], draw: Draw = GREEDY, seed: int = 0) -> str:
        """The reply to some messages."""
        prompt = self.model.chat.prompt_tokens(
            [ChatMessage(m["role"], m["content"]) for m in messages]  # type: ignore[arg-type]
        )
        reply = self.model.reply(prompt, draw, seed)
        return "".join(piece for piece in reply if isinstance(piece, str))

    def asked(self, question: str) -> str:
        """The reply to one question."""
        return self.says([{"role": "user", "content": question}])

    def right(self, task: str, count: int, check: Callable[[list[Message], str], bool]) -> str:
        """How many of `count` samples of a task are answered well, as "n/count"."""
        samples = [self.corpus.sample(task)[1] for _ in range(count)]
        good = sum(check(messages, self.says(messages[:-1])) for messages in samples)
        return f"{good}/{count}"

    def loss(self, count: int) -> float:
        """Mean loss, in nats, of the assistants' tokens in samples drawn by their shares."""
        losses: list[float] = []
        for _ in range(count):
            losses += self._losses(self.corpus.sample()[1])
        return float(np.mean(losses))

    def _losses(self, messages: list[Message]) -> list[float]:
        chat, decoder = self.model.chat, self.model.decoder
        tokens = chat.prompt_tokens([])[:1]
        learnt: list[int] = []
        for m in messages:
            marker = chat.prompt_tokens([ChatMessage(m["role"], "")])[1]  # type: ignore[arg-type]
            body = [marker, *chat.text_tokens(m["content"].strip()), chat.end]
            if m["role"] == "assistant":
                learnt += range(len(tokens) + 1, len(tokens) + len(body))
            tokens += body
        tokens, last = tokens[: self.model.context], self.model.context
        sequence = KeyValues(decoder.weights)
        losses = []
        for block in range(-(-len(tokens) // BLOCK)):
            part = tokens[block * BLOCK : (block + 1) * BLOCK]
            hidden = decoder.read_block(part, block, sequence)
            for place in range(block * BLOCK, block * BLOCK + len(part)):
                if place + 1 in learnt and place + 1 < last:
                    logits = decoder.logits(hidden[place % BLOCK]).astype(np.float64)
                    peak = logits.max()
                    total = peak + np.log(np.exp(logits - peak).sum())
                    losses.append(float(total - logits[tokens[place + 1]]))
        return losses


def answer_of(text: str) -> str | None:
    """The last answer in a text."""
    found: list[str] = _ANSWER.findall(text)
    return found[-1] if found else None


def same_answer(messages: list[Message], said: str) -> bool:
    """The sum is right."""
    return answer_of(said) == answer_of(messages[-1]["content"])


def same_text(messages: list[Message], said: str) -> bool:
    """The reply is the expected one, word for word."""
    return said == messages[-1]["content"]


def is_candidate(messages: list[Message], said: str) -> bool:
    """The reply is one of the names to choose from."""
    choice = messages[-2]["content"].rpartition("Choose one of: ")[2]
    return said in _NAME.findall(choice)


def names_fit(messages: list[Message], said: str) -> bool:
    """Every name in the summary stands in the talk, and no sentence has one of them twice."""
    known = set(_NAME.findall(messages[-2]["content"]))
    named = [_NAME.findall(sentence) for sentence in said.split(". ")]
    return any(named) and all(set(n) <= known and len(n) == len(set(n)) for n in named)


def hero_stays(messages: list[Message], said: str) -> bool:
    """The hero of the source is in the retold story."""
    source = messages[-2]["content"]
    hero = re.search(r"(?:named|called) (\w+)|(\w+) was an? |was (\w+)\.", source)
    return hero is not None and next(x for x in hero.groups() if x) in said


def six_operands(exam: Exam, count: int, highest: int) -> str:
    """Sums of six operands below `highest`."""
    rng = random.Random(31)
    good = 0
    for _ in range(count):
        values = [rng.randrange(highest) for _ in range(6)]
        right = worked(values)
        said = exam.asked(f"What is the result of {right.split(' ')[0]}?")
        good += answer_of(said) == answer_of(right)
    return f"{good}/{count}"


def times_table(exam: Exam, highest: int) -> str:
    """Products of two numbers below `highest`."""
    pairs = [(a, b) for a in range(highest) for b in range(highest)]
    good = sum(answer_of(exam.asked(f"What is {a}*{b}?")) == str(a * b) for a, b in pairs)
    return f"{good}/{len(pairs)}"


def retold(exam: Exam, count: int) -> str:
    """Rephrased stories, sampled, that keep their hero."""
    good = done = 0
    while done < count:
        messages = exam.corpus.sample("story")[1]
        if "other words" in messages[-2]["content"] or "ephrase" in messages[-2]["content"]:
            done += 1
            good += hero_stays(messages, exam.says(messages[:-1], Draw(), done))
    return f"{good}/{count}"


def self_play(exam: Exam, subject: str, talks: int) -> tuple[int, int, int, int]:
    """Replies of ten-turn days, and those with a label, repeated within the day, or cut short."""
    rng = random.Random(5)
    replies = labels = repeats = cut = 0
    for number in range(talks):
        design = exam.designs[subject]
        talk = DRAWS[subject](rng, design, False, design["starting_message"])
        cast = talk.setting.cast
        talk.play(1, 0, "random")
        day = talk.days[0]
        speaker = cast[0]
        for turn in range(10):
            day.lines.append((speaker, ""))
            said = exam.says(talk.view(speaker, 1)[:-1], Draw(), number * 10 + turn)
            replies += 1
            labels += bool(re.search(r"\b[A-Z][a-z]+_\d+: ", said))
            repeats += said in [text for _, text in day.lines]
            cut += not said.endswith((".", "?", "!"))
            day.lines[-1] = (speaker, said)
            named = [a for a in cast if a.name in said and a != speaker]
            speaker = rng.choice(named or [a for a in cast if a != speaker])
    return replies, labels, repeats, cut


def main() -> None:
    """Print every measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=WEIGHTS_FOLDER)
    parser.add_argument("--designs", type=Path, default=Path("experiments_seed"))
    a = parser.parse_args()
    exam = Exam(a.folder, a.designs)
    rows: list[tuple[str, Callable[[], object]]] = [
        ("held-out loss per token of a reply, nats", lambda: round(exam.loss(300), 3)),
        ("names in day summaries are right", lambda: exam.right("day_summary", 100, names_fit)),
        ("day summaries word for word", lambda: exam.right("day_summary", 100, same_text)),
        ("next speaker is a candidate", lambda: exam.right("selector", 100, is_candidate)),
        ("next speaker is the expected one", lambda: exam.right("selector", 100, same_text)),
        ("copying, word for word", lambda: exam.right("copying", 100, same_text)),
        ("rephrased story keeps its hero", lambda: retold(exam, 50)),
        ("times table to 9", lambda: times_table(exam, 10)),
        ("times table to 29", lambda: times_table(exam, 30)),
        ("six-operand sums, operands to 9", lambda: six_operands(exam, 200, 10)),
        ("six-operand sums, operands to 29", lambda: six_operands(exam, 200, 30)),
        ("correcting worked sums", lambda: exam.right("debate", 100, same_answer)),
    ]
    for title, measure in rows:
        print(f"| {title} | {measure()} |", flush=True)
    for subject in DRAWS:
        replies, labels, repeats, cut = self_play(exam, subject, 20)
        print(
            f"| {subject}: replies with a label / repeated / not a whole sentence | "
            f"{labels} / {repeats} / {cut} of {replies} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
