"""Jury talks: reasons, doubts and a verdict."""

from __future__ import annotations

import random
from typing import Any

from simulator.backends.pocket.training.rendering import Agent, Setting, draw_setting, names_of
from simulator.backends.pocket.training.talk import Talk

# case, the accused, the pronoun, weak (evidence, reasons), strong (evidence, reasons)
Case = tuple[str, str, str, tuple[str, list[str]], tuple[str, list[str]]]
CASES: list[Case] = [
    (
        "A cashier is accused of stealing 200 dollars from the shop where she works.",
        "the cashier",
        "she",
        (
            "Nobody saw the theft, and three other people had a key to the money.",
            [
                "nobody saw the theft",
                "three other people had a key",
                "somebody else could have taken the money",
                "there is no real proof",
            ],
        ),
        (
            "A camera shows the cashier with the money, and she lied to the police.",
            [
                "the camera shows her with the money",
                "she lied to the police",
                "an honest person does not lie to the police",
                "the pictures are clear",
            ],
        ),
    ),
    (
        "A gardener is accused of setting fire to a barn.",
        "the gardener",
        "he",
        (
            "He was seen near the barn, but it was a dry and windy day.",
            [
                "it was a dry and windy day",
                "he only stood near the barn",
                "fires can start without a person",
                "there is no real proof",
            ],
        ),
        (
            "A neighbour saw him with a torch, and his coat smelled of oil.",
            [
                "a neighbour saw him with a torch",
                "his coat smelled of oil",
                "there is no other reason for the oil",
                "he had the torch in his hand",
            ],
        ),
    ),
    (
        "A driver is accused of hitting a parked car and leaving.",
        "the driver",
        "he",
        (
            "The parked car has a red mark, and there are many red cars in town.",
            [
                "there are many red cars in town",
                "a red mark proves nothing",
                "nobody saw the driver",
                "anybody could have done it",
            ],
        ),
        (
            "Two people wrote down the number of his car, and his lamp is broken.",
            [
                "two people wrote down his number",
                "his lamp is broken",
                "two people cannot both be wrong",
                "the broken lamp fits the accident",
            ],
        ),
    ),
    (
        "A nurse is accused of selling medicine from the hospital.",
        "the nurse",
        "she",
        (
            "Some boxes are missing, and she had the night shift.",
            [
                "many people work at night",
                "missing boxes prove nothing",
                "nobody saw her sell anything",
                "the boxes could be lost",
            ],
        ),
        (
            "The boxes were found in her house, and a buyer named her.",
            [
                "the boxes were found in her house",
                "the buyer named her",
                "there is no good reason to keep boxes at home",
                "two facts point to her",
            ],
        ),
    ),
]

LEAD = {
    "open": [
        "Let us begin. {name}, what do you think?",
        "We must find a verdict together. {name}, please tell us your opinion.",
        "Let us talk about the evidence. {name}, how do you see it?",
    ],
    "next": [
        "Thank you, {last}. {name}, what do you say?",
        "That is one opinion, {last}. Do you agree, {name}?",
        "I hear you, {last}. What about you, {name}?",
        "Let us hear {name} now.",
        "You heard {last}. Does it change your mind, {name}?",
        "That is clear, {last}. And what is your view, {name}?",
        "Let us go on. {name}, how do you see the evidence?",
        "We are not done yet. {name}, is there anything to add?",
        "I understand, {last}. What would you say to that, {name}?",
        "Is there any doubt left for you, {name}?",
    ],
    "quiet": [
        "{name}, you have been quiet. What do you think?",
        "We have not heard {name} yet.",
    ],
    "own": [
        "I also find {acc} {mine}, because {r}.",
        "My own view is {mine}. As {last} said, we must look at the facts.",
    ],
    "end": [
        "It seems that most of us say {maj}. Do we all agree?",
        "Then our verdict is {maj}.",
        "Thank you all. The verdict is {maj}.",
        "Most of us say {maj}, and so I will tell the judge.",
    ],
    "hurry": [
        "The judge is waiting. {name}, what do you say?",
        "We have little time. {name}, please be brief.",
    ],
}
VOICE = {
    "first": [
        "I find {acc} {mine}, because {r}.",
        "I think that {acc} is {mine}. {R}.",
        "For me {acc} is {mine}, since {r}.",
    ],
    "agree": [
        "I agree with {last}. {R}.",
        "{last} is right. I also say {mine}.",
        "I see it like {last}. {R}.",
        "Yes, and we must not forget that {r}.",
    ],
    "differ": [
        "I do not agree with {last}. {R}.",
        "I see it in another way, {last}. {R}.",
        "{last}, have you thought about this? {R}.",
        "I still say {mine}, because {r}.",
    ],
    "again": [
        "My view has not changed. {R}.",
        "As I said, {acc} is {mine}.",
        "I have thought about it again. I still say {mine}.",
        "Nothing that I heard changes my mind. {R}.",
        "I only want to add that {r}.",
    ],
    "turn": [
        "I have changed my mind. Now I say {mine}.",
        "The others are right. I now find {acc} {mine}.",
        "I had doubts, but now I say {mine}.",
    ],
    "switch": [
        "{last} has changed my mind. Now I say {mine}.",
        "You have a point, {last}. I now find {acc} {mine}.",
    ],
    "end": [
        "I stay with my opinion: {mine}.",
        "Then I can live with this verdict.",
        "My vote is {mine}.",
        "I have said what I think. I vote {mine}.",
    ],
}


