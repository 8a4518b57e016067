"""Sums up with what the runs of a bundle were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.domain.journal import Step, UsageSum
from simulator.domain.records import Provenance, Run


@dataclass(slots=True)
class ModelTally:
    """What one model did."""

    digests: set[str] = field(default_factory=set)
    """As its server told with the replies, or when a run was launched."""
    prices: list[dict[str, Any]] = field(default_factory=list)
    """That runs were launched with, different ones in order."""
    used: UsageSum = field(default_factory=UsageSum)
    truncated: int = 0
    """Replies to prompts that the model did not see all of."""


@dataclass(slots=True)
class Tally:
    """What the runs of a bundle were made with, and what came of them."""

    runs: int = 0
    steps: int = 0
    messages: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    seeds: set[int] = field(default_factory=set)
    creators: set[str] = field(default_factory=set)
    models: dict[str, ModelTally] = field(default_factory=dict)
    launched_with: dict[str, tuple[Provenance, int]] = field(default_factory=dict)
    """Different provenances without their models, with how many runs have each."""
    earliest: str = ""
    latest: str = ""

    def add(self, run: Run, steps: Sequence[Step]) -> None:
        """Count a run."""
        self.runs += 1
        self.steps += len(steps)
        self.statuses[run.status] += 1
        self.seeds.add(run.seed)
        self.creators.add(run.creator)
        self._add_provenance(run.provenance)
        moments = [run.created_at.isoformat(), *(step.created_at.isoformat() for step in steps)]
        self.earliest = min(filter(None, (self.earliest, *moments)))
        self.latest = max(self.latest, *moments)
        for step in steps:
            self.messages += step.in_transcript
            if step.call is not None:
                model = self._model(step.call.model)
                model.used.add(step.call.usage)
                model.truncated += step.call.prompt_truncated
                if step.call.model_digest is not None:
                    model.digests.add(step.call.model_digest)

    def _add_provenance(self, provenance: Provenance) -> None:
        for state in provenance.models:
            model = self._model(state.model)
            if state.digest is not None:
                model.digests.add(state.digest)
            if state.price is not None and (price := state.price.model_dump()) not in model.prices:
                model.prices.append(price)
        plain = provenance.model_copy(update={"models": ()})
        key = repr(plain)
        self.launched_with[key] = (plain, self.launched_with.get(key, (plain, 0))[1] + 1)

    def _model(self, name: str) -> ModelTally:
        return self.models.setdefault(name, ModelTally())

    def document(self) -> dict[str, Any]:
        """What stands in `provenance.json`, but for the designs and who wrote it."""
        return {
            "runs": self.runs,
            "statuses": dict(sorted(self.statuses.items())),
            "seeds": sorted(self.seeds),
            "first": self.earliest,
            "last": self.latest,
            "launched_with": [
                {"runs": runs, **provenance.model_dump(exclude={"models"})}
                for provenance, runs in self.launched_with.values()
            ],
            "models": [
                {
                    "model": name,
                    "digests": sorted(model.digests),
                    "prices": model.prices,
                    "used": model.used.total().model_dump(),
                    "truncated_prompts": model.truncated,
                }
                for name, model in sorted(self.models.items())
            ],
        }
