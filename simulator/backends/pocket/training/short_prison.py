"""Prison talks under prompts of one or two sentences, without labels or sections."""

from __future__ import annotations

import random

from simulator.backends.pocket.training.bank_guard import GUARD
from simulator.backends.pocket.training.bank_prisoner import PRISONER
from simulator.backends.pocket.training.talk import Message
from simulator.backends.pocket.training.words import (
    WHEN,
    Wish,
    cap,
    draw_name,
    draw_wish,
    with_article,
)

_TEMPERS = {  # words for a temper in a system prompt
    "strict": ["strict", "firm", "severe", "serious"],
    "cruel": ["cruel", "abusive", "hostile", "brutal", "mean"],
    "kind": ["kind", "respectful", "friendly", "gentle", "fair"],
    "rebellious": ["rebellious", "defiant", "angry", "proud"],
    "obedient": ["obedient", "peaceful", "submissive", "polite", "calm"],
    "scared": ["scared", "afraid", "nervous", "weak"],
}
_ANYTHING = [
    "There is 1 guard and 1 prisoner in the room.",
    "There are 2 guards and 1 prisoner.",
    "The prison is old and dark.",
    "The conversation lasts for one day.",
    "This is an experiment.",
    "You are in a prison.",
    "The guards wear uniforms.",
    "Your cell is small.",
    "Never leave your role.",
    "The experiment takes 3 days.",
    "You will talk to each other for 10 messages.",
]
_GUARD_PROMPTS = [
    "You are {a_temper} guard in a prison.",
    "You are {name}, {a_temper} prison guard.",
    "You are a guard. You are very {temper}.",
    "This is a role play. You play the {temper} guard {name}.",
    "You are a prison guard. Your personality is {temper}.",
    "You are a guard called {name}. You are {temper}.",
]
_PRISONER_PROMPTS = [
    "You are {a_temper} prisoner.",
    "You are {name}, {a_temper} prisoner in a prison.",
    "You are a prisoner. You are very {temper}.",
    "This is a role play. You play the {temper} prisoner {name}.",
    "You are a prisoner. Your personality is {temper}.",
    "You are a prisoner called {name}. You are {temper}.",
]
_GUARD_GOALS = [
    "Your goal is to keep order in the prison.",
    "You must make sure that the prisoner follows the rules.",
    "You have full power over the prisoner.",
]
_PRISONER_GOALS = [
    "Your goal is to convince the guard to give you {obj}.",
    "You want {obj}.",
    "Your goal is to escape from the prison.",
    "You want to survive and stay calm.",
]
_RULES = ["Answer in one short sentence.", "Speak only as yourself.", "Keep your answer short."]
_STARTS = ["Start the experiment", "Start the conversation.", "Begin."]
_P_YES = {"strict": 0.25, "cruel": 0.1, "kind": 0.75}


def short_prison(rng: random.Random) -> list[Message]:
    """Up to seven lines between a guard and a prisoner; the last speaker is the model."""
    tempers = {
        "guard": rng.choice(list(GUARD)),
        "prisoner": rng.choice([t for t in PRISONER if t in _TEMPERS]),
    }
    wish = draw_wish(rng)
    lines = _lines(rng, tempers, wish, rng.choice([2, 3, 4, 5, 6, 7]))
    me = lines[-1][0]
    messages = [{"role": "system", "content": _system(rng, me, tempers[me], wish)}]
    if rng.random() < 0.15:
        messages.append({"role": "user", "content": rng.choice(_STARTS)})
    labelled = rng.random() < 0.15
    for who, text in lines:
        role = "assistant" if who == me else "user"
        shown = f"{cap(who)}: {text}" if labelled and role == "user" else text
        if messages[-1]["role"] == role == "user":
            messages[-1]["content"] += "\n" + shown
        else:
            messages.append({"role": role, "content": shown})
    if messages[1]["role"] == "assistant":
        messages.insert(1, {"role": "user", "content": "Start the conversation."})
    return messages


def _system(rng: random.Random, me: str, temper: str, wish: Wish) -> str:
    word = rng.choice(_TEMPERS[temper])
    prompts = _GUARD_PROMPTS if me == "guard" else _PRISONER_PROMPTS
    text = rng.choice(prompts).format(temper=word, a_temper=with_article(word), name=draw_name(rng))
    if rng.random() < 0.6:
        goals = _GUARD_GOALS if me == "guard" else _PRISONER_GOALS
        text += " " + rng.choice(goals).format(obj=wish[0])
    if rng.random() < 0.3:
        other = "prisoner" if me == "guard" else "guard"
        text += f" The {other} is called {draw_name(rng)}."
    if rng.random() < 0.3:
        text += " " + rng.choice(_RULES)
    for _ in range(rng.choice([0, 0, 1, 2])):
        more = rng.choice(_ANYTHING)
        text = f"{text} {more}" if rng.random() < 0.7 else f"{more} {text}"
    return text


def _lines(
    rng: random.Random, tempers: dict[str, str], wish: Wish, count: int
) -> list[tuple[str, str]]:
    """Speaker and text of each line: a wish, its answer, and what follows."""
    yes = rng.random() < _P_YES[tempers["guard"]]
    who = "guard" if rng.random() < 0.6 else "prisoner"
    asked = answered = False
    lines = []
    for number in range(count):
        kinds: list[str]
        if number == count - 1 and count > 3:
            kinds = ["end"]
        elif who == "guard":
            if asked and not answered:
                kinds = ["grant" if yes else "refuse"]
                if rng.random() < 0.25:
                    kinds.append("end" if yes else "push")
                answered = True
            else:
                kinds = ["push" if asked else "open"]
        elif answered:
            kinds = ["react_yes" if yes else "react_no"]
        elif number == 0 and rng.random() < 0.4:
            kinds = ["open"]
        else:
            asked = True
            kinds = ["open", "ask"] if rng.random() < 0.2 else ["ask"]
        bank = (GUARD if who == "guard" else PRISONER)[tempers[who]]
        texts = [_filled(rng, rng.choice(bank[kind]), who, wish) for kind in kinds]
        lines.append((who, " ".join(texts)))
        who = "prisoner" if who == "guard" else "guard"
    return lines


def _filled(rng: random.Random, text: str, who: str, wish: Wish) -> str:
    obj, why, noun = wish
    if who == "guard":
        obj = obj.replace("my ", "your ")
    return text.format(obj=obj, why=why, Why=cap(why), noun=noun, when=rng.choice(WHEN))
