"""How parts of a screen have their faults told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

Told = Callable[[], AbstractContextManager[None]]
"""Tells what goes wrong in a block, as `LaboratoryScreen.told` does."""
