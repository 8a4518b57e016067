"""A chart on the screen; the only widget that knows with what plots are drawn."""

from __future__ import annotations

import asyncio
from io import StringIO

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
from rich.text import Text
from textual import work
from textual.app import RenderResult
from textual.color import Color
from textual.widget import Widget

from screens.widgets.charts import Colours
from screens.widgets.drawings import Drawing, draw_any

COLOURS = ("text-primary", "text-warning", "text-success", "text-error", "text-secondary")
"""Of the theme, in the order in which series take them."""
EXPORT_SIZE = (100, 30)
"""Columns and lines of a plot in a file."""


class Plot(Widget):
    """Draws a chart in letters, and again when its size or the theme changes.

    Drawing happens beside the event loop, which it would hold up for longer than keys may wait.
    """

    DEFAULT_CSS = """
    Plot { width: 1fr; height: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as Textual has it
        super().__init__(id=id)
        self._drawn = Text()
        self._chart: Drawing | None = None

    @property
    def chart(self) -> Drawing | None:
        """What is shown."""
        return self._chart

    @property
    def drawn(self) -> str:
        """The letters on the screen."""
        return self._drawn.plain

    def show(self, chart: Drawing | None) -> None:
        """Draw another chart; None clears."""
        if chart != self._chart:
            self._chart = chart
            self._draw()

    def on_mount(self) -> None:
        """Follow the theme."""
        self.app.theme_changed_signal.subscribe(self, lambda theme: self._draw())

    def on_resize(self) -> None:
        """Fill the new size."""
        self._draw()

    def render(self) -> RenderResult:
        """The chart as it was drawn last."""
        return self._drawn

    @work(exclusive=True, group="plot")
    async def _draw(self) -> None:
        chart, (width, height) = self._chart, self.size
        if chart is None:
            self._drawn = Text()
        else:
            self._drawn = await asyncio.to_thread(draw_any, chart, width, height, self._colours())
        self.refresh()

    def _colours(self) -> Colours:
        variables = self.app.theme_variables
        found = (Color.parse(variables[name]).rgb for name in COLOURS)
        return list(dict.fromkeys(found))

    # ------------------------------------------------------------ files

    def as_text(self) -> str:
        """The chart in letters alone, for a file."""
        lines = self._exported().plain.split("\n")
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def as_svg(self) -> str:
        """The chart as a picture, in the colours of the theme."""
        width, height = EXPORT_SIZE
        console = Console(
            record=True, file=StringIO(), width=width, height=height, force_terminal=True,
            color_system="truecolor", legacy_windows=False,
        )  # fmt: skip
        console.print(self._exported(), no_wrap=True, highlight=False)
        is_dark = self.app.current_theme.dark
        return console.export_svg(
            title="", theme=SVG_EXPORT_THEME if is_dark else DEFAULT_TERMINAL_THEME
        )

    def _exported(self) -> Text:
        return (
            Text() if self._chart is None else draw_any(self._chart, *EXPORT_SIZE, self._colours())
        )
