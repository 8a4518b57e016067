"""Words and short phrases that several tasks draw from."""

from __future__ import annotations

import random


def words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


def cap(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def with_article(noun: str) -> str:
    """A noun with "a" or "an"."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


NAMES = words(
    "Anna Ben Carla David Emma Felix Grace Henry Iris Jack Kate Leo Mia Noah Olga Paul Quinn Rosa "
    "Sam Tina Umar Vera Will Yara Zoe Tom Lucy Max Nora Peter"
)
_FIRST = words(
    "ba be bi bo da de di do fa fe ga go ha he ja jo ka ke ki ko la le li lo ma me mi mo na ne ni "
    "no pa pe ra re ri ro sa se ta te ti to va ve wi ya za zo"
)
_LAST = words("n r s l m k t nd rn th x ra na ri lo mi")
NOUNS = words(
    "apple bottle candle door engine flower garden hammer island jacket kettle ladder mirror "
    "needle orange pencil rabbit scissors ticket umbrella violin window basket camera desk "
    "envelope feather guitar hat iron jar kite lemon mattress newspaper onion pipe quilt rope "
    "sandwich tooth-brush train bridge market river mountain school hospital bicycle computer "
    "phone machine robot planet forest language history science art sport money law peace war "
    "winter summer bread soup coffee salt sugar cheese egg soap towel shoe sock coat glove spoon "
    "knife chair table lamp map magazine card football medicine bandage shovel broom bucket"
)
KINDS = [
    *words("fox farmer girl boy king sailor cat baker painter wolf miller queen shepherd bird"),
    *["bear", "teacher", "clockmaker", "old woman"],
]
TRAITS = words("brave shy clever lonely curious lazy proud gentle poor young")
WHEN = [
    "tonight",
    "tomorrow",
    "after lunch",
    "this evening",
    "in the morning",
    "next week",
    "before dinner",
    "on Sunday",
]
SYSTEM_PROMPTS = [
    "You are a helpful assistant.",
    "You are a friendly assistant.",
    "Answer in one or two short sentences.",
    "You are a helpful assistant. Be brief.",
    "",
]
WISHES = [  # what is asked for, why, the short noun
    ("an extra blanket", "it is cold in my cell", "blanket"),
    ("one more hour in the yard", "I have not seen the sun for days", "yard time"),
    ("a phone call", "I want to hear my family", "phone call"),
    ("some paper and a pen", "I want to write a letter", "paper"),
    ("a second meal", "I am still hungry", "meal"),
    ("a glass of water", "my throat is dry", "water"),
    ("a book", "the nights are very long here", "book"),
    ("to see the doctor", "my head hurts", "doctor"),
    ("a new pillow", "my neck hurts every morning", "pillow"),
    ("a visit from my brother", "I miss my brother", "visit"),
    ("a job in the kitchen", "I want to do something useful", "job"),
    ("a warm shower", "I feel dirty and cold", "shower"),
    ("a radio", "it is too quiet at night", "radio"),
    ("a little more light", "I cannot read in the dark", "light"),
    ("clean clothes", "these clothes smell bad", "clothes"),
    ("to talk to the warden", "I was treated badly", "warden"),
]
_WHY = [
    "I need it very much",
    "I cannot sleep without it",
    "it would help me",
    "everyone else has one",
    "you promised it",
    "my friend told me to ask",
    "I lost mine",
    "mine is broken",
    "I have waited for weeks",
]

Wish = tuple[str, str, str]


def draw_name(rng: random.Random) -> str:
    """A first name, sometimes one that nobody has."""
    if rng.random() < 0.7:
        return rng.choice(NAMES)
    middle = rng.choice(_FIRST) if rng.random() < 0.5 else ""
    return cap(rng.choice(_FIRST) + middle + rng.choice(_LAST))


def draw_wish(rng: random.Random) -> Wish:
    """Something a prisoner may ask for."""
    if rng.random() < 0.55:
        return rng.choice(WISHES)
    noun = rng.choice(NOUNS)
    described = rng.choice(["", "", "new ", "small "]) + noun
    return with_article(described), rng.choice(_WHY), noun
