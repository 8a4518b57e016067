"""How the menu asks: drawn by questionary, or as numbered lines where nothing can be drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from rich.cells import cell_len, set_cell_size

from simulator.cli.asking import Keyboard, picked
from simulator.cli.interrupts import INTERRUPTED, Interrupted, Interrupts
from simulator.cli.output import Output
from simulator.presentation.safe_text import one_line

if TYPE_CHECKING:
    from questionary.question import Question

T = TypeVar("T")
Check = Callable[[str], str | None]
"""What is wrong with an answer; None when nothing is."""

LONG_LIST = 15
"""Options from which a list is searched by typing."""
_BEFORE_OPTION, _BEFORE_QUESTION = 4, 2
"""Columns that questionary takes to the left of an option, and of a question."""


class BackError(Exception):
    """The user would rather go back than answer."""


@dataclass(frozen=True)
class Option(Generic[T]):
    """One of several answers."""

    label: str
    value: T


class Questions(Protocol):
    """Asks one thing at a time; raises BackError on Ctrl-C, and at the end of input."""

    def pick(self, question: str, options: Sequence[Option[T]], *, usual: int = 0) -> T:
        """One of the options; `usual` is the place of the one that Enter takes."""
        ...

    def text(self, question: str, usual: str = "", check: Check | None = None) -> str:
        """A line, without white space around it; `usual` stands there to be changed."""
        ...

    def agreed(self, question: str, *, usual: bool = True) -> bool:
        """Yes or no."""
        ...


def questions_for(output: Output) -> Questions:
    """Those that the terminal can show."""
    return DrawnQuestions(output) if output.is_live else PlainQuestions(output)


class DrawnQuestions:
    """Lists with a pointer, by questionary; lines are cut to the width of the terminal."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def pick(self, question: str, options: Sequence[Option[T]], *, usual: int = 0) -> T:
        """A list to move in; a long one is searched by typing."""
        import questionary

        is_long = len(options) > LONG_LIST
        choices = [
            questionary.Choice(self._cut(option.label, _BEFORE_OPTION), place)
            for place, option in enumerate(options)
        ]
        hint = "(type to search)" if is_long else "(arrows, Enter)"
        asked = self._cut(question, _BEFORE_QUESTION)
        room = self._output.console.width - _BEFORE_QUESTION - cell_len(asked)
        place: int = self._answered(
            questionary.select(
                asked, choices, default=choices[usual], use_search_filter=is_long,
                use_jk_keys=not is_long, instruction=hint if len(hint) < room else " ",
            )
        )  # fmt: skip
        return options[place].value

    def text(self, question: str, usual: str = "", check: Check | None = None) -> str:
        """A line to edit; what is wrong with it is shown below."""
        import questionary

        def validate(text: str) -> bool | str:
            return (check(text.strip()) if check is not None else None) or True

        asked = one_line(question)
        return str(self._answered(questionary.text(asked, usual, validate=validate))).strip()

    def agreed(self, question: str, *, usual: bool = True) -> bool:
        """One key."""
        import questionary

        return bool(self._answered(questionary.confirm(one_line(question), default=usual)))

    def _answered(self, question: Question) -> Any:
        return _waited_for(self._output, question.unsafe_ask_async)

    def _cut(self, text: str, before: int) -> str:
        room = max(8, self._output.console.width - before - 1)
        text = one_line(text)
        return text if cell_len(text) <= room else f"{set_cell_size(text, room - 1).rstrip()}…"


def _waited_for(output: Output, answer: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The answer, unless a signal comes first; in an event loop, so that none is overheard."""
    try:
        return Interrupts(output.aside).run(answer)
    except (KeyboardInterrupt, EOFError):
        raise BackError from None
    except Interrupted as interrupted:
        if interrupted.exit_code != INTERRUPTED:
            raise
        raise BackError from None


class PlainQuestions:
    """Numbered lines and typed answers, which any terminal can show."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._keyboard = Keyboard()

    def pick(self, question: str, options: Sequence[Option[T]], *, usual: int = 0) -> T:
        """A number, or the beginning of a line that only it has."""
        self._output.line(one_line(question))
        labels = [one_line(option.label) for option in options]
        for number, label in enumerate(labels, 1):
            self._output.line(f"{number:>3}. {label}")
        while True:
            answer = self._line(f"Number [{usual + 1}]: ")
            chosen = picked(answer, labels) if answer else labels[usual]
            if chosen is not None:
                return options[self._place(answer, labels, chosen, usual)].value
            self._output.line("Type a number of the list, or the beginning of a line.")

    @staticmethod
    def _place(answer: str, labels: Sequence[str], chosen: str, usual: int) -> int:
        """Where the chosen label is, also when there are several like it."""
        if not answer:
            return usual
        return int(answer) - 1 if answer.isdecimal() else labels.index(chosen)

    def text(self, question: str, usual: str = "", check: Check | None = None) -> str:
        """A line; an empty one is what is usual."""
        asked = one_line(question)
        while True:
            answer = self._line(f"{asked} [{one_line(usual)}] " if usual else f"{asked} ") or usual
            fault = check(answer) if check is not None else None
            if fault is None:
                return answer
            self._output.line(fault)

    def agreed(self, question: str, *, usual: bool = True) -> bool:
        """A letter."""
        answer = self._line(f"{one_line(question)} [{'Y/n' if usual else 'y/N'}] ")
        return answer.casefold() in ("y", "yes") if answer else usual

    def _line(self, prompt: str) -> str:
        sys.stdout.write(prompt)
        sys.stdout.flush()
        try:
            line = _waited_for(self._output, self._keyboard.line)
        except BackError:
            self._output.line()
            raise
        if line is None:
            raise BackError
        return line.strip()
