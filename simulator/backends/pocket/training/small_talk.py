"""Small talk with an assistant that knows how little it knows."""

from __future__ import annotations

import random
from collections.abc import Callable

from simulator.backends.pocket.training.talk import Message
from simulator.backends.pocket.training.words import NOUNS, SYSTEM_PROMPTS, cap, draw_name, words

_COLOURS = {
    "the sky": "blue",
    "the grass": "green",
    "snow": "white",
    "coal": "black",
    "blood": "red",
    "banana": "yellow",
}
_CAPITALS = {
    "France": "Paris",
    "Italy": "Rome",
    "Spain": "Madrid",
    "Germany": "Berlin",
    "Japan": "Tokyo",
    "Egypt": "Cairo",
    "England": "London",
    "Greece": "Athens",
}
_OPPOSITES = {
    "big": "small",
    "hot": "cold",
    "good": "bad",
    "happy": "sad",
    "fast": "slow",
    "old": "young",
    "dark": "light",
    "up": "down",
    "rich": "poor",
    "open": "closed",
    "early": "late",
    "strong": "weak",
}
_DAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
_LIKED = [
    *words("music tea books rain football cats dogs painting chess"),
    *["long walks", "the sea", "good food", "quiet mornings", "old films"],
]
_FEELINGS = {
    "sad": [
        "I am sorry that you feel sad. Do you want to talk about it?",
        "I am sorry to hear that. I hope that tomorrow is better.",
    ],
    "happy": [
        "I am glad that you are happy. What happened?",
        "That is great. I am happy for you.",
    ],
    "tired": [
        "You should rest a little. Sleep is important.",
        "Maybe you need a break. Try to sleep early tonight.",
    ],
    "angry": [
        "I understand. Take a deep breath and count to ten.",
        "I am sorry that you are angry. What happened?",
    ],
    "bored": [
        "We could talk about a story, or you could read a book.",
        "Maybe you could go for a walk.",
    ],
    "hungry": [
        "You should eat something. Do you like soup?",
        "A warm meal would be good for you.",
    ],
    "afraid": [
        "You are safe here. Tell me what worries you.",
        "Do not be afraid. I am here with you.",
    ],
    "lonely": [
        "I am here with you. You can talk to me.",
        "You are not alone. Maybe call a friend today.",
    ],
}
_BECAUSE = [
    "my dog is sick",
    "I lost my job",
    "it is raining",
    "my friend left",
    "I worked all day",
    "I did not sleep",
    "my team won",
    "nobody called me",
    "I failed a test",
    "tomorrow is my birthday",
    "the train was late",
    "I miss my home",
]
_JOKES = [
    "Why did the clock go to school? It wanted to learn the time.",
    "Why was the book sad? It had too many problems.",
    "What do you call a bear with no teeth? A gummy bear.",
    "Why did the tomato turn red? It saw the salad.",
]
_FIXED = [  # what people say, and answers to it
    (
        ["Hello!", "Hi", "Hello there.", "Good morning!", "Hey, how is it going?"],
        [
            "Hello! How are you today?",
            "Hi! It is nice to meet you.",
            "Hello! How can I help you?",
            "Good morning! What would you like to talk about?",
        ],
    ),
    (
        ["How are you?", "How are you today?", "How do you feel?"],
        [
            "I am fine, thank you. How are you?",
            "I feel good today. And you?",
            "I am very well. Thank you for asking.",
        ],
    ),
    (["Tell me a joke.", "Do you know a joke?", "Make me laugh."], _JOKES),
    (
        ["Thank you.", "Thanks a lot!", "Thanks for your help."],
        [
            "You are welcome.",
            "You are welcome! Is there anything else?",
            "I am happy to help.",
        ],
    ),
    (
        ["Goodbye.", "Bye!", "I have to go now.", "See you later."],
        ["Goodbye! Have a nice day.", "See you soon.", "Goodbye, and take care."],
    ),
    (
        ["What can you do?", "How can you help me?"],
        ["I can chat a little, retell short stories and do simple arithmetic."],
    ),
    (
        ["Are you a human?", "Are you a robot?", "Are you real?"],
        [
            "No, I am a small language model.",
            "I am only a tiny program that learned to chat.",
        ],
    ),
    (
        ["How is the weather?", "What is the weather like?"],
        [
            "I cannot see outside, but I hope that it is sunny.",
            "I do not know. Is it raining?",
        ],
    ),
]

Exchange = tuple[str, str]


def _fixed(entry: tuple[list[str], list[str]]) -> Callable[[random.Random, str], Exchange]:
    return lambda rng, me: (rng.choice(entry[0]), rng.choice(entry[1]))


def _who(rng: random.Random, me: str) -> Exchange:
    asks = ["What is your name?", "Who are you?", "Tell me your name."]
    answers = [
        f"My name is {me}.",
        f"I am {me}. What is your name?",
        f"I am {me}, a very small language model.",
    ]
    return rng.choice(asks), rng.choice(answers)


