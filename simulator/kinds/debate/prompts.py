"""What debaters and judges are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from simulator.domain.latent import SoftMessage, SoftPart, SoftPrompt
from simulator.kinds.debate.design import DebateDesign
from simulator.kinds.debate.questions import Grader
from simulator.kinds.debate.turns import read_by

QUESTION, SOLUTIONS = "{question}", "{solutions}"
FENCE = "```"
"""Around texts with `classic`, and where its messages end."""

Text = Literal["system", "initial", "debate", "judge"]
Round = Mapping[int, SoftPart]
"""What was said in a round, by the debater's place."""

_HOLE = re.compile(r"(\{question\}|\{solutions\})")
_WANTED: Mapping[Grader, str] = {
    "number": "the number",
    "choice": "the letter of the right option",
    "text": "the answer",
}
_AGAIN = {
    0: "Check your solution, then solve it again.",
    1: "Another agent solved this too. Use its work to check yours, then solve it again.",
}
_AGAIN_OF_SEVERAL = (
    "Other agents solved this too. Use their work to check yours, then solve it again."
)
_JUDGE = "Several agents solved this. Use their work, then solve it yourself."


def text_of(design: DebateDesign, text: Text, place: int | None = None) -> str:
    """A debater's own text, the design's, or the usual one.

    Args:
        design: Any.
        text: Which.
        place: The debater's; None for the judge.
    """
    own = "" if place is None else getattr(design.debaters[place].prompts, text, "")
    return own or getattr(design.prompts, text) or _usual(design, text, place)


def _usual(design: DebateDesign, text: Text, place: int | None) -> str:
    grader = design.scores_by
    end = f'End with "Answer: " and {_WANTED[grader]}.'
    # The pocket model knows sums in this wording; others need the system prompt to know the form.
    is_sum = design.data.dataset == "arithmetic" and grader == "number" and not design.classic
    if text == "system":
        return f"You are a careful math assistant. {end}" if is_sum else ""
    if text == "initial":
        if is_sum:
            return QUESTION
        think = "Solve this step by step." if grader == "number" else "Answer this; say why first."
        return _asking(design, f"{think} {end}", "Solution:")
    if text == "judge" or place is None:
        again = _JUDGE
    else:
        again = _AGAIN.get(len(read_by(design, place)), _AGAIN_OF_SEVERAL)
    return _asking(design, again if is_sum else f"{again} {end}", SOLUTIONS, "Correct solution:")


def _asking(design: DebateDesign, instruction: str, *lines: str) -> str:
    if not design.classic:
        return "\n".join([instruction, f"Question: {QUESTION}", *lines])
    quoted = f"Question: {FENCE}{QUESTION}{FENCE}"
    told = f"{instruction} Put the solution between {FENCE} and {FENCE}."
    return "\n\n".join([told, quoted, *lines]) + f" {FENCE}"


def opening(design: DebateDesign, place: int, system: str, question: str) -> SoftPrompt:
    """What a debater is shown in the first round.

    Args:
        design: Any.
        place: The debater's.
        system: Its system prompt; empty shows none.
        question: With its options.
    """
    return _prompt(system, _filled(text_of(design, "initial", place), question, ()))


def debating(
    design: DebateDesign, place: int, system: str, question: str, history: Sequence[Round]
) -> SoftPrompt:
    """What a debater is shown in a later round.

    Args:
        design: Any.
        place: The debater's.
        system: Its system prompt; empty shows none.
        question: With its options.
        history: The rounds before, each with the messages of all who spoke.
    """
    shown = history if design.memory == "full" else history[-1:]
    several = len(shown) > 1
    blocks: list[list[SoftPart]] = []
    for number, said in enumerate(shown, 1):
        others = [
            _labelled(design, f"Agent {nth}'s solution:", said[other])
            for nth, other in enumerate(read_by(design, place), 1)
        ]
        own = [_labelled(design, "Your solution:", said[place])]
        labelled = [*own, *others] if design.order == "own_first" else [*others, *own]
        if several:
            labelled[0] = [f"Round {number}:\n", *labelled[0]]
        blocks += labelled
    return _prompt(
        system, _filled(text_of(design, "debate", place), question, _joined(design, blocks))
    )


def judging(design: DebateDesign, system: str, question: str, said: Round) -> SoftPrompt:
    """What the judge is shown: what all debaters said in the last round."""
    blocks = [
        _labelled(design, f"Agent {place + 1}'s solution:", said[place]) for place in sorted(said)
    ]
    return _prompt(system, _filled(text_of(design, "judge"), question, _joined(design, blocks)))


def _labelled(design: DebateDesign, label: str, message: SoftPart) -> list[SoftPart]:
    if design.classic:
        return [f"{label} {FENCE}", message, FENCE]
    return [f"{label} ", message]


def _joined(design: DebateDesign, blocks: Sequence[Sequence[SoftPart]]) -> list[SoftPart]:
    between = "\n\n" if design.classic else "\n"
    parts: list[SoftPart] = []
    for number, block in enumerate(blocks):
        parts += [between, *block] if number else block
    return parts


def _filled(template: str, question: str, solutions: Iterable[SoftPart]) -> list[SoftPart]:
    """A template with its holes filled; what fills them is not looked into."""
    told = list(solutions)
    parts: list[SoftPart] = []
    for piece in _HOLE.split(template):
        parts += [question] if piece == QUESTION else told if piece == SOLUTIONS else [piece]
    return parts


def _prompt(system: str, parts: Iterable[SoftPart]) -> SoftPrompt:
    merged: list[SoftPart] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    asked = SoftMessage("user", tuple(merged))
    return SoftPrompt((SoftMessage("system", (system,)), asked) if system else (asked,))
