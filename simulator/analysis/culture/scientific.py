"""SciPy, where it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from simulator.errors import NotFoundError


def scipy_module(name: str) -> Any:
    """A module of SciPy, such as `stats` or `special`.

    Raises:
        NotFoundError: SciPy is not installed.
    """
    try:
        return import_module(f"scipy.{name}")
    except ModuleNotFoundError:
        raise NotFoundError(
            "The statistics of chains are computed by SciPy, which is not installed.",
            remedy="Install it beside main.py: pip install -e '.[analysis]'.",
        ) from None
