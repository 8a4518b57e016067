"""Prison talks: a wish, a refusal or a promise, and the temper of both sides."""

from __future__ import annotations

import random

from simulator.backends.pocket.training import bank_escape as bank
from simulator.backends.pocket.training.bank_guard import GUARD
from simulator.backends.pocket.training.bank_prisoner import PRISONER
from simulator.backends.pocket.training.rendering import Agent, Setting, names_of
from simulator.backends.pocket.training.talk import Talk, call
from simulator.backends.pocket.training.words import WHEN, Wish, cap

_P_YES = {"strict": 0.2, "cruel": 0.08, "kind": 0.6}


class PrisonTalk(Talk):
    """Guards and prisoners talk about one wish."""

    def __init__(
        self,
        rng: random.Random,
        setting: Setting,
        opening: str,
        tempers: tuple[str, str],
        item: Wish,
        escape: bool,
    ) -> None:
        super().__init__(rng, setting, opening)
        self.guard, self.prisoner = tempers
        self.item, self.escape = item, escape
        self.past: bool | None = None
        self.yes = self.answered = False
        self.begin_day(1)

    def begin_day(self, day: int) -> None:
        """A new day: what was answered yesterday is remembered, the talk starts afresh."""
        if day > 1:
            self.past = self.yes if self.answered else None
        p = _P_YES[self.guard] * (0.6 if self.escape else 1.0)
        self.yes = self.past is True or self.rng.random() < p
        self.asker: Agent | None = None
        self.answerer: Agent | None = None
        self.asked = self.answered = self.bargained = False
        self.mood = "start"
        self.deal = self.rng.choice(bank.DEALS)

    def line(self, speaker: Agent, last: tuple[Agent, str] | None, closing: bool) -> str:
        """What a guard or a prisoner says now."""
        guard = speaker.role == "guard"
        who = GUARD[self.guard] if guard else PRISONER[self.prisoner]
        kind, options = (self._guard if guard else self._prisoner)(speaker, last, closing)
        text = self._fill(self.pick(options or who[kind]), speaker, last)
        if kind == "open" and not guard and last is not None and self.rng.random() < 0.5:
            self.asked, self.asker, self.mood = True, speaker, "asked"
            text += " " + self._fill(self.pick(who["ask"]), speaker, last)
        elif kind == "push" and self.rng.random() < 0.12:
            text += " " + self._fill(self.pick(who["push"]), speaker, last)
        crowd = len(self.setting.cast) > 2
        if (
            last
            and kind not in ("follow", "support", "end")
            and self.rng.random() < (0.3 if crowd else 0.1)
        ):
            text = call(last[0].name, text)
        return text

    def _guard(
        self, me: Agent, last: tuple[Agent, str] | None, closing: bool
    ) -> tuple[str, list[str]]:
        if closing and last:
            return "end", []
        if last and last[0].role == "guard" and self.rng.random() < 0.6:
            return "follow", []
        mood, self.mood = self.mood, "guard"
        if mood == "bargain":
            self.answered, self.answerer = True, me
            if not self.yes and self.rng.random() < _P_YES[self.guard]:
                self.yes = True
            return ("bargain_yes" if self.yes else "bargain_no"), []
        if mood == "asked":
            if not self.answered and self.rng.random() < 0.15:
                self.mood = "why"
                return "ask_why", []
            first, self.answered, self.answerer = not self.answered, True, me
            if not first and not self.yes:
                return ("refuse" if self.rng.random() < 0.4 else "push"), []
            kind = "grant" if self.yes else "refuse"
            if self.escape and self.rng.random() < 0.5:
                return kind, bank.ESCAPE_ANSWER[kind][self.guard]
            return kind, []
        if mood == "thanks":
            return "ack", []
        if self.asked:
            return ("ack" if self.yes and self.answered else "push"), []
        if self.past is not None and self.rng.random() < 0.4:
            return ("yesterday_yes" if self.past else "yesterday_no"), []
        return "open", []

    def _prisoner(
        self, me: Agent, last: tuple[Agent, str] | None, closing: bool
    ) -> tuple[str, list[str]]:
        if closing and last and self.asked:
            return "end", []
        if last and last[0].role == "prisoner" and self.asked and self.rng.random() < 0.6:
            return "support", []
        if self.mood == "why":
            self.mood = "asked"
            return "answer_why", []
        if not self.asked:
            if self.past is not None and self.rng.random() < 0.6:
                self.asked, self.asker = True, me
                self.mood = "thanks" if self.past else "asked"
                return ("yesterday_yes" if self.past else "yesterday_no"), []
            if self.rng.random() < 0.3:
                self.mood = "start"
                return "open", []
            self.asked, self.asker, self.mood = True, me, "asked"
            if self.escape and self.rng.random() < 0.4:
                polite = self.prisoner in ("obedient", "scared")
                return "ask", bank.ESCAPE_ASK["polite" if polite else "bold"]
            return "ask", []
        if self.answered and self.yes:
            self.mood = "thanks"
            return (
                "react_yes"
                if self.rng.random() < 0.6
                else "react_kind"
                if self.guard == "kind"
                else "react_yes"
            ), []
        return self._refused()

    def _refused(self) -> tuple[str, list[str]]:
        draw = self.rng.random()
        if not self.bargained and draw < 0.25:
            self.bargained, self.mood = True, "bargain"
            return "bargain", []
        if draw < 0.4:
            self.mood = "asked"
            return "insist", []
        self.mood = "complaint"
        if draw < 0.6 and self.guard in ("kind", "cruel"):
            return f"react_{self.guard}", []
        return "react_no", []

    def _fill(self, text: str, speaker: Agent, last: tuple[Agent, str] | None) -> str:
        obj, why, noun = self.item
        deal = self.deal
        if speaker.role == "guard":
            obj = obj.replace("your ", "my ") if self.escape else obj.replace("my ", "your ")
            deal = deal.replace("my ", "your ").replace("tell you what I", "tell me what you")
        return text.format(
            obj=obj,
            why=why,
            Why=cap(why),
            noun=noun,
            when=self.rng.choice(WHEN),
            deal=deal,
            other=last[0].name if last else "",
        )

    def summary(self) -> str:
        """Who asked for what, how it was answered, in which temper."""
        lines = self.days[-1].lines
        guards = list(dict.fromkeys(a.name for a, _ in lines if a.role == "guard"))
        prisoners = list(dict.fromkeys(a.name for a, _ in lines if a.role == "prisoner"))
        obj = self.item[0].replace("your ", "").replace("my ", "the ")
        out = []
        if self.asker and self.answerer and self.answered:
            verdict = (
                f"and {self.answerer.name} agreed"
                if self.yes
                else f"but {self.answerer.name} refused"
            )
            out.append(f"{self.asker.name} asked for {obj}, {verdict}.")
        elif self.asker:
            out.append(f"{self.asker.name} asked for {obj} and got no clear answer.")
        manner = {
            "strict": "strict and spoke of the rules",
            "kind": "friendly and calm",
            "cruel": "cruel and full of insults",
        }[self.guard]
        temper = {
            "rebellious": "angry and did not give in",
            "obedient": "polite and calm",
            "scared": "afraid",
            "plain": "calm but did not give up easily",
        }[self.prisoner]
        if guards:
            out.append(f"{names_of(guards)} {'was' if len(guards) == 1 else 'were'} {manner}.")
        if prisoners:
            verb = "was" if len(prisoners) == 1 else "were"
            out.append(f"{names_of(prisoners)} {verb} {temper}.")
        if len(out) > 2 and self.rng.random() < 0.3:
            out.pop(self.rng.choice([1, 2]))
        return " ".join(out)
