"""Village talks: a rumour is told, believed, doubted and passed on."""

from __future__ import annotations

import random
from typing import Any

from simulator.backends.pocket.training.rendering import Agent, Setting, draw_setting, names_of
from simulator.backends.pocket.training.talk import Talk, call
from simulator.backends.pocket.training.words import cap

RUMOURS = [  # the rumour, its subject, a plan
    ("the water of the old well makes people sick", "the old well", "drink from the river"),
    ("a ghost walks in the old mill at night", "the old mill", "stay away from the mill"),
    ("the rich merchant wants to buy the whole forest", "the merchant", "speak to the mayor"),
    ("a wolf was seen near the school", "the wolf", "keep the children at home"),
    ("the bridge will break in the next storm", "the bridge", "use the other road"),
    ("the baker found gold under his house", "the gold", "visit the baker"),
    ("the mayor will leave the village", "the mayor", "choose a new mayor"),
    ("a circus will come on Sunday", "the circus", "clean the market place"),
]
SOURCES = [
    "the baker",
    "my sister",
    "an old sailor",
    "the miller's wife",
    "a man on the road",
    "my uncle",
    "the priest",
]
TOLD = {
    "tell": [
        "Have you heard it? {S}.",
        "Listen, {s}.",
        "I have news for you. {Src} told me that {s}.",
        "They say that {s}.",
    ],
    "more": [
        "You may laugh, {last}, but {s}.",
        "I was afraid too when I heard about {subj}.",
        "Ask {src} if you do not believe me, {last}.",
        "We should {plan}, all of us.",
        "Tell your families about {subj}.",
        "I heard it from {src}, and I believe it.",
        "{Src} saw it with open eyes.",
        "I am sure of it. {S}.",
        "I only tell you what {src} told me.",
    ],
    "yesterday": [
        "I told you yesterday that {s}. Now everybody knows it.",
        "Today even {src} says that {s}.",
        "Do you remember what I said about {subj}?",
    ],
}
HEARD = {
    "idle": [
        "Good morning. Is there any news?",
        "What a fine day. What is new in the village?",
        "Hello, {last}. Did you sleep well?",
        "I have heard nothing new today.",
        "The baker has fresh bread today.",
        "It rained all night. The road is wet.",
        "My cow gave a lot of milk this morning.",
        "I am going to the market. Who comes with me?",
        "How is your family, {last}?",
        "My back hurts, but the work must be done.",
    ],
    "trusting": [
        "How terrible, {last}. I heard the same: {s}.",
        "Then we must be careful. Let us {plan}.",
        "I have felt for weeks that something is wrong with {subj}.",
        "If you say so, {last}, it must be true.",
        "The whole village should know that {s}.",
        "Who else knows about {subj}?",
        "I will {plan}, and I will tell my children to do the same.",
        "Now I understand why everybody speaks of {subj}.",
        "Oh no, I did not know that {s}.",
        "I believe you, {last}. We should {plan}.",
        "That is terrible. I will tell everybody about {subj}.",
        "I thought so all the time. {S}.",
        "Thank you for the warning, {last}. I will {plan}.",
        "{last}, did you hear? {S}.",
    ],
    "doubting": [
        "People say many things. Why should it be true that {s}?",
        "Let us ask {src} before we believe it, {last}.",
        "Last year they told a story like this, and it was false.",
        "I will not {plan} only because of a story.",
        "Show me one person who saw it.",
        "{last}, you should not repeat such things about {subj}.",
        "Maybe it is true, and maybe it is not.",
        "I know {subj} well, and I doubt it.",
        "Did you see it yourself, {last}?",
        "I do not believe that {s}.",
        "Who told you this? I want to see it first.",
        "That is only talk. Nobody knows if it is true.",
        "Be careful, {last}. Not every story is true.",
        "I have been there, and I saw nothing strange.",
    ],
    "yes_day": [
        "I could not sleep. I thought about {subj} all night.",
        "Since yesterday everybody talks about {subj}.",
        "We must {plan}, as we said yesterday.",
    ],
    "no_day": [
        "Yesterday you talked about {subj}. I still do not believe it.",
        "I went to look, and I saw nothing. It is only a story.",
    ],
    "end_trusting": [
        "I must go and tell my family.",
        "Let us {plan} tomorrow.",
        "I will not forget this. Goodbye.",
    ],
    "end_doubting": [
        "I have work to do. Believe what you want.",
        "I will believe it when I see it.",
        "Let us wait and see.",
    ],
}


class RumourTalk(Talk):
    """One witness, some villagers, one rumour, several days."""

    def __init__(
        self, rng: random.Random, setting: Setting, opening: str, rumour: tuple[str, str, str]
    ) -> None:
        super().__init__(rng, setting, opening)
        self.rumour = rumour
        self.temper = setting.levels["villagers"]
        self.told = False
        self.source = rng.choice(SOURCES)

    def begin_day(self, day: int) -> None:
        """What was told stays told."""
        self.today = day
        self.fresh = True
        self.speakers: set[str] = set()

    def line(self, speaker: Agent, last: tuple[Agent, str] | None, closing: bool) -> str:
        """A word of the witness or of a villager."""
        self.speakers.add(speaker.name)
        before = last[0].name if last else self.other(speaker).name
        s, subj, plan = self.rumour
        source = self.source
        text = self.pick(self._options(speaker, closing)).format(
            s=s, S=cap(s), subj=subj, plan=plan, src=source, Src=cap(source), last=before
        )
        text = cap(text)
        if last and before not in text and self.rng.random() < 0.15:
            text = call(before, text)
        return text

    def _options(self, me: Agent, closing: bool) -> list[str]:
        first, self.fresh = self.fresh, False
        if me.role == "witness":
            if not self.told:
                self.told = True
                return TOLD["tell"]
            if first and self.today > 1:
                return TOLD["yesterday"]
            return TOLD["more"] + (TOLD["yesterday"] if self.today > 1 else [])
        if not self.told:
            return HEARD["idle"]
        if closing:
            return HEARD[f"end_{self.temper}"]
        if first and self.today > 1:
            return HEARD["yes_day" if self.temper == "trusting" else "no_day"]
        return HEARD[self.temper]

    def summary(self) -> str:
        """What was told and who believed it."""
        witness = self.setting.of_role("witness")[0]
        villagers = [n for n in self.setting.of_role("villager") if n in self.speakers]
        if not self.told:
            return f"{names_of(sorted(self.speakers))} talked about the day, and there was no news."
        s, subj, _ = self.rumour
        out = [
            f"{witness} said that {s}."
            if witness in self.speakers
            else f"The villagers talked about {subj}."
        ]
        if villagers:
            out.append(
                f"{names_of(villagers)} "
                + ("believed it." if self.temper == "trusting" else "did not believe it.")
            )
        return " ".join(out)


def draw_rumour(rng: random.Random, design: dict[str, Any], vary: bool, opening: str) -> RumourTalk:
    """A village talk on the design's rumours, or on another one."""
    setting = draw_setting(rng, design, {"witness": 1, "villager": rng.choice([2, 3, 3, 3, 4])})
    at = ["well", "mill", "merchant"].index(setting.levels["rumour"])
    rumour = rng.choice(RUMOURS) if vary else RUMOURS[at]
    setting.sections["witness"]["News"] = f"You heard that {rumour[0]}."
    return RumourTalk(rng, setting, opening, rumour)
