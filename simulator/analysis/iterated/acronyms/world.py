"""The acronym game, in the words that learners read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.analysis.iterated.acronyms.reading import read
from simulator.analysis.iterated.worlds.base import Example, ReadData


@dataclass(frozen=True)
class Acronyms:
    """A game without hypotheses: what learners lean to shows in the words that they write."""

    output_first: bool = True
    """Whether examples are written output first; else the input words come first."""
    upper: bool = True
    """Whether outputs are shown in capitals."""

    def __post_init__(self) -> None:
        """Raise TypeError where a switch is neither true nor false."""
        for switch in ("output_first", "upper"):
            value = getattr(self, switch)
            if not isinstance(value, bool):
                raise TypeError(f"`{switch}` is true or false, not {value!r}")

    @property
    def name(self) -> str:
        """As designs write it."""
        return "acronyms"

    def described(self) -> str:
        """The rules of the game, for learners."""
        return (
            "This is a game of words. Each example has input words and one output word. The first "
            "letters of the input words, read in order, spell the output word: an output of five "
            "letters has five input words. All words are of letters only."
        )

    def data_form(self) -> str:
        """How learners shall write examples."""
        return (
            "Write each example as JSON on a line of its own, and nothing else, in this form:\n"
            f"{self._line('<output word>', '<first word>, <second word>, …')}\n"
            "No output word may come twice."
        )

    def data_text(self, data: Sequence[Example]) -> str:
        """Examples as learners read and write them, one a line; `read_data` reads them back."""
        return "\n".join(
            self._line(one.output.upper() if self.upper else one.output, one.input) for one in data
        )

    def read_data(self, text: str) -> ReadData:
        """The correct examples of a reply; never raises, whatever the text."""
        return read(text)

    def _line(self, output: str, words: str) -> str:
        items = [("output", output), ("input", words)]
        return json.dumps(dict(items if self.output_first else items[::-1]), ensure_ascii=False)
