"""SciPy, where it is installed."""

from __future__ import annotations

from typing import Any

from simulator.analysis.packages import imported


def scipy_module(name: str) -> Any:
    """A module of SciPy, such as `stats` or `special`.

    Raises:
        NotFoundError: SciPy is not installed.
    """
    return imported(f"scipy.{name}", "The statistics of chains are computed by SciPy")
