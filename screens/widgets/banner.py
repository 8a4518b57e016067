"""A line under the bar while something is wrong with the store."""

from __future__ import annotations

from textual.widgets import Static

from simulator.presentation.safe_text import one_line


class Banner(Static):
    """Hidden while all is well."""

    DEFAULT_CSS = """
    Banner {
        display: none;
        height: auto;
        max-height: 3;
        padding: 0 1;
        background: $error;
        color: $text;
        text-style: bold;
    }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def on_mount(self) -> None:
        """Follow what the app knows of the store."""
        self.watch(self.app, "outage", self._show)

    def _show(self, outage: str) -> None:
        self.update(f"! {one_line(outage)}" if outage else "")
        self.display = bool(outage)
