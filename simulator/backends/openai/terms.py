"""What one model behind one endpoint takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.backends.openai.endpoints import Endpoint
from simulator.backends.openai.families import PLAIN, Family, family_of
from simulator.domain.models import Ability, GenerateRequest
from simulator.domain.sampling import Sampling
from simulator.errors import BackendError

_AT_REST = ("temperature", "top_p")
"""Options that a model takes only while it does not reason."""


@dataclass(frozen=True, slots=True)
class Terms:
    """An endpoint's ways and a model's, together."""

    model: str
    """`provider/model`."""
    name: str
    """As the server knows it."""
    endpoint: Endpoint
    family: Family = PLAIN

    @classmethod
    def of(cls, provider: str, name: str, endpoint: Endpoint, *, known_as: str = "") -> Terms:
        """The terms of a model by its name; without one, those of the server as such.

        `known_as` is the name that tells its family, where that is another one.
        """
        family = family_of(known_as or name) if endpoint.follows_model_families else PLAIN
        return cls(f"{provider}/{name}" if name else provider, name, endpoint, family)

    @property
    def sampling_options(self) -> frozenset[str]:
        """The fields of `Sampling` that have their effect."""
        options = self.endpoint.options
        if self.family.reasons == "always":
            options -= {*_AT_REST}
        if self.endpoint.follows_model_families and not self.family.efforts:
            options -= {"reasoning_effort"}
        if self.family.api == "responses":
            options -= {"seed"}
        return options

    @property
    def abilities(self) -> frozenset[Ability]:
        """What the model can do, as far as its name and its server's tell."""
        found: set[Ability] = set()
        if "seed" in self.sampling_options:
            found.add("seed")
        if self.endpoint.top_logprobs and self.family.reasons != "always":
            found.add("logprobs")
        if self.endpoint.choices != "none":
            found.add("choices")
        return frozenset(found)

    def sampling(self, request: GenerateRequest) -> Sampling:
        """The options that are sent, or applied here.

        Raises:
            BackendError: They do not go together with this model.
        """
        sampling = request.sampling.limited_to(self.sampling_options)
        effort, efforts = sampling.reasoning_effort, self.family.efforts
        if effort is not None and efforts and effort not in efforts:
            raise BackendError(
                f"{self.model} knows no reasoning_effort {effort!r}.",
                remedy=f"It takes {', '.join(efforts)}.",
            )
        unwanted = sorted(sampling.set_options().intersection(_AT_REST))
        if unwanted and self.family.is_reasoning(effort):
            raise BackendError(
                f"{self.model} takes no {' or '.join(unwanted)} while it reasons.",
                remedy=f"Set reasoning_effort to none, or {' and '.join(unwanted)} to null.",
            )
        return sampling

    def stops_sent(self, sampling: Sampling) -> list[str]:
        """The stop strings that the server is given; the others are applied to its reply."""
        if self.family.reasons != "never":
            return []
        stops = [*sampling.stop]
        if not self.endpoint.takes_blank_stops:
            stops = [stop for stop in stops if stop.strip()]
        return stops[: self.endpoint.stop_limit]

    def seed_sent(self, seed: int) -> int:
        """The seed folded into the range that the server takes."""
        return seed % (1 << self.endpoint.seed_bits)

    def logprobs_wanted(self, request: GenerateRequest, sampling: Sampling) -> int:
        """How many of the likeliest first tokens to ask for."""
        if self.family.is_reasoning(sampling.reasoning_effort):
            return 0
        return min(request.top_logprobs, self.endpoint.top_logprobs)


def messages(request: GenerateRequest) -> list[dict[str, Any]]:
    """The prompt as both APIs take it, with what is no Unicode text replaced."""
    return [
        {"role": entry.role, "content": entry.content.encode("utf-8", "replace").decode()}
        for entry in request.prompt.merged()
    ]
