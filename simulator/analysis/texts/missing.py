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
        NotFoundError: It is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise NotFoundError(
            f"The measure {measure!r} needs {package}, which lacks {error.name}.",
            remedy=f"Install it beside main.py: pip install -e '.[{extra}]'.",
        ) from None
