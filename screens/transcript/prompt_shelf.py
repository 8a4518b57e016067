"""The prompts of a run, made again when one is asked for."""

from __future__ import annotations

from simulator.domain.journal import Step
from simulator.domain.prompts import Prompt
from simulator.domain.records import Run
from simulator.errors import SimulatorError
from simulator.services import Services

NO_CALL = "No model was asked for this."
UNKNOWN = "It could not be made again from the record."


class PromptShelf:
    """Prompts by step; all are made at once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._prompts: dict[tuple[str, int], Prompt] = {}
        self._problem: str | None = None

    def has(self, step: Step) -> bool:
        """Whether nothing has to be made to know the prompt of a step, or that it has none."""
        is_known = (step.scope, step.index) in self._prompts
        return step.call is None or is_known or self._problem is not None

    async def prompt(self, run: Run, step: Step) -> tuple[Prompt | None, str]:
        """What the model saw, exactly; else why that is not known."""
        if step.call is None:
            return None, NO_CALL
        if not self.has(step):
            try:
                self._prompts = await self._services.prompts(run)
            except SimulatorError as error:
                self._problem = f"{error.message}\n{error.remedy or ''}"
        return self._prompts.get((step.scope, step.index)), self._problem or UNKNOWN
