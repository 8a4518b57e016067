"""The whole corpus: talks of the seed designs and small tasks, mixed by their share of tokens.

Everything is made from banks of sentences by a seeded generator: no downloads, no foreign text.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from simulator.backends.pocket.training.prison_settings import draw_prison
from simulator.backends.pocket.training.short_prison import short_prison
from simulator.backends.pocket.training.small_talk import small_talk
from simulator.backends.pocket.training.stories import story_task
from simulator.backends.pocket.training.sums import arithmetic, copying, debate, rule
from simulator.backends.pocket.training.talk import OPENINGS, Message, Talk
from simulator.backends.pocket.training.talk_class import draw_class
from simulator.backends.pocket.training.talk_jury import draw_jury
from simulator.backends.pocket.training.talk_market import draw_market
from simulator.backends.pocket.training.talk_rumour import draw_rumour

ORDERS = ["round_robin", "random", "role_alternating", "addressed"]
DRAWS: dict[str, Callable[[random.Random, dict[str, Any], bool, str], Talk]] = {
    "prison": draw_prison,
    "negotiation": draw_market,
    "jury": draw_jury,
    "rumour": draw_rumour,
    "classroom": draw_class,
}
P_VARIED = 0.4  # talks that leave the design's own texts for others


class Corpus:
    """A seeded stream of chat samples; the last message of each is the assistant's."""

    def __init__(self, seed: int, designs: dict[str, dict[str, Any]]) -> None:
        self.rng = rng = random.Random(seed)
        self._designs = designs
        # task -> how to make a sample, share of all tokens, mean tokens of a sample
        self.tasks: dict[str, tuple[Callable[[], list[Message]], float, int]] = {
            "prison_day": (partial(self._day, "prison"), 0.27, 500),
            "market_day": (partial(self._day, "negotiation"), 0.07, 400),
            "jury_day": (partial(self._day, "jury"), 0.07, 450),
            "rumour_day": (partial(self._day, "rumour"), 0.07, 450),
            "class_day": (partial(self._day, "classroom"), 0.07, 450),
            "day_summary": (self._summary, 0.09, 450),
            "selector": (self._selector, 0.04, 250),
            "short_prison": (partial(short_prison, rng), 0.05, 130),
            "small_talk": (partial(small_talk, rng), 0.04, 70),
            "story": (partial(story_task, rng), 0.10, 190),
            "arithmetic": (partial(arithmetic, rng), 0.08, 60),
            "debate": (partial(debate, rng), 0.02, 190),
            "copying": (partial(copying, rng), 0.02, 40),
            "rule": (partial(rule, rng), 0.01, 80),
        }
        self._names = list(self.tasks)
        self._weights = [share / tokens for _, share, tokens in self.tasks.values()]

    def sample(self, task: str | None = None) -> tuple[str, list[Message]]:
        """A task (drawn by its share when None) and its messages."""
        task = task or self.rng.choices(self._names, self._weights)[0]
        return task, self.tasks[task][0]()

    def talk(self, subject: str) -> Talk:
        """A finished talk under a seed design."""
        rng, design = self.rng, self._designs[subject]
        varied = rng.random() < P_VARIED
        opening = design["starting_message"] if rng.random() < 0.7 else rng.choice(OPENINGS)
        talk = DRAWS[subject](rng, design, varied, opening)
        long = subject in ("prison", "rumour")
        days = rng.choice([1, 1, 2, 3] if long else [1, 1, 1, 1, 2])
        turns = rng.choice([5, 8, 10, 10, 10, 12, 12, 14])
        talk.play(days, turns, design["speaker"] if rng.random() < 0.6 else rng.choice(ORDERS))
        return talk

    def _day(self, subject: str) -> list[Message]:
        """A day of a talk as one agent sees it."""
        talk = self.talk(subject)
        day = self.rng.randint(1, len(talk.days))
        lines = talk.days[day - 1].lines
        who = lines[-1][0] if self.rng.random() < 0.65 else self.rng.choice(lines)[0]
        return talk.view(who, day, full=day > 1 and self.rng.random() < 0.15)

    def _any_talk(self) -> Talk:
        return self.talk(self.rng.choices(list(DRAWS), [0.4, 0.15, 0.15, 0.15, 0.15])[0])

    def _summary(self) -> list[Message]:
        talk = self._any_talk()
        return talk.summary_task(self.rng.randint(1, len(talk.days)))

    def _selector(self) -> list[Message]:
        talk = self._any_talk()
        return talk.selector_task(self.rng.randint(1, len(talk.days)))
