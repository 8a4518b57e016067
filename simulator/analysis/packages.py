"""Packages that not everybody installs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from simulator.errors import NotFoundError


def imported(module: str, use: str, extra: str = "analysis") -> Any:
    """A module of a package that is optional.

    Args:
        module: Its full name.
        use: What the package is for, its name last, such as `Figures are drawn by matplotlib`.
        extra: Of this project, that installs it.

    Raises:
        NotFoundError: It is not installed, or something that it needs itself.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        needed = str(error.name).partition(".")[0]
        lacking = "" if needed == module.partition(".")[0] else needed
        raise missing(use, extra, lacking) from None


def missing(use: str, extra: str = "analysis", lacking: str = "") -> NotFoundError:
    """That a package is not installed, or lacks another one; see `imported`."""
    why = f"lacks {lacking}" if lacking else "is not installed"
    return NotFoundError(
        f"{use}, which {why}.", remedy=f"Install it beside main.py: pip install -e '.[{extra}]'."
    )
