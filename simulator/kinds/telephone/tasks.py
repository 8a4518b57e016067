"""What agents are asked to do with the texts that reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Task = Literal["rephrase", "inspiration", "continue", "own"]
"""`own` asks with prompts of the design."""
PromptStyle = Literal["chat", "base"]

HOLE = "{text}"
"""Where a prompt has the text."""
BASE_STOPS = ("\n\nText:", "\n\nNote:")
"""Where a model without instructions would begin another text, if the prompt has such lines."""
LABEL = "Text of "
"""Begins the line above each of several texts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The ways in which one task is put."""

    one: str
    """A single text."""
    several: str
    """Texts of several agents, labelled."""
    base: str
    """For models without instructions: the text is what comes next."""
    base_several: str


_ONLY = "Reply with the new text alone: no title, no comment."

TASKS: Mapping[str, Asked] = {
    "rephrase": Asked(
        "Below stands a text. Say the same in other words, so that its meaning does not change. "
        f"{_ONLY}\n\n{HOLE}",
        "Below stand several texts. Choose one of them, and say the same in other words, so that "
        f"its meaning does not change. {_ONLY}\n\n{HOLE}",
        f"Text:\n{HOLE}\n\nNote: the next text says the same in other words.\n\nText:\n",
        f"{HOLE}\n\nNote: the next text says the same as one of these, in other words.\n\nText:\n",
    ),
    "inspiration": Asked(
        "Below stands a text. Let it inspire you to a text of your own that nobody has written "
        f"before. {_ONLY}\n\n{HOLE}",
        "Below stand several texts. Let them inspire you to a text of your own that nobody has "
        f"written before. {_ONLY}\n\n{HOLE}",
        f"Text:\n{HOLE}\n\nNote: the next text is a new one, inspired by it.\n\nText:\n",
        f"{HOLE}\n\nNote: the next text is a new one, inspired by these.\n\nText:\n",
    ),
    "continue": Asked(
        "Below stands a text. Write how it goes on. Reply with what comes after it alone: do not "
        f"repeat it, and add no comment.\n\n{HOLE}",
        "Below stand several texts. Choose one of them, and write how it goes on. Reply with what "
        f"comes after it alone: do not repeat it, and add no comment.\n\n{HOLE}",
        HOLE,
        HOLE,
    ),
}  # fmt: skip


def stops_of(task: Task, *, reads_several: bool) -> tuple[str, ...]:
    """Where the reply of a model without instructions ends: where another text begins.

    A text that is only continued may well have a note itself, and prompts of one's own look as
    they please; there nothing but labels of several texts can be told apart.
    """
    lines = BASE_STOPS if task in TASKS and TASKS[task].base != HOLE else ()
    return (*lines, f"\n\n{LABEL}") if reads_several else lines


def labelled(texts: Mapping[str, str]) -> str:
    """Several texts as one, each below the name of its writer.

    Args:
        texts: By who wrote them, in the order in which they are read.
    """
    return "\n\n".join(f"{LABEL}{name}:\n{text}" for name, text in texts.items())


def filled(prompt: str, text: str) -> str:
    """A prompt with its text; one that has no place for it has it at its end."""
    if HOLE in prompt:
        return prompt.replace(HOLE, text)
    return f"{prompt.rstrip()}\n\n{text}" if prompt.strip() else text
