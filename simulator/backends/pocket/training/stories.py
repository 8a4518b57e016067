"""Stories told in many wordings: to rephrase, continue, combine, repeat, and be inspired by."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.backends.pocket.training.talk import Message
from simulator.backends.pocket.training.words import (
    KINDS,
    SYSTEM_PROMPTS,
    TRAITS,
    cap,
    draw_name,
    with_article,
    words,
)

Mood = Literal["glad", "sad"]

_PLACES = [
    "a small village",
    "a dark forest",
    "a quiet town",
    "an old castle",
    "a green valley",
    "a cold island",
    "a busy city",
    "a cave near the sea",
    "a house on the hill",
    "a little farm",
]
_THINGS = [
    "a golden key",
    "a magic book",
    "a silver ring",
    "an old map",
    "a red stone",
    "a glass flower",
    "a wooden flute",
    "a broken clock",
    "a lost letter",
    "a blue lamp",
    "a tiny seed",
    "a strange mirror",
]
_PROBLEMS = [  # two wordings of each
    ("a storm destroyed the bridge", "the bridge was destroyed by a storm"),
    ("a thief stole it in the night", "it was stolen by a thief in the night"),
    ("the river flooded the road", "the road was flooded by the river"),
    ("a dragon blocked the way", "the way was blocked by a dragon"),
    ("a heavy snow covered everything", "everything was covered by heavy snow"),
    ("an angry crowd closed the gate", "the gate was closed by an angry crowd"),
    ("a fire burned the fields", "the fields were burned by a fire"),
]
_HELPERS = [
    "an old friend",
    "a talking owl",
    "a stranger",
    "a little mouse",
    "a wise monk",
    "a young soldier",
    "a kind neighbor",
    "a white horse",
]
_DEEDS = [  # as a verb, as a noun
    ("showed a secret path", "a secret path"),
    ("gave good advice", "good advice"),
    ("shared some bread", "some bread"),
    ("sang a powerful song", "a powerful song"),
    ("built a small boat", "a small boat"),
    ("lit a great fire", "a great fire"),
]
_MORALS = [
    ("true friends are worth more than gold", "gold is worth less than true friends"),
    ("patience brings good things", "good things come to those who wait"),
    ("courage grows in the dark", "in the dark, courage grows"),
    ("kindness always comes back", "those who are kind will find kindness"),
    ("home is the best place of all", "no place is better than home"),
]


@dataclass(frozen=True)
class Genre:
    """What a kind of story is made of."""

    asks: tuple[str, ...] = ("",)
    kinds: list[str] = field(default_factory=lambda: KINDS)
    places: list[str] = field(default_factory=lambda: _PLACES)
    things: list[str] = field(default_factory=lambda: _THINGS)
    helpers: list[str] = field(default_factory=lambda: _HELPERS)


TALE = Genre()
SCIENCE_FICTION = Genre(
    (" You love science fiction.", " It must be science fiction."),
    words("robot pilot astronaut engineer android captain"),
    [
        "a space station",
        "a red planet",
        "a distant moon",
        "a city under glass",
        "a lone starship",
    ],
    ["a laser key", "a data crystal", "a quantum map", "a memory chip", "a star engine"],
    ["a friendly robot", "an alien child", "an old computer", "a lost drone"],
)
ROMANCE = Genre(
    (" You love romance.", " It must be a romance."),
    words("dancer poet nurse singer gardener"),
    ["a garden of roses", "a city of lights", "a beach at sunset", "a little cafe"],
    ["a love letter", "a wedding ring", "a red rose", "an old photograph"],
    ["a loving stranger", "an old love", "a dear friend"],
)


@dataclass(frozen=True)
class Story:
    """What happens, without its wording."""

    name: str
    kind: str
    trait: str
    place: str
    thing: str
    problem: tuple[str, str]
    helper: str
    deed: tuple[str, str]
    moral: tuple[str, str]
    sad: bool
    parts: tuple[int, ...] = (0, 1, 2, 3, 4, 5)


_SWAPPED = "name kind trait place thing problem helper deed moral"


def draw_story(rng: random.Random, genre: Genre) -> Story:
    """A story of a genre with all six parts."""
    return Story(
        name=draw_name(rng),
        kind=rng.choice(genre.kinds),
        trait=rng.choice(TRAITS),
        place=rng.choice(genre.places),
        thing=rng.choice(genre.things),
        problem=rng.choice(_PROBLEMS),
        helper=rng.choice(genre.helpers),
        deed=rng.choice(_DEEDS),
        moral=rng.choice(_MORALS),
        sad=rng.random() < 0.35,
    )


def told(
    rng: random.Random, story: Story, parts: tuple[int, ...] | None = None, mood: Mood | None = None
) -> str:
    """The story in words drawn at random."""
    sad = story.sad if mood is None else mood == "sad"
    sentences = _beginnings(rng, story) + _ends(rng, story, sad)
    return " ".join(rng.choice(sentences[p]) for p in (story.parts if parts is None else parts))


def _beginnings(rng: random.Random, s: Story) -> list[list[str]]:
    hero = f"{s.trait} {s.kind}"
    trouble = rng.choice(s.problem)
    return [
        [
            f"Once upon a time, {with_article(hero)} named {s.name} lived in {s.place}.",
            f"In {s.place} there lived {with_article(hero)} called {s.name}.",
            f"{s.name} was {with_article(hero)} who lived in {s.place}.",
            f"There was once {with_article(s.kind)} in {s.place}. "
            f"The name of this {hero} was {s.name}.",
        ],
        [
            f"One day, {s.name} found {s.thing}.",
            f"One morning, {s.name} discovered {s.thing}.",
            f"Then {s.name} came upon {s.thing} one day.",
            f"By chance, {s.thing} was found by {s.name}.",
        ],
        [
            f"But soon {trouble}.",
            f"Then, without warning, {trouble}.",
            f"However, {trouble}.",
            f"A little later, {trouble}.",
        ],
        [
            f"{cap(s.helper)} came and {s.deed[0]}.",
            f"Luckily, {s.helper} {s.deed[0]}.",
            f"{s.name} met {s.helper}, who {s.deed[0]}.",
            f"With {s.deed[1]}, {s.helper} came to help.",
        ],
    ]


def _ends(rng: random.Random, s: Story, sad: bool) -> list[list[str]]:
    name, thing, moral = s.name, "the " + s.thing.split(" ", 1)[1], rng.choice(s.moral)
    last = (
        [
            f"In the end, {name} lost {thing} and cried all night.",
            f"Sadly, {thing} was lost forever, and {name} cried.",
            f"But it was too late. {name} had lost {thing} and was alone.",
        ]
        if sad
        else [
            f"In the end, {name} kept {thing} and was happy.",
            f"Finally, {thing} was safe, and {name} smiled.",
            f"So {name} went home with {thing} and lived in joy.",
        ]
    )
    return [
        last,
        [
            f"{name} learned that {moral}.",
            f"From that day on, {name} knew that {moral}.",
            f"This is how {name} understood that {moral}.",
        ],
    ]


_TASKS = ["rephrase", "inspire", "create", "continue", "combine", "repeat"]
_SHARES = [0.40, 0.16, 0.12, 0.12, 0.07, 0.13]


def story_task(rng: random.Random) -> list[Message]:
    """A task about a story and its answer."""
    genre = rng.choices([TALE, SCIENCE_FICTION, ROMANCE], [0.7, 0.15, 0.15])[0]
    later = sorted(rng.sample([1, 2, 3, 4, 5], rng.choice([2, 3, 4, 5])))
    story = replace(draw_story(rng, genre), parts=(0, *later))
    mood, system = _mood(rng)
    kind = rng.choices(_TASKS, _SHARES)[0]
    tail = rng.choice(
        [" Give only the story.", " Give only the new text.", " Answer with the text alone.", ""]
    )
    ask, answer = _asked(rng, kind, story, genre, mood, tail)
    messages = [{"role": "system", "content": system}] if system else []
    return [*messages, {"role": "user", "content": ask}, {"role": "assistant", "content": answer}]


def _mood(rng: random.Random) -> tuple[Mood | None, str]:
    draw = rng.random()
    if draw < 0.12:
        glad = ["From here on, see the good side of everything.", "You are an optimist."]
        return "glad", rng.choice(glad)
    if draw < 0.24:
        sad = ["From here on, see the bad side of everything.", "You are a pessimist."]
        return "sad", rng.choice(sad)
    return None, rng.choice(["", "", SYSTEM_PROMPTS[0]])


def _asked(
    rng: random.Random, kind: str, story: Story, genre: Genre, mood: Mood | None, tail: str
) -> tuple[str, str]:
    """The instruction and the right answer."""
    if kind == "create":
        asks = ["Create a story.", "Tell me a short story.", "Write a short story."]
        ask = rng.choice([*asks, "Tell a bedtime story to a child."])
        return ask + rng.choice(genre.asks) + tail, told(rng, story, mood=mood)
    source = told(rng, story)
    if kind == "rephrase":
        full = f"Put the text below in other words and keep what it says.{tail} The text: "
        ask = rng.choice([full, "Rephrase this text: ", "Say the same story in other words: "])
        return ask + source, told(rng, story, mood=mood)
    if kind == "inspire":
        full = f"Let the text below inspire you to write one of your own.{tail} The text: "
        ask = rng.choice([full, "Write a new story inspired by this text: "])
        other = draw_story(rng, genre)
        chosen = rng.sample(words(_SWAPPED), rng.choice([3, 4, 5, 6]))
        mixed = replace(story, **{key: getattr(other, key) for key in chosen})
        return ask + source, told(rng, mixed, mood=mood)
    if kind == "continue":
        cut = rng.randint(1, len(story.parts) - 1)
        full = f"Carry on from where the text below stops.{tail} The text: "
        ask = rng.choice([full, "Continue this story: "])
        rest = told(rng, story, story.parts[cut:], mood)
        return ask + told(rng, story, story.parts[:cut]), rest
    if kind == "repeat":
        full = f"Repeat the following story.{tail} "
        return rng.choice([full, "Repeat this text: "]) + source, source
    other = replace(draw_story(rng, genre), parts=story.parts)
    full = f"Make one story out of these two.{tail}"
    ask = rng.choice([full, "Two stories follow. Tell a third that mixes them."])
    mixed = replace(
        story, thing=other.thing, helper=other.helper, deed=other.deed, problem=other.problem
    )
    pair = f"\nStory 1: {source}\nStory 2: {told(rng, other)}"
    return ask + pair, told(rng, mixed, mood=mood)
