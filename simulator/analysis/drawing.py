"""What all figures share: colours, marks, names, files."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any, Literal, get_args

from simulator.analysis.packages import imported

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FigureFormat = Literal["pdf", "svg", "png"]
FORMATS: tuple[FigureFormat, ...] = get_args(FigureFormat)

COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C00",
)  # fmt: skip
"""Those of Okabe and Ito, which people with any colour vision tell apart; no two of them share a
marker."""
MARKERS = "osD^vPX*"
GREY = "#777777"
_STYLE: Any = {"svg.fonttype": "none", "pdf.fonttype": 42, "svg.hashsalt": "simulator"}
"""Text stays text, and equal figures are equal files."""


def drawing_library() -> Any:
    """The module of matplotlib that has figures.

    Raises:
        NotFoundError: matplotlib is not installed.
    """
    return imported("matplotlib.figure", "Figures are drawn by matplotlib")


def figure_of(width: float, height: float) -> Figure:
    """An empty figure of so many inches.

    Raises:
        NotFoundError: As `drawing_library`.
    """
    figure: Figure = drawing_library().Figure(figsize=(width, height), layout="constrained")
    return figure


def figure_file(figure: Figure, format_: FigureFormat) -> bytes:
    """The figure as a file."""
    from matplotlib import rc_context

    stream = io.BytesIO()
    dated: Any = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}[format_]
    with rc_context(_STYLE), warnings.catch_warnings():
        # Names may have letters that the font has not; boxes stand for them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(stream, format=format_, dpi=200, metadata=dated)
    return stream.getvalue()


def plain(words: str, longest: int = 30) -> str:
    """Words that matplotlib draws as they are: no formula between dollars, no hidden label.

    Args:
        words: Any.
        longest: Characters that are kept.
    """
    line = "".join(c for c in " ".join(words.split()) if c.isprintable())
    short = line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
    return (" " if short.startswith("_") else "") + short.replace("$", r"\$")
