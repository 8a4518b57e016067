"""The frame of every synthetic talk: who speaks, what the models see, what is summed up."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field

from simulator.backends.pocket.training.rendering import Agent, Setting, names_of, render

Message = dict[str, str]

OPENINGS = ["Start the experiment.", "Start the conversation.", "Begin.", "Start to talk."]


def call(name: str, text: str) -> str:
    """The text addressed to somebody: the name, a comma, and the first letter made small."""
    keep = text.startswith(("I ", "I'")) or text.split("_")[0] in ("Guard", "Prisoner", "Juror")
    return f"{name}, {text if keep else text[:1].lower() + text[1:]}"


@dataclass
class Day:
    """What was said on one day and its summary."""

    lines: list[tuple[Agent, str]] = field(default_factory=list)
    summary: str = ""


class Talk(ABC):
    """A talk under a setting, spoken day by day.

    Subclasses keep the state of the talk and answer `line` and `summary`.
    """

    def __init__(self, rng: random.Random, setting: Setting, opening: str) -> None:
        self.rng = rng
        self.setting = setting
        self.opening = opening
        self.days: list[Day] = []
        self._said: set[str] = set()

    @abstractmethod
    def line(self, speaker: Agent, last: tuple[Agent, str] | None, closing: bool) -> str:
        """What the speaker says; `last` is None at the start of a day."""

    @abstractmethod
    def summary(self) -> str:
        """One to three sentences on the day that has just ended."""

    def begin_day(self, day: int) -> None:  # noqa: B027
        """Hook before the first line of a day."""

    def pick(self, options: list[str]) -> str:
        """A sentence not used before in this talk where one is left."""
        fresh = [o for o in options if o not in self._said] or options
        chosen = self.rng.choice(fresh)
        self._said.add(chosen)
        return chosen

    def other(self, speaker: Agent) -> Agent:
        """Any other agent."""
        return self.rng.choice([a for a in self.setting.cast if a != speaker])

    def play(self, days: int, turns: int, order: str) -> None:
        """Speak `days` days of `turns` lines each.

        `order` is round_robin, random, role_alternating or addressed.
        """
        cast = self.setting.cast
        spoken: Counter[Agent] = Counter()
        for number in range(1, days + 1):
            day = Day()
            self.days.append(day)
            self.begin_day(number)
            speaker = cast[0] if order != "random" else self.rng.choice(cast)
            for turn in range(turns):
                last = day.lines[-1] if day.lines else None
                if last is not None:
                    speaker = self._next(last, order, spoken)
                spoken[speaker] += 1
                text = self.line(speaker, last, closing=turns > 8 and turn >= turns - 2)
                day.lines.append((speaker, text))
            day.summary = self.summary()

    def _next(self, last: tuple[Agent, str], order: str, spoken: Counter[Agent]) -> Agent:
        cast, (before, text) = self.setting.cast, last
        others = [a for a in cast if a != before]
        if order == "round_robin":
            return cast[(cast.index(before) + 1) % len(cast)]
        if order == "random":
            return self.rng.choice(others)
        named = [a for a in others if a.name in text]
        if order == "addressed" and named:
            return max(named, key=lambda a: text.rindex(a.name))
        roles = list(dict.fromkeys(a.role for a in cast))
        role = roles[(roles.index(before.role) + 1) % len(roles)]
        free = [a for a in others if a.role == role] or others
        return min(free, key=lambda a: (spoken[a], cast.index(a)))

    # -- what the models are given

    def opening_of(self, day: int) -> str:
        """The researcher's words on a day (from 1): the opening and all earlier summaries."""
        past = [f"Day {i} summary:\n{d.summary}" for i, d in enumerate(self.days[: day - 1], 1)]
        return "\n".join([f"Researcher: {self.opening}", *past])

    def view(self, me: Agent, day: int, full: bool = False) -> list[Message]:
        """Messages of one day as `me` sees them, cut after the last own line.

        `full` shows the lines of the earlier days instead of their summaries.

        Raises:
            ValueError: `me` says nothing on that day.
        """
        lines = self.days[day - 1].lines
        own = [i for i, (who, _) in enumerate(lines) if who == me]
        if not own:
            raise ValueError(f"{me.name} is silent on day {day}")
        messages = [{"role": "system", "content": render(self.setting, me)}]
        if full:
            for earlier in self.days[: day - 1]:
                self._show(messages, me, self.opening_of(1), earlier.lines)
        opening = self.opening_of(1 if full else day)
        self._show(messages, me, opening, lines[: own[-1] + 1])
        return messages

    def _show(
        self, messages: list[Message], me: Agent, opening: str, lines: list[tuple[Agent, str]]
    ) -> None:
        told = [(None, opening), *((who, text) for who, text in lines)]
        for who, text in told:
            if who == me:
                messages.append({"role": "assistant", "content": text})
                continue
            shown = text if who is None else f"{who.name}: {text}"
            if messages[-1]["role"] == "user":
                messages[-1]["content"] += f"\n{shown}"
            else:
                messages.append({"role": "user", "content": shown})

    def labelled(self, day: int, n: int | None = None) -> str:
        """The first `n` lines of a day with their speakers' names."""
        return "\n".join(f"{who.name}: {text}" for who, text in self.days[day - 1].lines[:n])

    def summary_task(self, day: int) -> list[Message]:
        """The summarizer's messages for a day."""
        return [
            {"role": "system", "content": render(self.setting, "summarizer")},
            {"role": "user", "content": f"{self.labelled(day)}\nSummarize day {day}."},
            {"role": "assistant", "content": self.days[day - 1].summary},
        ]

    def selector_task(self, day: int) -> list[Message]:
        """The speaker choice after some line of a day; whoever was addressed comes next."""
        lines = self.days[day - 1].lines
        n = self.rng.randrange(1, len(lines) + 1)
        last, text = lines[n - 1]
        others = [a for a in self.setting.cast if a != last]
        named = [a for a in others if a.name in text]
        other_role = [a for a in others if a.role != last.role]
        chosen = (named or other_role or others)[0]
        listed = ", ".join(a.name for a in others)
        heard = f"{self.opening_of(day)}\n{self.labelled(day, n)}"
        names = names_of([a.name for a in self.setting.cast])
        system = f"You choose who speaks next in a conversation. The participants are {names}."
        ask = f"Who speaks next? Choose one of: {listed}. Answer with the name alone."
        return [
            {"role": "system", "content": system},
            {"role": "user", "content": f"{heard}\n{ask}"},
            {"role": "assistant", "content": chosen.name},
        ]
