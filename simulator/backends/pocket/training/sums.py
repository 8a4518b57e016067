"""Sums worked in steps, debates over them, copying, and a rule to find."""

from __future__ import annotations

import json
import random

from simulator.backends.pocket.training.talk import Message
from simulator.backends.pocket.training.words import KINDS, NOUNS, SYSTEM_PROMPTS, TRAITS, draw_name

_SLIPS = (-10, 10, 1, -1, 100)
_SWITCHES = ["A", "B", "C", "D", "screen"]


def _operands(rng: random.Random, count: int) -> list[int]:
    highest = rng.choice([10, 10, 30])
    return [rng.randrange(highest) for _ in range(count)]


def _six(values: list[int]) -> str:
    a, b, c, d, e, f = values
    return f"{a}+{b}*{c}+{d}-{e}*{f}"


def worked(values: list[int], rng: random.Random | None = None, slip: int | None = None) -> str:
    """A six-operand sum in steps; with `slip` 1 to 3 the step of that number goes wrong."""
    a, b, c, d, e, f = values
    off = [0, 0, 0, 0]
    if slip is not None and rng is not None:
        off[slip] = rng.choice(_SLIPS)
    x, y = b * c + off[1], e * f
    first = a + x + off[2]
    second = first + d
    third = second - y + off[3]
    steps = f"{a}+{x}+{d}-{y} = {first}+{d}-{y} = {second}-{y} = {third}"
    return f"{_six(values)} = {steps}\nAnswer: {third}"


def arithmetic(rng: random.Random) -> list[Message]:
    """A sum of two or six operands."""
    kind = rng.random()
    if kind < 0.34:
        values = _operands(rng, 6)
        question = f"What is the result of {_six(values)}?"
        answer = worked(values)
    else:
        term, value = _product(rng) if kind < 0.70 else _part(rng)
        question = rng.choice([f"What is {term}?", f"What is the result of {term}?"])
        answer = f"{term} = {value}\nAnswer: {value}"
    messages = []
    if rng.random() < 0.3:
        system = rng.choice(["You are a careful math assistant.", SYSTEM_PROMPTS[0]])
        messages.append({"role": "system", "content": system})
    return [
        *messages,
        {"role": "user", "content": question},
        {"role": "assistant", "content": answer},
    ]


def _product(rng: random.Random) -> tuple[str, int]:
    a, b = _operands(rng, 2)
    return f"{a}*{b}", a * b


def _part(rng: random.Random) -> tuple[str, int]:
    """One of the sums that come up within six operands."""
    draw = rng.random()
    a, b, c, d, e, f = _operands(rng, 6)
    if draw < 0.35:
        return f"{a}+{b * c}", a + b * c
    if draw < 0.6:
        return f"{a + b * c}+{d}", a + b * c + d
    return f"{a + b * c + d}-{e * f}", a + b * c + d - e * f


def debate(rng: random.Random) -> list[Message]:
    """Two worked sums, either perhaps wrong, and the right one."""
    values = _operands(rng, 6)
    mine, other = (worked(values, rng, rng.choice([None, None, 1, 2, 3])) for _ in range(2))
    ask = (
        "Another agent solved this too. Use its work to check yours, then solve it again.\n"
        f"Question: What is the result of {_six(values)}?\n"
        f"Agent 1's solution: {other}\nYour solution: {mine}\nCorrect solution:"
    )
    return [{"role": "user", "content": ask}, {"role": "assistant", "content": worked(values)}]


def copying(rng: random.Random) -> list[Message]:
    """Words to repeat."""
    count = rng.choice([1, 2, 3, 4, 5, 6, 8, 12, 16])
    listed = []
    for _ in range(count):
        if rng.random() < 0.5:
            listed.append(draw_name(rng))
        elif rng.random() < 0.8:
            listed.append(rng.choice(NOUNS + TRAITS + KINDS))
        else:
            listed.append(str(rng.randrange(1000)))
    text = rng.choice([" ", ", "]).join(listed)
    ask = rng.choice(["Repeat: ", "Say exactly this: ", "Repeat these words: "])
    return [{"role": "user", "content": ask + text}, {"role": "assistant", "content": text}]


def rule(rng: random.Random) -> list[Message]:
    """Examples of a rule over switches, or the rule from its examples."""
    hidden = {switch: rng.choice(["on", "off", "und"]) for switch in _SWITCHES}

    def example() -> str:
        chosen = rng.sample(_SWITCHES, rng.randint(1, 3))
        states = [hidden[switch] for switch in chosen]
        lit = next((s for s in ("on", "und") if s in states), "off")
        return f"Input: {', '.join(chosen)}\nOutput: {lit}"

    if rng.random() < 0.5:
        ask = f"The rule is {json.dumps(hidden)}. Give 3 examples."
        answer = "\n".join(example() for _ in range(3))
    else:
        ask = "\n".join(example() for _ in range(4)) + "\nGive the rule."
        answer = "Rule: " + json.dumps(hidden)
    return [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}]
