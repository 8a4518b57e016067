"""What a debate came to, whichever program held it: texts and answers by debater and round."""

from __future__ import annotations

from dataclasses import dataclass

Answer = str | None
"""As compared: a number in its shortest form, a letter, or words; None where none was found."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a debater in one round."""

    text: str
    answer: Answer
    is_right: bool
    """False also where no answer was found."""


@dataclass(frozen=True, slots=True)
class Debated:
    """One question and all that was said to it."""

    question: str
    gold: str
    said: tuple[tuple[Said | None, ...], ...]
    """By debater, then by round; None where a debater was not asked. Samples of a majority vote
    are debaters of one round."""
    final: Answer
    """The answer that counts; None for none, or for a tie that nothing breaks."""
    is_right: bool
    """Whether the final answer is right."""
    tokens: int = 0
    """Of prompts and replies together; 0 where unknown."""
    model_s: float = 0.0
    """Seconds spent waiting for models; 0 where unknown."""
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class DebateRecord:
    """All questions of one run, or of one file of the original program."""

    name: str
    """What tables call it: a run's id with its condition, or a file's name."""
    mode: str
    """`natural_language`, `cipher`, `majority` or `single`; empty where unknown."""
    debaters: tuple[str, ...]
    """Their names, in order."""
    temperatures: tuple[tuple[float, ...], ...]
    """By debater, then by round; empty where unknown."""
    debated: tuple[Debated, ...]
    missing: int = 0
    """Questions of the design that are not answered (yet)."""

    @property
    def rounds(self) -> int:
        """The most rounds that a question had."""
        return max((len(rounds) for one in self.debated for rounds in one.said), default=0)