class JuryTalk(Talk):
    """A foreperson and jurors; opinions follow the evidence more often than not."""

    def __init__(self, rng: random.Random, setting: Setting, opening: str, case: Case) -> None:
        super().__init__(rng, setting, opening)
        self.case = case
        self.strong = setting.levels["evidence"] == "strong"
        lean = {True: 0.85, False: 0.15}[self.strong]
        self.guilty = {a.name: rng.random() < lean for a in setting.cast}
        self.spoken: set[str] = set()

    def begin_day(self, day: int) -> None:
        """Opinions last; everybody speaks afresh."""
        self.spoken = set()

    def _view(self, guilty: bool) -> str:
        return "guilty" if guilty else "not guilty"

    def _reason(self, guilty: bool) -> str:
        reasons = list(self.case[4 if self.strong else 3][1])
        she, her = self.case[2], "her" if self.case[2] == "she" else "him"
        if guilty != self.strong:
            reasons = (
                [
                    f"{she} could have a good reason",
                    f"we do not know what {she} will say",
                    "I am not sure about the police",
                ]
                if self.strong
                else [
                    f"{she} was the one who had the chance",
                    f"I do not trust {her}",
                    "somebody must have done it",
                ]
            )
        return self.rng.choice(reasons)

    def line(self, speaker: Agent, last: tuple[Agent, str] | None, closing: bool) -> str:
        """A question of the foreperson or the word of a juror."""
        votes = [self.guilty[n] for n in self.spoken] or [self.strong]
        majority = sum(votes) * 2 > len(votes)
        waiting = [
            a
            for a in self.setting.cast
            if a != speaker and a.role == "juror" and a.name not in self.spoken
        ]
        target = self.rng.choice(waiting or [a for a in self.setting.cast if a != speaker])
        if speaker.role == "foreperson":
            if closing and last:
                options = LEAD["end"]
            elif last is None:
                options = LEAD["open"]
            elif not waiting and speaker.name not in self.spoken and self.rng.random() < 0.4:
                self.spoken.add(speaker.name)
                self.guilty[speaker.name] = majority
                options = LEAD["own"]
            elif self.setting.levels["hurry"] == "yes" and self.rng.random() < 0.3:
                options = LEAD["hurry"]
            else:
                options = LEAD["next"] + (LEAD["quiet"] if waiting and len(self.spoken) > 1 else [])
        else:
            options = self._juror(speaker, last, closing, majority)
        mine = self.guilty[speaker.name]
        reason = self._reason(mine)
        return self.pick(options).format(
            name=target.name,
            last=last[0].name if last else target.name,
            acc=self.case[1],
            mine=self._view(mine),
            maj=self._view(majority),
            r=reason,
            R=reason[:1].upper() + reason[1:],
        )

    def _juror(
        self, me: Agent, last: tuple[Agent, str] | None, closing: bool, majority: bool
    ) -> list[str]:
        known = me.name in self.spoken
        self.spoken.add(me.name)
        if last is None or (last[0].role == "foreperson" and not known):
            return VOICE["first"]
        if closing:
            return VOICE["end"]
        if (
            known
            and self.guilty[me.name] != majority
            and last[0].role == "juror"
            and self.rng.random() < 0.4
        ):
            self.guilty[me.name] = majority
            return VOICE["switch"] if self.guilty[last[0].name] == majority else VOICE["differ"]
        if last[0].role == "foreperson":
            if self.guilty[me.name] != majority and self.rng.random() < 0.3:
                self.guilty[me.name] = majority
                return VOICE["turn"]
            return VOICE["again"]
        same = self.guilty[last[0].name] == self.guilty[me.name]
        return VOICE["agree" if same else "differ"]

    def summary(self) -> str:
        """Who said what and what the jury decided."""
        heard = [a.name for a in self.setting.cast if a.name in self.spoken]
        sides = {side: [n for n in heard if self.guilty[n] == side] for side in (True, False)}
        out = [
            f"{names_of(names)} found {self.case[1]} {self._view(side)}."
            for side, names in sides.items()
            if names
        ]
        yes, no = len(sides[True]), len(sides[False])
        out.append(
            "The jury did not agree."
            if yes == no or not heard
            else f"Most of the jury said {self._view(yes > no)}."
        )
        return " ".join(out)


def draw_jury(rng: random.Random, design: dict[str, Any], vary: bool, opening: str) -> JuryTalk:
    """A jury talk on the design's case, or on another one."""
    setting = draw_setting(rng, design, {"foreperson": 1, "juror": rng.choice([2, 3, 3, 3, 4])})
    case = rng.choice(CASES) if vary else CASES[0]
    setting.sections["shared"]["Case"] = case[0]
    setting.sections["shared"]["Evidence"] = case[
        4 if setting.levels["evidence"] == "strong" else 3
    ][0]
    return JuryTalk(rng, setting, opening, case)
