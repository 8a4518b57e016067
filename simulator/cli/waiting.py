"""A sign of life while something is waited for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from simulator.cli.output import Output

if TYPE_CHECKING:
    from rich.status import Status


def busy(output: Output, text: str) -> AbstractContextManager[Status | None]:
    """Draws it below what is printed, on a terminal; elsewhere nothing, and gives None."""
    if not output.is_live:
        return nullcontext()
    from rich.markup import escape

    from simulator.presentation.safe_text import one_line

    return output.console.status(escape(one_line(text)), spinner="line")
