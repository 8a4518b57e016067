"""Lessons: questions, answers, praise and blame."""

from __future__ import annotations

import random
from typing import Any

from simulator.backends.pocket.training.rendering import Agent, Setting, draw_setting, names_of
from simulator.backends.pocket.training.talk import Talk
from simulator.backends.pocket.training.words import cap

# subject -> facts: question, right answer, wrong answer
LESSONS: dict[str, list[tuple[str, str, str]]] = {
    "water": [
        ("what happens to water when it is very cold", "it turns into ice", "it turns into sand"),
        ("where does rain come from", "rain falls from the clouds", "rain comes from the trees"),
        ("what do plants need to grow", "plants need water and light", "plants need salt"),
        ("where do rivers end", "most rivers end in the sea", "rivers end in the sky"),
        ("is the water of the sea sweet", "no, the water of the sea is salty", "yes, it is sweet"),
        ("what does water do when it boils", "it turns into steam", "it turns into ice"),
    ],
    "the sun": [
        ("where does the sun rise", "the sun rises in the east", "the sun rises in the north"),
        ("is the sun hot or cold", "the sun is very hot", "the sun is cold"),
        ("when can we see the sun", "we see the sun during the day", "we see it at midnight"),
        ("what does the sun give us", "the sun gives us light and warmth", "the sun gives us rain"),
        ("is the sun a star", "yes, the sun is a star", "no, it is a lamp"),
        (
            "what moves around the sun",
            "the earth moves around the sun",
            "the sun moves around the school",
        ),
    ],
    "animals": [
        ("what does a cow eat", "a cow eats grass", "a cow eats stones"),
        ("how many legs does a spider have", "a spider has eight legs", "a spider has four legs"),
        ("where do fish live", "fish live in water", "fish live in trees"),
        ("which animal gives us wool", "the sheep gives us wool", "the dog gives us wool"),
        ("what do bees make", "bees make honey", "bees make milk"),
        ("can a bird fly", "yes, most birds can fly", "no, birds can only swim"),
    ],
    "numbers": [
        ("how much is two and three", "two and three is five", "it is seven"),
        ("how many days has a week", "a week has seven days", "a week has ten days"),
        ("what comes after nine", "ten comes after nine", "eight comes after nine"),
        ("how many hours has a day", "a day has 24 hours", "a day has 30 hours"),
    ],
    "trees": [
        ("what colour are most leaves", "most leaves are green", "most leaves are blue"),
        (
            "when do many trees lose their leaves",
            "they lose their leaves in autumn",
            "they lose them in spring",
        ),
        (
            "what holds a tree in the ground",
            "its roots hold it in the ground",
            "its leaves hold it",
        ),
        (
            "what do we make from wood",
            "we make tables and paper from wood",
            "we make glass from wood",
        ),
    ],
}
TEACH = {
    "open": [
        "Good morning. Today we talk about {subj}. {name}, {q}?",
        "Let us begin. {name}, {q}?",
        "Our lesson is about {subj}. {name}, {q}?",
    ],
    "ask": ["{name}, {q}?", "Now to you, {name}. {Q}?", "Next question. {name}, {q}?"],
    "right_patient": [
        "Very good, {last}.",
        "That is right, {last}. Well done.",
        "Yes, {last}, a good answer.",
    ],
    "wrong_patient": [
        "Not quite, {last}. {A}.",
        "That was a good try, {last}, but {a}.",
        "Do not worry, {last}. {A}.",
    ],
    "right_strict": ["Correct.", "Right, {last}.", "That is the answer I wanted."],
    "wrong_strict": [
        "Wrong, {last}. {A}.",
        "No. You did not listen, {last}. {A}.",
        "That is a bad mistake, {last}. {A}.",
    ],
    "reply_patient": [
        "That is a good question, {last}. We will find it out together.",
        "I like your question, {last}. Think about it at home.",
        "Well asked, {last}. We will read about it.",
    ],
    "reply_strict": [
        "We have no time for that, {last}.",
        "Stay with the lesson, {last}.",
        "That is not our subject today, {last}.",
    ],
    "calm_patient": [
        "Please listen to the others, {last}.",
        "We will soon be done, {last}. Stay with us.",
    ],
    "calm_strict": ["Be quiet, {last}, or you will stay after school.", "Silence, {last}."],
    "end_patient": [
        "Thank you all. You did well today.",
        "That is all for today. I am proud of you.",
        "Our time is over. You learned a lot about {subj}.",
    ],
    "end_strict": [
        "The lesson is over. Learn this for tomorrow.",
        "That is all. Do better next time.",
    ],
}
LEARN = {
    "right": ["{A}.", "I think that {a}.", "I know it. {A}.", "{A}, I believe."],
    "wrong": ["I think that {w}.", "{W}.", "I am not sure. Maybe {w}."],
    "none": ["I do not know.", "I forgot it.", "Can you ask somebody else?"],
    "curious": [
        "Why is that so?",
        "Can we learn more about {subj}?",
        "I would like to see that with my own eyes.",
        "I read about {subj} at home. Can you tell us more?",
        "Who found that out?",
    ],
    "bored": [
        "When is the lesson over?",
        "I am tired. Can I go home?",
        "This is boring.",
        "I would rather play outside.",
    ],
    "add_curious": [
        "I knew that too.",
        "{last} is right.",
        "That is interesting, {last}.",
        "I want to try the next question.",
    ],
    "add_bored": [
        "Who cares about {subj}?",
        "Please be quiet, {last}. I am tired.",
        "I did not listen.",
    ],
    "end_curious": ["Thank you. I liked this lesson.", "I will tell my parents about {subj}."],
    "end_bored": ["At last. I want to go home.", "Good. I am hungry."],
}


