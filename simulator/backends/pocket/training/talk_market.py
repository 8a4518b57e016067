"""Negotiations over one price."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from simulator.backends.pocket.training.rendering import Agent, Setting, draw_setting
from simulator.backends.pocket.training.talk import Talk, call

GOODS = [
    "old bicycle",
    "old bicycle",
    "old bicycle",
    "wooden table",
    "red lamp",
    "used guitar",
    "silver watch",
    "small radio",
    "winter coat",
    "garden chair",
    "painting",
    "carpet",
    "camera",
    "old piano",
    "green sofa",
]

SELLER = {
    "open": [
        "This {good} is in good shape. I want {p} dollars for it.",
        "You will not find a better {good}. It costs {p} dollars.",
        "I can sell you this {good} for {p} dollars.",
        "Look at this fine {good}. My price is {p} dollars.",
    ],
    "counter": [
        "{q} dollars is too little. I can go down to {p} dollars.",
        "I cannot sell it for {q} dollars. What about {p} dollars?",
        "Let us say {p} dollars.",
        "It is worth more than {q} dollars. I ask for {p} dollars.",
        "For you I make it {p} dollars.",
    ],
    "firm": [
        "I cannot go lower than {p} dollars.",
        "{p} dollars is my last word.",
        "My price stays at {p} dollars.",
    ],
    "accept": [
        "All right, {q} dollars. We have a deal.",
        "I agree to {q} dollars. It is yours.",
        "Good, I will take {q} dollars.",
    ],
    "after": [
        "Thank you. I hope that you enjoy the {good}.",
        "You made a good choice.",
        "I will bring the {good} to your house.",
        "It was nice to do business with you.",
    ],
    "fail": [
        "Then there is no deal. I cannot go below {p} dollars.",
        "I am sorry, but I will not sell it for {q} dollars. No deal.",
    ],
}
BUYER = {
    "open": [
        "I like this {good}. I offer {p} dollars.",
        "The {good} looks old. I would pay {p} dollars.",
        "I can give you {p} dollars for the {good}.",
        "My first offer for the {good} is {p} dollars.",
    ],
    "counter": [
        "{q} dollars is too much. I can pay {p} dollars.",
        "That is more than I have in mind. I offer {p} dollars.",
        "I saw one for less. What about {p} dollars?",
        "I can go up to {p} dollars.",
        "Let us meet at {p} dollars.",
    ],
    "firm": [
        "I cannot pay more than {p} dollars.",
        "{p} dollars is all that I can pay.",
        "My offer stays at {p} dollars.",
    ],
    "accept": [
        "{q} dollars is fair. We have a deal.",
        "I agree. I will pay {q} dollars.",
        "Good, I take it for {q} dollars.",
    ],
    "after": [
        "Thank you. I will take good care of it.",
        "Here is the money. Thank you.",
        "I am happy with this price.",
        "See you next time at the market.",
    ],
    "fail": [
        "Then there is no deal. I will not pay {q} dollars.",
        "That is too much for me. No deal.",
    ],
}
FRIENDLY = [
    "Thank you for the offer.",
    "I like talking to you.",
    "I understand you well.",
    "You are very kind.",
    "That is a friendly word.",
]
TOUGH = [
    "Do not waste my time.",
    "You must do better than that.",
    "I have other people waiting.",
    "Be serious.",
    "I can walk away at any time.",
]


class MarketTalk(Talk):
    """A seller and a buyer approach each other in steps, or do not."""

    def __init__(
        self,
        rng: random.Random,
        setting: Setting,
        opening: str,
        good: str,
        style: str,
        prices: tuple[int, int, int, int],
    ) -> None:
        super().__init__(rng, setting, opening)
        self.good, self.style = good, style
        self.ask, self.low, self.bid, self.high = prices
        self.offer: dict[str, int] = {}
        self.deal: int | None = None
        self.failed = False

    def begin_day(self, day: int) -> None:
        """Offers stand from day to day."""
        if day > 1:
            self.failed = False

    def line(self, speaker: Agent, last: tuple[Agent, str] | None, closing: bool) -> str:
        """An offer, an agreement or a word after it."""
        role = speaker.role
        bank = SELLER if role == "seller" else BUYER
        theirs = self.offer.get("buyer" if role == "seller" else "seller")
        kind, price = self._move(role, theirs, closing)
        text = self.pick(bank[kind]).format(good=self.good, p=price, q=theirs)
        extra = {"friendly": FRIENDLY, "tough": TOUGH}.get(self.style)
        if extra and kind in ("counter", "firm") and self.rng.random() < 0.5:
            text = f"{self.pick(extra)} {text}"
        if last and self.rng.random() < 0.1:
            text = call(last[0].name, text)
        return text

    def _move(self, role: str, theirs: int | None, closing: bool) -> tuple[str, int]:
        sells = role == "seller"
        mine = self.offer.get(role)
        limit = self.low if sells else self.high
        if self.deal is not None or self.failed:
            return ("after" if self.deal is not None else "firm"), mine or limit
        if mine is None:
            self.offer[role] = self.ask if sells else self.bid
            return ("open" if theirs is None else "counter"), self.offer[role]
        room = abs(mine - limit)
        share = {"tough": 0.25, "friendly": 0.5}.get(self.style, 0.4)
        step = min(room, max(5, round(room * share * self.rng.uniform(0.7, 1.3) / 5) * 5))
        new = mine - step if sells else mine + step
        if theirs is not None:
            fits = theirs >= limit if sells else theirs <= limit
            close = (theirs >= new - 5 if sells else theirs <= new + 5) or closing
            if fits and close:
                self.deal = theirs
                return "accept", mine
            new = max(new, theirs) if sells else min(new, theirs)
        if closing and theirs is not None and self.rng.random() < 0.5:
            self.failed = True
            return "fail", mine
        if new == mine:
            return "firm", mine
        self.offer[role] = new
        return "counter", new

    def summary(self) -> str:
        """The first and last prices and the deal."""
        seller, buyer = (
            next(a.name for a in self.setting.cast if a.role == r) for r in ("seller", "buyer")
        )
        out = []
        if len(self.offer) == 2:
            out.append(f"{seller} wanted to sell the {self.good} and {buyer} wanted to buy it.")
        if self.deal is not None:
            out.append(f"They agreed on {self.deal} dollars.")
        else:
            ask, bid = self.offer.get("seller"), self.offer.get("buyer")
            out.append(
                f"There was no deal: {seller} asked for {ask} dollars "
                f"and {buyer} offered {bid} dollars."
                if ask and bid
                else "There was no deal."
            )
        return " ".join(out)


def draw_market(rng: random.Random, design: dict[str, Any], vary: bool, opening: str) -> MarketTalk:
    """A negotiation by the design's own numbers, or by others."""
    setting = draw_setting(rng, design, {"seller": 1, "buyer": 1})
    style = setting.levels["style"]
    prices = (120, 80, 60, 100) if setting.levels["limits"] == "overlapping" else (120, 110, 60, 90)
    good = "old bicycle"
    if vary:
        good = rng.choice(GOODS)
        low = rng.randrange(6, 40) * 5
        high = low + rng.choice([-4, -2, 2, 4, 6, 8]) * 5
        prices = (
            max(low, high) + rng.randrange(1, 8) * 5,
            low,
            max(5, min(low, high) - rng.randrange(1, 8) * 5),
            high,
        )
        marks = dict(
            zip(
                ("120", "80", "110", "60", "100", "90"),
                map(str, (prices[0], low, low, prices[2], high, high)),
                strict=True,
            )
        )
        for role in ("seller", "buyer"):
            for title, text in setting.sections[role].items():
                words = [
                    marks.get(w, w)
                    for w in text.replace("bicycle", good.removeprefix("old ")).split(" ")
                ]
                setting.sections[role][title] = " ".join(words)
        roles = [
            r
            | {
                "starting_prompt": r["starting_prompt"].replace(
                    "an old bicycle", ("an " if good[0] in "aeiou" else "a ") + good
                )
            }
            for r in design["roles"]
        ]
        setting = replace(setting, design=design | {"roles": roles})
    return MarketTalk(rng, setting, opening, good, style, prices)