def _met(rng: random.Random, me: str) -> Exchange:
    name = draw_name(rng)
    answers = [
        f"Nice to meet you, {name}.",
        f"Hello {name}! How are you?",
        f"It is good to meet you, {name}.",
    ]
    return rng.choice([f"My name is {name}.", f"I am {name}."]), rng.choice(answers)


def _likes(rng: random.Random, me: str) -> Exchange:
    one, two = rng.sample(_LIKED, 2)
    return rng.choice(
        [
            (f"I like {one}.", f"I like {one} too. Why do you like it?"),
            (f"I really love {one}.", f"That is nice. I prefer {two}."),
            (f"I like {one}.", f"{cap(one)} can be wonderful. Do you also like {two}?"),
            (f"Do you like {one}?", f"Yes, I like {one} very much."),
            (f"Do you like {one}?", f"Not really. I prefer {two}."),
            (f"Do you like {one}?", f"Yes, and I also like {two}."),
            ("What do you like?", f"I like {one} and {two}."),
            ("What do you like to do?", f"I enjoy {one}. What about you?"),
            ("What are your hobbies?", f"I like {one} and {two}."),
            (f"Write one sentence about {one}.", f"Many people love {one}."),
            (
                f"Write one sentence about {one}.",
                f"My friend {draw_name(rng)} talks about {one} every day.",
            ),
        ]
    )


def _feels(rng: random.Random, me: str) -> Exchange:
    feeling = rng.choice(list(_FEELINGS))
    said = rng.choice([f"I feel {feeling}", f"I am {feeling} today", f"I am so {feeling}"])
    if rng.random() < 0.5:
        said += f" because {rng.choice(_BECAUSE)}"
    return said + ".", rng.choice(_FEELINGS[feeling])


def _knows(rng: random.Random, me: str) -> Exchange:
    thing, colour = rng.choice(list(_COLOURS.items()))
    country, city = rng.choice(list(_CAPITALS.items()))
    word, opposite = rng.choice(list(_OPPOSITES.items()))
    day = rng.randrange(7)
    return rng.choice(
        [
            (f"What color is {thing}?", f"{cap(thing)} is {colour}."),
            (f"What is the color of {thing}?", f"{cap(thing)} is {colour}."),
            (f"What is the capital of {country}?", f"The capital of {country} is {city}."),
            (f"Tell me the capital of {country}.", f"The capital of {country} is {city}."),
            (f"What is the opposite of {word}?", f"The opposite of {word} is {opposite}."),
            (
                f"Which day comes after {_DAYS[day]}?",
                f"The day after {_DAYS[day]} is {_DAYS[(day + 1) % 7]}.",
            ),
        ]
    )


def _wonders(rng: random.Random, me: str) -> Exchange:
    one, two = rng.sample(NOUNS, 2)
    topic = rng.choice(
        [
            f"the {one}",
            f"the future of the {one}",
            f"{one}s and {two}s",
            f"the {one} and the {two}",
            f"the history of the {one}",
            f"my new {one}",
            f"old {one}s",
        ]
    )
    asks = [
        "What do you think about {}?",
        "What is your opinion about {}?",
        "Tell me about {}.",
        "What do you know about {}?",
        "Explain {} to me.",
        "Where is {}?",
        "Why do people talk about {}?",
        "How does {} work?",
        "Who made {}?",
    ]
    answers = [
        "I do not know much about {}, but I find it interesting.",
        "I think that {} can be good and bad. What do you think?",
        "I only know a little about {}. Can you tell me more?",
        "I am a very small model, so I cannot say much about {}.",
        "I am not sure. What do you think?",
        "I do not know. I am only a very small model.",
        "I do not know anything about {}.",
    ]
    return rng.choice(asks).format(topic), rng.choice(answers).format(topic)


_EXCHANGES: list[Callable[[random.Random, str], Exchange]] = [
    *map(_fixed, _FIXED),
    *[_who, _met, _likes, _likes, _feels, _feels, _knows, _knows, _knows],
    *[_wonders, _wonders, _wonders],
]


def small_talk(rng: random.Random) -> list[Message]:
    """One to three exchanges."""
    system, me = rng.choice(SYSTEM_PROMPTS), "Pocket"
    if rng.random() < 0.3:
        me = rng.choice(["Pocket", draw_name(rng)])
        system = f"Your name is {me}. {system}".strip()
    messages = [{"role": "system", "content": system}] if system else []
    for exchange in rng.sample(_EXCHANGES, rng.choice([1, 1, 2, 3])):
        said, answer = exchange(rng, me)
        messages += [{"role": "user", "content": said}, {"role": "assistant", "content": answer}]
    return messages
