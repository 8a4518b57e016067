"""Settings of prison talks: the design's own, or with other wishes, tempers and words."""

from __future__ import annotations

import random
from typing import Any

from simulator.backends.pocket.training import bank_escape as bank
from simulator.backends.pocket.training.bank_guard import GUARD
from simulator.backends.pocket.training.bank_prisoner import PRISONER
from simulator.backends.pocket.training.rendering import Setting, draw_setting
from simulator.backends.pocket.training.talk_prison import PrisonTalk
from simulator.backends.pocket.training.words import Wish, cap, draw_wish

_TEMPERS = {  # words of the design's levels -> tempers of the banks
    "blank": "strict",
    "respectful": "kind",
    "abusive": "cruel",
    "": "plain",
    "peaceful": "obedient",
    "rebellious": "rebellious",
}


def draw_prison(
    rng: random.Random, design: dict[str, Any], varied: bool, opening: str
) -> PrisonTalk:
    """A prison talk by the design's own goals and texts, or by others."""
    counts = {"guard": rng.choice([1, 1, 1, 2]), "prisoner": rng.choice([1, 1, 1, 2, 3])}
    setting = draw_setting(rng, design, counts)
    first, _, second = setting.levels["personality"].partition("-")
    guard, prisoner = _TEMPERS[first], _TEMPERS[second]
    escape = not varied and setting.levels["goal"] == "escape"
    if varied:
        item = _draw_item(rng)
        guard, prisoner = rng.choice(list(GUARD)), rng.choice(list(PRISONER))
        _vary(rng, setting, guard, prisoner, item)
    elif escape:
        item = (bank.ESCAPE_ITEM[0], rng.choice(bank.ESCAPE_WHY), bank.ESCAPE_ITEM[1])
    else:
        item = (bank.YARD_ITEM[0], rng.choice(bank.YARD_WHY), bank.YARD_ITEM[1])
    return PrisonTalk(rng, setting, opening, (guard, prisoner), item, escape)


def _draw_item(rng: random.Random) -> Wish:
    while True:
        wish = draw_wish(rng)
        if not wish[0].startswith("to "):
            return wish


def _vary(rng: random.Random, setting: Setting, guard: str, prisoner: str, item: Wish) -> None:
    """Other words for goals, personalities and rules, in place."""
    sections = setting.sections
    obj = item[0].replace("my ", "your ")
    sections["prisoner"]["Goal"] = rng.choice(
        [
            f"Convince the <GUARD_NOUN> to give you {obj}.",
            f"You want {obj}.",
            f"Your goal is to get {obj}.",
            f"Try to get {obj} from the <GUARD_NOUN>.",
        ]
    )
    sections["guard"]["Goal"] = rng.choice(
        [
            sections["guard"]["Goal"],
            "Keep the <PRISONER_NOUN> under control.",
            "You have full power over the <PRISONER_NOUN>. Keep order.",
        ]
    )
    for role, temper in (("guard", guard), ("prisoner", prisoner)):
        sections[role].pop("Personality", None)
        if temper in bank.PERSONALITY:
            words = rng.choice(bank.PERSONALITY[temper])
            sections[role]["Personality"] = rng.choice(
                [
                    f"You are {words}.",
                    f"You are {words} in everything you say.",
                    cap(f"{words}."),
                ]
            )
    if rng.random() < 0.3:
        sections["shared"].pop("Communication rules")
    if rng.random() < 0.3:
        sections["shared"]["Place"] = rng.choice(
            [
                "The prison is old and dark.",
                "You are in the yard of the prison.",
                "It is a cold night.",
                "The room has one table and no window.",
            ]
        )
    if rng.random() < 0.2:
        sections["shared"]["Study"] = "This talk is part of a study about life in prison."
