"""Leads from question to question; what is done is done by the verbs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from simulator.cli.entry import carry_out
from simulator.cli.interrupts import INTERRUPTED, Interrupted
from simulator.cli.menus.paging import held_back, show_paged
from simulator.cli.menus.questions import BackError, Option, Questions
from simulator.cli.session import Session
from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from simulator.catalogue import Catalogue
    from simulator.services import Services

T = TypeVar("T")
Deed = Callable[[], object]
"""What is done when an option is taken; True leaves the level."""


class Guide:
    """Goes through the levels of the menu."""

    def __init__(self, session: Session, questions: Questions) -> None:
        self.session = session
        self.questions = questions

    def do(self, *words: str, is_paged: bool = False) -> int:
        """Carry out a verb, after showing how it is typed; its exit code.

        Args:
            words: The verb and its arguments.
            is_paged: Whether to stop whenever the screen is full.

        Raises:
            Interrupted: A signal other than Ctrl-C ended it, which ends us too.
        """
        output = self.session.output
        output.line(f"$ {self.session.command(*words)}", "dim", wrap=False)
        if is_paged:
            with held_back() as lines:
                exit_code = self._carry_out(words)
            show_paged(lines, self._wants_more)
        else:
            exit_code = self._carry_out(words)
        output.line()
        return exit_code

    def _carry_out(self, words: Sequence[str]) -> int:
        exit_code = carry_out(self.session.another(), words)
        if exit_code > 128 and exit_code != INTERRUPTED:
            raise Interrupted(exit_code)
        return exit_code

    def _wants_more(self, shown: str) -> bool:
        try:
            return self.questions.agreed(f"{shown} read. More?")
        except BackError:
            return False

    def look(self, main: Callable[[Services], Awaitable[T]]) -> T:
        """Read something from the store."""
        found: list[T] = []

        async def kept(services: Services) -> None:
            found.append(await main(services))

        with _ctrl_c_goes_back():
            self.session.another().work(kept)
        return found[0]

    def look_at_models(self, main: Callable[[Catalogue], Awaitable[T]]) -> T:
        """Ask what models there are."""
        found: list[T] = []

        async def kept(catalogue: Catalogue) -> None:
            found.append(await main(catalogue))

        with _ctrl_c_goes_back():
            self.session.another().work_on_models(kept)
        return found[0]

    def stay(
        self,
        question: Callable[[], str],
        options: Callable[[], Sequence[Option[Deed]]],
        back: str = "Back",
    ) -> None:
        """Ask what to do, do it, and ask again, until the user goes back.

        Errors of a deed are told; the level stays. Those of `question` and `options` leave it, as
        Ctrl-C does at any moment.
        """
        usual = 0
        while True:
            try:
                asked = question()
                offered: list[Option[Deed | None]] = [
                    *(Option[Deed | None](option.label, option.value) for option in options()),
                    Option(back, None),
                ]
                places = [Option(option.label, place) for place, option in enumerate(offered)]
                place = self.questions.pick(asked, places, usual=min(usual, len(places) - 1))
            except (BackError, KeyboardInterrupt):
                return
            deed = offered[place].value
            if deed is None:
                return
            usual = place
            with self._told():
                if deed() is True:
                    return

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BackError, KeyboardInterrupt):
            return
        except SimulatorError as error:
            self.session.output.problem(error)


@contextmanager
def _ctrl_c_goes_back() -> Iterator[None]:
    try:
        yield
    except Interrupted as interrupted:
        if interrupted.exit_code == INTERRUPTED:
            raise BackError from None
        raise
