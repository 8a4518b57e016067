"""What all figures share: colours, marks, names, files."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

from simulator.analysis.packages import imported
from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Kind = TypeVar("_Kind")

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


def figure_named(name: str, figures: Mapping[str, _Kind]) -> _Kind:
    """The kind of figure of a name. Raises NotFoundError where there is none."""
    if name not in figures:
        meant = nearest(name, list(figures))
        hint = f" Did you mean {meant!r}?" if meant else ""
        raise NotFoundError(
            f"There is no figure {name!r}.{hint}", remedy=f"Choose of {', '.join(figures)}."
        )
    return figures[name]


def free_name(wanted: str, taken: set[str]) -> str:
    """A name for a file without ending, which becomes one of those that are taken.

    Args:
        wanted: What it is to be like.
        taken: Names in small letters, as folders of some systems do not tell capitals apart.
    """
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-.")[:80] or "figure"
    name, number = stem, 2
    while name.lower() in taken:
        name, number = f"{stem}-{number}", number + 1
    taken.add(name.lower())
    return name


def plain(words: str, longest: int = 30) -> str:
    """Words that matplotlib draws as they are: no formula between dollars, no hidden label.

    Args:
        words: Any.
        longest: Characters that are kept.
    """
    line = "".join(c for c in " ".join(words.split()) if c.isprintable())
    short = line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
    return (" " if short.startswith("_") else "") + short.replace("$", r"\$")
