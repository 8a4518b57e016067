"""What went wrong with the messages of runs, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.domain.remarks import Remark, wrong_with
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from simulator.domain.journal import Step


class Tally:
    """Counts prompts that were cut, refusals and the like."""

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        self._found: Counter[Remark] = Counter()
        for step in steps:
            self.add(step)

    def add(self, step: Step) -> None:
        """Count a step."""
        self._found.update(wrong_with(step).keys())

    def __str__(self) -> str:
        """Such as `3 truncated prompts, 1 refusal`; empty when nothing was wrong."""
        return ", ".join(counted(number, what) for what, number in self._found.items())
