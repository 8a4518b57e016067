"""Packages that a measure needs."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from simulator.errors import NotFoundError


def imported(module: str, package: str, measure: str, extra: str = "analysis") -> Any:
    """A module that a measure needs.

    Args:
        module: Its full name.
        package: What has it, as pip knows it.
        measure: Name of the measure.
        extra: Of this project, that installs it.

    Raises:
        NotFoundError: It is not installed, or something that it needs itself.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        needed = str(error.name).partition(".")[0]
        raise missing(
            package, measure, extra, "" if needed == module.partition(".")[0] else needed
        ) from None


def missing(
    package: str, measure: str, extra: str = "analysis", lacking: str = ""
) -> NotFoundError:
    """That a package is not installed, or lacks another one."""
    lacks = f", which lacks {lacking}" if lacking else ", which is not installed"
    return NotFoundError(
        f"The measure {measure!r} needs {package}{lacks}.",
        remedy=f"Install it beside main.py: pip install -e '.[{extra}]'.",
    )