class ClassTalk(Talk):
    """A teacher asks, pupils answer, ask or complain."""

    def __init__(self, rng: random.Random, setting: Setting, opening: str, subject: str) -> None:
        super().__init__(rng, setting, opening)
        self.subject = subject
        self.teacher, self.pupils = setting.levels["teacher"], setting.levels["pupils"]

    def begin_day(self, day: int) -> None:
        """A new lesson."""
        self.fact = self.rng.choice(LESSONS[self.subject])
        self.asked: str | None = None
        self.state = "start"
        self.answerer = ""
        self.score: dict[str, list[bool]] = {}

    def line(self, speaker: Agent, last: tuple[Agent, str] | None, closing: bool) -> str:
        """The next sentence of the lesson."""
        parts = (
            self._teach(last, closing)
            if speaker.role == "teacher"
            else self._learn(speaker, last, closing)
        )
        pupils = self.setting.of_role("pupil")
        target = self.rng.choice([n for n in pupils if not last or n != last[0].name] or pupils)
        out = []
        for bank, key in parts:
            options = bank[key]
            if key in ("right", "wrong") and self.fact[1].startswith(("yes", "no")):
                options = [o for o in options if o.startswith(("{A}", "{W}"))]
            text = self.pick(options)
            if key in ("open", "ask"):
                self.fact = self.rng.choice(
                    [f for f in LESSONS[self.subject] if f is not self.fact]
                )
                self.asked, self.state = target, "asked"
            q, a, w = self.fact
            out.append(
                text.format(
                    subj=self.subject,
                    name=target,
                    last=self._reply_to(last, target, key),
                    q=q,
                    Q=cap(q),
                    a=a,
                    A=cap(a),
                    w=w,
                    W=cap(w),
                )
            )
        return " ".join(out)

    def _reply_to(self, last: tuple[Agent, str] | None, target: str, key: str) -> str:
        if key.startswith(("right_", "wrong_")):
            return self.answerer
        return last[0].name if last else target

    def _teach(
        self, last: tuple[Agent, str] | None, closing: bool
    ) -> list[tuple[dict[str, list[str]], str]]:
        state, style = self.state, self.teacher
        reply = {
            "right": f"right_{style}",
            "wrong": f"wrong_{style}",
            "none": f"wrong_{style}",
            "curious": f"reply_{style}",
            "bored": f"calm_{style}",
        }.get(state)
        self.state = "idle"
        if closing and last:
            return ([(TEACH, reply)] if reply and self.rng.random() < 0.5 else []) + [
                (TEACH, f"end_{style}")
            ]
        if last is None or state == "start":
            return [(TEACH, "open")]
        if reply is None:
            return [(TEACH, "ask")]
        return [(TEACH, reply)] + ([(TEACH, "ask")] if self.rng.random() < 0.75 else [])

    def _learn(
        self, me: Agent, last: tuple[Agent, str] | None, closing: bool
    ) -> list[tuple[dict[str, list[str]], str]]:
        mood = self.pupils
        if self.state == "asked" and (self.asked == me.name or self.rng.random() < 0.5):
            p = 0.75 if mood == "curious" else 0.4
            draw = self.rng.random()
            self.state = "right" if draw < p else "wrong" if draw < p + 0.15 else "none"
            self.answerer = me.name
            self.score.setdefault(me.name, []).append(self.state == "right")
            return [(LEARN, self.state)]
        if closing and last:
            return [(LEARN, f"end_{mood}")]
        if last and last[0].role == "pupil" and self.rng.random() < 0.6:
            return [(LEARN, f"add_{mood}")]
        if self.state != "asked":
            self.state = mood
        return [(LEARN, mood)]

    def summary(self) -> str:
        """The subject and how the pupils did."""
        out = [f"The lesson was about {self.subject}."]
        good = [n for n, s in self.score.items() if all(s)]
        bad = [n for n, s in self.score.items() if not all(s)]
        if good:
            out.append(f"{names_of(good)} answered well.")
        if bad:
            out.append(f"{names_of(bad)} made mistakes.")
        elif not good:
            out.append("No question was answered.")
        if self.pupils == "bored" and self.rng.random() < 0.5:
            out = [*out[:2], "The pupils were bored."]
        return " ".join(out)


def draw_class(rng: random.Random, design: dict[str, Any], vary: bool, opening: str) -> ClassTalk:
    """A lesson on the design's subjects, or on another one."""
    setting = draw_setting(rng, design, {"teacher": 1, "pupil": rng.choice([2, 3, 3, 3, 4])})
    subject = rng.choice(list(LESSONS)) if vary else setting.levels["subject"]
    setting.sections["shared"]["Subject"] = f"The lesson is about {subject}."
    return ClassTalk(rng, setting, opening, subject)
