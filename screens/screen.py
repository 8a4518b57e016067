"""What all full screens share: bar, banner, body, footer, and how errors are told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.notifications import SeverityLevel
from textual.screen import Screen

from screens.laboratory import Laboratory
from screens.widgets.banner import Banner
from screens.widgets.key_line import KeyLine
from screens.widgets.top_bar import TopBar
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import visible

_log = logging.getLogger("simulator.screens")

ERROR_SHOWN_S = 12.0
"""Seconds that an error stays on the screen."""


class LaboratoryScreen(Screen[None]):
    """A full screen of the app.

    Subclasses yield their widgets from `compose_body`.
    """

    AREA: ClassVar[str] = ""
    """Name of the area that is lit in the bar."""
    HELP_PAGE: ClassVar[str] = ""
    """Stem of the page in `screens/help` that F1 shows."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__()
        self.laboratory = laboratory

    def compose(self) -> ComposeResult:
        """The frame with the body in it."""
        yield TopBar(self.laboratory, self.AREA)
        yield Banner()
        with Vertical(id="body"):
            yield from self.compose_body()
        yield KeyLine()

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets."""
        raise NotImplementedError

    def tell(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """Say something that needs no answer."""
        self.notify(visible(sentence), severity=severity, markup=False)

    def tell_error(self, error: SimulatorError) -> None:
        """Say what went wrong and what to do."""
        _log.error("%s: %s", error.code, error.message)
        problems = getattr(error, "problems", ())
        listed = [problem for problem in problems[:5] if problem not in error.message]
        text = "\n".join([*listed, error.remedy or ""]).strip()
        title = visible(error.message)
        self.notify(
            f"{title}\n{visible(text)}" if text else title,
            severity="error", timeout=ERROR_SHOWN_S, markup=False,
        )  # fmt: skip

    @contextmanager
    def told(self) -> Iterator[None]:
        """Errors of the block are told to the user; they end the block, not the program."""
        try:
            yield
        except SimulatorError as error:
            self.tell_error(error)
        except ExceptionGroup as group:
            known, rest = group.split(SimulatorError)
            for leaf in _leaves(known):
                self.tell_error(leaf)
            if rest is not None:
                self._tell_fault(rest)
        except Exception as fault:
            self._tell_fault(fault)

    def _tell_fault(self, fault: Exception) -> None:
        _log.critical("the screen %s met a fault", type(self).__name__, exc_info=fault)
        self.notify(
            f"The program met a fault of its own: {type(fault).__name__}. The log has the details.",
            severity="error", timeout=ERROR_SHOWN_S, markup=False,
        )  # fmt: skip


def _leaves(group: ExceptionGroup[SimulatorError] | None) -> Iterator[SimulatorError]:
    for error in group.exceptions if group is not None else ():
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
