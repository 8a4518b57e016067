"""What OpenAI's models take, by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from simulator.domain.sampling import ReasoningEffort

Api = Literal["chat", "responses"]
Reasons = Literal["never", "when_asked", "always"]
"""When a model reasons: `when_asked`, only with an effort other than `none`; `always`, unless that
effort is asked for."""

_SHALLOW_TO_DEEP: tuple[ReasoningEffort, ...] = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Family:
    """Rules of models whose names match; temperature, top_p and logprobs need a model at rest."""

    name: re.Pattern[str]
    """Matches the beginning of a model's name."""
    api: Api = "chat"
    reasons: Reasons = "never"
    efforts: tuple[ReasoningEffort, ...] = ()
    """Values of `reasoning_effort`; empty where it is not taken."""

    def is_reasoning(self, effort: ReasoningEffort | None) -> bool:
        """Whether a model reasons when it is asked for this effort."""
        if self.reasons == "when_asked":
            return effort not in (None, "none")
        return self.reasons == "always"


def _family(
    name: str, api: Api, reasons: Reasons, *efforts: ReasoningEffort, deep: bool = True
) -> Family:
    return Family(re.compile(name), api, reasons, (*efforts, *(_SHALLOW_TO_DEEP if deep else ())))


PLAIN = Family(re.compile(""))
"""Of every other model, and of other makers' models."""

_FAMILIES = (
    _family(r"o\d+-pro", "responses", "always"),
    _family(r"o\d+(-mini)?-deep-research", "responses", "always", "medium", deep=False),
    _family(r"o\d", "chat", "always"),
    _family(r"gpt-5-pro", "responses", "always", "high", deep=False),
    _family(r"gpt-\d+(\.\d+)?-pro", "responses", "always"),
    _family(r"(gpt-[\d.]+-|^)codex", "responses", "always"),
    _family(r"computer-use|gpt-.*(cyber|rosalind|daybreak)", "responses", "always"),
    Family(re.compile(r"gpt-5-chat")),
    _family(r"gpt-5\.\d+-chat", "chat", "always", "medium", deep=False),
    _family(r"gpt-5(?![.\d])", "chat", "always", "minimal"),
    _family(r"gpt-5\.[1-4]", "chat", "when_asked", "none"),
    _family(r"gpt-5\.", "chat", "always", "none"),
    _family(r"gpt-6(\.\d+)?-(sol|terra|luna)", "chat", "always", "none"),
    _family(r"gpt-([6-9]|\d\d)", "chat", "always"),
)
"""The first that matches holds."""


def family_of(model: str) -> Family:
    """The rules for a model of OpenAI, by its name without the provider."""
    name = model.removeprefix("ft:")
    return next((family for family in _FAMILIES if family.name.match(name)), PLAIN)
